"""`python -m benchmarks [part of a topic's or case's name ...]`: prints the table of ratios and keeps the run."""

from __future__ import annotations

import argparse
import sys

from benchmarks.catalogue import cases
from benchmarks.measure import compare
from benchmarks.outcome import Outcome
from benchmarks.report import table, write


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="only topics and cases whose names contain one of these")
    parser.add_argument("--rounds", type=int, default=21, help="samples of every contender (default 21)")
    parser.add_argument("--label", default="", help="keep the run as results/<date>-<label>.json and .md")
    chosen = parser.parse_args(arguments)
    outcomes = []
    for topic, case in cases():
        if not chosen.names or any(name in f"{topic} {case.name}" for name in chosen.names):
            print(f"{topic}: {case.name}", file=sys.stderr, flush=True)
            outcomes.append(Outcome(topic, case, compare(case.build(), chosen.rounds)))
    print(table(outcomes))
    if chosen.label:
        print(f"\nkept as {write(outcomes, chosen.label).name}")


if __name__ == "__main__":
    main(sys.argv[1:])
