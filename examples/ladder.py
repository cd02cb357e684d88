"""The particle-particle ladder of coupled cluster, on every backend, compared with numpy.einsum.

python examples/ladder.py --occupied 8 --virtual 32
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from contender import installed, load_program

import tensorlayer as tl
from tensorlayer.language.evaluation import plan_for

TOLERANCE = 1e-12
#: Products that the reference backend, which computes them one by one, is asked for at most.
REFERENCE_CAN = 200_000

#: Both tensors change sign when their first two modes are exchanged, and when their last two are.
PAIRS = tl.Symmetry.antisymmetric(4, (0, 1)) | tl.Symmetry.antisymmetric(4, (2, 3))


def antisymmetric(rng: np.random.Generator, *shape: int) -> np.ndarray[Any, Any]:
    """Random numbers with the symmetry `PAIRS`."""
    x = rng.normal(size=shape)
    x = x - x.transpose(1, 0, 2, 3)
    return x - x.transpose(0, 1, 3, 2)


def fastest(call: Callable[[], Any], calls: int = 5) -> float:
    """Seconds that a call takes: the least of several."""

    def once() -> float:
        start = perf_counter()
        call()
        return perf_counter() - start

    return min(once() for _ in range(calls))


def compute(program: tl.Program, inputs: dict[str, tl.Tensor]) -> np.ndarray[Any, Any]:
    """The elements of the result."""
    result: np.ndarray[Any, Any] = program(**inputs).numpy()
    return result


def flops(program: tl.Program, inputs: dict[str, tl.Tensor]) -> int:
    """Floating-point operations of the plan."""
    plan, _ = plan_for([program.record(**inputs)["R"].value])
    return plan.final.flops()


def main() -> int:
    """Compute, print, and give 1 if a backend deviates."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--occupied", type=int, default=6, help="number of occupied orbitals (default: %(default)s)")
    parser.add_argument("--virtual", type=int, default=24, help="number of virtual orbitals (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=2, help="worker processes for dask (default: %(default)s)")
    choice = parser.parse_args()
    o, v = choice.occupied, choice.virtual

    rng = np.random.default_rng(0)
    integrals, amplitudes = antisymmetric(rng, v, v, v, v), antisymmetric(rng, o, o, v, v)
    expected = 0.5 * np.einsum("abcd,ijcd->ijab", integrals, amplitudes)
    print(f"ladder of {o} occupied and {v} virtual orbitals\n")
    print(f"{'':20}  {'declared':13}  {'deviation':>9}  {'flops':>11}  {'seconds':>8}")
    seconds = fastest(lambda: 0.5 * np.einsum("abcd,ijcd->ijab", integrals, amplitudes))
    print(f"{'numpy.einsum':20}  {'':13}  {'':9}  {2 * o**2 * v**4:11,}  {seconds:8.5f}")

    program = load_program("ladder")
    deviations = []
    for contender in installed(choice.processes):
        if contender.backend == "reference" and o**2 * v**4 > REFERENCE_CAN:
            print(f"{contender!s:20}  left out: it is for small data, as --virtual 8")
            continue
        with contender.in_charge():
            for symmetry in (None, PAIRS):
                inputs = {
                    "v": tl.tensor(integrals, symmetry=symmetry),
                    "t": tl.tensor(amplitudes, symmetry=symmetry),
                }
                result = compute(program, inputs)  # makes the plan
                seconds = fastest(partial(compute, program, inputs))
                deviations.append(np.max(np.abs(result - expected)) / np.max(np.abs(expected)))
                declared = "antisymmetric" if symmetry else "nothing"
                work = flops(program, inputs)
                print(f"{contender!s:20}  {declared:13}  {deviations[-1]:9.1e}  {work:11,}  {seconds:8.5f}")

    agree = bool(np.max(deviations) <= TOLERANCE)
    print(f"\nAll agree to {TOLERANCE:g} of the largest element." if agree else "\nNOT all agree.")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
