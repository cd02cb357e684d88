"""The statements of the demonstration, with small data for the slow reference and large data for the clock."""

from __future__ import annotations

import importlib.util
from typing import Any, NamedTuple

import numpy as np
from contender import load_program
from molecule import solve

__all__ = ["Statement", "statements"]

Array = np.ndarray[Any, Any]


class Statement(NamedTuple):
    """A program of the folder ``programs`` and data for it.

    Attributes
    ----------
    name : str
        Name of the program.
    title : str
        What it is, in words.
    small, large : dict of str to array
        Two sets of inputs.
    known : float or None
        The value for the large data as another program computes it.
    source : str
        That program.
    """

    name: str
    title: str
    small: dict[str, Array]
    large: dict[str, Array]
    known: float | None = None
    source: str = ""

    @property
    def text(self) -> str:
        """The last statement of the program."""
        return load_program(self.name).text.strip().rpartition("\n")[2]


def statements(*, large: bool = True) -> list[Statement]:
    """All statements; with small data in both places if `large` is False."""
    rng = np.random.default_rng(0)

    def numbers(small: dict[str, tuple[int, ...]], big: dict[str, tuple[int, ...]]) -> tuple[dict[str, Array], ...]:
        return tuple({n: rng.normal(size=s) for n, s in shapes.items()} for shapes in (small, big if large else small))

    springs = dict.fromkeys(("k", "r", "r0"), (50,)), dict.fromkeys(("k", "r", "r0"), (1_000_000,))
    return [
        Statement(
            "product", "matrix product", *numbers({"A": (9, 8), "B": (8, 7)}, {"A": (600, 500), "B": (500, 700)})
        ),
        Statement("softmax", "softmax of every row", *numbers({"x": (5, 7)}, {"x": (1000, 800)})),
        Statement("harmonic", "energy of springs", *numbers(*springs)),
        *_mp2(large=large),
        Statement("ladder", "coupled cluster, ladder", *numbers(_ladder(3, 5), _ladder(8, 24))),
    ]


def _ladder(occupied: int, virtual: int) -> dict[str, tuple[int, ...]]:
    return {"v": (virtual,) * 4, "t": (occupied, occupied, virtual, virtual)}


def _mp2(*, large: bool) -> list[Statement]:
    """The correlation energy of water; nothing, said in a line, where pyscf is not installed."""
    if importlib.util.find_spec("pyscf") is None:
        print("pyscf is not installed, so the MP2 energy is left out: pip install pyscf")
        return []
    small, big = solve("water", "sto-3g"), solve("water", "6-31g**" if large else "sto-3g")
    title = "MP2 correlation energy of water, in Hartree"
    return [Statement("mp2", title, small.inputs, big.inputs, big.correlation_energy, "pyscf itself")]
