"""Hard negatives that lie in the patient or in the beam: wires, clips, tubes, lead markers, ribs.

As in `clutter`, every function draws on an f32 picture (0..255) in place.
"""

import cv2
import numpy as np

from clutter import _blend, _line, _shade, _spot


def _lay(rng, image, cover, shade=None):
    """Lays a coverage (f32 0..1, as large as the picture) over it, sharp or soft, whole or half transparent."""
    if rng.random() < 0.6:
        cover = cv2.GaussianBlur(cover, (0, 0), rng.uniform(0.4, 1.6))
    cover = np.clip(cover, 0, 1) * rng.choice((1, 1, rng.uniform(0.3, 1)))
    image *= 1 - cover
    image += cover * (_shade(rng) if shade is None else shade)


def sternal(rng, image):
    """Wires of a closed breastbone: loops one below the other, twisted ends, figures of eight."""
    x, y = _spot(rng, image)
    cover = np.zeros(image.shape, np.float32)
    wide, high = rng.uniform(6, 46), rng.uniform(5, 34)
    thick, pitch = rng.choice((1, 1, 2, 2, 3, 4)), rng.uniform(1.2, 3.2) * high
    lean = rng.uniform(-0.5, 0.5)
    for i in range(rng.randint(1, 8)):
        w, h = wide * rng.uniform(0.7, 1.3), high * rng.uniform(0.7, 1.3)
        cx, cy = x + i * pitch * lean + rng.uniform(-5, 5), y + i * pitch + rng.uniform(-4, 4)
        t = np.linspace(0, rng.choice((6.283, 6.283, 6.0, 5.0, 3.6)), 40) + rng.uniform(0, 6.3)
        kind, power = rng.random(), rng.choice((1, 1, 0.6, 0.4))
        bend = lambda v: np.sign(v) * np.abs(v) ** power  # noqa: E731
        xs, ys = w * bend(np.cos(t)), h * bend(np.sin(t))
        if kind < 0.25:
            ys = h * np.sin(2 * t) * 0.7
        elif kind < 0.4:
            ys = ys * 0.25
        turn = rng.uniform(-0.5, 0.5)
        line = np.stack([cx + xs * np.cos(turn) - ys * np.sin(turn), cy + xs * np.sin(turn) + ys * np.cos(turn)], 1)
        cv2.polylines(cover, [line.astype(np.int32)], False, 1.0, thick, cv2.LINE_AA)
        if rng.random() < 0.7:  # twisted ends
            end, angle, size = line[-1], rng.uniform(0, 6.3), rng.uniform(3, 14)
            s = np.linspace(0, size, 12)
            wave = np.sin(s * rng.uniform(0.8, 2)) * rng.uniform(0.5, 2)
            twist = np.stack([end[0] + s * np.cos(angle) - wave * np.sin(angle), end[1] + s * np.sin(angle) + wave * np.cos(angle)], 1)
            cv2.polylines(cover, [twist.astype(np.int32)], False, 1.0, thick + rng.choice((0, 1)), cv2.LINE_AA)
    _lay(rng, image, cover)


def loops(rng, image):
    """Wires of a closed breastbone as they are seen from the front: equal loops, open or closed, one close below the other."""
    x, y = _spot(rng, image)
    cover, lying = np.zeros(image.shape, np.float32), rng.random() < 0.25
    wide = rng.uniform(4, 26)
    high, thick = wide * rng.uniform(0.45, 1.1), rng.choice((1, 1, 1, 2, 2, 3))
    pitch, tilt = high * rng.uniform(1.9, 3.6), rng.choice((0, 0, rng.uniform(-25, 25)))
    alike, opening = rng.uniform(0, 0.12), rng.choice((0, 40, 90, 160))
    for i in range(rng.randint(2, 8)):
        axes = [max(2, int(round(a * rng.uniform(1 - alike, 1 + alike)))) for a in ((high, wide) if lying else (wide, high))]
        along, aside = i * pitch, rng.uniform(-1, 1) * alike * wide
        at = (int(x + along), int(y + aside)) if lying else (int(x + aside), int(y + along))
        start = rng.uniform(0, 360)
        span = 360 - rng.uniform(0, 1) * opening
        cv2.ellipse(cover, at, axes, tilt + rng.uniform(-90, 90) * alike, start, start + span, 1.0, thick, rng.choice((cv2.LINE_8, cv2.LINE_AA)))
    _lay(rng, image, cover)


def tube(rng, image):
    """A catheter or drain: two parallel walls, a stripe, rings or marks along it, at times a curled end."""
    noise = np.random.default_rng(rng.getrandbits(32))
    turn = np.cumsum(noise.normal(0, 0.04, rng.randint(30, 140))) + rng.uniform(0, 6.3)
    if rng.random() < 0.3:
        turn[-24:] += np.linspace(0, rng.choice((-1, 1)) * rng.uniform(3, 9), 24)
    path = np.array(_spot(rng, image), float) + np.cumsum(np.stack([np.cos(turn), np.sin(turn)], 1) * rng.uniform(2, 5), 0)
    side = np.stack([-np.sin(turn), np.cos(turn)], 1)
    cover, half = np.zeros(image.shape, np.float32), rng.uniform(1, 9)
    for offset in rng.choice(((-half, half), (-half, half), (-half, 0, half), (0,))):
        cv2.polylines(cover, [(path + side * offset).astype(np.int32)], False, 1.0, rng.choice((1, 1, 2)), cv2.LINE_AA)
    if rng.random() < 0.5:
        for at in range(rng.randint(0, 8), len(path), rng.randint(2, 14)):
            a, b = path[at] - side[at] * half, path[at] + side[at] * half
            _line(rng, cover, a, b, 1.0, rng.choice((1, 2, 3)))
    _lay(rng, image, cover)


