#!/usr/bin/env bash
# Opens datasets with the ecosystem's own readers: tests/readers.sh [DIR...]
# Makes a virtual environment (VOXMILL_VENV, default .venv) with the pinned readers when it is missing or old, makes the
# test datasets (VOXMILL_READERS_OUT: take those that are there), checks them and the datasets given, and opens sealed files.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${VOXMILL_VENV:-.venv}
wanted=tests/readers/requirements.txt
if ! cmp -s "$wanted" "$venv/voxmill-requirements.txt"; then
    echo "readers: making $venv" >&2
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted"
    cp "$wanted" "$venv/voxmill-requirements.txt"
fi
out=${VOXMILL_READERS_OUT:-} out_made=
if [ -z "$out" ]; then
    out=$(mktemp -d) out_made=$out
    trap 'rm -rf "$out_made"' EXIT
    VOXMILL_READERS_OUT=$out cargo test --quiet ${VOXMILL_CARGO_FLAGS:-} --test write_room datasets_for_the_readers_are_made
fi
export HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 HF_DATASETS_DISABLE_PROGRESS_BARS=1 HF_HUB_DISABLE_TELEMETRY=1 PYTHONDONTWRITEBYTECODE=1
"$venv/bin/python" tests/readers/check.py --ramp "$out"/*
if [ $# -gt 0 ]; then
    "$venv/bin/python" tests/readers/check.py "$@"
fi
sealed=$(mktemp -d)
trap 'rm -rf "$out_made" "$sealed"' EXIT
"$venv/bin/python" tests/readers/sealed.py make "$sealed"
VOXMILL_READERS_SEAL=$sealed cargo test --quiet ${VOXMILL_CARGO_FLAGS:-} --test write_room files_for_the_age_reader_are_sealed
"$venv/bin/python" tests/readers/sealed.py open "$sealed"
