"""The MP2 correlation energy of a small molecule: one program, every backend, compared with pyscf's own value.

python examples/mp2.py --molecule water --basis 6-31g
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from time import perf_counter

import numpy as np
from contender import installed, load_program
from molecule import GEOMETRIES, solve

#: Hartree.
TOLERANCE = 1e-10


def main() -> int:
    """Compute, print, and give 1 if a backend deviates."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--molecule", default="water", choices=GEOMETRIES)
    parser.add_argument("--basis", default="6-31g", help="as pyscf spells it: sto-3g, 6-31g, cc-pvdz, ...")
    parser.add_argument("--processes", type=int, default=2, help="worker processes for dask (default: %(default)s)")
    choice = parser.parse_args()

    molecule = solve(choice.molecule, choice.basis)
    occupied, virtual = molecule.orbitals
    expected = molecule.correlation_energy
    print(f"{choice.molecule}, {choice.basis}: {occupied} occupied and {virtual} virtual orbitals\n")
    print(f"{'':20}  {'E(MP2) / Hartree':>18}  {'deviation':>9}  {'seconds':>7}")
    print(f"{'pyscf':20}  {expected:18.12f}")

    program = load_program("mp2")
    deviations = []
    for contender in installed(choice.processes):
        with contender.in_charge():
            start = perf_counter()
            energy = float(program(**molecule.inputs)["E"])
            seconds = perf_counter() - start
        deviations.append(abs(energy - expected))
        print(f"{contender!s:20}  {energy:18.12f}  {deviations[-1]:9.1e}  {seconds:7.3f}")

    agree = bool(np.max(deviations) <= TOLERANCE)
    print(f"\nAll agree to {TOLERANCE:g} Hartree." if agree else f"\nNOT all agree to {TOLERANCE:g} Hartree.")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
