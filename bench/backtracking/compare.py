#!/usr/bin/env python3
"""sigcheck against npm's recheck, or PyPI's regexploit, with CPython's `re` as the judge.

    python3 bench/backtracking/compare.py PATTERNS [--engine-flags i] [--peer regexploit] [--json OUT]

PATTERNS holds one regular expression a line. Needs cargo, and for recheck node and npm; the
rest is fetched and built on the first run, but regexploit, which must be installed. For every pattern that either tool
calls vulnerable, CPython runs the tool's attack with growing pumps in a process
of its own. Prints Markdown.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from confirm import judge

HERE = Path(__file__).resolve().parent
TIME_LIMIT = 12.0


def run_sigcheck(patterns, flags, program):
    if program:
        return json_lines([program, "python", *flags], patterns)
    target = ["cargo", "run", "--release", "--quiet", "--manifest-path", HERE / "Cargo.toml", "--"]
    return json_lines([*target, "python", *flags], patterns)


def run_peer(peer, patterns, flags, timeout, cache):
    key = json.dumps([peer, patterns, flags, timeout])
    if key not in cache:
        ask = {"recheck": ask_recheck, "regexploit": ask_regexploit}[peer]
        cache[key] = ask(patterns, flags, timeout)
    return cache[key]


def ask_regexploit(patterns, flags, _timeout):
    return json_lines([sys.executable, HERE / "regexploit_answers.py", *flags], patterns)


def ask_recheck(patterns, flags, timeout):
    if not (HERE / "node_modules" / "recheck").exists():
        subprocess.run(["npm", "install", "--silent", "--no-fund", "--no-audit"], cwd=HERE, check=True)
    return json_lines(["node", HERE / "recheck.mjs", flags, str(timeout)], patterns)


def json_lines(command, patterns):
    text = "".join(pattern + "\n" for pattern in patterns)
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=True)
    # Not splitlines: an attack may hold U+0085 or U+2028, which JSON leaves as they are.
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def confirmed(pattern, flags, attack, cache):
    """True, False or "refused": does the attack make CPython super-linear?"""
    task = json.dumps({"pattern": pattern, "flags": flags, "attack": attack})
    if task not in cache:
        cache[task] = run_attack(task)
    return cache[task]


def run_attack(task):
    process = subprocess.Popen(
        [sys.executable, HERE / "confirm.py"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    timed_out = False
    try:
        out, _ = process.communicate(task, timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        timed_out = True
        process.kill()
        out, _ = process.communicate()
    lines = [json.loads(line) for line in out.splitlines()]
    if lines and isinstance(lines[0], dict):
        return "refused"
    return judge(lines, timed_out)


def compiles(pattern, flags):
    try:
        re.compile(pattern, re.IGNORECASE if "i" in flags else 0)
        return True
    except (re.error, OverflowError, RecursionError):
        return False


def compare(patterns, options, cache):
    flags, jobs = options.engine_flags, options.jobs
    ours = run_sigcheck(patterns, flags, options.program)
    theirs = run_peer(options.peer, patterns, flags, options.recheck_timeout, cache)
    with ThreadPoolExecutor(jobs) as pool:
        def check(answer):
            if answer["status"] != "vulnerable":
                return None
            return confirmed(answer["pattern"], flags, answer["attack"], cache)
        ours_confirmed = list(pool.map(check, ours))
        theirs_confirmed = list(pool.map(check, theirs))
    return [
        {
            "pattern": pattern,
            "compiles": compiles(pattern, flags),
            "ours": mine, "ours_confirmed": mine_confirmed,
            "theirs": peer, "theirs_confirmed": peer_confirmed,
        }
        for pattern, mine, mine_confirmed, peer, peer_confirmed
        in zip(patterns, ours, ours_confirmed, theirs, theirs_confirmed)
    ]


def code(text, most=90):
    text = text if len(text) <= most else text[: most - 1] + "…"
    return "`` " + text.replace("|", "\\|") + " ``"


def print_table(rows, peer):
    def count(test):
        return sum(1 for row in rows if test(row))

    def speed(side):
        micros = sorted(row[side]["micros"] for row in rows)
        return f"{statistics.median(micros) / 1000:.2f} ms", f"{micros[-1] / 1000:.0f} ms"

    print(f"| | sigcheck | {peer} |\n|---|---:|---:|")
    for label, test in [
        ("vulnerable", lambda row, side: row[side]["status"] == "vulnerable"),
        ("… confirmed by CPython", lambda row, side: row[side + "_confirmed"] is True),
        ("… not confirmed", lambda row, side: row[side + "_confirmed"] is False),
        ("… CPython refuses the pattern", lambda row, side: row[side + "_confirmed"] == "refused"),
        ("exponential", lambda row, side: "exponential" in str(row[side]["complexity"])
            and row[side]["status"] == "vulnerable"),
        ("safe", lambda row, side: row[side]["status"] == "safe"),
        ("undecided", lambda row, side: row[side]["status"] in ("undecided", "unknown")),
    ]:
        print(f"| {label} | {count(lambda r: test(r, 'ours'))} | {count(lambda r: test(r, 'theirs'))} |")
    (our_median, our_worst), (their_median, their_worst) = speed("ours"), speed("theirs")
    print(f"| median time | {our_median} | {their_median} |")
    print(f"| longest time | {our_worst} | {their_worst} |")
    print(f"\n{len(rows)} patterns, {count(lambda r: r['compiles'])} of which CPython accepts.")


def print_rows(title, rows, peer):
    print(f"\n### {title}: {len(rows)}\n")
    if rows:
        print(f"| line | pattern | sigcheck | {peer} |\n|---:|---|---|---|")
    for row in rows:
        def said(side):
            answer, judged = row[side], row[side + "_confirmed"]
            mark = {True: ", confirmed", False: ", not confirmed", "refused": ", refused by CPython"}
            return f"{answer['complexity'] or answer['status']}{mark.get(judged, '')}"
        print(f"| {row['line']} | {code(row['pattern'])} | {said('ours')} | {said('theirs')} |")


def main():
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("patterns", type=Path)
    parser.add_argument("--engine-flags", default="", help="i: ignore case")
    parser.add_argument("--peer", choices=["recheck", "regexploit"], default="recheck")
    parser.add_argument("--program", type=Path, help="sigcheck's answers, built already")
    parser.add_argument("--recheck-timeout", type=int, default=10_000, help="milliseconds a pattern")
    parser.add_argument("--jobs", type=int, default=1, help="CPython processes at a time")
    parser.add_argument("--json", type=Path, help="write every answer to this file, too")
    parser.add_argument("--cache", type=Path, help="keep the peer's answers and CPython's runs here")
    options = parser.parse_args()
    patterns = options.patterns.read_text("utf-8", "replace").split("\n")
    if patterns and not patterns[-1]:
        patterns.pop()
    cache = {}
    if options.cache and options.cache.exists():
        cache = json.loads(options.cache.read_text())
    rows = compare(patterns, options, cache)
    if options.cache:
        options.cache.write_text(json.dumps(cache))
    for number, row in enumerate(rows, 1):
        row["line"] = number
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1, ensure_ascii=False))
    peer = options.peer
    print_table(rows, peer)
    print_rows(f"Only {peer}, and CPython confirms it", [
        r for r in rows
        if r["ours"]["status"] != "vulnerable" and r["theirs_confirmed"] is True
    ], peer)
    print_rows("sigcheck's reports that CPython does not confirm", [
        r for r in rows if r["ours_confirmed"] not in (None, True)
    ], peer)
    print_rows("Only sigcheck, and CPython confirms it", [
        r for r in rows
        if r["theirs"]["status"] != "vulnerable" and r["ours_confirmed"] is True
    ], peer)
    print_rows("Different kind of growth, both confirmed", [
        r for r in rows
        if r["ours_confirmed"] is True and r["theirs_confirmed"] is True
        and ("exponential" in r["ours"]["complexity"]) != ("exponential" in r["theirs"]["complexity"])
    ], peer)


if __name__ == "__main__":
    main()
