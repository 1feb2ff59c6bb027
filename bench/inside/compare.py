#!/usr/bin/env python3
"""What recognising errors adds to Vector: error_signatures beside a remap.

    compare.py BINARY LOG... [--events N] [--rounds N]

BINARY is a vector-with-signatures; the lines of the logs, over and over, make up
the events. Each round runs Vector from standard input to a blackhole four times:
with nothing between them, with a filter that lets all pass, which shows what a hop
costs, with error_signatures by the twelve patterns of the design, and with a remap
that tries the same patterns one after another. Told is the user CPU of the whole
process.
"""

import argparse
import itertools
import os
import resource
import statistics
import subprocess
import sys
import tempfile

# The list of bench/src/taxonomy.rs; the last one is noise.
PATTERNS = [
    r"OOMKilled",
    r"(socket hang up|ECONNRESET|ETIMEDOUT|EAI_AGAIN)",
    r"Out of memory|OOMKilled",
    r"gunicorn.*worker timeout",
    r"certificate verify failed|x509: .* expired",
    r"ECONNRESET|ETIMEDOUT|EAI_AGAIN|socket hang up",
    r"Too many open files|ENFILE|EMFILE",
    r"No space left on device|ENOSPC",
    r"Traceback ?\(|UnhandledPromiseRejection|TypeError:|ReferenceError:",
    r"Exited with code [1-9]\d*",
    r"socket hang up",
    r"Broken pipe|context canceled|499",
]

HEAD = """
data_dir: {directory}
sources:
  in: {{type: stdin}}
transforms:
"""
SINK = """
sinks:
  out: {{type: blackhole, print_interval_secs: 0, inputs: [{inputs}]}}
"""


def taxonomy():
    """The patterns as a taxonomy."""
    signatures = "".join(f"      - {{id: S{n}, pattern: '{p}'}}\n" for n, p in enumerate(PATTERNS[:-1]))
    return f"noise_allowlist: ['{PATTERNS[-1]}']\ncategories:\n  design:\n    signatures:\n{signatures}"


def remap():
    """The patterns as a chain of `match()` calls, which fingerprints and redacts nothing."""
    def tags(number):
        return [
            '  .error_category = "design"',
            f'  .error_signature = "S{number}"',
            '  .error_policy = "escalate"',
            '  .error_severity = "anomaly"',
        ]

    lines = ['text = string(.message) ?? ""']
    for number, pattern in enumerate(PATTERNS):
        last = number + 1 == len(PATTERNS)
        lines += [
            f"{'} else ' if number else ''}if match(text, r'(?i){pattern}') {{",
            *(["  abort"] if last else tags(number)),
        ]
    return "".join(f"      {line}\n" for line in [*lines, "}"])


def configurations(directory):
    """The name of each way to run, and its configuration."""
    head = HEAD.format(directory=directory)
    # The defaults, whatever the directory holds that this is run in.
    settings = os.path.join(directory, "alerts.yml")
    with open(settings, "w", encoding="utf-8") as file:
        file.write("window_minutes: 5\n")
    path = os.path.join(directory, "taxonomy.yml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(taxonomy())
    signatures = f"  stage: {{type: error_signatures, inputs: [in], taxonomy: {path}, grouping: {settings}}}\n"
    passes = "  stage: {type: filter, inputs: [in], condition: {type: is_log}}\n"
    chain = f"  stage:\n    type: remap\n    inputs: [in]\n    source: |\n{remap()}"
    return {
        "nothing": head.replace("transforms:\n", "") + SINK.format(inputs="in"),
        "filter": head + passes + SINK.format(inputs="stage"),
        "error_signatures": head + signatures + SINK.format(inputs="stage"),
        "remap": head + chain + SINK.format(inputs="stage"),
    }


def user_seconds(binary, config, events):
    """The user CPU of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with open(events, "rb") as stdin:
        run = subprocess.run(
            [binary, "--quiet", "--config", config], stdin=stdin, capture_output=True, check=False
        )
    if run.returncode:
        sys.exit((run.stdout + run.stderr).decode())
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def main():
    """Runs every configuration in turn, and prints what each adds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("logs", nargs="+")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    lines = [line for log in options.logs for line in open(log, "rb")]
    with tempfile.TemporaryDirectory() as directory:
        events = os.path.join(directory, "events.log")
        with open(events, "wb") as file:
            file.writelines(itertools.islice(itertools.cycle(lines), options.events))
        seconds = {}
        for name, text in configurations(directory).items():
            config = os.path.join(directory, f"{name}.yaml")
            with open(config, "w", encoding="utf-8") as file:
                file.write(text)
            seconds[name] = (config, [])
        for _ in range(options.rounds):
            for config, taken in seconds.values():
                taken.append(user_seconds(options.binary, config, events))
    median = {name: statistics.median(taken) for name, (_, taken) in seconds.items()}
    print(f"{options.events} events of {len(lines)} lines, {options.rounds} rounds; user CPU, µs per event")
    for name, (_, taken) in seconds.items():
        per_event = [second * 1e6 / options.events for second in taken]
        added = (median[name] - median["nothing"]) * 1e6 / options.events
        print(
            f"{name:>16}  median {median[name] * 1e6 / options.events:6.2f}"
            f"  {min(per_event):6.2f} – {max(per_event):6.2f}  added {added:6.2f}"
        )
    added = {name: median[name] - median["nothing"] for name in ("error_signatures", "remap")}
    print(f"error_signatures adds {added['error_signatures'] / added['remap']:.3f} of what the remap adds")


if __name__ == "__main__":
    main()
