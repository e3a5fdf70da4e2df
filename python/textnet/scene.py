"""One training picture: a background, hard negatives, texts, and what a scanner or a viewer does to it.

`Scenes.make(rng, side)` gives the picture (u8) and the list of text lines (`Line`); `targets` turns
lines into the map that the network learns.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

import body
import clutter
from fonts import Fonts
from words import SCRIPTS, block, short


#: Backgrounds with speckle, which enlarged looks like letters.
GRAINY = re.compile(r"ultrasounds|OBXXXX|US1_|ALOKA|presidio")


@dataclass
class Line:
    """One drawn line of text."""

    quads: list          # corners (4 x 2, x and y in pixels) of its runs of ink
    ink: np.ndarray = field(repr=False)  # flat indices of the pixels its strokes cover by half
    size: float          # height of its ink in pixels
    contrast: float      # grey levels between strokes and what was there, after all degradation
    turn: str            # upright, turned (90, 180, 270) or tilted
    script: str
    readable: bool       # strokes stand out from their surroundings enough to be asked for
    detail: float = 0.0  # mean grey levels by which the strokes changed the picture
    clutter: float = 0.0  # standard deviation of the picture around the strokes
    hidden: np.ndarray = field(default=None, repr=False)  # those of `ink` that did not change the picture: white on white


def quads_of(coverage):
    """Boxes (x0, y0, x1, y1) of the runs of ink in one drawn line; wide gaps part runs."""
    columns = np.flatnonzero(coverage.max(axis=0) > 60)
    if columns.size == 0:
        return []
    gap = max(6, int(1.4 * coverage.shape[0]))
    cuts = np.flatnonzero(np.diff(columns) > gap)
    starts, ends = np.r_[0, cuts + 1], np.r_[cuts, columns.size - 1]
    runs = []
    for start, end in zip(columns[starts], columns[ends]):
        rows = np.flatnonzero(coverage[:, start:end + 1].max(axis=1) > 60)
        runs.append((start, rows[0], end + 1, rows[-1] + 1))
    return runs


class Scenes:
    """Backgrounds, fonts and the drawing of whole pictures."""

    def __init__(self, cache, fonts, split="train"):
        with np.load(Path(cache) / f"backgrounds-{split}.npz") as views:
            self.views = [(key, views[key]) for key in views.files if min(views[key].shape) >= 48]
        self.grainy = [view for view in self.views if GRAINY.search(view[0])] or self.views
        self.fonts = Fonts.cached(fonts, Path(cache), split)

    def background(self, rng, side):
        """A crop of a real frame at a random scale and window, or an invented one; f32 0..255."""
        if rng.random() < 0.15:
            return invented(rng, side)
        view = rng.choice(self.grainy if rng.random() < 0.15 else self.views)[1]
        scale = 2 ** (rng.uniform(-1.2, 1.2) if rng.random() < 0.75 else rng.uniform(0.8, 2.6))
        crop = int(np.clip(side / scale, 32, min(view.shape)))
        y, x = rng.randint(0, view.shape[0] - crop), rng.randint(0, view.shape[1] - crop)
        part = view[y:y + crop, x:x + crop].astype(np.float32) / 65535
        if rng.random() < 0.4:
            low, high = np.percentile(part, [rng.uniform(0, 30), rng.uniform(70, 100)])
            if high > low + 0.01:
                part = np.clip((part - low) / (high - low), 0, 1)
        method = cv2.INTER_AREA if crop > side else rng.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST))
        part = np.clip(cv2.resize(part, (side, side), interpolation=method), 0, 1)
        part = np.rot90(part, rng.randrange(4))[:, ::rng.choice((1, -1))]
        if rng.random() < 0.4:
            part = part ** rng.uniform(0.4, 2.2)
        if rng.random() < 0.12:
            part = 1 - part
        out = np.ascontiguousarray(part) * 255
        if rng.random() < 0.35:  # screen area around the picture
            flat = rng.choice((0, 0, 0, 0, 20, 60, 128, 200, 255))
            cut = rng.randint(side // 8, side // 2)
            edge = rng.randrange(4)
            np.rot90(out, edge)[:cut] = flat
            if rng.random() < 0.4:
                np.rot90(out, edge + 1)[:rng.randint(side // 8, side // 2)] = flat
        return out

    def make(self, rng, side, texts=None, pixel_noise=True):
        """A picture (u8, side x side) and its lines of text."""
        image = self.background(rng, side)
        if rng.random() < 0.75:
            for _ in range(rng.randint(1, 6)):
                rng.choice(rng.choice((clutter.ALL, body.ALL)))(rng, image)
        bare, taken, drawn = image.copy(), np.zeros((side, side), np.uint8), []
        count = (0 if rng.random() < 0.35 else rng.randint(1, 7)) if texts is None else texts
        for _ in range(count):
            drawn += self._block(rng, image, taken)
        if rng.random() < 0.15:
            rng.choice((clutter.ruler, clutter.scale_bar, clutter.calipers, clutter.trace, clutter.grid))(rng, image)
        image, bare = degrade(rng, image, bare) if pixel_noise else (image, bare)
        image = np.clip(image, 0, 255).astype(np.uint8)
        lines = [measured(line, image, bare) for line in drawn]
        return image, lines

    def _block(self, rng, image, taken):
        side = image.shape[0]
        script = "latin" if rng.random() < 0.78 else rng.choice(list(SCRIPTS))
        size = int(7 * 2 ** (rng.random() ** 1.3 * 3.55))
        if script == "latin" and rng.random() < 0.1:
            says, size = [short(rng)], rng.choice((6, 7, 8, 9, 10, 12))
        else:
            says = block(rng, script)
        rows = [r for r in (self.fonts.draw(rng, t, size, script) for t in says) if r is not None]
        if not rows:
            return []
        if rng.random() < 0.06:
            rows = [scribbled(rng, r) for r in rows]
        pitch = max(r.shape[0] for r in rows) + rng.randint(2, max(3, size // 2))
        height, width = pitch * len(rows) + 8, max(r.shape[1] for r in rows) + 8
        stamp, runs = np.zeros((height, width), np.uint8), []
        align = rng.choice((0, 0, 0, 1, 0.5))
        for i, r in enumerate(rows):
            y, x = 4 + i * pitch, 4 + int(align * (width - 8 - r.shape[1]))
            stamp[y:y + r.shape[0], x:x + r.shape[1]] = r
            runs.append([(a + x, b + y, c + x, d + y) for a, b, c, d in quads_of(r)])
        turn, angle = turned(rng)
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
        cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
        wide, high = width * cos + height * sin, width * sin + height * cos
        spot = placed(rng, taken, wide, high, side)
        if spot is None:
            return []
        if turn == "tilted":
            matrix[:, 2] += spot[0] - width / 2, spot[1] - height / 2
        else:  # whole pixels, so that hard edges stay hard
            matrix[:, 2] += round(spot[0] - wide / 2) - (width - wide) / 2, round(spot[1] - high / 2) - (height - high) / 2
            matrix[:, 2] = np.round(matrix[:, 2] - (0.5 * (1 - matrix[:, 0] - matrix[:, 1]))) + 0.5 * (1 - matrix[:, 0] - matrix[:, 1]) if angle else np.round(matrix[:, 2])
        layer = cv2.warpAffine(stamp, matrix, (side, side), flags=cv2.INTER_LINEAR)
        paint(rng, image, layer, matrix, (width, height))
        lines = []
        for boxes in runs:
            quads = [corners(box) @ matrix[:, :2].T + matrix[:, 2] for box in boxes]
            quads = [q for q in quads if (q.max(0) > 0).all() and (q.min(0) < side).all()]
            if not quads:
                continue
            area = np.zeros((side, side), np.uint8)
            cv2.fillPoly(area, [np.round(q).astype(np.int32) for q in quads], 1)
            ink = np.flatnonzero((layer > 110) & (area > 0))
            cv2.fillPoly(taken, [np.round(q).astype(np.int32) for q in quads], 1)
            if ink.size:
                lines.append(Line(quads, ink, max(b[3] - b[1] for b in boxes), 0.0, turn, script, True))
        return lines


def turned(rng):
    """Kind of rotation and the angle in degrees."""
    kind = rng.random()
    if kind < 0.64:
        return "upright", 0
    if kind < 0.86:
        return "turned", rng.choice((90, 90, 270, 270, 180))
    return "tilted", rng.uniform(-15, 15) if kind < 0.98 else rng.uniform(-180, 180)


def corners(box):
    """Corner points of (x0, y0, x1, y1)."""
    x0, y0, x1, y1 = box
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64)


def placed(rng, taken, wide, high, side):
    """A centre for a stamp that does not cover earlier text; near a side half of the time, at times up to it."""
    for _ in range(6):
        x, y = rng.uniform(0, side), rng.uniform(0, side)
        gap = rng.choice((-4, -2, 2, 2))  # a stamp has four empty pixels around its ink
        if rng.random() < 0.5:
            x = rng.choice((wide / 2 + gap, side - wide / 2 - gap))
        if rng.random() < 0.5:
            y = rng.choice((high / 2 + gap, side - high / 2 - gap))
        box = np.clip([x - wide / 2 - 3, y - high / 2 - 3, x + wide / 2 + 3, y + high / 2 + 3], 0, side).astype(int)
        if box[2] > box[0] + 6 and box[3] > box[1] + 6 and not taken[box[1]:box[3], box[0]:box[2]].any():
            return x, y
    return None


def scribbled(rng, coverage):
    """Bends a line as a hand would."""
    height, width = coverage.shape
    noise = np.random.default_rng(rng.getrandbits(32))
    wave = lambda: cv2.resize(noise.normal(0, 1, (3, max(2, width // height))).astype(np.float32), (width, height + 6), interpolation=cv2.INTER_CUBIC)  # noqa: E731
    ys, xs = np.mgrid[0:height + 6, 0:width].astype(np.float32)
    padded = cv2.copyMakeBorder(coverage, 3, 3, 0, 0, cv2.BORDER_CONSTANT)
    return cv2.remap(padded, xs + wave() * height * 0.08, ys + wave() * height * 0.08, cv2.INTER_LINEAR)


def paint(rng, image, layer, matrix, size):
    """Blends strokes into the picture: plain, low contrast, boxed, shadowed, outlined, translucent."""
    here = layer > 60
    if not here.any():
        return
    around = float(image[here].mean())
    kind = rng.random()
    if kind < 0.38:
        shade = rng.choice((255, 255, 255, 235, 210))
        if abs(shade - around) < 40:
            shade = max(0, around - rng.uniform(40, 200))
    elif kind < 0.46:
        shade = 0 if around > 50 else rng.uniform(around + 15, 255)
    elif kind < 0.85:
        step = rng.uniform(15, 65)
        shade = around + step if around < 128 or (around < 235 - step and rng.random() < 0.3) else around - step
    else:
        shade = rng.uniform(0, 255)
    alpha = rng.uniform(0.3, 1) if rng.random() < 0.18 else 1.0
    style = rng.random()
    if style < 0.12:  # boxed
        pad = rng.randint(1, 8)
        quad = corners((4 - pad, 4 - pad, size[0] - 4 + pad, size[1] - 4 + pad)) @ matrix[:, :2].T + matrix[:, 2]
        under = image.copy()
        fill = rng.choice((0, 0, 40, 255, rng.uniform(0, 255)))
        if abs(fill - shade) < 50:
            fill = (shade + 128) % 256
        cv2.fillPoly(image, [np.round(quad).astype(np.int32)], fill)
        if rng.random() < 0.3:
            cv2.polylines(image, [np.round(quad).astype(np.int32)], True, shade, 1)
        if alpha < 1:  # the box lets as much through as the letters
            image += (under - image) * (1 - alpha)
    elif style < 0.22:  # shadow
        dx = rng.choice((1, 1, 2))
        cast = np.roll(layer, (dx, dx), (0, 1)).astype(np.float32) / 255
        image *= 1 - cast
        image += cast * (0 if shade > 90 else 255)
    elif style < 0.32:  # outline
        rim = cv2.dilate(layer, np.ones((3, 3), np.uint8)).astype(np.float32) / 255
        image *= 1 - rim
        image += rim * (0 if shade > 110 else 255)
        if rng.random() < 0.25:
            return
    cover = layer.astype(np.float32) * (alpha / 255)
    image *= 1 - cover
    image += cover * shade


def invented(rng, side):
    """Flat, gradient, cloudy, speckled or striped backgrounds; speckle fine, or in grains and streaks as large as letters."""
    noise = np.random.default_rng(rng.getrandbits(32))
    kind = rng.choice((0, 1, 2, 3, 4, 5, 5))
    base = np.full((side, side), rng.choice((0, 0, 0, 255, rng.uniform(0, 255))), np.float32)
    if kind == 1:
        base += np.linspace(-1, 1, side)[:, None] * rng.uniform(0, 120) + np.linspace(-1, 1, side)[None] * rng.uniform(0, 120)
    if kind in (2, 3, 5):
        for level in (4, 8, 16, 32, 64):
            base += cv2.resize(noise.normal(0, 240 / level ** rng.uniform(0.6, 1.2), (level, level)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    if kind == 3:
        base = np.clip(base, 0, 255) * noise.rayleigh(0.8, (side, side)).astype(np.float32)
    if kind == 5:
        grain = np.hypot(*(cv2.GaussianBlur(noise.normal(0, 1, (side, side)).astype(np.float32), (0, 0), a, sigmaY=b)
                           for a, b in [(rng.uniform(0.6, 6), rng.uniform(0.6, 3))] for _ in range(2)))
        base = np.clip(base, 0, 255) * (grain / max(grain.mean(), 1e-6)) ** rng.uniform(0.7, 2.5) * rng.uniform(0.3, 1)
    if kind == 4:
        angle, period = rng.uniform(0, 3.15), rng.uniform(3, 40)
        ys, xs = np.mgrid[0:side, 0:side]
        base += np.sin((xs * np.cos(angle) + ys * np.sin(angle)) * 6.283 / period).astype(np.float32) * rng.uniform(5, 100)
    return np.clip(base, 0, 255)


def degrade(rng, image, bare):
    """Blur, noise, window, reduction and JPEG; `bare` (the picture without text) gets the smooth part of it."""
    noise = np.random.default_rng(rng.getrandbits(32))
    if rng.random() < 0.25:
        sigma = rng.uniform(0.3, 1.1)
        image, bare = cv2.GaussianBlur(image, (0, 0), sigma), cv2.GaussianBlur(bare, (0, 0), sigma)
    if rng.random() < 0.10:
        side, factor = image.shape[0], rng.uniform(0.6, 0.95)
        shrink = lambda a: cv2.resize(cv2.resize(a, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), (side, side), interpolation=cv2.INTER_LINEAR)  # noqa: E731
        image, bare = shrink(image), shrink(bare)
    if rng.random() < 0.10:  # speckle: stronger where it is bright, in grains as large as strokes
        grain = noise.normal(0, rng.uniform(0.1, 0.6), image.shape).astype(np.float32)
        grain = cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.5, 2), sigmaY=rng.uniform(0.5, 2)) * 2
        image, bare = image * (1 + grain), bare * (1 + grain)
    if rng.random() < 0.30:
        sigma = rng.uniform(1, 14)
        grain = noise.normal(0, sigma, image.shape).astype(np.float32)
        if rng.random() < 0.4:
            grain = cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.5, 1.5)) * 1.5
        image, bare = image + grain, bare + grain
    if rng.random() < 0.15:
        gain, shift = rng.uniform(0.35, 1.5), rng.uniform(-60, 60)
        image, bare = (image - 128) * gain + 128 + shift, (bare - 128) * gain + 128 + shift
    if rng.random() < 0.10:
        image, bare = 255 - image, 255 - bare
    image, bare = np.clip(image, 0, 255), np.clip(bare, 0, 255)
    if rng.random() < 0.22:
        _, code = cv2.imencode(".jpg", image.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, rng.randint(35, 95)])
        image = cv2.imdecode(code, cv2.IMREAD_GRAYSCALE).astype(np.float32)
    return image, bare


def measured(line, image, bare):
    """Fills in how far a line's strokes stand out, and whether they can be asked for."""
    side = image.shape[1]
    ys, xs = np.divmod(line.ink, side)
    y0, y1, x0, x1 = max(ys.min() - 3, 0), ys.max() + 4, max(xs.min() - 3, 0), xs.max() + 4
    ink = image.ravel()[line.ink].astype(np.float32)
    was = bare.ravel()[line.ink]
    mask = np.ones((y1 - y0, x1 - x0), bool)[: image.shape[0] - y0, : side - x0]
    mask[ys - y0, xs - x0] = False
    rest = image[y0:y1, x0:x1][mask]
    line.contrast = float(abs(np.median(ink) - np.median(rest))) if rest.size else 0.0
    line.detail = float(np.abs(ink - was).mean())
    line.hidden = line.ink[np.abs(ink - was) < 8]
    line.clutter = float(rest.std()) if rest.size else 0.0
    seen = max(line.contrast, 0.6 * line.detail) >= 12 and line.contrast >= 0.6 * min(line.clutter, 60)
    line.readable = seen and line.size >= 4 and line.ink.size >= 8
    return line
