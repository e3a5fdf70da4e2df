#!/usr/bin/env python3
"""Makes a data set of 100,000 tensors (25 multi-frame objects of 4,000 small frames, each with grain of its own) with the
given program, for the page that has to open in two seconds. Says what the program took.

    large.py PROGRAM FOLDER [FRAMES [COMMAND]]        the data set is FOLDER/dataset; COMMAND is prepare or score
"""

import pathlib
import random
import resource
import struct
import subprocess
import sys
import time

FRAMES_EACH = 4000
SIDE = 16
MODALITIES = ["CT", "MR", "CR", "US", "XA"]


def element(group, number, vr, value):
    if isinstance(value, str):
        value = value.encode()
        value += (b"\0" if vr == "UI" else b" ") * (len(value) % 2)
    if vr in ("OB", "OW"):
        return struct.pack("<HH2sHI", group, number, vr.encode(), 0, len(value)) + value
    return struct.pack("<HH2sH", group, number, vr.encode(), len(value)) + value


def image(number):
    grain = random.Random(number)
    pixels = bytearray(grain.randbytes(FRAMES_EACH * SIDE * SIDE))
    for frame in range(FRAMES_EACH):
        # A bright square on grain, of another height in each frame.
        for row in range(4, 12):
            at = (frame * SIDE + row) * SIDE
            pixels[at + 4 : at + 12] = bytes([128 + frame % 120]) * 8
    modality = MODALITIES[number % len(MODALITIES)]
    syntax = element(2, 0x10, "UI", "1.2.840.10008.1.2.1")
    body = [
        element(0x8, 0x16, "UI", "1.2.840.10008.5.1.4.1.1.3.1"),
        element(0x8, 0x18, "UI", f"1.2.3.4.{number}"),
        element(0x8, 0x60, "CS", modality),
        element(0x10, 0x20, "LO", f"P{number}"),
        element(0x20, 0xD, "UI", f"1.2.3.5.{number}"),
        element(0x20, 0xE, "UI", f"1.2.3.6.{number}"),
        element(0x28, 0x2, "US", struct.pack("<H", 1)),
        element(0x28, 0x4, "CS", "MONOCHROME2"),
        element(0x28, 0x8, "IS", str(FRAMES_EACH)),
        element(0x28, 0x10, "US", struct.pack("<H", SIDE)),
        element(0x28, 0x11, "US", struct.pack("<H", SIDE)),
        element(0x28, 0x100, "US", struct.pack("<H", 8)),
        element(0x28, 0x101, "US", struct.pack("<H", 8)),
        element(0x28, 0x102, "US", struct.pack("<H", 7)),
        element(0x28, 0x103, "US", struct.pack("<H", 0)),
        element(0x7FE0, 0x10, "OB", bytes(pixels)),
    ]
    meta = struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(syntax)) + syntax
    return b"\0" * 128 + b"DICM" + meta + b"".join(body)


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    frames = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
    command = sys.argv[4] if len(sys.argv) > 4 else "prepare"
    archive = folder / "archive"
    archive.mkdir(parents=True)
    for number in range(frames // FRAMES_EACH):
        (archive / f"{number:05}.dcm").write_bytes(image(number))
    recipe = folder / "recipe.toml"
    recipe.write_text("[image]\nsize = 8\n[burned_in]\ndetector = false\n")
    words = [program, command, archive, "--out", folder / "dataset", "--recipe", recipe, "--engine", "cpu"]
    began = time.monotonic()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    wall, used = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(f"{command} of {frames} frames: {cpu:.1f} CPU s, {wall:.1f} s, {peak:.0f} MiB")


main()
