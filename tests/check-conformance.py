#!/usr/bin/env python3
"""Holds docs/conformance-*.md true: clauses that the source cites stand there, rows are cited, their tests exist."""
import glob
import os
import re
import sys

SOURCE = os.environ.get("RSPKIT_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
SGP_22 = re.compile(r"SGP\.22 ((?:[2-6](?:\.[0-9]+)+|[2-6]\b)(?:(?:, | and )[2-6](?:\.[0-9]+)+)*)")
TCA = re.compile(r"(?:TCA profile package |SAIP_CLAUSE\(\")((?:[0-9]+(?:\.[0-9]+)*)(?:(?:, | and )[0-9]+(?:\.[0-9]+)+)*)")
# document: its clauses, how its standard is cited, and the folders whose citations it must have
DOCUMENTS = {
    "conformance-smdp.md": ("[2-6]", SGP_22, ["smdp"]),
    "conformance-smds.md": ("[2-6]", SGP_22, ["smds"]),
    "conformance-euicc.md": ("[2-6]", SGP_22, ["euicc"]),
    "conformance-profile.md": ("[0-9]+", TCA, ["lib/saip", "euicc"]),
}
# where else a row's clause may be cited
SHARED = ["lib/rsp", "lib/crypto", "lib/net", "lib/server", "lib/saip", "schema"]

count = bad = 0


def ok(condition, name, why=""):
    global count, bad
    count += 1
    bad += not condition
    if not condition:
        print("# " + str(why))
    print(f"{'ok' if condition else 'not ok'} {count} - conformance: {name}")


def citations(cited, folders):
    found = {}
    for folder in folders:
        for path in glob.glob(os.path.join(SOURCE, folder, "**", "*"), recursive=True):
            if not path.endswith((".c", ".h", ".schema")):
                continue
            with open(path, encoding="utf-8") as text:
                for clauses in cited.findall(text.read()):
                    for clause in re.split(r", | and ", clauses):
                        found.setdefault(clause, os.path.relpath(path, SOURCE))
    return found


def rows(document, chapters):
    with open(os.path.join(SOURCE, "docs", document), encoding="utf-8") as text:
        for line in text:
            cells = [c.strip() for c in line.strip().strip("|").split("|")]
            if line.startswith("|") and len(cells) == 4 and re.match(chapters + r"(\.[0-9]+)*$", cells[0]):
                yield cells


def tests_of(program):
    path = os.path.join(SOURCE, "tests", "unit", program + ".c")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as text:
        return set(re.findall(r"^TEST\((\w+)\)", text.read(), re.M))


def missing_tests(cell):
    program, names = None, None
    for word in filter(None, (w.strip() for w in cell.split(","))):
        if ":" in word or program is None or word.startswith("test_"):
            program, _, word = (part.strip() for part in word.partition(":"))
            names = tests_of(program)
            if names is None and not os.path.exists(os.path.join(SOURCE, "tests", "scenario", program)):
                yield program
                continue
        if word and (names is None or word not in names):
            yield f"{program}: {word}"


def check(document, chapters, cited, folders):
    own, everywhere = citations(cited, folders), citations(cited, folders + SHARED)
    clauses = set()
    for clause, what, here, shown in rows(document, chapters):
        clauses.add(clause)
        state = here.split(":")[0]
        ok(state in ("yes", "partly", "no") and (state == "yes" or ":" in here), f"{clause} says yes, or why not", here)
        if state == "no":
            continue
        found = [c for c in everywhere if c == clause or c.startswith(clause + ".")]
        ok(found, f"{clause} {what}: cited in the source", "no file cites " + clause)
        gone = list(missing_tests(shown))
        ok(shown and not gone, f"{clause} {what}: shown by tests", f"there is no {gone}" if shown else "no test is named")
    for clause, path in sorted(own.items()):
        known = any(clause == c or c.startswith(clause + ".") or clause.startswith(c + ".") for c in clauses)
        ok(known, f"{clause}, cited in {path}, has a row", f"docs/{document} lacks clause {clause}")


for name, facts in DOCUMENTS.items():
    check(name, *facts)
print(f"1..{count}")
sys.exit(bad != 0)
