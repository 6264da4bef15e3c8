#!/usr/bin/env python3
"""Runs test programs that print TAP, shows what failed, and ends with one line
of totals.  A skipped test is a failure when the data it asks for is there.

usage: run.py [-j N] PROGRAM...
"""
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

LINE = re.compile(r"^(not )?ok \d+ - (.*?)(?: # SKIP (.*))?$")
TIMEOUT = 900


def run(program):
    try:
        done = subprocess.run([program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TIMEOUT)
        return program, done.returncode, done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as late:
        return program, "time-out", (late.stdout or b"").decode("utf-8", "replace")


def data_present():
    source = os.environ.get("RSPKIT_SOURCE", ".")
    return os.path.isdir(os.environ.get("RSPKIT_TESTDATA", os.path.join(source, "../shared/data")))


def allowed(reason):
    """Skips that the environment explains: data or an optional peer that is not here, a right that we lack."""
    if reason.startswith("no test data"):
        return not data_present()
    if reason.startswith("no recorded session"):
        return "RSPKIT_SESSION" not in os.environ
    if reason.startswith("not root"):
        return os.geteuid() != 0
    return False


def judge(program, code, output, totals):
    name, passed, failed = os.path.basename(program), 0, 0
    notes = []
    for line in output.splitlines():
        found = LINE.match(line)
        if not found:
            notes.append(line)
            continue
        bad, test, skip = found.groups()
        if skip is not None and not allowed(skip):
            bad = True
            line += "   (this skip is unexpected)"
        if bad:
            failed += 1
            print("\n".join(notes + [f"FAILED {name}: {line}"]))
        elif skip is not None:
            totals["skipped"] += 1
            print(f"skipped {name}: {test}: {skip}")
        else:
            passed += 1
        notes = []
    if code not in (0, 1) or (code == 1 and failed == 0) or passed + failed == 0 and "SKIP" not in output:
        failed += 1
        print("\n".join(notes[-60:] + [f"FAILED {name}: ended with {code} after {passed} passed tests"]))
    totals["passed"] += passed
    totals["failed"] += failed


def main():
    arguments = sys.argv[1:]
    jobs = os.cpu_count() or 1
    if arguments[:1] == ["-j"]:
        jobs = int(arguments[1])
        arguments = arguments[2:]
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    with ThreadPoolExecutor(jobs) as pool:
        for result in pool.map(run, arguments):
            judge(*result, totals)
            sys.stdout.flush()
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**totals))
    return totals["failed"] != 0


if __name__ == "__main__":
    sys.exit(main())
