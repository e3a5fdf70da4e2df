"""Hard negatives: drawn things that are not text.

Every function draws on an f32 picture (0..255) in place; strokes are strong, thin and synthetic,
like text, so the network has to learn what letters are.
"""

import cv2
import numpy as np


def _shade(rng):
    return rng.choice((255, 255, 230, 200, 160, 120, 80, 40, 0, rng.randint(0, 255)))


def _spot(rng, image, margin=4):
    height, width = image.shape
    return rng.randint(margin, max(width - margin, margin + 1)), rng.randint(margin, max(height - margin, margin + 1))


def _line(rng, image, a, b, shade=None, thick=None):
    cv2.line(image, tuple(map(int, a)), tuple(map(int, b)), _shade(rng) if shade is None else shade,
             thick or rng.choice((1, 1, 1, 2, 3)), rng.choice((cv2.LINE_8, cv2.LINE_AA)))


def ruler(rng, image):
    """Ticks along a side, long and short."""
    x, y = _spot(rng, image)
    step, count, long = rng.uniform(3, 28), rng.randint(5, 60), rng.choice((5, 10, 2))
    size, shade, thick = rng.randint(2, 14), _shade(rng), rng.choice((1, 1, 2))
    vertical, baseline = rng.random() < 0.6, rng.random() < 0.4
    for i in range(count):
        reach = size * (2 if i % long == 0 else 1)
        at = int(i * step)
        a, b = ((x, y + at), (x + reach, y + at)) if vertical else ((x + at, y), (x + at, y + reach))
        _line(rng, image, a, b, shade, thick)
    if baseline:
        end = (x, y + int(count * step)) if vertical else (x + int(count * step), y)
        _line(rng, image, (x, y), end, shade, thick)


def scale_bar(rng, image):
    """A bar with end marks."""
    x, y = _spot(rng, image)
    size, tick, shade, thick = rng.randint(15, 150), rng.randint(2, 8), _shade(rng), rng.choice((1, 2, 3))
    flat = rng.random() < 0.6
    ends = ((x, y), (x + size, y)) if flat else ((x, y), (x, y + size))
    _line(rng, image, *ends, shade, thick)
    for px, py in ends:
        a, b = ((px, py - tick), (px, py + tick)) if flat else ((px - tick, py), (px + tick, py))
        _line(rng, image, a, b, shade, thick)


def calipers(rng, image):
    """Crosses, plus signs or diamonds joined by a dotted line."""
    shade, size, kind = _shade(rng), rng.randint(3, 9), rng.randrange(4)
    points = [_spot(rng, image) for _ in range(rng.choice((1, 2, 2, 4)))]
    for x, y in points:
        if kind == 0:
            _line(rng, image, (x - size, y), (x + size, y), shade, 1), _line(rng, image, (x, y - size), (x, y + size), shade, 1)
        elif kind == 1:
            _line(rng, image, (x - size, y - size), (x + size, y + size), shade, 1)
            _line(rng, image, (x - size, y + size), (x + size, y - size), shade, 1)
        elif kind == 2:
            cv2.polylines(image, [np.array([(x, y - size), (x + size, y), (x, y + size), (x - size, y)], np.int32)], True, shade, 1)
        else:
            cv2.circle(image, (x, y), size, shade, 1, cv2.LINE_AA)
    if len(points) > 1 and rng.random() < 0.7:
        a, b = np.array(points[0], float), np.array(points[1], float)
        gap = rng.randint(3, 9)
        for t in np.arange(0, np.hypot(*(b - a)), gap):
            x, y = a + (b - a) * t / max(np.hypot(*(b - a)), 1)
            cv2.circle(image, (int(x), int(y)), rng.choice((0, 0, 1)), shade, -1)


def trace(rng, image):
    """An ECG, a Doppler envelope or a histogram outline."""
    x, y = _spot(rng, image)
    width, high, shade = rng.randint(60, 320), rng.randint(6, 45), _shade(rng)
    xs = np.arange(0, width, rng.choice((1, 2, 3)))
    period = rng.uniform(20, 120)
    phase = (xs % period) / period
    ys = -high * np.exp(-((phase - 0.3) / 0.02) ** 2) + 0.3 * high * np.exp(-((phase - 0.36) / 0.03) ** 2)
    ys -= 0.25 * high * np.exp(-((phase - 0.62) / 0.08) ** 2)
    if rng.random() < 0.3:
        ys = -np.abs(np.cumsum(np.random.default_rng(rng.getrandbits(32)).normal(0, 2, len(xs))))
    cv2.polylines(image, [np.stack([x + xs, y + ys], 1).astype(np.int32)], False, shade, rng.choice((1, 1, 2)), cv2.LINE_AA)


