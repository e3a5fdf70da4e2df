"""One function per format and reader: {tensor_id: (array, split)} as that reader gives it."""

import io
import tarfile
from functools import partial
from pathlib import Path

import datasets
import numpy as np
import pyarrow.parquet as pq
import webdataset
from safetensors import safe_open

DTYPES = {"f32": "<f4", "f16": "<f2", "u8": "|u1", "u16": "<u2"}


def split_of(name: str) -> str:
    return Path(name).name.split("-")[0]


def places(root: Path, manifest: dict) -> dict:
    """np.memmap at the manifest's offset."""
    found = {}
    for key, row in manifest.items():
        file, dtype = root / row["tensor_file"], np.dtype(DTYPES[row["dtype"]])
        array = np.memmap(file, dtype, "r", row["offset"], tuple(row["shape"]))
        assert array.nbytes == row["length"], f"{key}: length"
        found[key] = (np.array(array), split_of(row["tensor_file"]))
    return found


def shards(root: Path, _: dict) -> dict:
    """The webdataset package."""
    found = {}
    for tar in sorted((root / "data").glob("*.tar")):
        for sample in webdataset.WebDataset(str(tar), shardshuffle=False, empty_check=False).decode():
            assert sample["json"]["tensor_id"] == sample["__key__"]
            found[sample["__key__"]] = (sample["npy"], split_of(tar.name))
    return found


def members(root: Path, manifest: dict) -> dict:
    """tarfile and np.load of the member that tensor_name names."""
    found = {}
    for key, row in manifest.items():
        with tarfile.open(root / row["tensor_file"]) as tar:
            member = io.BytesIO(tar.extractfile(row["tensor_name"]).read())
            found[key] = (np.load(member), split_of(row["tensor_file"]))
    return found


def hugging_face(root: Path, scratch: Path, column: str, manifest: dict) -> dict:
    """load_dataset of the folder: splits and types come from its README.md."""
    loaded = datasets.load_dataset(str(root), cache_dir=str(scratch))
    found = {}
    for split, rows in loaded.items():
        element = rows.features[column]
        while hasattr(element, "feature"):
            element = element.feature
        for row in rows:
            side = row["json"] if column == "npy" else row
            key = str(side["tensor_id"])
            want = manifest[key]
            for name in ("patient_id", "modality", "study_date", "slice_thickness_mm", "frame", "voi"):
                value, expected = side[name], want[name]
                expected = expected.isoformat() if hasattr(expected, "isoformat") else expected
                value = str(value)[:10] if name == "study_date" and value is not None else value
                same = np.isclose(value, expected) if isinstance(value, float) else value == expected
                assert same, f"{key}: {name}: {value!r}, the manifest says {expected!r}"
            found[key] = (np.array(row[column], element.dtype), str(split))
    return found


def safetensors(root: Path, manifest: dict) -> dict:
    found = {}
    for file in sorted((root / "data").glob("*.safetensors")):
        with safe_open(file, framework="numpy") as tensors:
            for key in tensors.keys():
                assert manifest[key]["tensor_name"] == key
                found[key] = (tensors.get_tensor(key), split_of(file.name))
    return found


def stacks(root: Path, manifest: dict) -> dict:
    """np.load of the stack."""
    found = {}
    for key, row in manifest.items():
        stack = np.load(root / row["tensor_file"], mmap_mode="r")
        found[key] = (np.array(stack[int(row["tensor_name"])]), split_of(row["tensor_file"]))
    return found


def parquet(root: Path, manifest: dict) -> dict:
    """pyarrow: nested lists, or the extension type arrow.fixed_shape_tensor."""
    found = {}
    for file in sorted((root / "data").glob("*.parquet")):
        table = pq.read_table(file)
        column = table["tensor"].combine_chunks()
        if hasattr(column, "to_numpy_ndarray"):
            assert table.schema.field("tensor").type.extension_name == "arrow.fixed_shape_tensor"
            arrays = list(column.to_numpy_ndarray())
        else:
            arrays = [np.array(value, DTYPES[kind]) for value, kind in zip(column.to_pylist(), table["dtype"].to_pylist())]
        for number, (key, array) in enumerate(zip(table["tensor_id"].to_pylist(), arrays)):
            assert manifest[key]["tensor_name"] == str(number), f"{key}: row number"
            found[key] = (array, split_of(file.name))
    return found


def readers(root: Path, word: str, scratch: Path) -> dict:
    """The readers of a format, by name."""
    memmap = partial(places, root)
    return {
        "webdataset": {
            "memmap": memmap,
            "webdataset": partial(shards, root),
            "tarfile": partial(members, root),
            "datasets": partial(hugging_face, root, scratch, "npy"),
        },
        "safetensors": {"memmap": memmap, "safetensors": partial(safetensors, root)},
        "npy": {"memmap": memmap, "numpy": partial(stacks, root)},
        "parquet-hf": {"pyarrow": partial(parquet, root), "datasets": partial(hugging_face, root, scratch, "tensor")},
        "parquet-ray": {"pyarrow": partial(parquet, root)},
    }[word]
