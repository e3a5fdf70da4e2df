"""The reference against its fixtures and against arithmetic; numpy only: `python test_reference.py`."""

import json
import random
import struct
import unittest
from pathlib import Path

import numpy as np

import marks
import postprocess
import views
import words

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures/textnet"


def fixture(name):
    """An array or a list of fixtures/textnet."""
    path = FIXTURES / name
    return np.load(path) if path.suffix == ".npy" else json.loads(path.read_text())


class Weights(unittest.TestCase):
    def test_the_file_has_the_numbers_that_its_header_lists_and_these_rules(self):
        raw = (ROOT / "src/pixel/textnet/weights.bin").read_bytes()
        version, size = struct.unpack_from("<II", raw, 4)
        header = json.loads(raw[12:12 + size])
        taps = {"conv3x3": 9, "conv1x1": 1}
        count = sum(r["in"] * r["out"] * taps[r["op"]] + r["out"] for r in header["layers"])
        self.assertEqual((raw[:4], version, len(raw) - 12 - size), (b"VXTN", 1, 2 * count))
        self.assertEqual(header["postprocess"], postprocess.RULES)
        self.assertEqual(header["provenance"]["weights"], count)
        self.assertLess(len(raw), 1 << 20)


class Boxes(unittest.TestCase):
    def compare(self, name, height, width, rules, shrink):
        found = postprocess.boxes(fixture("map.npy"), height, width, rules, shrink)
        self.assertGreater(len(found), 1)
        self.assertTrue(np.allclose(np.array(found), np.array(fixture(name)), atol=1e-6))

    def test_boxes_of_the_map_by_hand(self):
        self.compare("map-boxes.json", 238, 360, postprocess.RULES["plain"], 1)
        self.compare("map-boxes-half.json", 476, 719, postprocess.RULES["shrunk"], 2)

    def test_every_cell_of_a_piece_lies_in_a_box(self):
        chance = fixture("map.npy")
        found = postprocess.boxes(chance, *(4 * n for n in chance.shape))
        mask = postprocess.mask_of(found, *(4 * n for n in chance.shape), margin=0)
        sure = np.repeat(np.repeat(chance >= 0.8, 4, 0), 4, 1)
        self.assertGreater(sure.sum(), 1000)
        # One piece of two cells, top right, is too small to count.
        self.assertEqual((sure & ~mask).sum(), 2 * 16)


class Marks(unittest.TestCase):
    def test_the_letters_of_the_golden_mark(self):
        found = marks.glyphs(fixture("mark-view.npy"), (15, 11, 51, 37))
        self.assertTrue(np.allclose(np.concatenate(found), fixture("mark-letters.npy"), atol=1e-6))

    def test_what_is_no_lone_mark_has_no_letters(self):
        view = fixture("mark-view.npy")
        for y, x in ((23, 60), (45, 30), (10, 38)):  # at the edge of the window, below it, an accent that hangs on nothing
            other = view.copy()
            other[y, x:x + 2] = 0.9
            self.assertIsNone(marks.glyphs(other, (15, 11, 51, 37)), (y, x))
        self.assertIsNone(marks.glyphs(view, (15, 11, 61, 47)))


class Views(unittest.TestCase):
    def test_the_relief_of_the_golden_view(self):
        self.assertTrue(np.allclose(views.relief(fixture("view.npy")), fixture("relief.npy"), atol=1e-6))

    def test_a_faint_step_stands_out(self):
        # Mean 0.25, deviation 0.05: 0.5 -+ 0.05 * 0.2 / 0.09.
        view = np.where(np.arange(256).reshape(16, 16) % 16 < 8, 0.2, 0.3).astype(np.float32)
        self.assertTrue(np.allclose(views.relief(view)[:, [0, 15]], [0.5 - 0.01 / 0.09, 0.5 + 0.01 / 0.09], atol=1e-3))

    def test_quiet_blocks_are_closed(self):
        # A bright pixel among 16 x 32 deviates by 0.75 sqrt(1 / 512) = 0.033; the same view is in src/pixel/textnet/gate.rs.
        view = np.full((16, 80), 0.25, np.float32)
        view[0, 79] = 1
        self.assertEqual(views.opened(view)[0].tolist(), [False] * 12 + [True] * 8)

    def test_a_relief_is_looked_at_where_there_are_hints(self):
        # As in src/pixel/textnet/gate.rs: the hint lies in block (1, 2) of 3 x 6, its neighbours are not looked at.
        chance = np.full((12, 24), 0.099, np.float32)
        chance[4, 11] = 0.1
        hinted = views.hinted(chance)
        self.assertFalse(hinted[0].any())
        self.assertEqual(hinted[4].tolist(), [False] * 8 + [True] * 4 + [False] * 12)
        self.assertEqual(hinted[:, 9].tolist(), [False] * 4 + [True] * 4 + [False] * 4)

    def test_means_of_squares_and_of_what_is_left(self):
        view = np.arange(15, dtype=np.float32).reshape(3, 5)
        #  0  1  2  3  4
        #  5  6  7  8  9
        # 10 11 12 13 14
        self.assertEqual(views.shrunk(view, 2).tolist(), [[3, 5, 6.5], [10.5, 12.5, 14]])

    def test_large_pictures_are_searched_smaller_too(self):
        kinds = lambda side: [(kind, by) for kind, by, _ in views.looks(np.zeros((8, side), np.float32))]  # noqa: E731
        whole = [("plain", 1), ("relief", 1)]
        self.assertEqual(kinds(1500), whole)
        self.assertEqual(kinds(1501), [*whole, ("shrunk", 2)])
        self.assertEqual(kinds(3001), [*whole, ("shrunk", 2), ("shrunk", 4)])


class Words(unittest.TestCase):
    def test_equal_seeds_give_equal_words(self):
        said = lambda seed: [words.block(random.Random(seed * 1000 + i)) for i in range(200)]  # noqa: E731
        self.assertEqual(said(5), said(5))
        self.assertNotEqual(said(5), said(6))


if __name__ == "__main__":
    unittest.main()
