"""The order in which a product of many operands is formed."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from tensorlayer.errors import OptionError

__all__ = ["EXACT_OPERANDS", "Path", "contraction_path", "sliced_labels"]

#: Up to so many operands the search is exact (dynamic programming); more are left to heuristics.
EXACT_OPERANDS = 18

#: Positions of the operands to merge in turn; the result goes to the end.
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

    Examples
    --------
    >>> contraction_path([(0, 1), (1, 2), (2,)], (0,), {0: 10, 1: 10, 2: 10})
    (((1, 2), (0, 1)), 200.0)
    """
    # Equal problems under other labels are one problem to the cache.
    number: dict[int, int] = {}
    for label in (x for one in labels for x in one):
        number.setdefault(label, len(number))
    terms = tuple(tuple(number[x] for x in one) for one in labels)
    sizes = tuple(extents[label] for label in number)
    return _search(terms, tuple(sorted(number[x] for x in output)), sizes, optimizer)


def _path_cost(
    labels: Sequence[Iterable[Hashable]], output: Iterable[Hashable], extents: Mapping[Any, int], path: Path
) -> float:
    """Scalar multiplications along a path."""
    terms, kept, total = [frozenset(one) for one in labels], frozenset(output), 0.0
    for step in path:
        merged = frozenset().union(*(terms[i] for i in step))
        total += math.prod(extents[x] for x in merged)
        terms = [term for i, term in enumerate(terms) if i not in step]
        terms.append(merged & kept.union(*terms))
    return total


@lru_cache(maxsize=4096)
def _search(
    labels: tuple[tuple[int, ...], ...], output: tuple[int, ...], sizes: tuple[int, ...], optimizer: str
) -> tuple[Path, float]:
    # An extent of zero makes every order free; one is the smallest that still tells orders apart.
    extents = {label: max(extent, 1) for label, extent in enumerate(sizes)}
    if len(labels) < 3:
        path: Path = (tuple(range(len(labels))),) if len(labels) == 2 else ()
    elif optimizer == "auto" and len(labels) > EXACT_OPERANDS and _cotengra_is_there():
        path = _cotengra_tree(labels, output, extents).get_path()
    else:
        path = _by_opt_einsum(labels, output, extents, _strategy(optimizer, len(labels)))
    path = tuple(tuple(step) for step in path)
    return path, _path_cost(labels, output, dict(enumerate(sizes)), path)


def _by_opt_einsum(
    labels: Sequence[Sequence[int]], output: Sequence[int], extents: Mapping[int, int], strategy: str
) -> Path:
    import opt_einsum  # a third of the cost of importing this package, for those who never contract

    *operands, result = ("".join(map(opt_einsum.get_symbol, one)) for one in (*labels, output))
    shapes = [tuple(extents[x] for x in one) for one in labels]
    equation = f"{','.join(operands)}->{result}"
    try:
        path: Path = opt_einsum.contract_path(equation, *shapes, shapes=True, optimize=strategy)[0]
    except KeyError:
        known = "'auto', 'optimal', 'dp', 'greedy'"
        raise OptionError(f"optimizer={strategy!r} is not known: use {known}, or another of opt_einsum") from None
    return path


def _strategy(optimizer: str, operands: int) -> str:
    if optimizer != "auto":
        return optimizer
    if operands <= 4:
        return "optimal"
    return "dp" if operands <= EXACT_OPERANDS else "random-greedy"


def _cotengra_is_there() -> bool:
    return importlib.util.find_spec("cotengra") is not None


def _cotengra_tree(labels: Sequence[Sequence[int]], output: Sequence[int], extents: Mapping[int, int]) -> Any:
    import cotengra

    # A library must not start a pool of processes on its own, and a plan must not change from run to run.
    search = cotengra.RandomGreedyOptimizer(max_repeats=128, seed=0, parallel=False).search
    return search([tuple(one) for one in labels], tuple(output), dict(extents))


def sliced_labels(
    labels: Sequence[Sequence[int]], output: Sequence[int], extents: Mapping[int, int], largest: int
) -> tuple[tuple[int, ...], Path] | None:
    """Labels to fix one value at a time so that no intermediate has more than `largest` elements, by cotengra.

    Returns
    -------
    (labels, path) or None
        None where cotengra is not installed or finds nothing.
    """
    if not _cotengra_is_there():
        return None
    import cotengra

    tree = _cotengra_tree(labels, output, extents)
    try:
        found, _ = cotengra.SliceFinder(tree, target_size=max(largest, 1), seed=0).search()
    except RuntimeError:
        return None
    return tuple(sorted(found)), tuple(tuple(step) for step in tree.get_path())
