"""What the network looks at besides the picture itself: its relief, and smaller pictures; and where it need not look.

The reference of src/pixel/textnet/relief.rs, views.rs and gate.rs; numpy only.
"""

import numpy as np

BLOCK, STEPS, GAIN, SOFT = 16, 4095, 0.2, 0.04
QUIET = 0.006  # deviation of a block and its neighbours below which no text can be seen there
HINT = 0.1  # chance that a picture must have in a block for its relief to be looked at there
LARGE = 1500  # pixels along the longer side from which on a picture is searched at half its size too


def ground(view):
    """Mean and gain (f32, rows x columns of blocks) of each block of 16 x 16 pixels with its up to eight neighbours."""
    height, width = view.shape
    down, across = -(-height // BLOCK), -(-width // BLOCK)
    steps, there = np.zeros((down * BLOCK, across * BLOCK), np.int64), np.zeros((down * BLOCK, across * BLOCK), np.int64)
    steps[:height, :width] = np.rint(view.astype(np.float32) * np.float32(STEPS))
    there[:height, :width] = 1

    def around(values):
        sums = np.pad(values.reshape(down, BLOCK, across, BLOCK).sum((1, 3)), 1)
        return sum(sums[i:i + down, j:j + across] for i in range(3) for j in range(3))

    count, total, squares = around(there), around(steps), around(steps * steps)
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean * mean, 0))
    return (mean / STEPS).astype(np.float32), (GAIN / (deviation / STEPS + SOFT)).astype(np.float32)


def between(length, blocks):
    """For every pixel of an axis: the blocks whose middles lie before and after it, and how far it is from one to the other."""
    at = np.clip((np.arange(length, dtype=np.float32) + np.float32(0.5)) / BLOCK - np.float32(0.5), 0, blocks - 1)
    before = at.astype(np.int64)
    return before, np.minimum(before + 1, blocks - 1), at - before


def relief(view):
    """The view with every part at the same contrast, f32 0..1."""
    mean, gain = ground(view)
    top, bottom, down = between(view.shape[0], mean.shape[0])
    left, right, across = between(view.shape[1], mean.shape[1])

    def spread(grid):
        upper = grid[top][:, left] + (grid[top][:, right] - grid[top][:, left]) * across
        lower = grid[bottom][:, left] + (grid[bottom][:, right] - grid[bottom][:, left]) * across
        return upper + (lower - upper) * down[:, None]

    return np.clip(0.5 + (view - spread(mean)) * spread(gain), 0, 1).astype(np.float32)


def opened(view, cell=4):
    """Whether text could be seen, for every cell of the map of a view."""
    _, gain = ground(view)
    open_ = gain <= np.float32(GAIN / (QUIET + SOFT))
    rows, columns = (-(-n // cell) for n in view.shape)
    return open_.repeat(BLOCK // cell, 0).repeat(BLOCK // cell, 1)[:rows, :columns]


def hinted(chance, cell=4):
    """Whether the relief is looked at, for every cell of the map of a picture."""
    side = BLOCK // cell
    down, across = (-(-n // side) for n in chance.shape)
    padded = np.zeros((down * side, across * side), chance.dtype)
    padded[:chance.shape[0], :chance.shape[1]] = chance
    blocks = padded.reshape(down, side, across, side).max((1, 3)) >= HINT
    return blocks.repeat(side, 0).repeat(side, 1)[:chance.shape[0], :chance.shape[1]]


def shrunk(view, by):
    """Means of squares of `by` x `by` pixels; at the right and at the bottom of what is left of a square."""
    rows, columns = np.arange(0, view.shape[0], by), np.arange(0, view.shape[1], by)
    total = np.add.reduceat(np.add.reduceat(view.astype(np.float64), rows, 0), columns, 1)
    count = np.diff(np.r_[rows, view.shape[0]])[:, None] * np.diff(np.r_[columns, view.shape[1]])[None]
    return (total / count).astype(np.float32)


def looks(view):
    """(kind, shrink, view) of all that is searched of one view."""
    found = [("plain", 1, view), ("relief", 1, relief(view))]
    for by in (2, 4):
        if max(view.shape) > LARGE * by // 2:
            found.append(("shrunk", by, shrunk(view, by)))
    return found
