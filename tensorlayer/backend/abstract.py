"""What a backend must say about itself."""

from __future__ import annotations

import copy
import importlib
import importlib.metadata
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, Self

import numpy as np

from tensorlayer.errors import BackendNotInstalledError, UnsupportedOperationError
from tensorlayer.graph import DType, Node

__all__ = ["Backend", "Kernel", "Rule"]

#: Runs one node: native arrays in, a native array (or a tuple of them, for decompositions) out.
Kernel = Callable[..., Any]
#: Prepares the kernel of one node, once per plan.
Rule = Callable[[Any, Node], Kernel]


class Backend(ABC):
    """One library that can hold elements and run operations.

    A subclass is found through an entry point of the group ``tensorlayer.backends`` that names an instance.
    It must be importable without importing its library.

    Attributes
    ----------
    name : str
        What users write, as in ``backend="torch"``.
    library : str
        Import name of the library.
    extra : str
        Extra of this distribution that installs it, or "" if it always is.
    vocabulary : mapping of type to rule
        Which operations the backend runs, and how. What is missing is unsupported.
    device : str
        Where a rule makes new arrays; ``"cpu"`` for the instance of the entry point, see `at`.
    """

    name: ClassVar[str]
    library: ClassVar[str]
    extra: ClassVar[str] = ""
    vocabulary: ClassVar[Mapping[type[Node], Rule]]
    device: str = "cpu"

    # -- the library ---------------------------------------------------------------------------------------

    def recognises(self, cls: type) -> bool:
        """Whether `cls` is this library's array type. Never imports the library."""
        return cls.__module__.partition(".")[0] == self.library and cls.__name__ in self.type_names

    #: Whether results are promises until `finish` is called on them.
    is_lazy: ClassVar[bool] = False

    #: Names of the library's array classes.
    type_names: ClassVar[frozenset[str]] = frozenset()

    def load(self) -> Any:
        """Import the library.

        Raises
        ------
        BackendNotInstalledError
            With the pip line, if it is missing.
        """
        try:
            return importlib.import_module(self.library)
        except ImportError as error:
            wanted = f"'tensorlayer-graph[{self.extra}]'" if self.extra else self.library
            raise BackendNotInstalledError(
                f"backend {self.name!r} needs the library {self.library!r} ({error}): pip install {wanted}"
            ) from None

    @property
    def version(self) -> str | None:
        """Version of the installed library, or None. Never imports it."""
        try:
            return importlib.metadata.version(self.library)
        except importlib.metadata.PackageNotFoundError:
            return None

    @property
    def devices(self) -> tuple[str, ...]:
        """Devices there are, as the library spells them."""
        return ("cpu",)

    # -- native arrays -------------------------------------------------------------------------------------

    def shape_of(self, array: Any) -> tuple[int, ...]:
        """Extents of a native array."""
        return tuple(array.shape)

    @abstractmethod
    def dtype_of(self, array: Any) -> DType:
        """Element type of a native array, as a NumPy dtype."""

    def device_of(self, array: Any) -> str:
        """Where a native array is."""
        del array
        return "cpu"

    @abstractmethod
    def from_numpy(self, array: np.ndarray[Any, Any], device: str = "cpu", *, copy: bool | None = None) -> Any:
        """A native array with these elements. ``copy=None`` shares memory where the library can."""

    @abstractmethod
    def to_numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """The elements as a NumPy array; shares memory where the library can."""

    def to_device(self, array: Any, device: str) -> Any:
        """The elements of a native array on another device of this backend."""
        return self.from_numpy(self.to_numpy(array), device)

    # -- running -------------------------------------------------------------------------------------------

    def holds(self, dtype: DType) -> bool:
        """Whether the backend computes with elements of `dtype`. Imports nothing."""
        return dtype.kind in "biufc"

    def supports(self, operation: type[Node] | Node, dtype: Any = None) -> bool:
        """Whether the backend runs `operation` on elements of `dtype` (of a node: its own). Runs nothing."""
        if isinstance(operation, type):
            return operation in self.vocabulary and (dtype is None or self.holds(np.dtype(dtype)))
        held = all(self.holds(node.dtype) for node in (operation, *operation.inputs))
        return held and self.supports(type(operation), dtype)

    def at(self, device: str) -> Self:
        """The same backend, making new arrays on `device`."""
        if device == self.device:
            return self
        bound = copy.copy(self)
        bound.device = device
        return bound

    def kernel(self, node: Node, device: str = "cpu") -> Kernel:
        """Prepare the kernel of `node`; what it makes from nothing, it makes on `device`.

        Raises
        ------
        UnsupportedOperationError
            If the backend does not support the node.
        """
        if not self.supports(node):
            self._refuse(node)
        return self.vocabulary[type(node)](self.at(device), node)

    def _refuse(self, node: Node) -> None:
        known = ", ".join(sorted(cls.__name__ for cls in self.vocabulary))
        read = ", ".join(f"{source.dtype}{list(source.shape)}" for source in node.inputs)
        raise UnsupportedOperationError(
            f"backend {self.name!r} does not run {node!r} with operands {read or 'none'}; its operations are {known}, "
            "on the element types it holds: convert the operands with .to('numpy'), or change their type"
        )

    # -- recording -----------------------------------------------------------------------------------------

    def recording_state(self) -> Any:
        """What the library's global state must be again when a statement recorded now is computed."""
        return None

    def recorded(self, state: Any) -> AbstractContextManager[Any]:
        """A context with the global state that `recording_state` gave."""
        del state
        return nullcontext()

    def finish(self, results: Sequence[Any]) -> Sequence[Any]:
        """Called on the results of a plan if the backend is lazy: start or do the computation, together."""
        return results

    def __repr__(self) -> str:
        return f"<backend {self.name!r}, {self.library} {self.version or 'not installed'}>"
