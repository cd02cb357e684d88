"""Products of one and two operands: traces, diagonals, batches, every order of labels, every element type."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np

from tensorlayer.graph import Einsum
from tensorlayer.testing.case import Array, Case, inputs_for
from tensorlayer.testing.cases.samples import DTYPES, sample

__all__ = ["PRODUCTS"]

_EXTENTS = {"i": 2, "j": 3, "k": 4, "l": 2, "b": 3, "z": 0, "u": 1}
_NAMED = (
    "i->",
    "i->i",
    "ij->ji",
    "ij->i",
    "ii->i",
    "ii->",
    "iij->j",
    "iii->i",
    "iijj->ij",
    "ijij->",
    "z->",
    "iz->i",
    "zz->z",
    ",->",
    ",ij->ji",
    "i,i->",
    "i,i->i",
    "i,j->ji",
    "ij,j->i",
    "ij,jk->ik",
    "ij,jk->ki",
    "ji,kj->ik",
    "ij,ij->",
    "ij,ji->",
    "ij,ij->j",
    "bij,bjk->bik",
    "bij,bjk->ikb",
    "ibj,jkb->bki",
    "ijk,kl->ijl",
    "ijkl,klb->bij",
    "ij,kl->",
    "ij,kl->jk",
    "ii,ij->j",
    "ii,ij->ij",
    "iz,zj->ij",
    "zi,ij->zj",
    "iu,uj->ij",
    "ij,jb->ibj",
)


def _case(text: str, dtypes: tuple[str, ...]) -> Case:
    """A case from ``"ij,jk->ik"``."""
    operands, output = text.split("->")
    labels = operands.split(",")
    arrays = [sample(tuple(_EXTENTS[x] for x in one), dtypes[i % len(dtypes)], seed=i) for i, one in enumerate(labels)]
    return _product(f"{text}-{'-'.join(dtypes)}", labels, output, arrays)


def _product(name: str, labels: list[str], output: str, arrays: list[Array]) -> Case:
    numbered = [tuple(map(ord, one)) for one in labels]
    node = Einsum.of(inputs_for(*arrays), numbered, tuple(map(ord, output)))
    return Case(name, (node,), tuple(arrays))


def _random(count: int) -> Iterator[Case]:
    """Products of labels drawn at random, repeats included."""
    draw = random.Random(2)  # noqa: S311  # test data
    for _ in range(count):
        labels = ["".join(draw.choices("ijklb", k=draw.randrange(1, 5))) for _ in range(2)]
        there = sorted(set("".join(labels)))
        output = "".join(draw.sample(there, draw.randrange(len(there) + 1)))
        yield _case(f"{','.join(labels)}->{output}", ("float64",))


def _special() -> Iterator[Case]:
    matrix = np.array([[0.0, np.inf, 1.0], [np.nan, 1.0, 2.0], [1.0, 2.0, -3.0]])
    vector = np.array([1.0, 0.0, 2.0])
    yield _product("NaN in a matrix", ["ij", "j"], "i", [matrix, vector])
    yield _product("NaN in a sum", ["ij"], "i", [matrix])
    large = np.full((2, 2), 2**62)
    yield _product("wrapping int64", ["ij", "jk"], "ik", [large, large])
    small = np.full((3,), 100, np.int8)
    yield _product("int8 summed in 64 bits", ["i", "i"], "", [small, small])
    yield _product("int8 not summed", ["i", "i"], "i", [small, small])


def _typed() -> Iterator[Case]:
    for dtype in DTYPES:
        for text in ("ij,jk->ik", "ij,jk->ijk", "ij->j", "ii->i", "bij,bjk->bik", "ij,j->i", "ij,ij->"):
            yield _case(text, (dtype,))
    for dtypes in (("int32", "float32"), ("bool", "float64"), ("float64", "complex64"), ("int8", "int64")):
        for text in ("ij,jk->ik", "i,j->ij", "ij,ij->i"):
            yield _case(text, dtypes)


def _all() -> Iterator[Case]:
    yield from (_case(text, ("float64",)) for text in _NAMED)
    yield from _random(80)
    yield from _typed()
    yield from _special()


PRODUCTS: tuple[Case, ...] = tuple({case.name: case for case in _all()}.values())
