"""Hard negatives: what screens and viewers draw that is not text (`body` has what lies in the beam).

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


def ladder(rng, image):
    """A depth or distance scale of dots, ticks or steps along one side, two sides or a corner, without numbers."""
    (x, y), shade, thick = _spot(rng, image), _shade(rng), rng.choice((1, 1, 2))
    step, count, size, kind = rng.uniform(4, 40), rng.randint(4, 40), rng.randint(1, 9), rng.randrange(4)
    down, twin, apart = rng.random() < 0.7, rng.random() < 0.3, rng.randint(10, 60)
    for i in range(count):
        for shift in (0, apart) if twin else (0,):
            along, reach = int(i * step), size * (2 if i % 5 == 0 else 1)
            px, py = (x + shift, y + along) if down else (x + along, y + shift)
            if kind == 0:
                cv2.circle(image, (px, py), max(1, reach // 3), shade, -1)
            elif kind == 1:
                cv2.rectangle(image, (px, py), (px + size, py + max(1, int(step / 2))), shade, -1 if i % 2 else 1)
            elif kind == 2:
                _line(rng, image, (px - reach, py), (px + reach, py), shade, thick) if down else _line(rng, image, (px, py - reach), (px, py + reach), shade, thick)
            else:
                _line(rng, image, (px - 2, py), (px + 2, py), shade, 1), _line(rng, image, (px, py - 2), (px, py + 2), shade, 1)
    if rng.random() < 0.4:
        _line(rng, image, (x, y), (x, y + int(count * step)) if down else (x + int(count * step), y), shade, thick)


def blocks(rng, image):
    """A scale bar of alternating blocks, or a solid bar, with or without a frame and ticks."""
    (x, y), shade, size = _spot(rng, image), _shade(rng), rng.randint(3, 40)
    count, high, flat = rng.randint(1, 10), rng.randint(2, 12), rng.random() < 0.7
    for i in range(count):
        a = (x + i * size, y) if flat else (x, y + i * size)
        b = (a[0] + size, y + high) if flat else (x + high, a[1] + size)
        cv2.rectangle(image, a, b, shade, -1 if i % 2 == 0 else rng.choice((1, 1, -1)))
        if rng.random() < 0.3:
            _line(rng, image, a, (a[0], a[1] - high) if flat else (a[0] - high, a[1]), shade, 1)


def strip(rng, image):
    """A strip of heart beats over ruled paper, or the envelope of a spectrum."""
    x, y = _spot(rng, image)
    high, shade, faint = rng.randint(10, 50), _shade(rng), _shade(rng)
    if rng.random() < 0.5:
        pitch = rng.randint(4, 16)
        for at in range(0, 2 * high, pitch):
            _line(rng, image, (0, y - high + at), (image.shape[1], y - high + at), faint, 1)
        for at in range(0, image.shape[1], pitch):
            _line(rng, image, (at, y - high), (at, y + high), faint, 1)
    xs, beat = np.arange(0, image.shape[1]), rng.uniform(20, 110)
    phase = ((xs + x) % beat) / beat
    ys = -high * np.exp(-((phase - 0.3) / rng.uniform(0.01, 0.03)) ** 2) + 0.3 * high * np.exp(-((phase - 0.36) / 0.03) ** 2)
    ys = ys - 0.2 * high * np.exp(-((phase - 0.62) / 0.08) ** 2) + np.random.default_rng(rng.getrandbits(32)).normal(0, rng.choice((0, 0.5, 1)), len(xs))
    cv2.polylines(image, [np.stack([xs, y + ys], 1).astype(np.int32)], False, shade, rng.choice((1, 1, 2)), rng.choice((cv2.LINE_8, cv2.LINE_AA)))


def dotted(rng, image):
    """Dotted or dashed ellipses, frames and measuring lines."""
    (x, y), shade, size = _spot(rng, image), _shade(rng), rng.choice((0, 0, 1, 2))
    wide, high, gap = rng.randint(6, 90), rng.randint(6, 90), rng.uniform(3, 10)
    t = np.arange(0, 6.283, gap / max(wide, high))
    points = [(x + wide * np.cos(a), y + high * np.sin(a)) for a in t]
    if rng.random() < 0.5:
        ends = np.array([(x - wide, y - high), (x + wide, y - high), (x + wide, y + high), (x - wide, y + high)], float)
        points = [a + (b - a) * s for a, b in zip(ends, np.roll(ends, -1, 0)) for s in np.arange(0, 1, gap / max(np.hypot(*(b - a)), 1))]
    dash = rng.random() < 0.3
    for px, py in points:
        cv2.circle(image, (int(px), int(py)), size, shade, -1)
        if dash:
            _line(rng, image, (px, py), (px + gap / 2, py), shade, 1)


ALL = (ruler, ruler, ruler, ladder, ladder, scale_bar, scale_bar, scale_bar, blocks, calipers, dotted, trace, trace, strip, strip, grid, grid, wedge, shape, shape, collimator,
       lattice)
