#!/usr/bin/env bash
# The whole program against Python pipelines on the same files: CPU seconds, wall seconds, peak memory, agreement.
#
#   benches/e2e.sh [--bin FILE] [--peers DIR] [--data DIR] [--python FILE] [--sets "ct_raw cr_j2k ..."]
#                  [--backends "pydicom dicomsdl sitk"] [--rounds 3] [--jobs 1] [--memory-inputs 20000]
#                  [--only speed|agree|memory]
#
# Speed: in every round each set is read by each back-end of the peer (PEERS/pipe.py BACKEND) and by `voxmill prepare
# --engine cpu`, one after the other, in an order that turns by one from round to round; all decode, window, resize
# to 224x224 (area) and write f32. Like the peers, `voxmill` looks for no burned-in text and measures no quality here;
# `voxmill-scored` measures it, as the default recipe does. JPEG 2000 sets are also run with `decode = "reduced"` if the program knows it. A
# line of the table is one run: cpu_s is user and system time of the whole process tree, work_s what the peer counts
# itself, without the start of Python and one warm-up image (for voxmill nothing is left out of it). The last tables
# give medians over rounds, the ratios peer over voxmill, and the bars with pass or MISS; work is the stricter one.
# A missed bar is printed, not an error.
#
# Agree: each tensor against the same image's array of each back-end: mean and largest absolute difference, -1 to 1.
#
# Memory: 20,000 small inputs, each an instance of its own; the peak must stay below 300 MiB.
#
# The data are made once in DATA by PEERS/mkdata.py and gdcmconv (Debian: libgdcm-tools); without --python, an
# environment is made in DATA/venv. A wrong number of tensors ends the script with an error.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=target/release/voxmill peers=../shared/peers/imaging data=target/bench-data python=""
sets="ct_raw ct_jll ct_jls ct_rle ct_j2k cr_raw cr_jll cr_jls cr_rle cr_j2k" backends="pydicom dicomsdl sitk"
rounds=3 jobs=1 memory_inputs=20000 only=all
die() { printf 'e2e: %s\n' "$*" >&2; exit 2; }
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || die "$1 needs a value"
    case "$1" in
        --bin) bin=$2 ;; --peers) peers=$2 ;; --data) data=$2 ;; --python) python=$2 ;; --sets) sets=$2 ;;
        --backends) backends=$2 ;; --rounds) rounds=$2 ;; --jobs) jobs=$2 ;; --memory-inputs) memory_inputs=$2 ;;
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
        "$data/venv/bin/pip" install -q numpy pydicom opencv-python-headless dicomsdl SimpleITK pylibjpeg \
            pylibjpeg-libjpeg pylibjpeg-openjpeg pylibjpeg-rle pyjpegls >&2
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

recipe() { # recipe NAME MEASURE [LINE]: what PEERS/pipe.py does, as a recipe; quality metrics too if MEASURE is true
    cat >"$work/$1.toml" <<RECIPE
schema = 1
[image]
voi = "file"
size = 224
fit = "stretch"
filter = "box"
normalize = "symmetric"
dtype = "f32"
${3:-}
[burned_in]
detector = false
static_overlay = false
[score]
measure = $2
RECIPE
}
recipe voxmill false
recipe voxmill-scored true
reduced=""
if "$bin" recipe | grep -q '^decode *='; then
    recipe voxmill-reduced false 'decode = "reduced"'
    reduced=voxmill-reduced
fi

programs() { # programs SET: who runs on it, voxmill first
    local own="voxmill voxmill-scored"
    case "$1" in *_j2k) printf '%s %s %s' "$own" "$reduced" "$backends" ;; *) printf '%s %s' "$own" "$backends" ;; esac
}

