"""Decode the allow-listed, text-free backgrounds into a cache folder.

`backgrounds.json` lists corpus files (all looked at by eye), the frame and the text-free crop as
fractions (x0, y0, x1, y1) of the frame, and whether the file is for training or held out for
validation. Two views of each are kept, as the program would search them: the default window
("display") and the full range of the stored values.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np

LARGEST = 2400  # larger frames are reduced, to fit a screen and the cache


def stretch(values, low=0.1, high=99.9):
    """The full-range view: percentiles to 0..1; colour by its brightest channel."""
    values = np.nan_to_num(np.asarray(values, dtype=np.float32))
    if values.ndim == 3:
        values = values.max(axis=2)
    bottom, top = np.percentile(values, [low, high])
    return np.clip((values - bottom) / max(top - bottom, 1e-6), 0, 1)


def decode(voxmill, path, stage, frame):
    """One frame at one stage of the program's own decoder."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "frame.npy"
        command = [voxmill, "decode", path, "--stage", stage, "--frame", str(frame), "--out", out]
        subprocess.run(command, check=True, capture_output=True)
        array = np.load(out)
    while array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    return array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--corpus", required=True, type=Path)
    args.add_argument("--voxmill", default="voxmill", help="the built program")
    args.add_argument("--out", required=True, type=Path)
    args = args.parse_args()
    listed = json.loads((Path(__file__).parent / "backgrounds.json").read_text())
    cache = {"train": {}, "val": {}}
    for entry in listed:
        for stage in ("display", "stored"):
            array = decode(args.voxmill, args.corpus / entry["file"], stage, entry["frame"])
            if array.ndim == 3 and stage == "stored":
                continue
            if stage == "display" and array.ndim == 2:
                view = np.clip(np.nan_to_num(array.astype(np.float32)) - array.min(), 0, None)
                view /= max(float(view.max()), 1e-6)
            else:
                view = stretch(array)
            height, width = view.shape
            if entry["crop"]:
                x0, y0, x1, y1 = entry["crop"]
                view = view[int(y0 * height):int(y1 * height), int(x0 * width):int(x1 * width)]
            shrink = LARGEST / max(view.shape)
            if shrink < 1:
                view = cv2.resize(view, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
            key = f"{entry['file']}:{entry['frame']}:{stage}"
            cache[entry["split"]][key] = (view * 65535).astype(np.uint16)
    args.out.mkdir(parents=True, exist_ok=True)
    for split, views in cache.items():
        np.savez(args.out / f"backgrounds-{split}.npz", **views)
        print(split, len(views), "views")


if __name__ == "__main__":
    main()
