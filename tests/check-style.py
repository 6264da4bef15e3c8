#!/usr/bin/env python3
"""What a reader may rely on in every source: the licence line, 120 columns, no tab, no blank at a line's end."""
import os
import re
import sys

SOURCE = os.path.abspath(os.environ.get("RSPKIT_SOURCE", os.path.join(os.path.dirname(__file__), "..")))
FOLDERS = ["lib", "smdp", "smds", "euicc", "lpa", "operator", "tools", "bench", "tests"]
COLUMNS = 120
FAULTS = [(f"a line of more than {COLUMNS} columns", re.compile(r"^.{%d}" % (COLUMNS + 1), re.M)),
          ("a tab", re.compile(r"\t")),
          ("a blank at the end of a line", re.compile(r"[ \t]+$", re.M)),
          ("no end of line at the end", re.compile(r"[^\n]\Z"))]


def sources(folder):
    for base, _, names in os.walk(os.path.join(SOURCE, folder)):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.join(base, name)


def faults(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".c") and not text.startswith("/* SPDX-License-Identifier: Apache-2.0"):
        yield 1, "no licence line"
    for what, pattern in FAULTS:
        for found in pattern.finditer(text):
            yield text.count("\n", 0, found.start()) + 1, what


bad = 0
for number, folder in enumerate(FOLDERS, 1):
    told = [f"{os.path.relpath(path, SOURCE)}:{line}: {what}" for path in sources(folder) for line, what in faults(path)]
    for line in told:
        print("# " + line)
    bad += bool(told)
    print(f"{'not ' if told else ''}ok {number} - style: {folder}")
print(f"1..{len(FOLDERS)}")
sys.exit(bad != 0)
