#!/usr/bin/env bash
# HL7 messages against Python programs: CPU seconds (user and system) of whole processes, one run beside the other.
#
#   benches/hl7.sh --peers DIR [--bin FILE] [--messages N] [--ray N --python FILE] [--work DIR] [--rounds N]
#
# DIR holds gen.py (makes messages), single.py (a plain Python parser) and ray_hl7.py (the same on Ray). --ray N measures
# that one on N messages, with a Python that has `ray[data]`, pyarrow and psutil. Outputs go under --work (a temporary
# folder), which is removed.
set -euo pipefail
bin=target/release/voxmill messages=1000000 ray=0 python=python3 rounds=3 peers= work=
while [ $# -gt 0 ]; do
    case $1 in
        --peers) peers=$2 ;; --bin) bin=$2 ;; --messages) messages=$2 ;; --ray) ray=$2 ;;
        --python) python=$2 ;; --work) work=$2 ;; --rounds) rounds=$2 ;;
        *) echo "what is $1?" >&2; exit 2 ;;
    esac
    shift 2
done
[ -n "$peers" ] || { echo "--peers DIR is missing" >&2; exit 2; }
made=$(mktemp -d ${work:+-p "$work"})
trap 'rm -rf "$made"' EXIT
printf '[hl7]\ntables = ["messages"]\n' > "$made/messages.toml"
python3 "$peers/gen.py" "$messages" "$made/all" > /dev/null
python3 "$peers/gen.py" "$((messages / 10))" "$made/tenth" > /dev/null

# NAME MESSAGES COMMAND...: one line with messages per CPU second and the peak of memory.
timed() {
    local name=$1 count=$2; shift 2
    /usr/bin/time -o "$made/time" -f "%U %S %M" "$@" > "$made/said" 2> "$made/errors" || { cat "$made/errors" >&2; exit 1; }
    awk -v name="$name" -v count="$count" '{ cpu = $1 + $2; printf "%-34s %8.2f CPU s %10d messages per CPU s %6d MiB\n", name, cpu, count / cpu, $3 / 1024 }' "$made/time"
}

# Every run writes to a folder of its own and nothing is removed in between: ext4 is slow to make files for some seconds
# after many were removed, and that would be counted as the program's time.
for round in $(seq "$rounds"); do
    echo "round $round, $messages messages"
    timed "single.py fixed" "$messages" python3 "$peers/single.py" "$made/all" fixed
    grep -o 'cpu=[0-9.]*s' "$made/said" | sed 's/^/    of which its own loop: /'
    for size in all tenth; do
        count=$messages; [ "$size" = all ] || count=$((messages / 10))
        out="$made/out-$round-$size"
        timed "prepare, messages table, $size" "$count" "$bin" prepare "$made/$size" --out "$out-messages" --recipe "$made/messages.toml" --jobs 1
        timed "prepare, every table, $size" "$count" "$bin" prepare "$made/$size" --out "$out-all" --jobs 1
        timed "deid, $size" "$count" "$bin" deid "$made/$size" --out "$out-deid" --jobs 1
    done
done
if [ "$ray" -gt 0 ]; then
    python3 "$peers/gen.py" "$ray" "$made/ray" > /dev/null
    "$python" "$peers/ray_hl7.py" "$made/ray" "$made/ray_out" 2
    timed "prepare, messages table, as many" "$ray" "$bin" prepare "$made/ray" --out "$made/out-ray" --recipe "$made/messages.toml" --jobs 1
fi
