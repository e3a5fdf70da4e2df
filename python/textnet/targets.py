"""From drawn lines to what the network learns: a map of text areas and a map of weights."""

import cv2
import numpy as np

from model import CELL


def _filled(lines, side):
    area = np.zeros((side, side), np.uint8)
    for line in lines:
        cv2.fillPoly(area, [np.round(q).astype(np.int32) for q in line.quads], 255)
    return area


def targets(lines, side):
    """(target, weight), both u8, side/4 x side/4.

    target is 1 where at least 0.35 of a cell lies in a line's box. weight (of 255) is low on cells
    that a box reaches into by less, where either answer is fine, half in the ring of cells around
    them, 0 on text that nobody can see, and reduced on text that is seen in part only.
    """
    cells = side // CELL
    shrink = lambda a: cv2.resize(a, (cells, cells), interpolation=cv2.INTER_AREA)  # noqa: E731
    wide = np.ones((3, 3), np.uint8)
    clear = [line for line in lines if line.readable]
    faint = [line for line in lines if not line.readable and line.detail >= 14 and line.size >= 4]
    lost = [line for line in lines if not line.readable and line.detail < 14]
    weight = np.full((cells, cells), 255, np.uint8)
    inside = np.zeros((cells, cells), np.uint8)
    if lost:
        weight[cv2.dilate(shrink(_filled(lost, side)), wide) > 0] = 0
    for group, level in ((faint, 90), (clear, 255)):
        if group:
            share = shrink(_filled(group, side))
            ring, body = cv2.dilate(share, wide) > 0, share >= 90
            weight[ring & (inside == 0)] = 30 if group is faint else 130
            weight[(share > 0) & (inside == 0)] = 30
            weight[body] = level
            inside |= body
    return inside.astype(np.uint8), weight
