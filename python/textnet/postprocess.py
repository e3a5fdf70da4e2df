"""From a probability map to boxes in pixels: the reference that the Rust program follows.

All steps work on cells of the map (one cell is `CELL` x `CELL` pixels of the view):

1. A cell is on where p >= LOW. On cells that touch, also by a corner, form a component.
2. A component counts when its largest p >= HIGH, it has >= LEAST_CELLS cells, and the mean p of its
   cells >= MEAN, or >= MEAN_THICK when both sides of its bounding box exceed THICK cells.
3. Its bounding box is split while it is badly filled (on cells of the component / cells of the box
   < FILL) and its longer side has >= 2 * MIN_SPLIT cells: in the middle of the longer side (rows when
   the sides are equal; the first part has floor(n / 2) rows or columns), each part then shrunk to the
   component's cells in it. This follows tilted lines, ragged paragraphs and L-shapes.
4. Each box grows on all sides by GROW + GROW_SHARE * (its shorter side in pixels), at most
   GROW_MOST, rounded down to whole pixels, and is cut to the frame. Its score is the mean p of the
   component's cells in it.

The 3 px margin of masking comes on top. Boxes of several views of a frame are simply united.
"""

import numpy as np

CELL = 4
LOW = 0.2
HIGH = 0.4
LEAST_CELLS = 3
MEAN = 0.3
MEAN_THICK = 0.4
THICK = 18
FILL = 0.85
MIN_SPLIT = 3
GROW = 0
GROW_SHARE = 0.1
GROW_MOST = 8.0

#: What the header of the weights file says about this step.
PARAMETERS = {
    "cell": CELL, "low": LOW, "high": HIGH, "least_cells": LEAST_CELLS, "mean": MEAN, "mean_thick": MEAN_THICK,
    "thick": THICK, "fill": FILL, "min_split": MIN_SPLIT, "grow": GROW, "grow_share": GROW_SHARE,
    "grow_most": GROW_MOST,
}


def components(on):
    """Lists of (row, column) of the 8-connected components, in the order of their first cell."""
    left = {(int(y), int(x)) for y, x in zip(*np.nonzero(on))}
    for start in sorted(left):
        if start not in left:
            continue
        left.remove(start)
        found, todo = [], [start]
        while todo:
            y, x = todo.pop()
            found.append((y, x))
            for near in ((y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)):
                if near in left:
                    left.remove(near)
                    todo.append(near)
        yield np.array(found)


def split(cells, fill=FILL, shortest=MIN_SPLIT):
    """Groups of a component's cells whose bounding boxes are well filled or too short to split."""
    low, high = cells.min(axis=0), cells.max(axis=0) + 1
    rows, columns = high - low
    if len(cells) >= fill * rows * columns or max(rows, columns) < 2 * shortest:
        return [cells]
    axis = 0 if rows >= columns else 1
    first = cells[:, axis] < low[axis] + (high[axis] - low[axis]) // 2
    return [group for part in (cells[first], cells[~first]) if len(part) for group in split(part, fill, shortest)]


def boxes(probability, height, width, **changes):
    """Boxes (x0, y0, x1, y1, score) in pixels, ends exclusive, of a map of a height x width frame.

    `changes` replaces parameters, for tuning only.
    """
    p = {**PARAMETERS, **changes}
    found = []
    for cells in components(probability >= p["low"]):
        values = probability[cells[:, 0], cells[:, 1]]
        sides = cells.max(axis=0) - cells.min(axis=0) + 1
        mean = p["mean_thick"] if sides.min() > p["thick"] else p["mean"]
        if values.max() < p["high"] or len(cells) < p["least_cells"] or values.mean() < mean:
            continue
        for part in split(cells, p["fill"], p["min_split"]):
            (y0, x0), (y1, x1) = part.min(axis=0) * CELL, (part.max(axis=0) + 1) * CELL
            grow = int(min(p["grow"] + p["grow_share"] * min(y1 - y0, x1 - x0), p["grow_most"]))
            score = float(probability[part[:, 0], part[:, 1]].mean())
            found.append((int(max(x0 - grow, 0)), int(max(y0 - grow, 0)), int(min(x1 + grow, width)), int(min(y1 + grow, height)), score))
    return found


def mask_of(found, height, width, margin=3):
    """The pixels that the boxes cover with their margin, as booleans."""
    mask = np.zeros((height, width), bool)
    for x0, y0, x1, y1, *_ in found:
        mask[max(y0 - margin, 0):y1 + margin, max(x0 - margin, 0):x1 + margin] = True
    return mask
