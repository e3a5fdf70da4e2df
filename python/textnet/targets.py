"""From drawn lines to what the network learns: a map of text areas and a map of weights."""

import cv2
import numpy as np

from model import CELL


def _filled(lines, side):
    area = np.zeros((side, side), np.uint8)
    for line in lines:
        cv2.fillPoly(area, [np.round(q).astype(np.int32) for q in line.quads], 255)
    return area


def _ends(lines, side):
    """The first and the last part of every run of ink, as long as 0.7 of its height."""
    area = np.zeros((side, side), np.uint8)
    for quad in (np.asarray(quad) for line in lines for quad in line.quads):
        along, height = quad[1] - quad[0], np.hypot(*(quad[3] - quad[0]))
        step = along * min(0.7 * height / max(np.hypot(*along), 1e-6), 0.5)
        for part in ((quad[0], quad[0] + step, quad[3] + step, quad[3]), (quad[1] - step, quad[1], quad[2], quad[2] - step)):
            cv2.fillPoly(area, [np.round(part).astype(np.int32)], 255)
    return area


def _hidden(lines, side):
    """Pixels around strokes that cannot be seen, farther than 0.4 of the line's height from those that can."""
    area = np.zeros((side, side), np.uint8)
    for line in lines:
        if line.hidden is None or line.hidden.size < 0.03 * line.ink.size:
            continue
        reach = int(max(2, 0.4 * line.size))
        wide = cv2.getStructuringElement(cv2.MORPH_RECT, (2 * reach + 1, 2 * reach + 1))
        lost, seen = np.zeros((2, side * side), np.uint8)
        lost[line.hidden] = seen[np.setdiff1d(line.ink, line.hidden)] = 255
        lost, seen = (cv2.dilate(part.reshape(side, side), wide) for part in (lost, seen))
        area = np.maximum(area, lost & ~seen)
    return area


def targets(lines, side):
    """(target, weight), both u8, side/4 x side/4.

    target is 1 where at least 0.35 of a cell lies in a line's box. weight (of 160, at the ends of lines 255) is low on cells
    that a box reaches into by less, where either answer is fine, half in the ring of cells around
    them, 0 on text that nobody can see, low on the parts of a line that are lost in their ground, and reduced on text that is
    seen in part only.
    """
    cells = side // CELL
    shrink = lambda a: cv2.resize(a, (cells, cells), interpolation=cv2.INTER_AREA)  # noqa: E731
    wide = np.ones((3, 3), np.uint8)
    clear = [line for line in lines if line.readable]
    faint = [line for line in lines if not line.readable and line.detail >= 14 and line.size >= 4]
    lost = [line for line in lines if not line.readable and line.detail < 14]
    weight = np.full((cells, cells), 160, np.uint8)
    inside = np.zeros((cells, cells), np.uint8)
    if lost:
        weight[cv2.dilate(shrink(_filled(lost, side)), wide) > 0] = 0
    for group, level in ((faint, 56), (clear, 160)):
        if group:
            share = shrink(_filled(group, side))
            ring, body = cv2.dilate(share, wide) > 0, share >= 90
            weight[ring & (inside == 0)] = 20 if group is faint else 80
            weight[(share > 0) & (inside == 0)] = 20
            weight[body] = level
            inside |= body
    weight[(shrink(_ends(clear, side)) >= 90) & (inside > 0)] = 255
    weight[shrink(_hidden(clear + faint, side)) >= 60] = 20
    return inside.astype(np.uint8), weight