def wire(rng, image):
    """Catheters, leads, sternal wires: long smooth curves, some in loops."""
    height, width = image.shape
    noise = np.random.default_rng(rng.getrandbits(32))
    turn = np.cumsum(noise.normal(0, rng.uniform(0.02, 0.35), rng.randint(20, 160)))
    turn += np.linspace(0, rng.uniform(-9, 9), len(turn)) + rng.uniform(0, 6.3)
    step = rng.uniform(1.5, 5)
    start = np.array(_spot(rng, image), float)
    points = start + np.cumsum(np.stack([np.cos(turn), np.sin(turn)], 1) * step, 0)
    shade, thick = _shade(rng), rng.choice((1, 2, 2, 3, 4, 6))
    cv2.polylines(image, [points.astype(np.int32)], rng.random() < 0.15, shade, thick, cv2.LINE_AA)
    if rng.random() < 0.2:
        cv2.polylines(image, [(points + (thick + 2, 0)).astype(np.int32)], False, shade, 1, cv2.LINE_AA)


def clips(rng, image):
    """Short thick bits: surgical clips, staples, screws."""
    cx, cy = _spot(rng, image)
    shade = _shade(rng)
    row, pitch, angle = rng.random() < 0.4, rng.randint(8, 26), rng.uniform(0, 3.15)
    for i in range(rng.randint(1, 12)):
        x, y = (cx + i * pitch, cy) if row else (cx + rng.randint(-50, 50), cy + rng.randint(-50, 50))
        a = angle if row else rng.uniform(0, 3.15)
        size = rng.randint(3, 12)
        dx, dy = size * np.cos(a), size * np.sin(a)
        _line(rng, image, (x - dx, y - dy), (x + dx, y + dy), shade, rng.choice((1, 2, 3, 4)))


def specks(rng, image):
    """A cluster of calcifications or hot pixels."""
    cx, cy = _spot(rng, image)
    spread, shade = rng.uniform(4, 60), _shade(rng)
    for _ in range(rng.randint(3, 60)):
        x, y = rng.gauss(cx, spread), rng.gauss(cy, spread)
        cv2.ellipse(image, (int(x), int(y)), (rng.choice((0, 1, 1, 2, 3)), rng.choice((0, 1, 1, 2))), rng.randint(0, 180), 0, 360, shade, -1)


def stent(rng, image):
    """A lattice tube."""
    x, y = _spot(rng, image)
    cell, cols, rows = rng.randint(3, 9), rng.randint(6, 26), rng.randint(1, 4)
    patch = np.zeros((rows * cell * 2 + 4, cols * cell + 4), np.float32)
    for r in range(rows):
        for c in range(cols):
            up = (c % 2 == 0)
            y0 = 2 + r * cell * 2 + (0 if up else cell * 2)
            y1 = 2 + r * cell * 2 + (cell * 2 if up else 0)
            cv2.line(patch, (2 + c * cell, y0), (2 + (c + 1) * cell, y1), 1.0, 1, cv2.LINE_AA)
    _blend(rng, image, patch, x, y)


def grid(rng, image):
    """Grid lines, a lattice or a table without words."""
    x, y = _spot(rng, image)
    dx, dy = rng.randint(5, 60), rng.randint(5, 60)
    cols, rows, shade, thick = rng.randint(1, 9), rng.randint(1, 9), _shade(rng), rng.choice((1, 1, 1, 2))
    for i in range(cols + 1):
        _line(rng, image, (x + i * dx, y), (x + i * dx, y + rows * dy), shade, thick)
    for i in range(rows + 1):
        _line(rng, image, (x, y + i * dy), (x + cols * dx, y + i * dy), shade, thick)


