"""Train the reader of marks, write `marks.bin` and golden vectors, or measure what it releases. Minutes on one core.

    python train_marks.py --cache CACHE --out RUN                                     # letters, network, figures
    python train_marks.py --cache CACHE --out RUN --export ../../src/pixel/textnet/marks.bin --golden ../../fixtures/textnet

A third of the drawn texts are words of capital letters, the rest is what must not be released: names, numbers, other letters,
turned, mirrored and cut-off ones, marks with something beside them, and what is no letter at all. Letters that only their size
tells apart (c C, o O 0, l I |) are one class each.
"""

import argparse
import json
import random
import string
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import body
import clutter
import words
from export import written
from marks import CLASSES, LAYERS, RULES, SIDE, glyphs
from scene import Scenes, degrade, paint

#: Marks that are in use, for the figures.
USUAL = ("L", "R", "AP", "PA", "LAT", "LT", "RT", "CC", "MLO", "SUP")
#: What has the shape of a capital letter when its size is not known.
SAME = {**{c: c.upper() for c in "cosvwxz"}, "0": "O", "l": "I", "|": "I"}
OTHER = len(CLASSES)
#: Letters that are none when turned by 180 degrees or mirrored.
_UPSIDE, _MIRROR = "ABDEFGJKLPQRTVY", "BDEFGJKLNPQRSZ"
_FOREIGN = "БГДЖЗИЛПФЦЧШЩЫЭЮЯГΔΘΛΞΠΣΦΨΩ病院医年山김이박אבגדהابتثجขคงअआइ"
FACES = ("mark", "mark", "word", "letter", "digit", "initials", "turned", "cut", "edge", "beside", "foreign", "accent", "clutter")
#: Kinds that a letter alone does not tell from marks; what lies around it does. They are measured, not learned.
AROUND = ("cut", "edge", "beside")


def classes_of(text):
    """A class for every letter."""
    return [CLASSES.find(SAME.get(c, c)) if SAME.get(c, c) in CLASSES else OTHER for c in text]


def said(rng, face):
    """(text, its classes) of a kind of drawing."""
    pick = lambda letters, n=1: "".join(rng.choice(letters) for _ in range(n))  # noqa: E731
    if face in ("mark", *AROUND):
        text = rng.choice((pick("LR"), pick(CLASSES), rng.choice(USUAL), pick(CLASSES, 2), pick(CLASSES, 3)))
    elif face == "word":
        text = rng.choice((words.name, words.date, words.number))(rng)[:rng.choice((2, 3, 3, 4, 20))].strip() or "Na"
    elif face == "letter":
        text = pick(string.ascii_lowercase)
    elif face == "digit":
        text = pick(string.digits + "1234567|/\\-+=()[]{}<>#*%&@!?;:^~_$", rng.choice((1, 1, 1, 2, 3)))
    elif face == "initials":
        text = rng.choice((pick(CLASSES, 2), pick(CLASSES) + pick(string.ascii_lowercase), pick(CLASSES, 3), pick(CLASSES) + "."))
    elif face == "turned":
        text = pick("LLRR" + _UPSIDE)
    elif face == "foreign":
        text = pick(_FOREIGN)
    elif face == "accent":
        text = pick("ÀÁÂÄÅÇÉÈÊËÍÎÏÑÓÔÖØÚÜÝŠŽĆĘŁŃ")
    return text, classes_of(text)


