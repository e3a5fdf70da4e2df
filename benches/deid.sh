#!/usr/bin/env bash
# De-identification against dicognito and dcmanon on the same CT files, files written, in one run.
#
#   benches/deid.sh [--bin FILE] [--data DIR/ct_raw] [--python FILE] [--rounds 3]
#
# Each tool writes every file of the set; CPU is user and system time of the whole process (the peers' without the start of
# Python: the peers count their own work, after one file to warm up). The peers do not search pixels, so voxmill is measured
# without its search, and once more with it, in the last round. `copy` reads and writes the same bytes and does nothing else:
# what the file system takes. `copy+sha256` also makes the one digest of each output that SHA256SUMS needs. The table gives files
# per CPU second, medians over rounds, and the bars: 10x dicognito, 4x dcmanon. Without --python an environment with dicognito
# and dcmanon is made in target/bench-deid-venv.
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
import glob, hashlib, os, resource, sys
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
elif tool.startswith("copy"):
    buffer = bytearray(1 << 20)
    def one(path):
        source = os.open(path, os.O_RDONLY)
        length = os.readv(source, [buffer])
        os.close(source)
        target = os.open(os.path.join(out, os.path.basename(path)), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.write(target, memoryview(buffer)[:length])
        os.close(target)
        if tool != "copy":
            hashlib.sha256(memoryview(buffer)[:length]).hexdigest()
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
voxmill() { # name of the outputs, more arguments
    out=$1; shift
    cpu "$bin" deid "$data" --out "$work/$out" --private "$work/$out.private" --key-file "$work/key" --jobs 1 "$@"
}
# Every output stays until the end: ext4 looks for inodes that were freed a moment ago whenever a file is made, so who comes
# first after a removal pays for it.
for round in $(seq "$rounds"); do
    echo "voxmill $(voxmill "out$round")"
    for tool in dicognito dcmanon copy copy+sha256; do
        echo "$tool $("$python" "$work/peer.py" "$tool" "$data" "$work/out$round-$tool")"
    done
    [ "$round" != "$rounds" ] || echo "voxmill+search $(voxmill searched --engine cpu --clean-pixel-data)"
done | tee "$work/table" >&2
"$python" - "$work/table" "$files" <<'PY'
import collections, statistics, sys
rates = collections.defaultdict(list)
for line in open(sys.argv[1]):
    tool, seconds = line.split()
    rates[tool].append(int(sys.argv[2]) / float(seconds))
median = {tool: statistics.median(all) for tool, all in rates.items()}
for tool, rate in median.items():
    print(f"{tool:14} {rate:8.1f} files per CPU second")
for tool, bar in (("dicognito", 10), ("dcmanon", 4)):
    ratio = median["voxmill"] / median[tool]
    print(f"{ratio:5.1f}x {tool}, bar {bar}x: {'pass' if ratio >= bar else 'MISS'}")
PY
