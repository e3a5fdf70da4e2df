#!/usr/bin/env bash
# Joins ten million observations: makes a CSV table of them, prepares it, and prints the time and the
# peak memory of the run and of its join alone.
#   benches/join.sh --bin target/release/voxmill --data DIR [--rows 10000000] [--people 100000]
set -euo pipefail
bin="" data="" rows=10000000 people=100000
while [ $# -gt 0 ]; do
    case "$1" in
        --bin) bin=$2 ;; --data) data=$2 ;; --rows) rows=$2 ;; --people) people=$2 ;;
        *) echo "unknown word $1" >&2; exit 2 ;;
    esac
    shift 2
done
[ -n "$bin" ] && [ -n "$data" ] || { sed -n '2,4p' "$0"; exit 2; }
mkdir -p "$data/in"
if [ ! -s "$data/in/observations.csv" ]; then
    awk -v rows="$rows" -v people="$people" 'BEGIN {
        split("2345-7 2160-0 2823-3 2951-2 718-7 6690-2 777-3 17861-6 2524-7 1975-2", codes, " ")
        split("mg/dL mg/dL mmol/L mmol/L g/dL 10*3/uL 10*3/uL mg/dL mmol/L mg/dL", units, " ")
        print "DATE,PATIENT,ENCOUNTER,CATEGORY,CODE,DESCRIPTION,VALUE,UNITS,TYPE"
        for (n = 0; n < rows; n++) {
            c = n % 10 + 1
            printf "2024-%02d-%02dT%02d:00:00Z,P%07d,,laboratory,%s,,%.1f,%s,numeric\n", n % 12 + 1, n % 28 + 1, n % 24, \
                int(n / 10) % people, codes[c], (n * 7919) % 1000 / 10, units[c]
        }
    }' >"$data/in/observations.csv"
fi
rm -rf "$data/set" "$data/set.private"
# The second run finds every part committed and only joins.
"$bin" prepare "$data/in" --out "$data/set" --engine cpu >/dev/null 2>&1
command -v /usr/bin/time >/dev/null && timer=(/usr/bin/time -f "join alone: %U s user, %e s wall, peak %M KiB") || timer=()
"${timer[@]}" "$bin" prepare "$data/in" --out "$data/set" --engine cpu >/dev/null
