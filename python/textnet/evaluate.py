"""Recall and over-mask on held-out backgrounds and fonts, per kind of text.

The pictures are drawn by this project's generator from files and font families that training never
sees, with seeds of their own. A line counts as covered when >= 99 % of its ink lies under the boxes
with their 3 px margin. Over-mask is the masked share of a picture outside the lines' boxes grown by
35 % of their height, at least 3 pixels.
"""

import argparse
import json
import math
import pickle
import random
from pathlib import Path

import cv2
import numpy as np
import torch

import export
from model import TextNet, folded, probabilities
from postprocess import RULES, boxes, mask_of
from scene import Scenes
from views import hinted, looks, opened

SIDES = (512, 640, 768)


def pictures(cache, fonts, seed, count):
    """Pictures with their lines, kept in the cache folder; a third has no text."""
    kept = cache / f"validation-{seed}-{count}.pkl"
    if kept.exists():
        return pickle.loads(kept.read_bytes())
    scenes, made = Scenes(cache, fonts, "val"), []
    for i in range(count):
        rng = random.Random(seed * 1_000_003 + i)
        image, lines = scenes.make(rng, SIDES[i % len(SIDES)], 0 if i % 3 == 0 else rng.randint(3, 12))
        made.append((image, lines))
    kept.write_bytes(pickle.dumps(made))
    return made


def asked(line):
    """Whether a line is counted: strokes >= 15 grey levels and >= 0.8 sigma of the clutter around them."""
    return line.readable and line.contrast >= 15 and line.contrast >= 0.8 * line.clutter


def kinds(line):
    """The groups that a line is counted in."""
    yield "all"
    yield line.turn
    yield "latin" if line.script == "latin" else "other scripts"
    if line.contrast < 50:
        yield "low contrast (15 to 49 levels)"
    if line.size <= 9:
        yield "small (ink to 9 px)"
    if line.size > 36:
        yield "large (ink from 37 px)"


def wilson(hits, total, z=1.96):
    """95 % interval of a share."""
    if not total:
        return 0.0, 1.0
    share, square = hits / total, z * z / total
    half = z * math.sqrt(share * (1 - share) / total + square / (4 * total))
    return (share + square / 2 - half) / (1 + square), (share + square / 2 + half) / (1 + square)


def grown(lines, shape):
    """Where masking is right: lines' boxes grown by 35 % of their height, at least 3 pixels."""
    allowed = np.zeros(shape, np.uint8)
    for line in lines:
        for quad in line.quads:
            cv2.fillPoly(allowed, [np.round(quad).astype(np.int32)], 1)
            cv2.polylines(allowed, [np.round(quad).astype(np.int32)], True, 1, max(7, int(0.7 * line.size)))
    return allowed > 0


def score(found, made):
    """(hits per kind, over-mask with text, over-mask without, missed lines) of boxes for each picture."""
    tally, over, missed = {}, {True: [], False: []}, []
    for index, (boxes_, (image, lines)) in enumerate(zip(found, made)):
        mask = mask_of(boxes_, *image.shape)
        over[bool(lines)].append(float((mask & ~grown(lines, image.shape)).mean()))
        for line in lines:
            if not asked(line):
                continue
            hit = bool(mask.ravel()[line.ink].mean() >= 0.99)
            if not hit:
                missed.append((index, line))
            for kind in kinds(line):
                good, total = tally.get(kind, (0, 0))
                tally[kind] = (good + hit, total + 1)
    return tally, float(np.mean(over[True])), float(np.mean(over[False])), missed


def search(net, image, rules):
    """The boxes of all views of a picture (u8) together."""
    view, found = image.astype(np.float32) / 255, []
    gate = opened(view)
    for kind, by, seen in looks(view):
        chance = probabilities(net, seen)
        if by == 1:
            chance = chance * gate
        if kind == "plain":
            gate = gate & hinted(chance)
        found += boxes(chance, *image.shape, rules[kind], by)
    return found


def network(path):
    """The network of a weights file or of a checkpoint."""
    if path.suffix == ".bin":
        return export.load(path)[0]
    net = TextNet()
    net.load_state_dict(torch.load(path, weights_only=True)["average"])
    return folded(net.eval())


def picture_of(image, found, lines):
    """A picture with boxes: found in yellow, covered lines green, missed lines red."""
    canvas = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    mask = mask_of(found, *image.shape)
    for x0, y0, x1, y1, *_ in found:
        cv2.rectangle(canvas, (x0, y0), (x1 - 1, y1 - 1), (0, 220, 220), 1)
    for line in lines:
        hit = mask.ravel()[line.ink].mean() >= 0.99
        colour = (160, 160, 0) if not asked(line) else (0, 255, 0) if hit else (0, 0, 255)
        cv2.polylines(canvas, [np.round(q).astype(np.int32) for q in line.quads], True, colour, 1)
    return canvas


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("network", type=Path, help="weights.bin or checkpoint.pt")
    args.add_argument("--cache", required=True, type=Path, help="folder made by prepare.py")
    args.add_argument("--fonts", nargs="+", default=["/usr/share/fonts"])
    args.add_argument("--seed", type=int, default=501)
    args.add_argument("--count", type=int, default=120)
    args.add_argument("--changes", type=json.loads, default={}, help="numbers to replace, as JSON: {\"plain\": {\"low\": 0.2}}")
    args.add_argument("--pictures", type=Path, help="folder for pictures of misses and of false boxes")
    args = args.parse_args()
    torch.set_num_threads(1)
    net, made = network(args.network), pictures(args.cache, args.fonts, args.seed, args.count)
    rules = {kind: {**numbers, **args.changes.get(kind, {})} for kind, numbers in RULES.items()}
    found = [search(net, image, rules) for image, _ in made]
    tally, with_text, without, missed = score(found, made)
    for kind, (hits, total) in sorted(tally.items(), key=lambda item: -item[1][1]):
        low, high = wilson(hits, total)
        print(f"{kind:32} {hits:5} of {total:5}  {hits / total:7.2%}  ({low:.2%} to {high:.2%})")
    print(f"over-mask: {with_text:.2%} with text, {without:.2%} without")
    if args.pictures:
        args.pictures.mkdir(parents=True, exist_ok=True)
        wrong = {index for index, _ in missed}
        for index, ((image, lines), boxes_) in enumerate(zip(made, found)):
            if index in wrong or (boxes_ and not lines):
                cv2.imwrite(str(args.pictures / f"{index:04}.png"), picture_of(image, boxes_, lines))


if __name__ == "__main__":
    main()
