"""The numba backend: NumPy's, with compiled loops where they are large enough."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, final

from backends.numba.elementwise import einsum_kernel, fused_kernel, group_kernel, is_loop, map_kernel, reduce_kernel
from backends.numpy import NumpyBackend
from tensorlayer.backend import Kernel
from tensorlayer.graph import Einsum, Fused, Group, Map, Node, Reduce

__all__ = ["NumbaBackend", "backend"]


@final
class NumbaBackend(NumpyBackend):
    """Runs plans on NumPy arrays, with loops compiled by numba.

    Arrays are never recognised as its own: NumPy's are NumPy's until this backend is chosen by
    ``tl.use("numba")`` or ``.to("numba")``, which copies nothing.
    """

    name: ClassVar[str] = "numba"
    library: ClassVar[str] = "numba"
    extra: ClassVar[str] = "numba"
    vocabulary: ClassVar[Mapping[type[Node], Any]] = {
        **NumpyBackend.vocabulary,
        Einsum: einsum_kernel,
        Fused: fused_kernel,
        Group: group_kernel,
        Map: map_kernel,
        Reduce: reduce_kernel,
    }

    @cached_property
    def namespace(self) -> Any:
        """NumPy; numba must be there too."""
        self.load()
        return importlib.import_module("numpy")

    def recognises(self, cls: type) -> bool:
        """No type: see the class."""
        del cls
        return False

    def runs_in_pool(self, node: Node) -> bool:
        """Whether BLAS's threads take part: not in products that are loops."""
        return super().runs_in_pool(node) and not (isinstance(node, Einsum) and is_loop(node))

    def kernel(self, node: Node, device: str = "cpu") -> Kernel:
        """Prepare the kernel of `node`.

        Raises
        ------
        BackendNotInstalledError
            If numba is missing.
        UnsupportedOperationError
            If the backend does not support the node.
        """
        self.load()
        return super().kernel(node, device)


#: The instance that the entry point names.
backend = NumbaBackend()
