"""Fonts for drawing: outline and bitmap fonts found in folders, and cv2's Hershey strokes.

`Fonts(folders)` keeps, per script, the font files that really have its glyphs.
"""

import json
import re
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from words import SCRIPTS

_LATIN = re.compile(r"DejaVu|Liberation|Free(Sans|Mono|Serif)|Hack|Inconsolata|Roboto|Lato|OpenSans|Carlito|Comic|"
                    r"Dancing|Humor|JetBrains|OCR|Noto(Sans|Serif|Mono|SansMono|SansDisplay)-|Terminus|ter-|spleen|"
                    r"unifont|Cousine|Arimo|Tinos|Gentium|Cantarell|X11/|NotoSansCJK", re.I)
_SYMBOLS = re.compile(r"Math|Symbol|cursor|Emoji|nil2|deccurs|decsess|olcur|olgl|arabic|micro|Dingbat|upper|csur", re.I)
_SCRIPT_FILES = re.compile(r"DejaVuSans|Free|Liberation|Arimo|Tinos|Noto(Sans|Serif|Naskh|Kufi)(-|CJK|Arabic|Hebrew|Thai|Devanagari)|"
                           r"NaskhArabic|KufiArabic|unifont|Droid|Kacst", re.I)
_HERSHEY = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_PLAIN, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX,
            cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX_SMALL, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX)


@lru_cache(maxsize=800)
def _face(path, size):
    return ImageFont.truetype(path, size)


def _ink(face, text):
    return bytes(face.getmask(text))


def _has(path, char, size=24):
    """Whether the font draws `char` with a glyph of its own, not the box for missing ones."""
    try:
        face = _face(path, size)
        ink = _ink(face, char)
        return any(ink) and ink != _ink(face, "\U0010fffe") and ink != _ink(face, "\ue0fe")
    except (OSError, ValueError):
        return False


class Fonts:
    """Outline fonts per script, bitmap fonts with their pixel sizes.

    `hold`: None takes all; "train" leaves out, "val" takes only the families named in HELD_OUT
    (scripts other than Latin are shared).
    """

    HELD_OUT = re.compile(r"Hack|Cousine|FreeSans|9x15|helv", re.I)

    def __init__(self, folders, hold=None):
        paths = sorted(str(p) for folder in folders for p in Path(folder).rglob("*")
                       if p.suffix in (".ttf", ".otf", ".ttc", ".otb") or p.name.endswith(".pcf.gz"))
        if hold:
            paths = [p for p in paths if bool(self.HELD_OUT.search(p)) == (hold == "val") or not _LATIN.search(p)]
        plain = [p for p in paths if not _SYMBOLS.search(Path(p).name)]
        outline = [p for p in plain if p.endswith((".ttf", ".otf", ".ttc"))]
        self.outline = {"latin": [p for p in outline if _LATIN.search(p) and _has(p, "R")]}
        for script, char in SCRIPTS.items():
            self.outline[script] = [p for p in outline if _SCRIPT_FILES.search(Path(p).name) and _has(p, char)]
        self.bitmap = []
        for path in (p for p in plain if not p.endswith((".ttf", ".otf", ".ttc"))):
            for size in range(6, 33):
                try:
                    face = ImageFont.truetype(path, size)
                    if face.getbbox("Rg")[3] > 3 and _ink(face, "R") != _ink(face, "g"):
                        self.bitmap.append((path, size))
                except (OSError, ValueError):
                    continue

    @classmethod
    def cached(cls, folders, cache, split):
        """As `Fonts(folders, split)`, from a list kept in the cache folder after the first time (looking takes a minute)."""
        kept = cache / f"fonts-{split}.json"
        if kept.exists():
            fonts = cls.__new__(cls)
            fonts.outline, fonts.bitmap = json.loads(kept.read_text())
            return fonts
        fonts = cls(folders, split)
        kept.write_text(json.dumps([fonts.outline, fonts.bitmap]))
        return fonts

    def draw(self, rng, text, size, script="latin"):
        """Coverage of one line of text, u8, tight to its ink; None when nothing was drawn."""
        kind = rng.random() if script == "latin" else 0.99
        if text.isascii() and kind < 0.18:
            out = _hershey(rng, text, size)
        elif text.isascii() and kind < 0.45 and self.bitmap:
            out = self._bitmap(rng, text, size)
        else:
            choices = self.outline.get(script) or self.outline["latin"]
            out = _outline(rng, rng.choice(choices), text, size)
        if out is None or not out.any():
            return None
        rows, cols = np.flatnonzero(out.any(1)), np.flatnonzero(out.any(0))
        return out[rows[0]:rows[-1] + 1, cols[0]:cols[-1] + 1]

    def _bitmap(self, rng, text, size):
        fits = [(p, s, k) for p, s in self.bitmap for k in (1, 2, 3, 4) if 0.75 < s * k / size < 1.3]
        if not fits:
            return _outline(rng, rng.choice(self.outline["latin"]), text, size)
        path, own, scale = rng.choice(fits)
        out = _render(_face(path, own), text, binary=True)
        return np.repeat(np.repeat(out, scale, 0), scale, 1)


def _render(face, text, binary):
    left, top, right, bottom = face.getbbox(text)
    if right <= left or bottom <= top or right - left > 4000:
        return np.zeros((1, 1), np.uint8)
    image = Image.new("L", (right - left + 2, bottom - top + 2))
    pen = ImageDraw.Draw(image)
    if binary:
        pen.fontmode = "1"
    pen.text((1 - left, 1 - top), text, 255, font=face)
    return np.asarray(image)


def _outline(rng, path, text, size):
    """Anti-aliased, hard, or drawn small and enlarged like an old screen's."""
    kind = rng.random()
    if kind < 0.12 and size >= 14:
        scale = rng.choice((2, 2, 3)) if size >= 24 else 2
        out = _render(_face(path, max(6, size // scale)), text, binary=True)
        return np.repeat(np.repeat(out, scale, 0), scale, 1)
    return _render(_face(path, size), text, binary=kind < 0.35)


def _hershey(rng, text, size):
    font, base = rng.choice(_HERSHEY), 0
    base = cv2.getTextSize("Hg", font, 1.0, 1)[0][1] + 6
    scale = size / base
    thick = max(1, round(scale * rng.choice((0.7, 1, 1, 1.6, 2.4))))
    (width, height), low = cv2.getTextSize(text, font, scale, thick)
    if width > 4000:
        return None
    out = np.zeros((height + low + 2 * thick + 8, width + 2 * thick + 8), np.uint8)
    cv2.putText(out, text, (thick + 4, height + thick + 2), font, scale, 255, thick,
                rng.choice((cv2.LINE_8, cv2.LINE_AA)))
    return out
