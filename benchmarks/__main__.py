"""`python -m benchmarks [part of a topic's or case's name ...]`: prints the table of ratios and keeps the run."""

from __future__ import annotations

import argparse
import sys
from time import perf_counter

from benchmarks.catalogue import cases
from benchmarks.measure import compare, cpu_time
from benchmarks.outcome import Outcome
from benchmarks.report import table, write


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="only topics and cases whose names contain one of these")
    parser.add_argument("--rounds", type=int, default=21, help="samples of every contender (default 21)")
    parser.add_argument("--label", default="", help="keep the run as results/<date>-<label>.json and .md")
    parser.add_argument(
        "--cpu-time",
        action="store_true",
        help="count processor time, for busy machines; with one thread: OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1",
    )
    chosen = parser.parse_args(arguments)
    clock = cpu_time if chosen.cpu_time else perf_counter
    outcomes = []
    for topic, case in cases():
        if not chosen.names or any(name in f"{topic} {case.name}" for name in chosen.names):
            print(f"{topic}: {case.name}", file=sys.stderr, flush=True)
            outcomes.append(Outcome(topic, case, compare(case.build(), chosen.rounds, clock=clock, rest=case.rest)))
    print(table(outcomes))
    if chosen.label:
        print(f"\nkept as {write(outcomes, chosen.label, clock.__name__).name}")


if __name__ == "__main__":
    main(sys.argv[1:])
