"""Opens datasets with the readers people use and compares what comes out.

    python check.py [--ramp] DIR...

Every reader of a dataset must give the same elements, types, shapes and splits as the manifest and as every other
reader; datasets that share tensor ids and types must agree with each other. --ramp adds the arithmetic of
tests/write_room: element j of tensor i is i + j / 1024 (floats) or (7 i + j) mod 256 (integers).
Exits with 1 and the first difference; a walk that finds nothing to compare is a difference too.
"""

import argparse
import hashlib
import json
import sys
import tarfile
import tempfile
from pathlib import Path

import formats
import numpy as np
import tables


def checksums(root: Path) -> int:
    names = []
    for line in (root / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ", 1)
        assert hashlib.sha256((root / name).read_bytes()).hexdigest() == digest, f"{name}: another hash"
        names.append(name)
    there = sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())
    assert there == sorted(names + ["SHA256SUMS"]), "SHA256SUMS does not list every file"
    return len(names)


def audit(root: Path) -> int:
    previous = "0" * 64
    lines = (root / "audit.jsonl").read_text().splitlines()
    for number, line in enumerate(lines):
        entry = json.loads(line)
        body = line[: line.rindex(',"hash":')] + "}"
        assert entry["seq"] == number and entry["prev"] == previous, f"audit.jsonl line {number}"
        assert hashlib.sha256(body.encode()).hexdigest() == entry["hash"], f"audit.jsonl line {number}: hash"
        previous = entry["hash"]
    assert json.loads(lines[0])["event"] == "run" and json.loads(lines[-1])["event"] == "finish"
    return len(lines)


def ramp(index: int, array: np.ndarray) -> np.ndarray:
    j = np.arange(array.size).reshape(array.shape)
    if array.dtype.kind == "f":
        # Both steps are exact in float32; float16 rounds once.
        return (index + j / 1024).astype(np.float32).astype(array.dtype)
    return ((7 * index + j) % 256).astype(array.dtype)


def check(root: Path, with_ramp: bool, scratch: Path) -> dict:
    card = json.loads((root / "dataset.json").read_text())
    manifest = tables.manifest(root, card)
    readers = formats.readers(root, card["format"], scratch)
    assert readers, f"no reader for {card['format']}"
    truth = None
    for name, read in readers.items():
        found = read(manifest)
        assert set(found) == set(manifest), f"{name}: other tensors than the manifest"
        for key, (array, split) in found.items():
            row = manifest[key]
            assert list(array.shape) == row["shape"], f"{name}: {key}: shape {array.shape}"
            assert array.dtype == np.dtype(formats.DTYPES[row["dtype"]]), f"{name}: {key}: type {array.dtype}"
            assert split == row["split"], f"{name}: {key}: split {split}"
            if with_ramp:
                want = ramp(row["frame"], array)
                assert np.array_equal(array, want), f"{name}: {key}: not the ramp"
            if truth is not None:
                assert array.tobytes() == truth[key].tobytes(), f"{name}: {key}: other elements"
        truth = truth or {key: array for key, (array, _) in found.items()}
    assert truth, "no tensors"
    counts = {
        "files": checksums(root),
        "audit": audit(root),
        "records": tables.croissant(root, card),
        "monai": tables.monai(root, manifest),
        "configs": tables.configs(root, card, scratch),
    }
    tables.rejects(root, card)
    tables.patients(root, manifest)
    if card["format"] == "webdataset":
        for tar in sorted((root / "data").glob("*.tar")):
            for member in tarfile.open(tar):
                assert (member.mtime, member.uid, member.uname) == (0, 0, ""), "a tar that knows when or by whom"
    print(f"{root.name}: {len(truth)} tensors, readers {', '.join(readers)}; {counts}")
    return {(key, array.dtype.str): array for key, array in truth.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ramp", action="store_true")
    parser.add_argument("dirs", nargs="+", type=Path)
    arguments = parser.parse_args()
    seen: dict = {}
    shared = 0
    with tempfile.TemporaryDirectory() as scratch:
        for root in arguments.dirs:
            try:
                found = check(root.resolve(), arguments.ramp, Path(scratch) / root.name)
            except AssertionError as difference:
                sys.exit(f"{root}: {difference}")
            for key, array in found.items():
                if key in seen:
                    assert seen[key].tobytes() == array.tobytes(), f"{root}: {key} differs between datasets"
                    shared += 1
                seen.setdefault(key, array)
    print(f"{len(arguments.dirs)} datasets, {len(seen)} distinct tensors, {shared} compared between datasets")


if __name__ == "__main__":
    main()
