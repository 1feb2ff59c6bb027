"""Runs one attack on CPython's `re.search` with growing pumps.

Reads {"pattern", "flags", "attack": {"pumps": [{"prefix", "pump"}], "suffix"}}
on standard input, and prints a JSON object a line for every run: repeats,
length and seconds. The caller sets the time limit and judges what was printed
by then (see `judge`).
"""

import json
import math
import re
import sys
import time
import warnings

LONGEST = 400_000
ENOUGH_SECONDS = 0.6
TELLING_SECONDS = 0.004


def text_of(attack, repeats):
    pumped = "".join(p["prefix"] + p["pump"] * repeats for p in attack["pumps"])
    return pumped + attack["suffix"]


def judge(runs, timed_out):
    """Whether the runs, (repeats, length, seconds) each, grew more than linearly."""
    if timed_out:
        # The next run, hardly longer, took longer than the limit.
        return True
    telling = [r for r in runs if r[2] >= TELLING_SECONDS]
    if len(telling) < 2:
        # From nothing to much in one step is growth, too.
        return bool(telling) and telling[0][1] < 20_000
    (_, short, quick), (_, long, slow) = telling[0], telling[-1]
    return math.log(slow / quick) / math.log(long / short) > 1.5


def main():
    warnings.simplefilter("ignore")
    task = json.load(sys.stdin)
    flags = re.IGNORECASE if "i" in task["flags"] else 0
    try:
        pattern = re.compile(task["pattern"], flags)
    except (re.error, OverflowError, RecursionError) as error:
        print(json.dumps({"refused": str(error)}), flush=True)
        return
    repeats, before = 4, 0.0
    while True:
        text = text_of(task["attack"], repeats)
        if len(text) > LONGEST:
            return
        best = math.inf
        for _ in range(3 if before < 0.05 else 1):
            # Of this process alone: what else the machine does must not count.
            started = time.process_time()
            pattern.search(text)
            best = min(best, time.process_time() - started)
        print(json.dumps([repeats, len(text), best]), flush=True)
        if best > ENOUGH_SECONDS:
            return
        # Small steps where the time may double with every repeat.
        repeats = repeats + 2 if len(text) < 64 or repeats < 32 else repeats * 2
        before = best


if __name__ == "__main__":
    main()
