#!/usr/bin/env python3
"""Writes a large taxonomy, to measure `sigcheck validate` with.

    python3 bench/validate/taxonomy.py 10000 > taxonomy.yml
    /usr/bin/time -v sigcheck validate taxonomy.yml

The signatures are of the kinds that the shipped taxonomy has: phrases,
alternatives, codes, numbers, gaps of any and of limited length, classes, anchors
and boundaries, each with a summary, an example and a counterexample. The same
count and seed give the same file.
"""

import argparse
import random

SYLLABLES = (
    "ba cor den fi gra hel in jo kel lum mar nex or pra qui ras sol tan ul vor wex xan yl zen "
    "tri plo ster net auth data stor mon"
).split()
THINGS = (
    "connection database replica upstream certificate transaction session payment queue worker "
    "scheduler volume snapshot token handshake checkpoint partition consumer leader migration "
    "webhook cache index shard"
).split()
FAULTS = (
    "refused;timed out;expired;rejected;corrupted;overflowed;not found;locked;unreachable;aborted;"
    "rolled back;exhausted;out of sync;denied;stalled;deadlocked;dropped;throttled;malformed"
).split(";")
POLICIES = ["retry", "notify", "escalate"]
SEVERITIES = ["low", "medium", "anomaly", "high"]


class Words:
    """Made-up names and numbers."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def name(self):
        return "".join(self.of(SYLLABLES) for _ in range(self.random.randint(2, 4)))

    def of(self, items):
        return self.random.choice(items)

    def number(self, most=99_999):
        return self.random.randint(1, most)


def signature(words):
    """A pattern, and a line that it finds."""
    n, m, t, f = words.name(), words.name(), words.of(THINGS), words.of(FAULTS)
    code, ms = words.number(), words.number(9_999)
    upper = f"E_{n}_{t}".upper()
    return words.of([
        (f"{n} {t} {f}", f"the {n} {t} {f} again"),
        (f"{t} {f}: {n}", f"{t} {f}: {n} (try {code})"),
        (f"({n}|{m}) {t} (?:is |was )?{f}", f"{m} {t} was {f}"),
        (f"{n}.*{t} {f}", f"{n}: after {ms} ms the {t} {f}"),
        (rf"\b{upper}\b", f"failed with {upper} at 0x7f"),
        (rf"^\S+ {n}\[\d+\]: {t} \w+ {f}", f"web-1 {n}[{code}]: {t} now {f}"),
        (rf"{t} {n} {f} after \d+ ?(?:ms|s)\b", f"{t} {n} {f} after {ms} ms"),
        (rf"{n}: .{{0,40}}\b(?:{t}|{m})s? {f}", f"{n}: oh, that {t} {f}"),
        (rf"(?:{n}|{m})(?:Error|Exception): [^:]+: {t} {f}", f"{n}Error: in main: {t} {f}"),
        (rf"{n}\.(?:go|rs|py):\d+: .*{f}", f"{n}.go:{code}: {t} {f}"),
        (rf'"{n}_status": ?"?5\d\d"?', f'answer was "{n}_status": "503"'),
        (rf"{t}=\[?{n}[-_]\d{{1,5}}\]? .*(?:{f}|{m})$", f"{t}={n}-{code} has been {f}"),
        (rf"\[{n}\] (?:\[[^\]]+\] )*{t} {f}", f"[{n}] [a] [b] {t} {f}"),
        (rf"{n} to [\w.-]+:\d{{2,5}} {f}", f"{n} to db-7.example.com:5432 {f}"),
        (rf"(?:cannot|could not|failed to) \w+ {t} {n}", f"could not open {t} {n}"),
        (rf"{n}(?:\s+\w+)* {f} \({t}\)", f"{n} has been {f} ({t})"),
    ])


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=24301)
    options = parser.parse_args()
    words = Words(options.seed)
    print("categories:")
    for index in range(options.count):
        if index % 100 == 0:
            print(f"  area_{index // 100}:\n    default_policy: {words.of(POLICIES)}\n    signatures:")
        pattern, example = signature(words)
        print(f"      - id: SIG_{index}")
        print(f"        pattern: {quoted(pattern)}")
        print(f"        severity: {words.of(SEVERITIES)}")
        print(f"        summary: {words.name().capitalize()} has trouble with its {words.of(THINGS)}")
        print(f"        owner: team-{index % 7}")
        print(f"        examples: [{quoted(example)}]")
        print("        counterexamples: ['all is well']")


if __name__ == "__main__":
    main()
