"""The kernels of the contract's cases."""

from __future__ import annotations

from pathlib import Path

from tensorlayer.testing import Case, compute
from tensorlayer.testing.cases import DTYPES, MAPS, PRODUCTS, REDUCTIONS
from tests.backends.cupy.emulated import EmulatedBackend
from tests.backends.cupy.emulation import Collector

#: Every function of these types, every mix and placement; the other types differ from them by a word of the dialect.
CHOSEN = ("bool", "int8", "int64", "uint64", "float16", "float32", "float64", "complex64")


def chosen(case: Case) -> bool:
    named = case.name.split("-")
    return not any(dtype in named for dtype in DTYPES if dtype not in CHOSEN)


CASES = [case for case in (*MAPS, *REDUCTIONS, *PRODUCTS) if chosen(case)]


def collected() -> list[str]:
    """The texts of all cases."""
    collector = Collector(Path())
    backend = EmulatedBackend(collector)
    for case in CASES:
        compute(backend, case.sinks, case.operands)
    return list(collector.sources)
