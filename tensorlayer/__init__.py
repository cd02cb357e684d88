"""tensorlayer: a tensor expression is written once and computed by whatever holds the data.

See `tensor` for how tensors are made, `Tensor` for what can be done with them, and `program` for the text form.
"""

import importlib as _importlib
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from tensorlayer import errors as errors
from tensorlayer.backend import backends as backends
from tensorlayer.backend import register as register
from tensorlayer.labels import Label as Label
from tensorlayer.labels import Labels as Labels
from tensorlayer.labels import labels as labels
from tensorlayer.language import elementwise as _elementwise
from tensorlayer.language import linalg as linalg
from tensorlayer.language import reductions as _reductions
from tensorlayer.language.closed import Closed as Closed
from tensorlayer.language.deferral import deferred as deferred
from tensorlayer.language.elementwise import *  # noqa: F403  # one name per scalar function
from tensorlayer.language.expression import Expression as Expression
from tensorlayer.language.reductions import *  # noqa: F403  # sum prod max min mean any all
from tensorlayer.language.tensor import Tensor as Tensor
from tensorlayer.language.tensor import tensor as tensor
from tensorlayer.layout import LogicalLayout as LogicalLayout
from tensorlayer.layout import PhysicalLayout as PhysicalLayout
from tensorlayer.options import Options as Options
from tensorlayer.options import options as options
from tensorlayer.options import use as use
from tensorlayer.runtime import Runtime as Runtime
from tensorlayer.shape import Jagged as Jagged
from tensorlayer.shape import Nested as Nested
from tensorlayer.shape import Smooth as Smooth
from tensorlayer.sparsity import Dense as Dense
from tensorlayer.sparsity import ElementSparsity as ElementSparsity
from tensorlayer.sparsity import SparseMap as SparseMap
from tensorlayer.sparsity import TileSparsity as TileSparsity
from tensorlayer.symmetry import Permutation as Permutation
from tensorlayer.symmetry import Symmetry as Symmetry

if _TYPE_CHECKING:
    from tensorlayer.gradient import grad as grad
    from tensorlayer.text import Program as Program
    from tensorlayer.text import program as program
    from tensorlayer.text.evaluate import evaluate as evaluate
    from tensorlayer.text.evaluate import explain as explain

__version__ = "0.1.0.dev0"

__all__ = [
    "Closed",
    "Dense",
    "ElementSparsity",
    "Expression",
    "Jagged",
    "Label",
    "Labels",
    "LogicalLayout",
    "Nested",
    "Options",
    "Permutation",
    "PhysicalLayout",
    "Program",
    "Runtime",
    "Smooth",
    "SparseMap",
    "Symmetry",
    "Tensor",
    "TileSparsity",
    "backends",
    "deferred",
    "errors",
    "evaluate",
    "explain",
    "grad",
    "labels",
    "linalg",
    "options",
    "program",
    "register",
    "tensor",
    "use",
]
__all__ += _elementwise.__all__
__all__ += _reductions.__all__

#: Loaded when first used, so that importing the package stays cheap.
_LAZY = {
    "Program": "tensorlayer.text",
    "evaluate": "tensorlayer.text.evaluate",
    "explain": "tensorlayer.text.evaluate",
    "grad": "tensorlayer.gradient",
    "program": "tensorlayer.text",
}


def __getattr__(name: str) -> _Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'tensorlayer' has no attribute {name!r}")
    value = globals()[name] = getattr(_importlib.import_module(_LAZY[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
