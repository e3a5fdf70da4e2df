"""The tables and lists of a dataset, through pyarrow, DuckDB, mlcroissant and datasets."""

import json
import logging
from pathlib import Path

import datasets
import duckdb
import mlcroissant
import pyarrow.parquet as pq
import yaml

# Croissant recommends a licence, a date and a citation; only the owner of the data can give them.
logging.getLogger("absl").setLevel(logging.ERROR)

LISTS = {"train": "training", "validation": "validation", "test": "test"}


def manifest(root: Path, card: dict) -> dict:
    """{tensor_id: row}; rows, columns, docs and splits are checked on the way."""
    declared = next(table for table in card["tables"] if table["name"] == "manifest")
    rows, splits = {}, {}
    for file in sorted((root / "manifest").glob("*.parquet")):
        table = pq.read_table(file)
        assert table.column_names == [column["name"] for column in declared["columns"]], f"{file.name}: columns"
        for field, column in zip(table.schema, declared["columns"]):
            assert field.metadata[b"description"].decode() == column["doc"], f"{field.name}: description"
        for row in table.to_pylist():
            assert row["split"] == file.name.split("-")[0], f"{file.name}: split"
            assert splits.setdefault(row["patient_id"], row["split"]) == row["split"], "a patient in two splits"
            rows[row["tensor_id"]] = row
    assert len(rows) == declared["rows"] == sum(card["tensors"].values()) > 0, "rows of the manifest"
    query = f"select split, count(*) from '{root}/manifest/*.parquet' group by all"
    assert dict(duckdb.sql(query).fetchall()) == card["tensors"], "DuckDB counts otherwise"
    for table in card["tables"]:
        if table["rows"] > 0:
            counted = duckdb.sql(f"select count(*) from '{root}/{table['path']}'").fetchall()[0][0]
            assert counted == table["rows"], f"{table['name']}: {counted} rows"
    return rows


def rejects(root: Path, card: dict) -> None:
    rows = pq.read_table(root / "rejects.parquet").to_pylist()
    assert [row["input"] for row in rows] == sorted(row["input"] for row in rows), "rejects out of order"
    for unit, count in card["counts"].items():
        assert count["read"] == count["written"] + count["refused"] + count["skipped"], f"{unit} do not add up"
        for outcome in ("refused", "skipped"):
            found = sum(row["unit"] == unit and row["outcome"] == outcome for row in rows)
            assert found == count[outcome], f"{unit}: {found} {outcome}"
    for row in rows:
        assert row["numbers"] is None or isinstance(json.loads(row["numbers"]), dict)


def patients(root: Path, rows: dict) -> None:
    """patients.parquet says of each person what the manifest says."""
    persons = {row["patient_id"]: row for row in pq.read_table(root / "patients.parquet").to_pylist()}
    assert list(persons) == sorted(persons), "patients out of order"
    by_person: dict = {}
    for row in rows.values():
        by_person.setdefault(row["patient_id"], []).append(row)
    by_person.pop(None, None)
    for patient, images in by_person.items():
        person = persons[patient]
        dates = sorted(row["study_date"] for row in images if row["study_date"])
        modalities: dict = {}
        for row in images:
            name = row["modality"] or "unknown"
            modalities[name] = modalities.get(name, 0) + 1
        assert person["split"] == images[0]["split"], f"{patient}: split"
        assert person["images"] == len(images), f"{patient}: images"
        assert json.loads(person["images_by_modality"]) == modalities, f"{patient}: modalities"
        assert person["studies"] == len({row["study_uid"] for row in images} - {None}), f"{patient}: studies"
        first_last = (dates[0], dates[-1]) if dates else (None, None)
        assert (person["first_study_date"], person["last_study_date"]) == first_last, f"{patient}: dates"
    assert by_person, "no patients"


def croissant(root: Path, card: dict) -> int:
    """Validates the description and reads every record set through it."""
    described = mlcroissant.Dataset(jsonld=str(root / "croissant.json"))
    assert not described.metadata.ctx.issues.errors, described.metadata.ctx.issues.errors
    rows = {table["path"]: table["rows"] for table in card["tables"] if table["rows"] > 0}
    sets = [record_set.id for record_set in described.metadata.record_sets]
    assert len(sets) == len(rows), f"record sets {sets}"
    records = 0
    for name, expected in zip(sets, rows.values()):
        found = list(described.records(record_set=name))
        assert len(found) == expected, f"croissant: {name}: {len(found)} records of {expected}"
        records += len(found)
    return records


def monai(root: Path, rows: dict) -> int:
    """The Decathlon lists, as monai.data.load_decathlon_datalist takes them: dicts with a relative path in `image`."""
    lists = json.loads((root / "monai.json").read_text())
    found = {}
    for split, name in LISTS.items():
        for entry in lists[name]:
            row = rows[entry["tensor_id"]]
            assert (row["split"], row["tensor_file"], row["tensor_name"]) == (split, entry["image"], entry["member"])
            assert (root / entry["image"]).is_file()
            assert (row["offset"], row["shape"]) == (entry.get("offset"), entry["shape"])
            found[entry["tensor_id"]] = entry
    assert set(found) == set(rows), "monai.json lists other tensors"
    return len(found)


def configs(root: Path, card: dict, scratch: Path) -> int:
    """Every config of the card loads, and has the rows of its table."""
    head = yaml.safe_load((root / "README.md").read_text().split("---")[1])
    rows = {table["path"]: table["rows"] for table in card["tables"]}
    for config in head["configs"]:
        loaded = datasets.load_dataset(str(root), config["config_name"], cache_dir=str(scratch))
        paths = [entry["path"] for entry in config["data_files"]]
        expected = rows.get(paths[0], sum(card["tensors"].values()))
        assert sum(len(split) for split in loaded.values()) == expected, f"config {config['config_name']}"
        assert set(loaded) == {entry["split"] for entry in config["data_files"]}
    return len(head["configs"])