def wedge(rng, image):
    """A grey or stepped scale, bars of a histogram or of a line-pair pattern."""
    x, y = _spot(rng, image)
    width, high = rng.randint(4, 24), rng.randint(30, 160)
    ramp = np.linspace(255, 0, high)[:, None].repeat(width, 1)
    if rng.random() < 0.4:
        ramp = np.floor(ramp / 32) * 32
    if rng.random() < 0.25:
        ramp = np.where(np.arange(high)[:, None] // rng.randint(1, 6) % 2, 255.0, 0.0).repeat(width, 1)
    ramp = ramp if rng.random() < 0.7 else ramp.T
    part = image[y:y + ramp.shape[0], x:x + ramp.shape[1]]
    part[:] = ramp[:part.shape[0], :part.shape[1]]


def shape(rng, image):
    """A frame, circle, arc, sector, arrow or filled icon."""
    (x, y), shade, thick = _spot(rng, image), _shade(rng), rng.choice((1, 1, 2, 3))
    width, high, kind = rng.randint(4, 110), rng.randint(4, 110), rng.randrange(7)
    if kind == 0:
        cv2.rectangle(image, (x, y), (x + width, y + high), shade, thick)
    elif kind == 1:
        cv2.ellipse(image, (x, y), (width, high), rng.randint(0, 180), 0, rng.choice((360, 360, rng.randint(20, 300))), shade, thick, cv2.LINE_AA)
    elif kind == 2:
        angle = rng.uniform(0, 6.3)
        cv2.arrowedLine(image, (x, y), (int(x + width * np.cos(angle)), int(y + width * np.sin(angle))), shade, thick, cv2.LINE_AA, tipLength=0.3)
    elif kind == 3:
        points = [(x + rng.randint(0, width), y + rng.randint(0, high)) for _ in range(rng.randint(3, 6))]
        cv2.fillPoly(image, [np.array(points, np.int32)], shade)
    elif kind == 4:
        size = rng.randint(3, 9)
        cv2.fillPoly(image, [np.array([(x, y), (x + size, y - size), (x + size, y + size)], np.int32)], shade)
    elif kind == 5:
        cv2.rectangle(image, (x, y), (x + width, y + min(high, 30)), shade, -1)
    else:
        cv2.circle(image, (x, y), rng.randint(2, 8), shade, rng.choice((-1, 1)), cv2.LINE_AA)


def collimator(rng, image):
    """A straight or round edge outside of which the picture is flat."""
    height, width = image.shape
    mask = np.zeros((height, width), np.uint8)
    if rng.random() < 0.4:
        cv2.circle(mask, _spot(rng, image), rng.randint(60, 260), 1, -1)
    else:
        centre = (width * rng.uniform(0.2, 0.8), height * rng.uniform(0.2, 0.8))
        box = cv2.boxPoints((centre, (rng.uniform(80, 300), rng.uniform(80, 300)), rng.choice((0, 0, rng.uniform(-45, 45)))))
        cv2.fillPoly(mask, [box.astype(np.int32)], 1)
    image[mask == 0] = rng.choice((0, 0, 0, 255, 30, rng.randint(0, 255)))


def lattice(rng, image):
    """Regular spots, screw threads, combs: repetition that letters do not have."""
    x, y = _spot(rng, image)
    pitch, cols, rows, size = rng.randint(4, 14), rng.randint(3, 24), rng.choice((1, 1, 2, 6)), rng.randint(1, 4)
    patch = np.zeros((rows * pitch + 8, cols * pitch + 8), np.float32)
    for r in range(rows):
        for c in range(cols):
            at = (4 + c * pitch, 4 + r * pitch)
            if size > 2:
                cv2.line(patch, at, (at[0] + rng.choice((0, 2)), at[1] + pitch - 2), 1.0, 1)
            else:
                cv2.circle(patch, at, size, 1.0, -1)
    _blend(rng, image, patch, x, y)


def _blend(rng, image, patch, x, y):
    angle = rng.choice((0, 90, rng.uniform(0, 180)))
    height, width = patch.shape
    side = int(np.hypot(height, width)) + 2
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    turn[:, 2] += (side - width) / 2, (side - height) / 2
    patch = cv2.warpAffine(patch, turn, (side, side)) * rng.uniform(0.4, 1)
    part = image[y:y + side, x:x + side]
    patch = patch[:part.shape[0], :part.shape[1]]
    part[:] = part * (1 - patch) + _shade(rng) * patch


ALL = (ruler, scale_bar, calipers, trace, wire, clips, specks, stent, grid, wedge, shape, shape, collimator, lattice)
