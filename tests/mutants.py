#!/usr/bin/env python3
"""Breaks the code on purpose, one line at a time, and demands that a named test
turns red.  The breaks are kept in tests/mutants/*.txt, four lines each:

    what is broken
    FILE
    - the text to replace (once in the file)
    + the text that replaces it
    = TEST-PROGRAM: part of the test's name

A program is a unit test, or a scenario that asks card_with_package and nothing else.

Works on a copy of the tree in build/mutants.  usage: mutants.py [part of a title]
"""
import os
import re
import shutil
import subprocess
import sys

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
TIMEOUT = 120
COPY = os.path.join(SOURCE, "build", "mutants")


def load():
    folder = os.path.join(SOURCE, "tests", "mutants")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as text:
            blocks = [b for b in re.split(r"\n\s*\n", text.read()) if b.strip() and not b.startswith("#")]
        for block in blocks:
            lines = block.strip("\n").split("\n")
            title, path = lines[0], lines[1].strip()
            take = lambda sign: "\n".join(l[2:] for l in lines[2:] if l[:1] == sign)
            program, test = take("=").split(": ", 1)
            yield {"title": title, "path": path, "old": take("-"), "new": take("+"), "program": program, "test": test}


def forget(tracked):
    """What the copy has and the tree no longer has."""
    for folder, _, names in os.walk(COPY):
        here = os.path.relpath(folder, COPY)
        for name in names if here.split(os.sep)[0] != "b" else ():
            if os.path.normpath(os.path.join(here, name)) not in tracked:
                os.remove(os.path.join(folder, name))


def prepare():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=SOURCE, check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    tracked = set(filter(None, listed.split("\n")))
    forget(tracked)
    for path in sorted(tracked):
        source, target = os.path.join(SOURCE, path), os.path.join(COPY, path)
        if not os.path.isfile(source):
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target) or open(source, "rb").read() != open(target, "rb").read():
            shutil.copy(source, target)
    if not os.path.exists(os.path.join(COPY, "b", "build.ninja")):
        subprocess.run(["meson", "setup", "b", "-Dtests=true", "-Dprograms=false", "-Dwerror=false"],
                       cwd=COPY, check=True, stdout=subprocess.DEVNULL)


def run(mutant, environment):
    target = os.path.join(COPY, mutant["path"])
    with open(target, encoding="utf-8") as text:
        whole = text.read()
    if whole.count(mutant["old"]) != 1:
        return f"the text to replace stands {whole.count(mutant['old'])} times in {mutant['path']}"
    try:
        with open(target, "w", encoding="utf-8") as text:
            text.write(whole.replace(mutant["old"], mutant["new"]))
        scenario = os.path.join("tests", "scenario", mutant["program"])
        whole_card = os.path.exists(os.path.join(COPY, scenario))
        program = "tests/card_with_package" if whole_card else f"tests/unit/{mutant['program']}"
        command = scenario if whole_card else os.path.join("b", program)
        built = subprocess.run(["ninja", "-C", "b", program], cwd=COPY, stdout=subprocess.PIPE, text=True, check=False)
        if built.returncode:
            return "it does not compile:\n" + built.stdout[-1500:]
        try:
            done = subprocess.run([command], cwd=COPY, env=environment, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, check=False, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            return f"{mutant['program']} did not end within {TIMEOUT} seconds"
        red = [l for l in done.stdout.decode("utf-8", "replace").split("\n") if l.startswith("not ok")]
        if any(mutant["test"] in l for l in red) or (done.returncode not in (0, 1) and mutant["test"] == "ends"):
            return None
        return f"{mutant['program']}: no test named \"{mutant['test']}\" failed; red were: {red[:3]}"
    finally:
        with open(target, "w", encoding="utf-8") as text:
            text.write(whole)


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    prepare()
    environment = dict(os.environ, RSPKIT_SOURCE=os.path.abspath(SOURCE), RSPKIT_BUILD=os.path.join(COPY, "b"))
    passed = failed = 0
    for mutant in load():
        if wanted not in mutant["title"]:
            continue
        fault = run(mutant, environment)
        failed += bool(fault)
        passed += not fault
        print(f"{'SURVIVED' if fault else 'killed  '} {mutant['title']}" + (f"\n    {fault}" if fault else ""))
        sys.stdout.flush()
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
