"""Marks that may stay (`[burned_in] allow`): from a box of the finder to its letters. The reference of src/pixel/textnet/glyphs.rs.

`glyphs` cuts a lone mark of one to three capital letters out of its surroundings, and refuses whatever is not surely one;
the network of `LAYERS` says of each letter which it is, or that it is none. numpy only; train_marks.py trains it.
"""

import numpy as np

from layers import row

#: One class for each capital letter, and one for all else.
CLASSES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: Sides of a normalised letter, and of the part of it that the letter fills.
SIDE, FILLED = 24, 20
#: Layers in order of execution; the middle pixel of the last one sees all of the letter.
LAYERS = [
    row("m0", "conv3x3", 1, 12, stride=2),
    row("m1", "conv3x3", 12, 24, stride=2),
    row("m2", "conv3x3", 24, 32, stride=2),
    row("letter", "conv3x3", 32, len(CLASSES) + 1, relu=False),
]
#: What a mark must be like; lengths in pixels or in heights of the mark.
RULES = {
    "letters": 3,          # at most
    "least_height": 8, "most_height": 160,
    "contrast": 0.12,      # between strokes and ground, of black to white
    "ring": 2, "quiet": 0.35,   # pixels at the edge of the window, and the share of the contrast that none of them reaches
    "stroke": 0.5,         # the share of the contrast from which on a pixel is of a stroke; none is so far on the other side of the ground
    "even": 0.7,           # height of each letter, of the mark
    "wide": 1.7,           # width of each letter, of its height, at most
    "gap": 0.6,            # between letters, of the height of the mark, at most
    "beyond": 0.6, "beyond_least": 10,  # how far the finder's box may reach beyond the strokes
    "alone": 3.0,          # heights of the box around it in which nothing else was found
    "sure": 0.995,         # probability of each letter
}


def window_of(box, height, width):
    """The part of a picture that is looked at for a box (x0, y0, x1, y1)."""
    x0, y0, x1, y1 = box
    more = max(6, (y1 - y0) // 2)
    return max(x0 - more, 0), max(y0 - more, 0), min(x1 + more, width), min(y1 + more, height)


def percentile(values, share):
    """The value below which `share` of all lie, without interpolation."""
    ordered = np.sort(values, axis=None)
    return ordered[int(share * (ordered.size - 1))]


def coverage(view, box):
    """How much of each pixel of the window is stroke (0 to 1), or None."""
    x0, y0, x1, y1 = window_of(box, *view.shape)
    part = view[y0:y1, x0:x1].astype(np.float32)
    inside = part[box[1] - y0:box[3] - y0, box[0] - x0:box[2] - x0]
    edge = RULES["ring"]
    if min(part.shape) <= 2 * edge or inside.size == 0:
        return None
    around = np.ones(part.shape, bool)
    around[edge:-edge, edge:-edge] = False
    ground = percentile(part[around], 0.5)
    bright, dark = percentile(inside, 0.97) - ground, percentile(inside, 0.03) - ground
    contrast = bright if bright >= -dark else dark
    if abs(contrast) < RULES["contrast"]:
        return None
    share = (part - ground) / contrast
    if (share[around] >= RULES["quiet"]).any() or (share <= -RULES["stroke"]).any():
        return None
    return np.clip(share, 0, 1)


def runs(flags):
    """(first, end) of the runs of true."""
    edges = np.flatnonzero(np.diff(np.r_[False, flags, False].astype(np.int8)))
    return list(zip(edges[::2], edges[1::2]))


def connected(ink):
    """Whether the strokes touch each other, also by a corner."""
    todo, left = [tuple(np.argwhere(ink)[0])], ink.copy()
    left[todo[0]] = False
    while todo:
        y, x = todo.pop()
        for v in range(max(y - 1, 0), min(y + 2, ink.shape[0])):
            for u in range(max(x - 1, 0), min(x + 2, ink.shape[1])):
                if left[v, u]:
                    left[v, u] = False
                    todo.append((v, u))
    return not left.any()


def shares(size, length):
    """Matrix (length x size) of how much of each of `size` places every one of `length` equal parts of them covers."""
    step = size / length
    starts = np.arange(length)[:, None] * step
    at = np.arange(size)[None]
    return np.clip(np.minimum(starts + step, at + 1) - np.maximum(starts, at), 0, None) / step


def normalised(letter):
    """A letter's coverage as SIDE x SIDE, in the middle, its longer side FILLED."""
    height, width = letter.shape
    longer = max(height, width)
    rows, columns = (max(1, (2 * FILLED * n + longer) // (2 * longer)) for n in (height, width))
    out = np.zeros((SIDE, SIDE), np.float32)
    y, x = (SIDE - rows) // 2, (SIDE - columns) // 2
    out[y:y + rows, x:x + columns] = shares(height, rows) @ letter.astype(np.float64) @ shares(width, columns).T
    return out


def glyphs(view, box):
    """The letters of a mark, SIDE x SIDE each, from the left; None if what the box holds is surely none.

    `view` is a picture (f32, 0..1), `box` (x0, y0, x1, y1) what the finder found there.
    """
    share = coverage(view, box)
    if share is None:
        return None
    ink = share >= RULES["stroke"]
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not rows.size:
        return None
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    height = bottom - top
    if not RULES["least_height"] <= height <= RULES["most_height"]:
        return None
    x0, y0 = window_of(box, *view.shape)[:2]
    beyond = max(RULES["beyond_least"], RULES["beyond"] * height)
    if max(x0 + left - box[0], y0 + top - box[1], box[2] - x0 - right, box[3] - y0 - bottom) > beyond:
        return None
    letters, before = [], None
    for start, end in runs(ink.any(0)):
        own = np.flatnonzero(ink[:, start:end].any(1))
        first, last = own[0], own[-1] + 1
        if last - first < RULES["even"] * height or end - start > RULES["wide"] * (last - first):
            return None
        if before is not None and start - before > RULES["gap"] * height:
            return None
        if not connected(ink[first:last, start:end]):
            return None
        letters.append(normalised(share[first:last, start:end]))
        before = end
    return letters if len(letters) <= RULES["letters"] else None
