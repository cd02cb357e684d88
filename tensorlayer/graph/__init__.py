"""The operation graph: nodes, one module per family of operations."""

from tensorlayer.graph.delegated import Delegated
from tensorlayer.graph.drawing import Drawing
from tensorlayer.graph.einsum import Einsum, sum_dtype
from tensorlayer.graph.elementwise import Fused, Map
from tensorlayer.graph.generation import generate
from tensorlayer.graph.group import Group
from tensorlayer.graph.leaves import Delta, Fill, Generate, Input
from tensorlayer.graph.linalg import LINALG, Linalg
from tensorlayer.graph.liveness import Liveness, is_permutation, is_view, liveness, peak_bytes, result_bytes
from tensorlayer.graph.movement import Concatenate, Convert, Reshape, Slice, SliceKey, Update, sliced_shape
from tensorlayer.graph.node import DType, Node, Place, postorder
from tensorlayer.graph.opgraph import OpGraph
from tensorlayer.graph.reduce import REDUCTIONS, Reduce, reduced_dtype
from tensorlayer.graph.result import Result
from tensorlayer.graph.rewrite import consumers, rewrite
from tensorlayer.graph.text import described, equation, format_node, named_nodes
from tensorlayer.graph.view import Edge, OperationNode, TensorNode

__all__ = [
    "LINALG",
    "OPERATIONS",
    "REDUCTIONS",
    "Concatenate",
    "Convert",
    "DType",
    "Delegated",
    "Delta",
    "Drawing",
    "Edge",
    "Einsum",
    "Fill",
    "Fused",
    "Generate",
    "Group",
    "Input",
    "Linalg",
    "Liveness",
    "Map",
    "Node",
    "OpGraph",
    "OperationNode",
    "Place",
    "Reduce",
    "Reshape",
    "Result",
    "Slice",
    "SliceKey",
    "TensorNode",
    "Update",
    "consumers",
    "described",
    "equation",
    "format_node",
    "generate",
    "is_permutation",
    "is_view",
    "liveness",
    "named_nodes",
    "peak_bytes",
    "postorder",
    "reduced_dtype",
    "result_bytes",
    "rewrite",
    "sliced_shape",
    "sum_dtype",
]

#: Every operation of this package that a backend may run; conversions are between backends.
OPERATIONS: tuple[type[Node], ...] = (
    Concatenate,
    Delta,
    Einsum,
    Fill,
    Fused,
    Generate,
    Linalg,
    Map,
    Reduce,
    Reshape,
    Result,
    Slice,
    Update,
)
