"""From a probability map to boxes in pixels: the reference that the Rust program follows.

All steps work on cells of the map (one cell is `CELL` x `CELL` pixels of the view) and by the numbers in
`RULES` (LOW is `low` and so on):

1. A cell is on where p >= LOW and p >= BESIDE * the largest p of the up to eight cells around it: what surrounds sure text
   is its blur, where faint text stands alone. On cells that touch, also by a corner, form a component.
2. A component counts when its largest p >= HIGH, it has >= LEAST_CELLS cells, >= LEAST_SIDE of them
   along its shorter side, and the mean p of its cells >= MEAN, or >= MEAN_THICK when both sides of its
   bounding box exceed THICK cells.
3. Its bounding box is split while it is badly filled (on cells of the component / cells of the box
   < FILL) and its longer side has >= 2 * MIN_SPLIT cells: in the middle of the longer side (rows when
   the sides are equal; the first part has floor(n / 2) rows or columns), each part then shrunk to the
   component's cells in it. This follows tilted lines, ragged paragraphs and L-shapes.
4. Each box grows on all sides by GROW + GROW_SHARE * (its shorter side in pixels), at most
   GROW_MOST, rounded down to whole pixels, and is cut to the frame. Its score is the mean p of the
   component's cells in it.

`RULES` has these numbers for each kind of view (`views.looks`); of a smaller picture the cells are
larger by as much.

The 3 px margin of masking comes on top. Boxes of several views of a frame are simply united.
"""

import numpy as np

CELL = 4
PLAIN = {"cell": CELL, "low": 0.12, "beside": 0.6, "high": 0.45, "least_cells": 4, "least_side": 1, "mean": 0.25, "mean_thick": 0.4,
         "thick": 18, "fill": 1.0, "min_split": 2, "grow": 0, "grow_share": 0.0, "grow_most": 8.0}
#: What the header of the weights file says about this step.
RULES = {
    "plain": PLAIN,
    "relief": {**PLAIN, "low": 0.18, "high": 0.7, "mean": 0.35, "least_cells": 5},
    "shrunk": {**PLAIN, "low": 0.3, "high": 0.7, "mean": 0.4, "least_side": 4},
}


def lit(probability, low, beside):
    """Which cells are on."""
    around = np.pad(np.asarray(probability, np.float32), 1)
    rows, columns = probability.shape
    most = np.maximum.reduce([around[i:i + rows, j:j + columns] for i in range(3) for j in range(3)])
    return (probability >= np.float32(low)) & (probability >= np.float32(beside) * most)


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


def split(cells, fill, shortest):
    """Groups of a component's cells whose bounding boxes are well filled or too short to split."""
    low, high = cells.min(axis=0), cells.max(axis=0) + 1
    rows, columns = high - low
    if len(cells) >= fill * rows * columns or max(rows, columns) < 2 * shortest:
        return [cells]
    axis = 0 if rows >= columns else 1
    first = cells[:, axis] < low[axis] + (high[axis] - low[axis]) // 2
    return [group for part in (cells[first], cells[~first]) if len(part) for group in split(part, fill, shortest)]


def boxes(probability, height, width, rules=PLAIN, shrink=1):
    """Boxes (x0, y0, x1, y1, score) in pixels, ends exclusive, of a map of a height x width frame."""
    p, cell, found = rules, rules["cell"] * shrink, []
    for cells in components(lit(probability, p["low"], p["beside"])):
        values = probability[cells[:, 0], cells[:, 1]]
        sides = cells.max(axis=0) - cells.min(axis=0) + 1
        mean = p["mean_thick"] if sides.min() > p["thick"] else p["mean"]
        if values.max() < p["high"] or len(cells) < p["least_cells"] or sides.min() < p["least_side"] or values.mean() < mean:
            continue
        for part in split(cells, p["fill"], p["min_split"]):
            (y0, x0), (y1, x1) = part.min(axis=0) * cell, (part.max(axis=0) + 1) * cell
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
