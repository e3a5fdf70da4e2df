"""Recall of the gate: how many lines of generated pictures have ink that can be seen in blocks that nobody asks for.

A pixel of ink can be seen where the 7 x 7 pixels around it span 10 grey levels or more. A line is lost when more than 1 % of its
ink that can be seen lies in closed blocks (`views.opened`).

With a network, the second gate too (`views.hinted`: a relief is looked at where the picture's own map hints at something): a line is
lost when 99 % of its ink are masked without that gate and not with it.
"""

import argparse
import random
from pathlib import Path

import cv2
import numpy as np
import torch

from evaluate import asked, network, wilson
from model import probabilities
from postprocess import RULES, boxes, mask_of
from scene import Scenes
from views import hinted, opened, relief


def hidden(net, image, lines):
    """(lines masked with the second gate, lines masked without it)."""
    view = image.astype(np.float32) / 255
    gate = opened(view)
    plain, raised = probabilities(net, view) * gate, probabilities(net, relief(view)) * gate
    own = boxes(plain, *image.shape, RULES["plain"])

    def masked(chance):
        mask = mask_of(own + boxes(chance, *image.shape, RULES["relief"]), *image.shape).ravel()
        return sum(mask[line.ink].mean() >= 0.99 for line in lines)

    return masked(raised * hinted(plain)), masked(raised)


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--cache", required=True, type=Path)
    args.add_argument("--fonts", nargs="+", default=["/usr/share/fonts"])
    args.add_argument("--seed", type=int, default=9001)
    args.add_argument("--count", type=int, default=3000)
    args.add_argument("--network", type=Path, help="weights.bin or checkpoint.pt, for the second gate")
    args = args.parse_args()
    torch.set_num_threads(1)
    net, gated, open_ = args.network and network(args.network), 0, 0
    scenes, lines_seen, lost, share = Scenes(args.cache, args.fonts, "val"), 0, 0, 0.0
    for index in range(args.count):
        rng = random.Random(args.seed * 1_000_003 + index)
        image, lines = scenes.make(rng, (320, 384, 512)[index % 3], rng.randint(1, 6))
        gate = opened(image.astype(np.float32) / 255, 1)
        share += gate.mean() / args.count
        around = np.ones((7, 7), np.uint8)
        seen = cv2.dilate(image, around).astype(int) - cv2.erode(image, around) >= 10
        for line in filter(asked, lines):
            ink = line.ink[seen.ravel()[line.ink]]
            lines_seen += 1
            lost += bool(ink.size) and gate.ravel()[ink].mean() < 0.99
        if net:
            with_, without = hidden(net, image, list(filter(asked, lines)))
            gated, open_ = gated + with_, open_ + without
    low, high = wilson(lines_seen - lost, lines_seen)
    print(f"{lost} of {lines_seen} lines lost: recall {1 - lost / lines_seen:.3%} ({low:.3%} to {high:.3%}); {share:.1%} of the pixels are asked for")
    if net:
        low, high = wilson(gated, open_)
        print(f"second gate: {open_ - gated} of {open_} lines lost: recall {gated / open_:.3%} ({low:.3%} to {high:.3%})")


if __name__ == "__main__":
    main()
