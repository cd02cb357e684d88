"""Molecules by pyscf: the integrals and orbitals that a correlation energy is computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["GEOMETRIES", "Molecule", "solve"]

Array = np.ndarray[Any, Any]

#: Positions of the atoms, in Ångström.
GEOMETRIES = {
    "water": "O 0 0 0.1173; H 0 0.7572 -0.4692; H 0 -0.7572 -0.4692",
    "hydrogen": "H 0 0 0; H 0 0 0.74",
    "ammonia": "N 0 0 0.1; H 0 0.94 -0.27; H 0.81 -0.47 -0.27; H -0.81 -0.47 -0.27",
    "methane": "C 0 0 0; H 0.63 0.63 0.63; H -0.63 -0.63 0.63; H -0.63 0.63 -0.63; H 0.63 -0.63 -0.63",
}


@dataclass(frozen=True)
class Molecule:
    """A closed-shell molecule whose Hartree-Fock equations are solved.

    Attributes
    ----------
    inputs : dict of str to array
        What ``programs/mp2.tl`` reads; energies in Hartree.
    correlation_energy : float
        pyscf's own MP2 correlation energy, in Hartree.
    """

    inputs: dict[str, Array]
    correlation_energy: float

    @property
    def orbitals(self) -> tuple[int, int]:
        """Numbers of occupied and of virtual orbitals."""
        return len(self.inputs["eo"]), len(self.inputs["ev"])


def solve(name: str, basis: str) -> Molecule:
    """Solve the Hartree-Fock equations of a molecule in a basis, as ``solve("water", "6-31g")``."""
    from pyscf import gto, mp, scf

    molecule = gto.M(atom=GEOMETRIES[name], basis=basis, verbose=0)
    solution = scf.RHF(molecule).run(conv_tol=1e-12)
    occupied = molecule.nelectron // 2
    inputs = {
        "ao": molecule.intor("int2e"),
        "Co": np.ascontiguousarray(solution.mo_coeff[:, :occupied]),
        "Cv": np.ascontiguousarray(solution.mo_coeff[:, occupied:]),
        "eo": solution.mo_energy[:occupied],
        "ev": solution.mo_energy[occupied:],
    }
    return Molecule(inputs, float(mp.MP2(solution).run().e_corr))
