"""The operation graph: nodes, one module per family of operations."""

from tensorlayer.graph.einsum import Einsum, sum_dtype
from tensorlayer.graph.elementwise import Fused, Map
from tensorlayer.graph.generation import generate
from tensorlayer.graph.leaves import Delta, Fill, Generate, Input
from tensorlayer.graph.linalg import LINALG, Linalg, Result
from tensorlayer.graph.movement import Concatenate, Convert, Reshape, Slice, SliceKey, Update, sliced_shape
from tensorlayer.graph.node import DType, Node, postorder
from tensorlayer.graph.opgraph import OpGraph
from tensorlayer.graph.reduce import REDUCTIONS, Reduce, reduced_dtype
from tensorlayer.graph.rewrite import consumers, rewrite

__all__ = [
    "LINALG",
    "REDUCTIONS",
    "Concatenate",
    "Convert",
    "DType",
    "Delta",
    "Einsum",
    "Fill",
    "Fused",
    "Generate",
    "Input",
    "Linalg",
    "Map",
    "Node",
    "OpGraph",
    "Reduce",
    "Reshape",
    "Result",
    "Slice",
    "SliceKey",
    "Update",
    "consumers",
    "generate",
    "postorder",
    "reduced_dtype",
    "rewrite",
    "sliced_shape",
    "sum_dtype",
]
