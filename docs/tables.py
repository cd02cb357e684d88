"""Tables of the site that are read off the code when it is built, so that they cannot be wrong."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path

import numpy as np

import analog.config
from tensorlayer import backends, errors
from tensorlayer.backend import Backend, get_backend
from tensorlayer.errors import DtypeError
from tensorlayer.graph import OPERATIONS, Convert, Einsum, Input, Map, Node, OpGraph
from tensorlayer.passes import PIPELINE, SPEC
from tensorlayer.scalar import FUNCTIONS

__all__ = ["TABLES"]

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
KINDS = ("local", "on_demand", "future", "replicated", "distributed", "remote")
DTYPES = (
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 longdouble complex64 complex128"
).split()


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    titles = list(header)
    lines = (cell for cell in ([*titles], ["---"] * len(titles), *rows))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def summary(thing: object) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split())


def installed() -> list[Backend]:
    """The backends that compute with arrays and whose library is there."""
    found = [get_backend(row.name) for row in backends() if row.version is not None]
    return [each for each in found if not each.keeps]


def marks(answers: Iterable[bool]) -> list[str]:
    """Yes and no as cells."""
    return ["✓" if answer else "no" for answer in answers]


def operations_by_backend() -> str:
    """Which backend runs which operation."""
    columns = installed()
    rows = ([f"`{cls.__name__}`", *marks(each.supports(cls) for each in columns)] for cls in OPERATIONS)
    return table(["operation", *(each.name for each in columns)], rows)


def types_by_backend() -> str:
    """Which backend computes with which element types."""
    columns = installed()
    rows = ([f"`{name}`", *marks(each.holds(np.dtype(name)) for each in columns)] for name in DTYPES)
    return table(["element type", *(each.name for each in columns)], rows)


def kinds_by_backend() -> str:
    """Which backend has which kinds of buffer."""
    columns = installed()
    rows = ([f"`{kind}`", *marks(kind in each.allocators for each in columns)] for kind in KINDS)
    return table(["kind", *(each.name for each in columns)], rows)


def missing_functions() -> str:
    """The elementwise functions that a backend refuses, for which element types."""
    rows = [[each.name, *missing] for each in installed() for missing in _missing(each)]
    return table(["backend", "element types", "functions it refuses"], rows)


def _missing(backend: Backend) -> Iterator[tuple[str, str]]:
    found: dict[str, list[str]] = {}
    for dtype in filter(lambda name: backend.holds(np.dtype(name)), DTYPES):
        for name, arity in ((name, function.arity) for name, function in FUNCTIONS.items()):
            node = _call(name, arity, dtype)
            if node is not None and not backend.supports(node):
                found.setdefault(name, []).append(dtype)
    together: dict[tuple[str, ...], list[str]] = {}
    for name, dtypes in found.items():
        together.setdefault(tuple(dtypes), []).append(f"`{name}`")
    yield from ((", ".join(dtypes), " ".join(names)) for dtypes, names in together.items())


def _call(name: str, arity: int, dtype: str) -> Node | None:
    """An elementwise function of vectors; None where NumPy does not define it."""
    inputs = [Input.of(i, (2,), dtype) for i in range(arity)]
    try:
        return Map.of(inputs, [(0,)] * arity, (2,), (name, *(("x", i) for i in range(arity))))
    except DtypeError:
        return None


def functions() -> str:
    """The elementwise functions by number of operands."""
    arities = sorted({function.arity for function in FUNCTIONS.values()})
    named = {n: [f"`{name}`" for name, function in FUNCTIONS.items() if function.arity == n] for n in arities}
    return table(["operands", "functions"], ([str(n), " ".join(sorted(names))] for n, names in named.items()))


def operations() -> str:
    """What there is in a graph."""
    listed = (Input, *OPERATIONS, Convert)
    rows = ([f"`{cls.__name__}`", _parameters(cls), summary(cls)] for cls in listed)
    return table(["operation", "parameters", "what it is"], rows)


def _parameters(cls: type[Node]) -> str:
    return ", ".join(f"`{name}`" for name in cls.parameter_names)


def passes() -> str:
    """The passes, in order."""
    rows = ([str(i), f"`{step.__name__}`", summary(step)] for i, step in enumerate(PIPELINE, 1))
    return table(["", "pass", "what it does"], rows)


def spec() -> str:
    """What a legal graph is."""
    rows = ([rule.text, rule.since, rule.until if rule.until != "place" else "the end"] for rule in SPEC)
    return table(["rule", "holds from", "to"], rows)


def error_classes() -> str:
    """Every error class, what else it is, and when it is raised."""
    root = errors.TensorlayerError
    rows = []
    for cls in sorted((getattr(errors, name) for name in errors.__all__), key=lambda one: one.__name__):
        parents = [base.__name__ for base in cls.__bases__] if cls is not root else ["Exception"]
        rows.append([f"`{cls.__name__}`", ", ".join(f"`{x}`" for x in parents if x != root.__name__), summary(cls)])
    return table(["class", "also a", "raised for"], rows)


def picture() -> str:
    """The drawing of a graph; its source where Graphviz is not installed."""
    x, y = Input.of(0, (30, 40), "float64"), Input.of(1, (40, 50), "float64")
    drawing = OpGraph([Einsum.of([x, y], ["ik", "kj"], "ij")], ["C"]).draw()
    if drawing.svg is None:
        return f"```dot\n{drawing.dot}\n```"
    return f"```{{raw}} html\n{drawing.svg[drawing.svg.index('<svg') :]}\n```"


def benchmarks() -> str:
    """The runs of the benchmarks of the newest date that is kept."""
    runs = sorted(RESULTS.glob("*.md"))
    newest = [path for path in runs if path.name[:10] == runs[-1].name[:10]]
    if not newest:
        return "No run is kept in this checkout: `python -m benchmarks --label mine` makes one."
    return "\n\n".join(path.read_text("utf-8").replace("# ", "### ", 1) for path in newest)


def parameter_classes() -> str:
    """Every class of `analog.config` with its fields, enums with their members; behaviour is on other pages."""

    def entry(name: str) -> list[str]:
        value = getattr(analog.config, name)
        if not inspect.isclass(value):
            return [f".. autofunction:: {name}"]
        return [f".. autoclass:: {name}", *(["   :members:", "   :undoc-members:"] if issubclass(value, Enum) else [])]

    names = sorted(analog.config.__all__, key=str.lower)
    lines = [line for name in names for line in entry(name)]
    return "\n".join(("```{eval-rst}", ".. currentmodule:: analog.config", *lines, "```"))


#: What ``{{ name }}`` stands for in a page.
TABLES = {
    "backends": lambda: backends().to_markdown(),
    "benchmarks": benchmarks,
    "errors": error_classes,
    "functions": functions,
    "kinds_by_backend": kinds_by_backend,
    "missing_functions": missing_functions,
    "operations": operations,
    "operations_by_backend": operations_by_backend,
    "parameter_classes": parameter_classes,
    "passes": passes,
    "picture": picture,
    "spec": spec,
    "types_by_backend": types_by_backend,
}
