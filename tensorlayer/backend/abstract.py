"""What a backend must say about itself."""

from __future__ import annotations

import importlib
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, Self

import numpy as np

from tensorlayer.backend.executable import Executable, assemble
from tensorlayer.buffer import Allocator, Buffer, FutureAllocator, LocalAllocator, OnDemandAllocator
from tensorlayer.errors import (
    AllocationError,
    BackendNotInstalledError,
    ConversionError,
    TensorlayerError,
    UnsupportedOperationError,
)
from tensorlayer.graph import DType, Node, OpGraph, described
from tensorlayer.layout import Order
from tensorlayer.runtime import Memory, Runtime, ThreadPool, host_memory, register_devices
from tensorlayer.shape import Block

__all__ = ["Backend", "Kernel", "Rule"]

#: Runs one node: native arrays in, a native array (or a tuple of them, for decompositions) out.
Kernel = Callable[..., Any]
#: Prepares the kernel of one node, once per plan.
Rule = Callable[[Any, Node], Kernel]
#: Work from which libraries begin to share it out to threads: a matrix product of extent 64.
PARALLEL_FLOPS = 2 * 64**3


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
    type_names : frozenset of str
        Names of the library's array classes.
    vocabulary : mapping of type to rule
        Which operations the backend runs, and how. What is missing is unsupported.
    allocators : mapping of str to type of Allocator
        The kinds of buffer there are, and what makes them.
    default_kind : str
        Kind of the buffers that hold this backend's arrays.
    differentiates : bool
        Whether the library differentiates its own operations; elements held elsewhere then join it, not the reverse.
    keeps : bool
        Whether elements are held in a form of their own: they leave it only by an explicit conversion, and what reads
        them without one must be an operation that the backend makes of it, see `claim`.
    is_lazy : bool
        Whether results are promises until `finish` is called on them.
    pool : ThreadPool or None
        The worker threads that the library keeps, if any.
    device : str
        Where a rule makes new arrays; ``"cpu"`` for the instance of the entry point, see `at`.
    """

    name: ClassVar[str]
    library: ClassVar[str]
    extra: ClassVar[str] = ""
    type_names: ClassVar[frozenset[str]] = frozenset()
    vocabulary: ClassVar[Mapping[type[Node], Rule]]
    allocators: ClassVar[Mapping[str, type[Allocator]]] = {
        "local": LocalAllocator,
        "on_demand": OnDemandAllocator,
        "future": FutureAllocator,
    }
    default_kind: ClassVar[str] = "local"
    differentiates: ClassVar[bool] = False
    keeps: ClassVar[bool] = False
    is_lazy: ClassVar[bool] = False
    pool: ClassVar[ThreadPool | None] = None
    device: str = "cpu"

    # -- the library ---------------------------------------------------------------------------------------

    def recognises(self, cls: type) -> bool:
        """Whether `cls` is this library's array type. Never imports the library."""
        return cls.__module__.partition(".")[0] == self.library and cls.__name__ in self.type_names

    @property
    def install(self) -> str:
        """The pip line that installs the library."""
        return f"pip install 'tensorlayer-graph[{self.extra}]'" if self.extra else f"pip install {self.library}"

    def load(self) -> Any:
        """Import the library.

        Raises
        ------
        BackendNotInstalledError
            With the pip line, if it is missing.
        """
        try:
            library = importlib.import_module(self.library)
        except ImportError as error:
            raise BackendNotInstalledError(
                f"backend {self.name!r} needs the library {self.library!r} ({error}): {self.install}"
            ) from None
        register_devices(self.name, self._device_memory)
        return library

    def _device_memory(self) -> dict[str, Memory]:
        found = {device: self.memory(device) for device in self.devices if device != "cpu"}
        return {device: memory for device, memory in found.items() if memory is not None}

    @property
    def version(self) -> str | None:
        """Version of the installed library ("unknown" for modules that no package manager knows), or None.

        Never imports it.
        """
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version(self.library)
        except PackageNotFoundError:
            module = sys.modules.get(self.library)
            return None if module is None else str(getattr(module, "__version__", "unknown"))

    @property
    def devices(self) -> tuple[str, ...]:
        """Devices there are, as the library spells them."""
        return ("cpu",)

    def require_device(self, device: str) -> None:
        """Refuse a device that is not there.

        Raises
        ------
        ConversionError
            The message lists those there are.
        """
        devices = self.devices
        if device not in devices:
            raise ConversionError(f"backend {self.name!r} has no device {device!r}: there are {', '.join(devices)}")

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

    def exportable(self, array: Any) -> Any:
        """The array in a form that other libraries take over by DLPack: itself, unless a subclass knows better."""
        return array

    def to_device(self, array: Any, device: str) -> Any:
        """The elements of a native array on another device of this backend."""
        return self.from_numpy(self.to_numpy(array), device)

    def adopt(self, array: Any, giver: Backend, device: str = "cpu", *, copy: bool | None = None) -> Any:
        """Take over a native array of the backend `giver`.

        Parameters
        ----------
        array : object
            Native array of `giver`.
        giver : Backend
            The backend that holds the elements now; may be this one.
        device : str, optional
            Where they go, as this backend spells it.
        copy : bool, optional
            True copies always, False never; memory is shared where both libraries allow it when left out.

        Raises
        ------
        ConversionError
            If that cannot be done, or not without the copy that was forbidden.
        """
        try:
            if giver is self and copy is not True:
                return self._at_device(array, device, copy)
            return self.from_numpy(giver.to_numpy(array), device, copy=copy)
        except TensorlayerError:
            raise
        except (BufferError, RuntimeError, TypeError, ValueError) as error:
            raise ConversionError(
                f"cannot move {list(giver.shape_of(array))} elements from {giver.name!r} on "
                f"{giver.device_of(array)} to {self.name!r} on {device} (copy={copy}): {error}"
            ) from error

    def _at_device(self, array: Any, device: str, copy: bool | None) -> Any:
        held = self.device_of(array)
        if held == device:
            return array
        if copy is False:
            raise ConversionError(f"elements on {held} cannot be on {device} without a copy: allow it with copy=None")
        return self.to_device(array, device)

    def order_of(self, array: Any) -> Order:
        """Which mode of a native array varies fastest in memory: the last, the first, or unknown (None)."""
        del array
        return None

    def form_of(self, array: Any) -> Hashable:
        """What plans must know of a native array beside shape, element type and place; asked if the backend `keeps`."""
        del array
        return None

    def claim(self, node: Node, held: Collection[Node]) -> Node:
        """An equal node in which every operand that this backend holds is read by its own operations.

        Parameters
        ----------
        node : Node
            Reads at least one operand of `held`.
        held : collection of Node
            What this backend holds, in the graph.

        Returns
        -------
        Node
            Made of `Delegated` nodes and others.

        Raises
        ------
        UnsupportedOperationError
            If there is no such node; says what to do instead.
        """
        del held
        self.require_support(node)
        return node

    # -- making arrays -------------------------------------------------------------------------------------

    def empty(self, shape: tuple[int, ...], dtype: DType, device: str = "cpu") -> Any:
        """A native array of uninitialised elements."""
        return self.from_numpy(np.empty(shape, dtype), device)

    def full(self, shape: tuple[int, ...], value: complex, dtype: DType, device: str = "cpu") -> Any:
        """A native array with one value everywhere."""
        return self.from_numpy(np.full(shape, value, dtype), device)

    def write(self, array: Any, place: Block, part: Any) -> Any:
        """The native array with `part`, cast to its element type, at `place`.

        The array is given up, so it may be written into; this one, for arrays that cannot be, copies it.
        """
        elements = np.array(self.to_numpy(array))
        elements[place] = self.to_numpy(part)
        return self.from_numpy(elements, self.device_of(array))

    def memory(self, device: str = "cpu") -> Memory | None:
        """Memory of a device; None where the library cannot tell."""
        return host_memory() if device == "cpu" else None

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether that is how the library says that there is not enough memory."""
        return isinstance(error, MemoryError)

    def allocator(
        self, kind: str = "local", *, device: str | None = None, runtime: Runtime | None = None, **choices: Any
    ) -> Allocator:
        """What makes buffers of a kind.

        Parameters
        ----------
        kind : str, optional
            A key of `allocators`; ``"local"`` when left out.
        device : str, optional
            Where the elements go; the first device when left out.
        runtime : Runtime, optional
            `Runtime.current` when left out.
        **choices
            What that kind of allocator takes besides.

        Raises
        ------
        AllocationError
            If the backend has no such kind; the message lists those it has.
        """
        found = self.allocators.get(kind)
        if found is None:
            known = ", ".join(sorted(self.allocators))
            raise AllocationError(f"backend {self.name!r} has no {kind!r} buffers; it has {known}")
        return found(self, device=device, runtime=runtime, **choices)

    # -- running -------------------------------------------------------------------------------------------

    def holds(self, dtype: DType) -> bool:
        """Whether the backend computes with elements of `dtype`."""
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
        bound = object.__new__(type(self))
        vars(bound).update(vars(self), device=device)
        return bound

    def kernel(self, node: Node, device: str = "cpu") -> Kernel:
        """Prepare the kernel of `node`; what it makes from nothing, it makes on `device`.

        Raises
        ------
        UnsupportedOperationError
            If the backend does not support the node.
        """
        self.require_support(node)
        kernel = self.vocabulary[type(node)](self.at(device), node)
        return self.pool.waking(kernel) if self.pool and device == "cpu" and self.runs_in_pool(node) else kernel

    def runs_in_pool(self, node: Node) -> bool:
        """Whether the library's worker threads take part in running `node` on the CPU."""
        return node.flops() >= PARALLEL_FLOPS

    def require_support(self, node: Node) -> None:
        """Refuse a node that the backend does not run.

        Raises
        ------
        UnsupportedOperationError
            Naming the operation, its operands, and the operations there are.
        """
        if self.supports(node):
            return
        known = ", ".join(sorted(cls.__name__ for cls in self.vocabulary))
        advice = (
            f"choose it for what it holds, by tl.tensor(w, backend={self.name!r}), and not for all that is computed"
            if self.keeps
            else "convert the operands with .to('numpy'), or change their type"
        )
        raise UnsupportedOperationError(
            f"backend {self.name!r} does not run {described(node)}; its operations are {known}, "
            f"on the element types it holds: {advice}"
        )

    def compile(self, graph: OpGraph, device: str = "cpu") -> Executable:
        """The function of native arrays, in the order of ``graph.inputs``, that computes a graph.

        Raises
        ------
        UnsupportedOperationError
            If the backend does not support a node.
        """
        return assemble(graph.sink_nodes, graph.inputs, lambda node: self.kernel(node, device))

    def in_background(self, task: Callable[[], tuple[Buffer, ...]]) -> Callable[[], tuple[Buffer, ...]]:
        """`task`, in the form in which another thread is to call it: with what this thread has set in the library.

        Where a device computes on after the call, the buffers it gives know when that is done.
        """
        return task

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
