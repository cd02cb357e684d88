"""The same statements on every backend of this machine, to see that they agree and how fast each is.

`make demo` runs this. It ends with 1 if two backends disagree.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from contender import Contender, installed, load_program
from statement import Statement, statements

import tensorlayer as tl

#: Largest deviation, relative to the largest element, that counts as agreement.
TOLERANCE = 1e-10
#: Seconds and calls that one time is the median of, at most.
PATIENCE, CALLS = 0.3, 7

Array = np.ndarray[Any, Any]


class Outcome(NamedTuple):
    """What one contender made of one statement: the results for small and large data, and the seconds for large."""

    small: Array
    large: Array | None
    seconds: float | None


def main() -> int:
    """Run everything, print the table, and give 1 if two backends disagree."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--processes", type=int, default=2, help="worker processes for dask (default: %(default)s)")
    parser.add_argument("--small", action="store_true", help="small data only; for a quick look")
    choice = parser.parse_args()

    listed = statements(large=not choice.small)
    contenders = installed(choice.processes)
    print(
        f"tensorlayer {tl.__version__}, Python {sys.version.split()[0]}, {os.cpu_count()} cores\n\n{tl.backends()!r}\n"
    )
    outcomes = {contender: compute_all(contender, listed) for contender in contenders}
    print("\n")

    agree = [show(statement, {c: outcomes[c][statement.name] for c in contenders}) for statement in listed]
    print(
        "deviation: from the reference backend on small data, from numpy on large data; relative to the largest element"
    )
    print("time: of large data, the result fetched as a NumPy array; the reference backend computes small data only\n")
    print("All backends agree." if all(agree) else "BACKENDS DISAGREE.")
    print(suggestions())
    return 0 if all(agree) else 1


def compute_all(contender: Contender, listed: Iterable[Statement]) -> dict[str, Outcome]:
    """Compute every statement by one contender."""
    print(f"{contender} ...", end=" ", flush=True)
    with contender.in_charge():
        return {statement.name: compute(contender, statement) for statement in listed}


def compute(contender: Contender, statement: Statement) -> Outcome:
    """Compute small data, and, unless by the reference backend, large data several times."""
    small = evaluate(statement.name, hold(contender, statement.small))
    if contender.backend == "reference":
        return Outcome(small, None, None)
    inputs = hold(contender, statement.large)
    large = evaluate(statement.name, inputs)  # also makes the plan
    times: list[float] = []
    while len(times) < CALLS and sum(times) < PATIENCE:
        start = perf_counter()
        evaluate(statement.name, inputs)
        times.append(perf_counter() - start)
    return Outcome(small, large, median(times))


def hold(contender: Contender, arrays: Mapping[str, Array]) -> dict[str, tl.Tensor]:
    """The arrays as tensors that the contender's backend holds."""
    backend, device = contender.backend, contender.device
    return {name: tl.tensor(array, backend=backend, device=device) for name, array in arrays.items()}


def evaluate(name: str, inputs: Mapping[str, tl.Tensor]) -> Array:
    """Run a program; the elements of what it computes."""
    program = load_program(name)
    results = program(**inputs)
    return np.asarray(results if isinstance(results, tl.Tensor) else results[program.outputs[0]])


def show(statement: Statement, outcomes: Mapping[Contender, Outcome]) -> bool:
    """Print the rows of one statement; whether all agree."""
    print(f"{statement.text}    ({statement.title})")
    print(f"    {'backend':20}  {'deviation':>9}  {'agree':5}  {'time':>10}  {'of numpy':>8}")
    reference, numpy = outcomes[Contender("reference")], outcomes[Contender("numpy")]
    agree = True
    for contender, outcome in outcomes.items():
        off = deviation((outcome.small, reference.small), (outcome.large, numpy.large))
        agree &= off <= TOLERANCE
        verdict = "yes" if off <= TOLERANCE else "NO"
        print(f"    {contender!s:20}  {off:9.1e}  {verdict:5}  {timing(outcome.seconds, numpy.seconds)}".rstrip())
    if statement.known is not None and numpy.large is not None:
        off = abs(float(numpy.large) - statement.known)
        agree &= off <= TOLERANCE
        print(
            f"    {statement.source:20}  {off:9.1e}  {'yes' if off <= TOLERANCE else 'NO'}    ({statement.known:.10f})"
        )
    print()
    return agree


def deviation(*pairs: tuple[Array | None, Array | None]) -> float:
    """The largest deviation in pairs of what was found and what is expected, relative to the largest element."""
    offs = [np.max(np.abs(a - b)) / np.max(np.abs(b)) for a, b in pairs if a is not None and b is not None]
    return float(np.max(offs))


def timing(seconds: float | None, of_numpy: float | None) -> str:
    """The columns of time; "-" where none was measured."""
    if seconds is None or of_numpy is None:
        return f"{'-':>10}  {'-':>8}"
    return f"{1e3 * seconds:7.2f} ms  {seconds / of_numpy:8.2f}"


def suggestions() -> str:
    """What to try next, with the paths of this machine."""
    python = Path(os.path.relpath(sys.executable))
    python = Path(sys.executable) if ".." in python.parts else python
    here = os.path.relpath(Path(__file__).parent)
    return f"""
What to try next:
    {python} {here}/mp2.py --molecule ammonia --basis 6-31g      another molecule, compared with pyscf
    {python} {here}/ladder.py                                    declared antisymmetry: fewer operations
    {python} {here}/gradient_descent.py                          symbolic gradients on every backend
    {python} {here}/analog_training.py                           a regression on simulated analog crossbars
    {python} -m tensorlayer explain {here}/programs/mp2.tl       how a program would be computed
    {python} -m tensorlayer backends                             what is installed, and how to install the rest"""


if __name__ == "__main__":
    sys.exit(main())