def drawn(scenes, rng, face, side=192):
    """(picture, box, text, classes) of one drawing on a real or invented ground, degraded; None if nothing was drawn."""
    image = scenes.background(rng, side)
    if rng.random() < 0.5:  # as marks usually lie: in the air, on collimated or shadowed ground
        image = image * rng.uniform(0, 0.3) + rng.choice((0, 0, 20, 180)) * rng.random()
    bare, text, classes = image.copy(), "", [OTHER]
    if face == "clutter":
        for _ in range(rng.randint(1, 2)):
            rng.choice(rng.choice((clutter.ALL, body.ALL)))(rng, image)
        box = changed(image, bare)
    else:
        text, classes = said(rng, face)
        script = "latin"
        if face == "foreign":
            script = next(s for s, letters in words._RANGES.items() if text in letters or text in "ГΛ")
        size = int(10 * 2 ** rng.uniform(0, 3.2))
        ink = scenes.fonts.draw(rng, text, size, script)
        if ink is None or max(ink.shape) > side - 40:
            return None
        if face == "turned":
            how = [lambda a: np.rot90(a, 2)] if text in _UPSIDE else []
            how += [lambda a: a[:, ::-1]] if text in _MIRROR else []
            how += [np.rot90, lambda a: np.rot90(a, 3)] if text in "LRFGJPQEK" else []
            ink, classes = rng.choice(how)(ink), [OTHER]
        layer = np.zeros((side, side), np.uint8)
        y, x = rng.randint(16, side - 16 - ink.shape[0]), rng.randint(16, side - 16 - ink.shape[1])
        layer[y:y + ink.shape[0], x:x + ink.shape[1]] = ink
        if rng.random() < 0.2:
            lean = cv2.getRotationMatrix2D((x + ink.shape[1] / 2, y + ink.shape[0] / 2), rng.uniform(-4, 4), 1)
            layer = cv2.warpAffine(layer, lean, (side, side))
        shift = np.array([[1.0, 0, x - 4], [0, 1, y - 4]])
        paint(rng, image, layer, shift, (ink.shape[1] + 8, ink.shape[0] + 8))
        box = (x, y, x + ink.shape[1], y + ink.shape[0])
        if face == "cut":  # a rectangle that was blanked took part of it
            box, classes, text = cut(rng, image, box), [OTHER], ""
        elif face == "edge":  # the picture ends there
            at = rng.randint(box[0] + 1, box[2] - 1) if box[2] - box[0] > 2 else box[0] + 1
            image, bare = np.ascontiguousarray(image[:, :at]), np.ascontiguousarray(bare[:, :at])
            box, classes, text = (box[0], box[1], at, box[3]), [OTHER], ""
        elif face == "beside":
            more = scenes.fonts.draw(rng, rng.choice(("a", "e", "i", "7", "M", ".", "-", "1", "Jo", "^")), size)
            if more is not None:
                a, b = y + rng.randint(-4, 4), box[2] + rng.randint(1, max(2, size // 4))
                part = image[max(a, 0):a + more.shape[0], b:b + more.shape[1]]
                if part.size == 0:
                    return None
                keep = more[max(-a, 0):][:part.shape[0], :part.shape[1]] / 255
                part[:] = part * (1 - keep) + keep * rng.choice((255, 200, image[y:box[3], x:box[2]].max()))
                if rng.random() < 0.5:
                    box = (box[0], min(box[1], a), min(b + more.shape[1], side), max(box[3], a + more.shape[0]))
                classes, text = [OTHER], ""
    if box is None:
        return None
    image, _ = degrade(rng, image, bare)
    cells = [(v + rng.randint(-2, 2)) // 4 * 4 for v in box[:2]] + [-(-(v + rng.randint(-2, 2)) // 4) * 4 for v in box[2:]]
    grow = rng.randint(1, 4)
    height, width = image.shape
    box = (max(cells[0] - grow, 0), max(cells[1] - grow, 0), min(cells[2] + grow, width), min(cells[3] + grow, height))
    return (np.clip(image, 0, 255).astype(np.uint8) / 255).astype(np.float32), box, text, classes


def cut(rng, image, box):
    """Blanks part of a box; what is left of it."""
    x0, y0, x1, y1 = box
    share, edge = rng.uniform(0.2, 0.75), rng.randrange(4)
    across, down = int(share * (x1 - x0)), int(share * (y1 - y0))
    gone, left = (((0, 0, x0 + across, 9999), (x0 + across, y0, x1, y1)), ((x1 - across, 0, 9999, 9999), (x0, y0, x1 - across, y1)),
                  ((0, 0, 9999, y0 + down), (x0, y0 + down, x1, y1)), ((0, y1 - down, 9999, 9999), (x0, y0, x1, y1 - down)))[edge]
    around = image[max(y0 - 6, 0):y0 + 1, max(x0 - 6, 0):x1 + 6]
    image[gone[1]:gone[3], gone[0]:gone[2]] = rng.choice((0, float(np.median(around))))
    return left if left[2] - left[0] >= 3 and left[3] - left[1] >= 3 else None


def changed(image, bare):
    """Around one piece of what was drawn."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((np.abs(image - bare) > 12).astype(np.uint8))
    if count < 2:
        return None
    x, y, width, height = stats[1 + stats[1:, 4].argmax(), :4]
    return (x, y, x + width, y + height) if max(width, height) <= 120 else None


def letters(cache, fonts, split, seed, count):
    """Normalised letters with their classes, `count` at least."""
    scenes, pictures, labels, index = Scenes(cache, fonts, split), [], [], 0
    while len(labels) < count:
        rng = random.Random(seed * 1_000_003 + index)
        index += 1
        made = drawn(scenes, rng, rng.choice([face for face in FACES if face not in AROUND] + ["mark"] * 4))
        cutout = made and glyphs(made[0], made[1])
        if not cutout:
            continue
        known = made[3]
        if len(cutout) != len(known):  # letters that run into each other: none of them, if there is nothing else
            known = [OTHER] * len(cutout)
            if len(cutout) > 1 and any(c != OTHER for c in made[3]):
                continue
        pictures += cutout
        labels += known
    return np.stack(pictures)[:, None], np.array(labels)


class Marks(nn.Module):
    """Logits of the classes; input N x 1 x SIDE x SIDE. The layers are plain convolutions, so they are what is exported."""

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleDict({r["name"]: nn.Conv2d(r["in"], r["out"], 3, r["stride"], 1) for r in LAYERS})

    def forward(self, x):
        for r in LAYERS:
            x = self.convs[r["name"]](x)
            x = F.relu(x) if r["relu"] else x
        return x[:, :, 1, 1]


def trained(pictures, labels, seed, epochs):
    """A network; its weights are rounded to f16."""
    torch.manual_seed(seed)
    net, order = Marks(), np.random.default_rng(seed)
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-3)
    x, y = torch.from_numpy(pictures), torch.from_numpy(labels)
    steps, step = epochs * (len(y) // 128), 0
    for _ in range(epochs):
        for at in np.array_split(order.permutation(len(y)), len(y) // 128):
            for group in optimizer.param_groups:
                group["lr"] = 3e-3 * (0.5 + 0.5 * np.cos(np.pi * step / steps)) + 1e-5
            here = x[at] + 0.03 * torch.randn(len(at), 1, SIDE, SIDE)
            # An error towards a letter costs more than one towards none.
            loss = F.cross_entropy(net(here), y[at], label_smoothing=0.0, reduction="none")
            loss = (loss * torch.where(y[at] == OTHER, 2.0, 1.0)).mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            step += 1
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(p.half().float())
    return net.eval()


def reading(net, view, box):
    """(letters as text, least probability) of what a box holds, or None."""
    cutout = glyphs(view, box)
    if not cutout:
        return None
    with torch.inference_mode():
        chance = torch.softmax(net(torch.from_numpy(np.stack(cutout)[:, None])), 1).numpy()
    if (chance.argmax(1) == OTHER).any():
        return None
    return "".join(CLASSES[c] for c in chance.argmax(1)), float(chance.max(1).min())


def measured(net, cache, fonts, seed, count):
    """For each drawing of held-out fonts and grounds: kind, text, what was read, how surely."""
    scenes, rows, index = Scenes(cache, fonts, "val"), [], 0
    while len(rows) < count:
        rng = random.Random(seed * 1_000_003 + index)
        index += 1
        face = FACES[index % len(FACES)]
        made = drawn(scenes, rng, face)
        if made:
            # What was cut by a blanked rectangle lies beside it and is not alone.
            read = None if face == "cut" else reading(net, made[0], made[1])
            rows.append((face, made[2], *(read or ("", 0.0))))
    return rows


def figures(rows, allow, sure):
    """(others released, others, marks released, marks) when `allow` may stay."""
    shape = lambda text: "".join(SAME.get(c, c) for c in text)  # noqa: E731
    others = [r for r in rows if shape(r[1]) not in allow]
    marks = [r for r in rows if r[0] == "mark" and r[1] in allow]
    out = lambda group: sum(r[2] in allow and r[3] >= sure for r in group)  # noqa: E731
    return out(others), len(others), out(marks), len(marks)


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--cache", required=True, type=Path, help="folder made by prepare.py")
    args.add_argument("--fonts", nargs="+", default=["/usr/share/fonts"])
    args.add_argument("--out", required=True, type=Path, help="folder for the letters, the network and the figures")
    args.add_argument("--seed", type=int, default=11)
    args.add_argument("--count", type=int, default=40_000)
    args.add_argument("--epochs", type=int, default=20)
    args.add_argument("--measure", type=int, default=12_000, help="held-out drawings")
    args.add_argument("--measure-seed", type=int, default=511)
    args.add_argument("--export", type=Path, help="the file marks.bin")
    args.add_argument("--golden", type=Path, help="folder for mark-view.npy, mark-letters.npy and mark-answers.npy")
    args = args.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    kept = args.out / f"letters-{args.seed}-{args.count}.npz"
    if not kept.exists():
        pictures, labels = letters(args.cache, args.fonts, "train", args.seed, args.count)
        np.savez(kept, pictures=(pictures * 255).round().astype(np.uint8), labels=labels)
    file = np.load(kept)
    state = args.out / "marks.pt"
    if state.exists():
        net = Marks().eval()
        net.load_state_dict(torch.load(state, weights_only=True))
    else:
        net = trained(file["pictures"].astype(np.float32) / 255, file["labels"], args.seed, args.epochs)
        torch.save(net.state_dict(), state)
    if args.measure:
        rows = measured(net, args.cache, args.fonts, args.measure_seed, args.measure)
        (args.out / f"measured-{args.measure_seed}.json").write_text(json.dumps(rows))
        for allow in (("L", "R"), USUAL):
            for sure in (0.5, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999):
                print(",".join(allow), sure, "others %d of %d, marks %d of %d" % figures(rows, allow, sure))
    if args.export:
        header = {"layers": LAYERS, "marks": RULES, "provenance": {"seed": args.seed, "letters": len(file["labels"]), "epochs": args.epochs}}
        written(args.export, {name: (c.weight, c.bias) for name, c in net.convs.items()}, header)
        print(args.export.stat().st_size, "bytes")
    if args.golden:
        golden(net, args.golden)


def golden(net, folder):
    """A picture of a mark by arithmetic, its letters, and what the network says of them."""
    ys, xs = np.mgrid[0:48, 0:64]
    view = (0.15 + 0.0005 * xs + 0.02 * np.sin(ys / 5.0)).astype(np.float32)
    view[14:33, 20:23] = view[30:33, 20:31] = 0.9
    view[14:33, 35:38] = view[14:17, 35:44] = view[22:25, 35:44] = view[14:25, 43:46] = 0.9
    for i in range(8):
        view[25 + i, 39 + i:42 + i] = 0.8
    box = (15, 11, 51, 37)
    cutout = np.stack(glyphs(view, box))
    with torch.inference_mode():
        answers = torch.softmax(net(torch.from_numpy(cutout[:, None])), 1).numpy()
    np.save(folder / "mark-view.npy", view)
    np.save(folder / "mark-letters.npy", cutout.reshape(-1, SIDE))
    np.save(folder / "mark-answers.npy", answers)
    print("golden", reading(net, view, box))


if __name__ == "__main__":
    main()
