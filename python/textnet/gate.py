"""Recall of the gate: how many lines of generated pictures have ink that can be seen in blocks that nobody asks for.

A pixel of ink can be seen where the 7 x 7 pixels around it span 10 grey levels or more. A line is lost when more than 1 % of its
ink that can be seen lies in closed blocks (`views.opened`).
"""

import argparse
import random
from pathlib import Path

import cv2
import numpy as np

from evaluate import asked, wilson
from scene import Scenes
from views import opened


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--cache", required=True, type=Path)
    args.add_argument("--fonts", nargs="+", default=["/usr/share/fonts"])
    args.add_argument("--seed", type=int, default=9001)
    args.add_argument("--count", type=int, default=3000)
    args = args.parse_args()
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
    low, high = wilson(lines_seen - lost, lines_seen)
    print(f"{lost} of {lines_seen} lines lost: recall {1 - lost / lines_seen:.3%} ({low:.3%} to {high:.3%}); {share:.1%} of the pixels are asked for")


if __name__ == "__main__":
    main()