def marker(rng, image):
    """Lead markers without a letter: balls, rings, bars, arrows, triangles, clouds of beads."""
    x, y = _spot(rng, image)
    cover, size, kind = np.zeros(image.shape, np.float32), rng.randint(3, 34), rng.randrange(7)
    thick = rng.choice((-1, -1, 1, 2, 3, max(1, size // 5)))
    if kind == 0:
        cv2.circle(cover, (x, y), size, 1.0, thick, cv2.LINE_AA)
        if thick > 0 and rng.random() < 0.5:
            for _ in range(rng.randint(1, 6)):
                cv2.circle(cover, (x + rng.randint(-size // 2, size // 2), y + rng.randint(-size // 2, size // 2)), max(1, size // 6), 1.0, -1)
    elif kind == 1:
        cv2.ellipse(cover, (x, y), (size, max(2, size // rng.randint(2, 4))), rng.randint(0, 180), 0, 360, 1.0, thick, cv2.LINE_AA)
    elif kind in (2, 3):
        box = cv2.boxPoints(((x, y), (size * rng.uniform(0.8, 3), size), rng.choice((0, 0, rng.uniform(-90, 90)))))
        cv2.drawContours(cover, [box.astype(np.int32)], 0, 1.0, thick)
        if thick < 0 and rng.random() < 0.4:
            cv2.circle(cover, (x, y), max(2, size // 4), 0.0, -1)
    elif kind == 4:
        points = [(x + size * np.cos(a), y + size * np.sin(a)) for a in sorted(rng.uniform(0, 6.3) for _ in range(3))]
        cv2.drawContours(cover, [np.array(points, np.int32)], 0, 1.0, thick)
    elif kind == 5:
        angle = rng.uniform(0, 6.3)
        end = (int(x + 2 * size * np.cos(angle)), int(y + 2 * size * np.sin(angle)))
        cv2.arrowedLine(cover, (x, y), end, 1.0, rng.choice((1, 2, 3, max(1, size // 4))), cv2.LINE_AA, tipLength=rng.uniform(0.2, 0.6))
    else:
        for i in range(rng.randint(2, 9)):
            cv2.circle(cover, (x + i * size, y + rng.randint(-1, 1)), max(1, size // 4), 1.0, thick if abs(thick) < 3 else -1, cv2.LINE_AA)
    _lay(rng, image, cover)


def ribs(rng, image):
    """Bands of soft bright edges, bent alike."""
    height, width = image.shape
    x, y, pitch = rng.uniform(-0.3, 1) * width, rng.uniform(-0.5, 0.5) * height, rng.uniform(14, 60)
    bend, lean, span = rng.uniform(-90, 90), rng.uniform(-0.8, 0.8), rng.uniform(80, 260)
    cover, s = np.zeros(image.shape, np.float32), np.linspace(0, 1, 30)
    for i in range(rng.randint(3, 9)):
        for edge in (0, rng.uniform(0.3, 0.6) * pitch):
            ys = y + i * pitch + edge + bend * s * (1 - s) * 2 + lean * span * s
            cv2.polylines(cover, [np.stack([x + span * s, ys], 1).astype(np.int32)], False, 1.0, rng.choice((1, 2, 3)), cv2.LINE_AA)
    cover = cv2.GaussianBlur(cover, (0, 0), rng.uniform(0.5, 2.5)) * rng.uniform(0.3, 1)
    image *= 1 - cover
    image += cover * _shade(rng)


def vessels(rng, image):
    """Bright branching blobs: contrast medium, colour Doppler, bronchi."""
    cover, noise = np.zeros(image.shape, np.float32), np.random.default_rng(rng.getrandbits(32))
    todo = [(np.array(_spot(rng, image), float), rng.uniform(0, 6.3), rng.uniform(2, 9))]
    for _ in range(rng.randint(3, 14)):
        at, angle, thick = todo.pop(rng.randrange(len(todo)))
        for turn in angle + np.cumsum(noise.normal(0, 0.25, rng.randint(4, 16))):
            end = at + 4 * np.array([np.cos(turn), np.sin(turn)])
            cv2.line(cover, tuple(at.astype(int).tolist()), tuple(end.astype(int).tolist()), 1.0, max(1, int(thick)), cv2.LINE_AA)
            at = end
        todo += [(at, turn + side, thick * rng.uniform(0.5, 0.9)) for side in (rng.uniform(0.2, 1), -rng.uniform(0.2, 1))]
    if rng.random() < 0.5:
        cover *= 0.4 + 0.6 * cv2.resize(noise.random((40, 40)).astype(np.float32), image.shape[::-1])
    _lay(rng, image, cover)


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


ALL = (sternal, sternal, sternal, loops, loops, loops, tube, marker, marker, marker, ribs, vessels, wire, clips, specks, stent)
