#!/usr/bin/env python3
"""Grouping accuracy and F1 of groups on LogHub's samples, beside Drain3.

    pip install drain3==0.9.11
    cd bench && cargo build --release --bin canonical
    python3 grouping.py DATA

DATA is the folder with LogHub's `*_2k.log` and `*_2k.log_structured.csv`. Each form labels the
messages (`Content`) and the whole lines. Accuracy: the share of messages whose group has exactly
the messages of their template. F1: of groups, where a group is right if it is a template's.
Drain3 is as it comes: no masking, its own defaults. Then what a text costs.
"""

import collections
import csv
import glob
import json
import os
import subprocess
import sys

CANONICAL = os.path.join(os.path.dirname(__file__), "target", "release", "canonical")


def run(texts, *arguments):
    given = "".join(json.dumps(text, ensure_ascii=False) + "\n" for text in texts)
    done = subprocess.run([CANONICAL, *arguments], input=given.encode(), stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


def labels_of(*arguments):
    return lambda texts: [json.loads(line) for line in run(texts, *arguments).split("\n") if line]


def drain(texts):
    from drain3 import TemplateMiner

    miner = TemplateMiner()
    return [miner.add_log_message(text)["cluster_id"] for text in texts]


def score(labels, truth):
    groups, templates = collections.defaultdict(set), collections.defaultdict(set)
    for index, (label, template) in enumerate(zip(labels, truth)):
        groups[label].add(index)
        templates[template].add(index)
    wanted = {frozenset(template) for template in templates.values()}
    right = [group for group in groups.values() if frozenset(group) in wanted]
    accuracy = sum(map(len, right)) / len(truth)
    f1 = 2 * len(right) / (len(groups) + len(templates))
    return accuracy, f1


def main(folder):
    forms = {"extended": labels_of(), "seed": labels_of("--seed")}
    try:
        import drain3  # noqa: F401

        forms["Drain3"] = drain
    except ImportError:
        print("without drain3: pip install drain3", file=sys.stderr)
    sums, samples = collections.Counter(), sorted(glob.glob(os.path.join(folder, "*_structured.csv")))
    print("| sample | " + " | ".join(f"{form} {kind}" for kind in ("message", "line") for form in forms) + " |")
    print("|---|" + "--:|" * 2 * len(forms))
    every = {"message": [], "line": []}
    for sample in samples:
        with open(sample, encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        truth = [row["EventId"] for row in rows]
        with open(sample.removesuffix("_structured.csv"), encoding="utf-8", errors="replace", newline="") as file:
            lines = [line.rstrip("\r") for line in file.read().split("\n") if line.strip()]
        cells = []
        for kind, texts in (("message", [row["Content"] for row in rows]), ("line", lines)):
            every[kind] += texts
            for form, label in forms.items():
                accuracy, f1 = score(label(texts), truth)
                sums[kind, form, 0] += accuracy
                sums[kind, form, 1] += f1
                cells.append(f"{accuracy:.3f} / {f1:.3f}")
        print(f"| {os.path.basename(sample).split('_')[0]} | " + " | ".join(cells) + " |")
    mean = [f"{sums[kind, form, 0] / len(samples):.3f} / {sums[kind, form, 1] / len(samples):.3f}" for kind in every for form in forms]
    print("| **mean** | " + " | ".join(mean) + " |")
    for kind, texts in every.items():
        print(f"\n{kind}s: {run(texts, '--time').strip()}")


if __name__ == "__main__":
    main(sys.argv[1])
