"""The namespace of unlabelled tensors, ``tensor.__array_namespace__()``, after the array API standard 2024.12.

Elementwise functions, reductions, creation, movement, products and `linalg` are recorded; shapes, axes and
element types are checked when they are called. What has no operation in the graph (sorting, searching, sets,
taking by indices, cumulative sums, triangles, the complete forms of ``qr`` and ``svd``, `fft`) is computed at
once by the library that holds the elements; the backend `reference` has none of it, dask lacks some.

What differs from the standard: element types promote as NumPy's do, mixed kinds included; a mean or variance
of nothing is refused instead of being nan; there is no indexing by tensors of Booleans or integers (`take`
does that); ``reshape(copy=False)`` is refused.
"""

from numpy import bool as bool
from numpy import (
    complex64,
    complex128,
    e,
    float32,
    float64,
    inf,
    int8,
    int16,
    int32,
    int64,
    nan,
    newaxis,
    pi,
    uint8,
    uint16,
    uint32,
    uint64,
)

from tensorlayer.array_api import fft as fft
from tensorlayer.array_api import linalg as linalg
from tensorlayer.array_api.creation import (
    arange,
    asarray,
    empty,
    empty_like,
    eye,
    from_dlpack,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from tensorlayer.array_api.cumulative import (
    cumulative_prod,
    cumulative_sum,
    tril,
    triu,
)
from tensorlayer.array_api.indexing import (
    take,
    take_along_axis,
)
from tensorlayer.array_api.information import __array_namespace_info__ as __array_namespace_info__
from tensorlayer.array_api.information import (
    can_cast,
    finfo,
    iinfo,
    isdtype,
    result_type,
)
from tensorlayer.array_api.movement import (
    astype,
    broadcast_arrays,
    broadcast_to,
    concat,
    expand_dims,
    flip,
    matrix_transpose,
    moveaxis,
    permute_dims,
    reshape,
    squeeze,
    stack,
    unstack,
)
from tensorlayer.array_api.products import (
    matmul,
    tensordot,
    vecdot,
)
from tensorlayer.array_api.repetition import (
    diff,
    meshgrid,
    repeat,
    roll,
    tile,
)
from tensorlayer.array_api.searching import (
    argmax,
    argmin,
    nonzero,
    searchsorted,
)
from tensorlayer.array_api.sets import (
    isin,
    unique_all,
    unique_counts,
    unique_inverse,
    unique_values,
)
from tensorlayer.array_api.sorting import (
    argsort,
    sort,
)
from tensorlayer.array_api.statistics import (
    all,
    any,
    count_nonzero,
    max,
    mean,
    min,
    prod,
    std,
    sum,
    var,
)
from tensorlayer.language import elementwise as _elementwise
from tensorlayer.language.arithmetic import broadcast_shapes
from tensorlayer.language.elementwise import *  # noqa: F403  # one name per scalar function

__array_api_version__ = "2024.12"

__all__ = [
    "all",
    "any",
    "arange",
    "argmax",
    "argmin",
    "argsort",
    "asarray",
    "astype",
    "bool",
    "broadcast_arrays",
    "broadcast_shapes",
    "broadcast_to",
    "can_cast",
    "complex64",
    "complex128",
    "concat",
    "count_nonzero",
    "cumulative_prod",
    "cumulative_sum",
    "diff",
    "e",
    "empty",
    "empty_like",
    "expand_dims",
    "eye",
    "fft",
    "finfo",
    "flip",
    "float32",
    "float64",
    "from_dlpack",
    "full",
    "full_like",
    "iinfo",
    "inf",
    "int8",
    "int16",
    "int32",
    "int64",
    "isdtype",
    "isin",
    "linalg",
    "linspace",
    "matmul",
    "matrix_transpose",
    "max",
    "mean",
    "meshgrid",
    "min",
    "moveaxis",
    "nan",
    "newaxis",
    "nonzero",
    "ones",
    "ones_like",
    "permute_dims",
    "pi",
    "prod",
    "repeat",
    "reshape",
    "result_type",
    "roll",
    "searchsorted",
    "sort",
    "squeeze",
    "stack",
    "std",
    "sum",
    "take",
    "take_along_axis",
    "tensordot",
    "tile",
    "tril",
    "triu",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
    "unstack",
    "var",
    "vecdot",
    "zeros",
    "zeros_like",
]
__all__ += _elementwise.__all__