data_sets() { # makes what is missing of the sets asked for
    local set kind from file
    for set in $sets; do
        compgen -G "$data/$set/*.dcm" >/dev/null && continue
        command -v gdcmconv >/dev/null || die "gdcmconv is missing (Debian: apt-get install libgdcm-tools)"
        from=$data/${set%%_*}_raw
        compgen -G "$from/*.dcm" >/dev/null || "$python" "$peers/mkdata.py" "$data" >&2
        case "$set" in *_jls) kind=--jpegls ;; *_rle) kind=--rle ;; *) continue ;; esac
        mkdir -p "$data/$set"
        for file in "$from"/*.dcm; do
            gdcmconv "$kind" "$file" "$data/$set/${file##*/}"
        done
    done
}

run_peer() { # run_peer SET ROUND BACKEND
    rm -rf "$work/peer"
    measure "$python" "$peers/pipe.py" "$3" "$data/$1" "$work/peer" 1
    # pipe.py: backend dir procs n wall_s cpu_s img/s MB/s img/s/cpu-s rss_MiB errors [first]
    awk -F'\t' -v set="$1" -v round="$2" -v whole="$(cat "$work/time")" 'NR == 1 {
        if ($11 != 0 || $4 == 0) { print "e2e: the peer failed on " $11 " files: " $12 > "/dev/stderr"; exit 1 }
        split(whole, t, " ")
        printf "%s\t%s\t%s\t%d\t%.2f\t%.2f\t%.2f\t%d\n", set, round, $1, $4, t[1] + t[2], $6, t[3], t[4] / 1024
    }' "$work/out" | tee -a "$work/table"
}

run_voxmill() { # run_voxmill SET ROUND RECIPE
    rm -rf "$work/dataset" "$work/dataset.private"
    measure "$bin" prepare "$data/$1" --out "$work/dataset" --recipe "$work/$3.toml" --engine cpu --jobs "$jobs"
    local want got
    want=$(find "$data/$1" -name '*.dcm' | wc -l)
    got=$(tensors "$work/dataset")
    [ "$got" -eq "$want" ] || die "$1: $want inputs, $got tensors"
    awk -v set="$1" -v round="$2" -v program="$3" -v n="$got" '{
        printf "%s\t%s\t%s\t%d\t%.2f\t%.2f\t%.2f\t%d\n", set, round, program, n, $1 + $2, $1 + $2, $3, $4 / 1024
    }' "$work/time" | tee -a "$work/table"
}

run() { # run SET ROUND PROGRAM
    case "$3" in voxmill*) run_voxmill "$@" ;; *) run_peer "$@" ;; esac
}

# Issues' bars: set, peer, how many times less CPU time than the peer, with which recipe.
bars="ct_raw pydicom 5 voxmill
ct_raw dicomsdl 3 voxmill
cr_jll dicomsdl 3 voxmill
cr_j2k dicomsdl 1 voxmill
cr_j2k dicomsdl 12 voxmill-reduced
ct_jls pydicom 2 voxmill
cr_jls pydicom 2 voxmill
ct_rle pydicom 2 voxmill
cr_rle pydicom 2 voxmill"

