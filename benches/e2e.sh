#!/usr/bin/env bash
# The whole program against a Python pipeline on the same files: CPU seconds, wall seconds, peak memory.
#
#   benches/e2e.sh [--bin FILE] [--peers DIR] [--data DIR] [--python FILE] [--sets "ct_raw cr_raw ..."]
#                  [--backend pydicom] [--rounds 3] [--jobs 1] [--memory-inputs 20000] [--only speed|memory]
#
# Speed: in every round each set is read by the peer (PEERS/pipe.py BACKEND) and by `voxmill prepare`, one after the
# other, in changing order; both decode, window, resize to 224x224 (area) and write f32. A line of the table is one
# run: cpu_s is the whole process, work_s what the peer counts itself, without the start of Python and one warm-up
# image (for voxmill both are the whole process). The last lines give medians over rounds and the ratios of CPU
# seconds, peer over voxmill; work_ratio is the stricter one.
#
# Memory: 20,000 small inputs, each an instance of its own; the peak must stay below 300 MiB.
#
# The data are made once in DATA by PEERS/mkdata.py (needs gdcmconv of libgdcm-tools, pydicom, opencv); without
# --python, an environment is made in DATA/venv. A wrong number of tensors ends the script with an error.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=target/release/voxmill peers=../shared/peers/imaging data=target/bench-data python=""
sets="ct_raw ct_jll ct_j2k cr_raw cr_jll cr_j2k" backend=pydicom rounds=3 jobs=1 memory_inputs=20000 only=all
die() { printf 'e2e: %s\n' "$*" >&2; exit 2; }
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || die "$1 needs a value"
    case "$1" in
        --bin) bin=$2 ;; --peers) peers=$2 ;; --data) data=$2 ;; --python) python=$2 ;; --sets) sets=$2 ;;
        --backend) backend=$2 ;; --rounds) rounds=$2 ;; --jobs) jobs=$2 ;; --memory-inputs) memory_inputs=$2 ;;
        --only) only=$2 ;; *) die "unknown option $1" ;;
    esac
    shift 2
done
[ -x "$bin" ] || die "no program at $bin: cargo build --release, or --bin"
gnu_time=$(command -v time || true)
[ -x "$gnu_time" ] || gnu_time=/usr/bin/time
[ -x "$gnu_time" ] || die "GNU time is missing (Debian: apt-get install time)"
mkdir -p "$data"
if [ -z "$python" ]; then
    python=$data/venv/bin/python
    if [ ! -x "$python" ]; then
        python3 -m venv "$data/venv"
        "$data/venv/bin/pip" install -q numpy pydicom opencv-python-headless pylibjpeg pylibjpeg-libjpeg \
            pylibjpeg-openjpeg >&2
    fi
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/e2e.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Runs a command; leaves "user system wall peak_KiB" in $work/time and its standard output in $work/out.
measure() {
    local status=0
    "$gnu_time" -q -f '%U %S %e %M' -o "$work/time" "$@" >"$work/out" 2>"$work/err" || status=$?
    if [ "$status" -ne 0 ]; then
        tail -n 20 "$work/err" >&2
        die "exit code $status: $*"
    fi
}

