#!/usr/bin/env bash
# `sigcheck replay` beside `rg -c -i`: the same patterns on the same logs.
#
#   bench/replay.sh TAXONOMY LOG…
#
# Each is run ROUNDS times (default 5), in turn; the fastest counts. Both are told
# to use all cores: ripgrep divides files among them, and so one log is one core's
# work for it. Counts differ by the lines that only the allowlist knows, and by
# lines that are not looked at.
set -euo pipefail

if [ $# -lt 2 ]; then
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
taxonomy=$(realpath "$1")
shift
logs=$(realpath -- "$@")
root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cd "$root"
cargo build --quiet --release -p sigcheck
cargo run --quiet --release --manifest-path bench/Cargo.toml --bin patterns -- "$taxonomy" >"$scratch/patterns"
sigcheck=${CARGO_TARGET_DIR:-target}/release/sigcheck
mapfile -t logs <<<"$logs"

# Prints the seconds that a command takes, its output kept aside. To find no line
# is no failure.
seconds() {
    local output=$1 TIMEFORMAT=%R
    shift
    { time "$@" >"$output" 2>"$scratch/errors" || [ $? -eq 1 ]; } 2>&1 || { cat "$scratch/errors" >&2; return 1; }
}

rg=() replay=()
for _ in $(seq "${ROUNDS:-5}"); do
    rg+=("$(seconds "$scratch/rg" rg --count --ignore-case --no-filename --file "$scratch/patterns" "${logs[@]}")")
    replay+=("$(seconds "$scratch/replay" "$sigcheck" replay --taxonomy "$taxonomy" --format json "${logs[@]}")")
done
fastest() { printf '%s\n' "$@" | sort -n | head -1; }

bytes=$(cat "${logs[@]}" | wc -c)
row() { awk -v name="$1" -v s="$2" -v b="$bytes" -v n="$3" 'BEGIN { printf "| %s | %.2f s | %.2f GB/s | %s |\n", name, s, b / s / 1e9, n }'; }
field() { grep -o "\"$1\": *[0-9]*" "$scratch/replay" | head -1 | grep -o '[0-9]*$'; }
echo "$(wc -l <"$scratch/patterns") patterns, $bytes bytes, $(nproc) cores"
echo
echo '| | time | throughput | lines |'
echo '|---|--:|--:|---|'
row "\`rg -c -i\`" "$(fastest "${rg[@]}")" "$(awk '{ n += $1 } END { print n }' "$scratch/rg") counted"
row "\`sigcheck replay\`" "$(fastest "${replay[@]}")" "$(field matched) matched, $(field noise) noise"