medians() { # medians over rounds, ratios to voxmill and to voxmill-reduced, bars
    awk -F'\t' -v bars="$bars" '
        function median(values, name, n,   i, j, t, list) {
            for (i = 1; i <= n; i++) list[i] = values[name, i]
            for (i = 2; i <= n; i++)
                for (j = i; j > 1 && list[j - 1] > list[j]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
            return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
        }
        function ratio(x, name) { return own[name] > 0 ? sprintf("%.2f", x / own[name]) : "-" }
        {
            key = $1 SUBSEP $3
            if (!(key in runs)) { names[++lines] = $3; place[lines] = $1 }
            whole[key, ++runs[key]] = $5; work[key, runs[key]] = $6
            if ($8 > peak[key]) peak[key] = $8
        }
        END {
            for (i = 1; i <= lines; i++) {
                key = place[i] SUBSEP names[i]
                cpu[key] = median(whole, key, runs[key]); own[key] = inner[key] = median(work, key, runs[key])
            }
            print "set\tprogram\tcpu_s\twork_s\tpeak_MiB\tcpu_ratio\twork_ratio\treduced_cpu_ratio\treduced_work_ratio"
            for (i = 1; i <= lines; i++) {
                key = place[i] SUBSEP names[i]; full = place[i] SUBSEP "voxmill"; less = full "-reduced"
                printf "%s\t%s\t%.2f\t%.2f\t%d\t%s\t%s\t%s\t%s\n", place[i], names[i], cpu[key], inner[key], peak[key],
                    ratio(cpu[key], full), ratio(inner[key], full), ratio(cpu[key], less), ratio(inner[key], less)
            }
            print "\nset\tpeer\trecipe\tbar\tcpu_ratio\tcpu\twork_ratio\twork"
            n = split(bars, rows, "\n")
            for (i = 1; i <= n; i++) {
                split(rows[i], b, " "); peer = b[1] SUBSEP b[2]; mine = b[1] SUBSEP b[4]
                if (!(peer in cpu) || !(mine in cpu)) continue
                printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", b[1], b[2], b[4], b[3],
                    ratio(cpu[peer], mine), (cpu[peer] >= b[3] * own[mine] ? "pass" : "MISS"),
                    ratio(inner[peer], mine), (inner[peer] >= b[3] * own[mine] ? "pass" : "MISS")
            }
        }' "$work/table"
}

speed() {
    [ -f "$peers/pipe.py" ] || die "no pipe.py in $peers"
    data_sets
    local round set order turn
    printf 'set\tround\tprogram\tfiles\tcpu_s\twork_s\twall_s\tpeak_MiB\n'
    for round in $(seq 1 "$rounds"); do
        for set in $sets; do
            read -ra order <<<"$(programs "$set")"
            for turn in "${!order[@]}"; do
                run "$set" "$round" "${order[$(((turn + round) % ${#order[@]}))]}"
            done
        done
    done
    printf '\n'
    medians
}

agree() {
    [ -f "$peers/pipe.py" ] || die "no pipe.py in $peers"
    data_sets
    local set own peer
    printf 'set\trecipe\tbackend\timages\tmean_abs_diff\tlargest\n'
    for set in $sets; do
        for own in $(programs "$set"); do
            case "$own" in voxmill*) ;; *) continue ;; esac
            run_voxmill "$set" 0 "$own" >"$work/line"
            for peer in $backends; do
                run_peer "$set" 0 "$peer" >"$work/line"
                "$python" - "$set" "$own" "$peer" "$work" <<'PYTHON'
"""Tensors of the data set beside the arrays of pipe.py; the private map leads from a path to its tensor."""
import csv, glob, io, json, os, sys, tarfile, numpy as np
name, own, peer, work = sys.argv[1:5]
tensors = {}
for path in glob.glob(f'{work}/dataset/data/*.tar'):
    with tarfile.open(path) as tar:
        parts = {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}
    for key, data in parts.items():
        if key.endswith('.json'):
            tensors[json.loads(data)['source_digest']] = np.load(io.BytesIO(parts[key[:-5] + '.npy']))
mean, largest, n = 0.0, 0.0, 0
for row in csv.DictReader(open(f'{work}/dataset.private/inputs.csv')):
    theirs = np.load(f"{work}/peer/{os.path.basename(row['path'])}.npy")
    gap = np.abs(tensors[row['source_digest']].reshape(theirs.shape).astype(float) - theirs)
    mean, largest, n = mean + gap.mean(), max(largest, gap.max()), n + 1
assert n > 0
print(f'{name}\t{own}\t{peer}\t{n}\t{mean / n:.5f}\t{largest:.4f}')
PYTHON
            done
        done
    done
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
    agree) agree ;;
    memory) memory ;;
    all) speed; printf '\n'; agree; printf '\n'; memory ;;
    *) die "--only takes speed, agree or memory" ;;
esac
