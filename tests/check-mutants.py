#!/usr/bin/env python3
"""Every mutant still fits: the text that it replaces stands once in its file, and one test program has the name that it
says.  (Whether that turns red, only `make mutants` tells.)"""
import os

import mutants

FILES = {}


def times(mutant):
    path = os.path.join(mutants.SOURCE, mutant["path"])
    if path not in FILES:
        with open(path, encoding="utf-8") as text:
            FILES[path] = text.read()
    return FILES[path].count(mutant["old"])


def programs(mutant):
    places = ("unit", mutant["program"] + ".c"), ("scenario", mutant["program"])
    return sum(os.path.exists(os.path.join(mutants.SOURCE, "tests", *place)) for place in places)


def main():
    number = 0
    for mutant in mutants.load():
        number += 1
        n = times(mutant)
        if n != 1:
            print(f"# {mutant['path']} has the text {n} times")
        named = programs(mutant)
        if named != 1:
            print(f"# {named} test programs have the name {mutant['program']}")
        print(f"{'ok' if n == 1 == named else 'not ok'} {number} - mutants: {mutant['title']}")
    print(f"1..{number}")


main()
