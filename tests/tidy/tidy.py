#!/usr/bin/env python3
"""tidy.py - checks the rules of this project that a compiler does not: layers, disk access, SQL,
length, stray files, comments, dependency lists.

usage: tidy.py [--root DIRECTORY]     prints "path:line: rule: message" per finding; status 1 if any
       tidy.py --self-test [...]      plants one violation after another in a copy of the tree and
                                      checks that each is found
Python's standard library only.
"""

import argparse
import sys
from pathlib import Path

import cpp_rules
import tree_rules
from source_tree import SourceTree


def findings(root):
    """Every finding in the tree, sorted."""
    tree = SourceTree(Path(root))
    found = []
    for rule in cpp_rules.RULES + tree_rules.RULES:
        found.extend(rule(tree))
    return sorted(set(found))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--root', default=Path(__file__).resolve().parents[2])
    parser.add_argument('--self-test', action='store_true')
    arguments = parser.parse_args()
    if arguments.self_test:
        import self_test
        return self_test.run(arguments.root, findings)
    found = findings(arguments.root)
    for finding in found:
        print(finding)
    print(f'tidy: {len(found)} finding(s)', file=sys.stderr)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
