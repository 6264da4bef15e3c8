#!/usr/bin/env python3
"""Every mutant still fits: the text that it replaces stands once in its file.  (Whether its test turns red, only
`make mutants` tells.)"""
import os

import mutants

FILES = {}


def times(mutant):
    path = os.path.join(mutants.SOURCE, mutant["path"])
    if path not in FILES:
        with open(path, encoding="utf-8") as text:
            FILES[path] = text.read()
    return FILES[path].count(mutant["old"])


def main():
    number = 0
    for mutant in mutants.load():
        number += 1
        n = times(mutant)
        if n != 1:
            print(f"# {mutant['path']} has the text {n} times")
        print(f"{'ok' if n == 1 else 'not ok'} {number} - mutants: {mutant['title']}")
    print(f"1..{number}")


main()
