#!/usr/bin/env python3
"""Fingerprint and group of vector-signatures, for applications that compute them too.

    fingerprint("network_db", "read ECONNRESET after 30 ms")  ->  "ff526c105fa8"
    group("network_db", "read ECONNRESET after 30 ms", ["checkout"])  ->  "6f52532c26b1"

The formulas are a contract: schemas/fingerprint_vectors.json and group_vectors.json
pin them, and `python3 examples/fingerprint.py schemas/*_vectors.json` checks this
file against both. The group is that of `grouping: {by: [service]}` for an error that
is no exception; the values are those of the fields in `by`, in their order.
"""

import hashlib
import json
import re
import sys

from extended import extended

# Tried in this order. A group is a stretch that is written as one "*".
SHAPES = [
    re.compile(shape, re.IGNORECASE)
    for shape in (
        r"Out of memory|OOMKilled",
        r"gunicorn(.*)worker timeout",
        r"certificate verify failed|x509: (.*) expired",
        r"ECONNRESET|ETIMEDOUT|EAI_AGAIN|socket hang up",
        r"Too many open files|ENFILE|EMFILE",
        r"No space left on device|ENOSPC",
        r"Traceback ?\(|UnhandledPromiseRejection|TypeError:|ReferenceError:",
        r"Exited with code [1-9]\d*",
    )
]
HEX = re.compile(r"0x[0-9A-Fa-f]+")
DIGITS = re.compile(r"\d+")


def canonical(text):
    """What is left of an error when its accidents are taken away."""
    for shape in SHAPES:
        match = shape.search(text)
        if match:
            found = match.group()
            if shape.groups and match.group(1) is not None:
                start, end = (at - match.start() for at in match.span(1))
                found = found[:start] + "*" + found[end:]
            return found[:200].lower()
    parts = HEX.sub("0x?", text).split("0x?")
    return "0x?".join(DIGITS.sub("#", part) for part in parts)[:200].lower()


def fingerprint(category, text):
    """Twelve hex digits that say "the same error again"."""
    return hashlib.sha1(f"{category}|{canonical(text)}".encode()).hexdigest()[:12]


def first_bytes(text, most=256):
    """The first bytes of a text, whole characters only."""
    return text.encode()[:most].decode(errors="ignore")


def group(category, text, values):
    """Twelve hex digits that say "the same error again, in the same place"."""
    by = "\x1f".join(first_bytes(value) for value in values)
    return hashlib.sha1(f"g1|{category}|{extended(text)}|{by}".encode()).hexdigest()[:12]


def computed(vector):
    """What this file makes of a vector."""
    if "bytes" in vector:
        text = bytes.fromhex(vector["bytes"]).decode("utf-8", errors="replace")
    else:
        text = vector["text"]
    if "group" in vector:
        name = group(vector["category"], text, vector["by"])
        return {"canonical": extended(text), "group": name}
    return {"canonical": canonical(text), "fingerprint": fingerprint(vector["category"], text)}


def check(path):
    """Compares this file with the published vectors."""
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)["vectors"]
    for vector in vectors:
        found = computed(vector)
        if any(vector[key] != value for key, value in found.items()):
            sys.exit(f"{vector}: found {found}")
    print(f"{len(vectors)} vectors hold")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        check(argument)
