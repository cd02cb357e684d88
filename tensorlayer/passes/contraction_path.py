"""The order in which a product of many operands is formed."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from functools import lru_cache

import opt_einsum

from tensorlayer.errors import OptionError

__all__ = ["contraction_path"]

#: Up to so many operands the search is exact (dynamic programming); more are left to heuristics.
EXACT_OPERANDS = 18

Path = tuple[tuple[int, ...], ...]


def contraction_path(
    labels: Sequence[Sequence[int]], output: Sequence[int], extents: Mapping[int, int], optimizer: str = "auto"
) -> tuple[Path, float]:
    """Search a pairwise order.

    Parameters
    ----------
    labels : sequence of label tuples
        Distinct labels of every operand.
    output : sequence of labels
        Labels of the result.
    extents : mapping
        Extent of every label.
    optimizer : str
        ``"auto"`` (exact for few operands, then cotengra if installed, then greedy), or a name that
        opt_einsum knows.

    Returns
    -------
    path : tuple of tuple of int
        Positions of the operands to merge in turn; the result goes to the end.
    cost : float
        Scalar multiplications of the whole product along the path.

    Raises
    ------
    OptionError
        If the optimizer is unknown.
    """
    if len(labels) < 3:
        return (tuple(range(len(labels))),) if len(labels) == 2 else (), _cost(labels, output, extents)
    sizes = tuple(sorted(extents.items()))
    return _search(tuple(map(tuple, labels)), tuple(output), sizes, optimizer)


def _cost(labels: Sequence[Sequence[int]], output: Sequence[int], extents: Mapping[int, int]) -> float:
    loop = 1.0
    for label in {x for one in (*labels, output) for x in one}:
        loop *= extents[label]
    return loop


@lru_cache(maxsize=1024)
def _search(
    labels: tuple[tuple[int, ...], ...], output: tuple[int, ...], sizes: tuple[tuple[int, int], ...], optimizer: str
) -> tuple[Path, float]:
    extents = dict(sizes)
    # An extent of zero makes every order free; one is the smallest that still tells orders apart.
    shapes = [tuple(max(extents[x], 1) for x in one) for one in labels]
    symbols = {x: opt_einsum.get_symbol(i) for i, x in enumerate(extents)}
    terms = ["".join(symbols[x] for x in one) for one in labels]
    equation = f"{','.join(terms)}->{''.join(symbols[x] for x in output)}"
    try:
        path, info = opt_einsum.contract_path(
            equation, *shapes, shapes=True, optimize=_strategy(optimizer, len(labels))
        )
    except KeyError:
        raise OptionError(f"optimizer={optimizer!r} is not known: use 'auto', 'optimal', 'dp', 'greedy'") from None
    return tuple(tuple(step) for step in path), float(info.opt_cost)


def _strategy(optimizer: str, operands: int) -> object:
    if optimizer != "auto":
        return optimizer
    if operands <= 4:
        return "optimal"
    if operands <= EXACT_OPERANDS:
        return "dp"
    if importlib.util.find_spec("cotengra") is not None:
        import cotengra

        # A library must not start a pool of processes on its own.
        return cotengra.HyperOptimizer(methods=["greedy"], max_repeats=32, parallel=False, progbar=False)
    return "random-greedy"