tensors() { # tensors DATASET: how many it holds
    local n=0 one
    for one in "$1"/data/*.tar; do
        one=$(tar tf "$one" | grep -c '\.npy$' || true)
        n=$((n + one))
    done
    printf '%s' "$n"
}

cat >"$work/recipe.toml" <<'RECIPE'
schema = 1
[image]
voi = "file"
size = 224
fit = "stretch"
filter = "box"
normalize = "symmetric"
dtype = "f32"
RECIPE

run_peer() { # run_peer SET ROUND
    rm -rf "$work/peer"
    measure "$python" "$peers/pipe.py" "$backend" "$data/$1" "$work/peer" 1
    # pipe.py: backend dir procs n wall_s cpu_s img/s MB/s img/s/cpu-s rss_MiB errors [first]
    awk -F'\t' -v set="$1" -v round="$2" -v whole="$(cat "$work/time")" 'NR == 1 {
        if ($11 != 0 || $4 == 0) { print "e2e: the peer failed on " $11 " files: " $12 > "/dev/stderr"; exit 1 }
        split(whole, t, " ")
        printf "%s\t%s\t%s\t%d\t%.2f\t%.2f\t%.2f\t%d\n", set, round, $1, $4, t[1] + t[2], $6, t[3], t[4] / 1024
    }' "$work/out" | tee -a "$work/table"
}

run_voxmill() { # run_voxmill SET ROUND
    rm -rf "$work/dataset" "$work/dataset.private"
    measure "$bin" prepare "$data/$1" --out "$work/dataset" --recipe "$work/recipe.toml" --engine cpu --jobs "$jobs"
    local want got
    want=$(find "$data/$1" -name '*.dcm' | wc -l)
    got=$(tensors "$work/dataset")
    [ "$got" -eq "$want" ] || die "$1: $want inputs, $got tensors"
    awk -v set="$1" -v round="$2" -v n="$got" \
        '{ printf "%s\t%s\tvoxmill\t%d\t%.2f\t%.2f\t%.2f\t%d\n", set, round, n, $1 + $2, $1 + $2, $3, $4 / 1024 }' "$work/time" |
        tee -a "$work/table"
}

medians() { # per set: median CPU seconds of both, their ratios, the largest peak of voxmill
    awk -F'\t' '
        function median(list, n,   i, j, t) {
            for (i = 2; i <= n; i++)
                for (j = i; j > 1 && list[j - 1] > list[j]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
            return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
        }
        function ratio(x, y) { return y > 0 ? x / y : 0 }
        {
            if (!($1 in seen)) { seen[$1] = 1; order[++sets] = $1 }
            if ($3 == "voxmill") { own[$1, ++owns[$1]] = $5; if ($8 > peak[$1]) peak[$1] = $8 }
            else { whole[$1, ++peers[$1]] = $5; work[$1, peers[$1]] = $6 }
        }
        END {
            print "set\tpeer_cpu_s\tpeer_work_s\tvoxmill_cpu_s\tcpu_ratio\twork_ratio\tvoxmill_peak_MiB"
            for (s = 1; s <= sets; s++) {
                k = order[s]
                for (i = 1; i <= peers[k]; i++) { a[i] = whole[k, i]; b[i] = work[k, i] }
                for (i = 1; i <= owns[k]; i++) c[i] = own[k, i]
                x = median(a, peers[k]); y = median(b, peers[k]); z = median(c, owns[k])
                printf "%s\t%.2f\t%.2f\t%.2f\t%.1f\t%.1f\t%d\n", k, x, y, z, ratio(x, z), ratio(y, z), peak[k]
            }
        }' "$work/table"
}

speed() {
    [ -f "$peers/pipe.py" ] || die "no pipe.py in $peers"
    local set round
    for set in $sets; do
        if ! compgen -G "$data/$set/*.dcm" >/dev/null; then
            command -v gdcmconv >/dev/null || die "gdcmconv is missing (Debian: apt-get install libgdcm-tools)"
            "$python" "$peers/mkdata.py" "$data" >&2
            break
        fi
    done
    printf 'set\tround\tprogram\tfiles\tcpu_s\twork_s\twall_s\tpeak_MiB\n'
    for round in $(seq 1 "$rounds"); do
        for set in $sets; do
            if [ $((round % 2)) -eq 1 ]; then
                run_peer "$set" "$round"; run_voxmill "$set" "$round"
            else
                run_voxmill "$set" "$round"; run_peer "$set" "$round"
            fi
        done
    done
    printf '\n'
    medians
}

memory() {
    local inputs="$data/small_$memory_inputs"
    if [ "$(find "$inputs" -name '*.dcm' 2>/dev/null | wc -l)" -ne "$memory_inputs" ]; then
        rm -rf "$inputs"
        "$python" - "$inputs" "$memory_inputs" <<'PYTHON'
"""One small MR image, written by pydicom, copied with patient, study and instance of its own in each copy."""
import io, os, sys, numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage
out, count = sys.argv[1], int(sys.argv[2])
meta = FileMetaDataset(); meta.TransferSyntaxUID = ExplicitVRLittleEndian; meta.MediaStorageSOPClassUID = MRImageStorage
meta.MediaStorageSOPInstanceUID = '2.25.90000001'
d = FileDataset(None, {}, file_meta=meta, preamble=b'\0' * 128)
d.SOPClassUID = MRImageStorage; d.SOPInstanceUID = '2.25.90000001'; d.StudyInstanceUID = '2.25.91000001'; d.SeriesInstanceUID = '2.25.92000001'
d.PatientName = 'BENCH^SMALL'; d.PatientID = 'BP000001'; d.StudyDate = '20250131'; d.Modality = 'MR'; d.InstanceNumber = 1
d.Rows = d.Columns = 64; d.SamplesPerPixel = 1; d.PhotometricInterpretation = 'MONOCHROME2'
d.BitsAllocated = 16; d.BitsStored = 12; d.HighBit = 11; d.PixelRepresentation = 0; d.WindowCenter = 2000; d.WindowWidth = 4000
d.PixelData = (np.arange(64 * 64, dtype='<u2').reshape(64, 64).T % 4096).tobytes()
buffer = io.BytesIO(); d.save_as(buffer, enforce_file_format=True); base = buffer.getvalue()
assert base.count(b'2.25.90000001') == 2 and base.count(b'BP000001') == 1
for i in range(count):
    if i % 500 == 0: os.makedirs(f'{out}/{i // 500:04d}')
    copy = base.replace(b'2.25.90000001', b'2.25.9%07d' % i).replace(b'BP000001', b'BP%06d' % (i // 50))
    copy = copy.replace(b'2.25.91000001', b'2.25.91%06d' % (i // 50)).replace(b'2.25.92000001', b'2.25.92%06d' % (i // 50))
    copy = copy[:-2] + (i % 4096).to_bytes(2, 'little')  # no two pictures are the same
    open(f'{out}/{i // 500:04d}/{i:06d}.dcm', 'wb').write(copy)
PYTHON
    fi
    rm -rf "$work/dataset" "$work/dataset.private"
    measure "$bin" prepare "$inputs" --out "$work/dataset" --engine cpu
    local got
    got=$(tensors "$work/dataset")
    [ "$got" -eq "$memory_inputs" ] || die "$memory_inputs inputs, $got tensors"
    printf 'inputs\tcpu_s\twall_s\tpeak_MiB\tlimit_MiB\n'
    awk -v n="$got" '{ printf "%d\t%.2f\t%.2f\t%d\t300\n", n, $1 + $2, $3, $4 / 1024; exit ($4 / 1024 >= 300) }' "$work/time" ||
        die "the peak is over the limit"
}

case "$only" in
    speed) speed ;;
    memory) memory ;;
    all) speed; printf '\n'; memory ;;
    *) die "--only takes speed or memory" ;;
esac
