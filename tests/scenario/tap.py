"""TAP for scenario tests: each check is a named test, a skip is visible."""
import os
import subprocess
import sys

SOURCE = os.path.abspath(os.environ.get("RSPKIT_SOURCE", os.path.join(os.path.dirname(__file__), "../..")))
BUILD = os.path.abspath(os.environ.get("RSPKIT_BUILD", os.path.join(SOURCE, "build/asan")))
DATA = os.path.abspath(os.environ.get("RSPKIT_TESTDATA", os.path.join(SOURCE, "../shared/data")))

count = failures = 0


def program(name):
    return os.path.join(BUILD, "bin", name)


def ok(condition, name, why=""):
    global count, failures
    count += 1
    if not condition:
        failures += 1
        for line in str(why).split("\n")[:40]:
            print("# " + line)
    print(f"{'ok' if condition else 'not ok'} {count} - {name}")
    sys.stdout.flush()
    return condition


def skip(name, why):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {why}")


def run(*command, stdin=None, timeout=120):
    """(exit code, standard output as bytes, standard error as text)"""
    done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                          check=False)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def end():
    print(f"1..{count}")
    sys.exit(failures != 0)
