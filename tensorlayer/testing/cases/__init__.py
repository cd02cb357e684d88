"""The cases of the contract, one module per family of operations."""

from tensorlayer.testing.cases.decompositions import DECOMPOSITIONS, FAILING
from tensorlayer.testing.cases.maps import MAPS
from tensorlayer.testing.cases.movements import MOVEMENTS
from tensorlayer.testing.cases.products import PRODUCTS
from tensorlayer.testing.cases.programs import PROGRAMS
from tensorlayer.testing.cases.reductions import REDUCTIONS
from tensorlayer.testing.cases.samples import DTYPES, LAYOUTS, sample

__all__ = [
    "DECOMPOSITIONS",
    "DTYPES",
    "FAILING",
    "LAYOUTS",
    "MAPS",
    "MOVEMENTS",
    "PRODUCTS",
    "PROGRAMS",
    "REDUCTIONS",
    "sample",
]
