#!/bin/sh
# Builds Vector with the two transforms, after it has said what is missing.
# usage: ./build.sh [options of cargo build; default --release]
set -eu
cd "$(dirname "$0")"

missing=
need() { command -v "$1" > /dev/null || missing="$missing $2"; }
need cargo 'Rust (https://rustup.rs)'
need cc build-essential
need c++ build-essential
need make build-essential
need perl perl
need cmake cmake
need protoc protobuf-compiler
need git git
if [ -n "$missing" ]; then
    echo "build.sh: missing:$missing" >&2
    echo 'On Debian: apt-get install build-essential perl cmake protobuf-compiler git' >&2
    exit 1
fi

# As rust-version in Cargo.toml says.
wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
found=$(rustc --version | cut -d ' ' -f 2)
if [ "$(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -n 1)" != "$wanted" ]; then
    echo "build.sh: Rust $found is too old: $wanted or later (rustup update)" >&2
    exit 1
fi

disk=$(df -Pk . | awk 'NR == 2 {print int($4 / 1048576)}')
[ "$disk" -ge 12 ] || echo "build.sh: $disk GB of disk are free, and a release build takes 12" >&2
if [ -r /proc/meminfo ]; then
    memory=$(awk '$1 == "MemAvailable:" {print int($2 / 1048576)}' /proc/meminfo)
    [ "$memory" -ge 8 ] || echo "build.sh: $memory GB of memory are free, and linking takes 8" >&2
fi

[ "$#" -gt 0 ] || set -- --release
exec cargo build --locked "$@"
