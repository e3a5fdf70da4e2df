#!/usr/bin/env bash
# De-identification against dicognito and dcmanon on the same CT files, files written, in one run.
#
#   benches/deid.sh [--bin FILE] [--data DIR/ct_raw] [--python FILE] [--rounds 3]
#
# Each tool writes every file of the set; CPU is user and system time of the whole process (the peers' without the start of
# Python: the peers count their own work, after one file to warm up). The table gives files per CPU second, medians over rounds, and the bars: 10x dicognito,
# 4x dcmanon. Without --python an environment with dicognito and dcmanon is made in target/bench-deid-venv.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=target/release/voxmill data=target/bench-data/ct_raw python="" rounds=3
while [ $# -gt 0 ]; do
    case "$1" in
        --bin) bin=$2 ;; --data) data=$2 ;; --python) python=$2 ;; --rounds) rounds=$2 ;;
        *) echo "deid: unknown option $1" >&2; exit 2 ;;
    esac
    shift 2
done
if [ -z "$python" ]; then
    python=target/bench-deid-venv/bin/python
    [ -x "$python" ] || { python3 -m venv target/bench-deid-venv; target/bench-deid-venv/bin/pip install -q dicognito dcmanon; }
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
files=$(find "$data" -name '*.dcm' | wc -l)
openssl rand -hex 32 >"$work/key"
cat >"$work/peer.py" <<'PY'
import glob, os, resource, sys
tool, files, out = sys.argv[1], sorted(glob.glob(sys.argv[2] + "/*.dcm")), sys.argv[3]
os.makedirs(out, exist_ok=True)
if tool == "dicognito":
    import pydicom
    from dicognito.anonymizer import Anonymizer
    anonymizer = Anonymizer(seed="x")
    def one(path):
        data = pydicom.dcmread(path)
        anonymizer.anonymize(data)
        data.save_as(os.path.join(out, os.path.basename(path)))
else:
    import dcmanon
    anonymizer = dcmanon.Anonymizer()
    def one(path):
        with open(os.path.join(out, os.path.basename(path)), "wb") as file:
            file.write(anonymizer.anonymize(path))
def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
one(files[0])
before = cpu()
for path in files:
    one(path)
print(cpu() - before)
PY
cpu() { /usr/bin/time -q -f '%U %S' -o "$work/time" "$@" >"$work/log" 2>&1 || { tail -5 "$work/log" >&2; exit 1; }; awk '{print $1 + $2}' "$work/time"; }
cat "$data"/*.dcm >/dev/null
for round in $(seq "$rounds"); do
    rm -rf "$work"/out*
    echo "voxmill $(cpu "$bin" deid "$data" --out "$work/out" --private "$work/out.private" --key-file "$work/key" --jobs 1)"
    for tool in dicognito dcmanon; do
        echo "$tool $("$python" "$work/peer.py" "$tool" "$data" "$work/out-$tool")"
    done
done | tee "$work/table" >&2
"$python" - "$work/table" "$files" <<'PY'
import collections, statistics, sys
rates = collections.defaultdict(list)
for line in open(sys.argv[1]):
    tool, seconds = line.split()
    rates[tool].append(int(sys.argv[2]) / float(seconds))
median = {tool: statistics.median(all) for tool, all in rates.items()}
for tool, rate in median.items():
    print(f"{tool:10} {rate:8.0f} files per CPU second")
for tool, bar in (("dicognito", 10), ("dcmanon", 4)):
    ratio = median["voxmill"] / median[tool]
    print(f"{ratio:5.1f}x {tool}, bar {bar}x: {'pass' if ratio >= bar else 'MISS'}")
PY
