"""The analog backend: tensors on simulated crossbars, read by products and changed by pulses."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from analog.backend.allocator import AnalogAllocator
from analog.backend.form import ROWS, Form
from analog.backend.nodes import AnalogMatmul, AnalogTranspose, AnalogUpdate
from analog.backend.products import analog_product, transposed_view
from analog.backend.running import analog_matmul_kernel, analog_transpose_kernel, analog_update_kernel
from analog.backend.updates import analog_update
from tensorlayer.backend import Backend, Rule, get_backend
from tensorlayer.buffer import Allocator, FutureAllocator
from tensorlayer.errors import UnsupportedOperationError
from tensorlayer.graph import DType, Einsum, Map, Node, described, is_permutation

if TYPE_CHECKING:
    from analog.config.rpu_config import RPUConfig

__all__ = ["AnalogBackend", "backend"]


@final
class AnalogBackend(Backend):
    """Holds tensors on crossbars: contractions with one of them become products on it, the rest runs elsewhere.

    Vectors and results stay in the library that the vectors are of. What is no product with vectors over all inputs or
    all outputs, and no pulsed update, is refused: elements leave crossbars only by ``.to("numpy")`` or ``.numpy()``.
    """

    name: ClassVar[str] = "analog"
    library: ClassVar[str] = "numba"
    extra: ClassVar[str] = "analog"
    keeps: ClassVar[bool] = True
    allocators: ClassVar[Mapping[str, type[Allocator]]] = {"local": AnalogAllocator, "future": FutureAllocator}
    vocabulary: ClassVar[Mapping[type[Node], Rule]] = {
        AnalogMatmul: analog_matmul_kernel,
        AnalogTranspose: analog_transpose_kernel,
        AnalogUpdate: analog_update_kernel,
    }

    def recognises(self, cls: type) -> bool:
        """Whether `cls` is `AnalogArray`; by name, because this floor is loaded by those who use it."""
        return cls.__module__ == "analog.backend.array" and cls.__name__ == "AnalogArray"

    def load(self) -> Any:
        """The module of the arrays; numba must be there too.

        Raises
        ------
        BackendNotInstalledError
            With the pip line, if numba is missing.
        """
        super().load()
        return importlib.import_module("analog.backend.array")

    @property
    def devices(self) -> tuple[str, ...]:
        """The CPU, and the GPUs that CuPy sees."""
        gpu = get_backend("cupy")
        return ("cpu", *(gpu.devices if gpu.version else ()))

    def dtype_of(self, array: Any) -> DType:
        """Element type that statements see."""
        return array.dtype  # type: ignore[no-any-return]

    def device_of(self, array: Any) -> str:
        """Where the crossbars are."""
        return array.grid.crossbars[0, 0].allocator.device  # type: ignore[no-any-return]

    def form_of(self, array: Any) -> Form:
        """How the tensor lies on the crossbars."""
        return array.form  # type: ignore[no-any-return]

    def from_numpy(  # noqa: PLR0913  # what crossbars are made of
        self,
        array: np.ndarray[Any, Any],
        device: str = "cpu",
        *,
        copy: bool | None = None,
        config: RPUConfig | None = None,
        seed: int | None = None,
        tile: int = 0,
        rows: int = ROWS,
        tile_shape: tuple[int, int] | None = None,
        realistic: bool = False,
    ) -> Any:
        """New crossbars with these elements, as far as the devices can hold them.

        Parameters
        ----------
        array : numpy.ndarray
            Floating point numbers, one or more.
        device : str, optional
            ``"cpu"``, or a GPU as CuPy's backend spells it.
        copy : bool, optional
            Written elements are always copies.
        config : RPUConfig, optional
            Of every crossbar; exact products, `FloatingPointRPUConfig`, when left out. With
            ``mapping.weight_scaling_omega`` above 0 the largest element becomes this weight, and the factor is digital.
        seed : int, optional
            Of the experiment, as for a `Crossbar`; drawn from the system when left out.
        tile : int, optional
            Number of the first crossbar in the experiment.
        rows : int, optional
            The first so many modes are the outputs, the others the inputs of the crossbars; 1 when left out.
        tile_shape : tuple of int, optional
            Largest (outputs, inputs) of one crossbar; as ``config.mapping`` says when left out, 512 by default.
        realistic : bool, optional
            Whether elements are read back as hardware does, by noisy products and least squares; exactly by default.

        Raises
        ------
        BackendNotInstalledError
            If numba is missing.
        ShapeError, DtypeError, NotFiniteError, ConfigError, UnsupportedOperationError
            If the elements do not go on crossbars, or the configuration is none of a crossbar.
        """
        del copy
        return self.load().AnalogArray.written(
            np.asarray(array),
            config=config,
            seed=seed,
            tile=tile,
            rows=rows,
            tile_shape=tile_shape,
            realistic=realistic,
            allocator=_memory(device),
        )

    def to_numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """The elements, exactly unless the tensor was made with ``realistic=True``; always copies."""
        return array.elements()  # type: ignore[no-any-return]

    def exportable(self, array: Any) -> Any:
        """The elements as a NumPy array."""
        return array.elements()

    def to_device(self, array: Any, device: str) -> Any:
        """The same crossbars in other memory."""
        return array.moved(_memory(device))

    def holds(self, dtype: DType) -> bool:
        """Floating point numbers, which are float32 inside."""
        return dtype.kind == "f"

    def supports(self, operation: type[Node] | Node, dtype: Any = None) -> bool:
        """Products on crossbars, pulsed updates and transposed views; vectors may be complex."""
        return super().supports(operation if isinstance(operation, type) else type(operation), dtype)

    def claim(self, node: Node, held: Collection[Node]) -> Node:
        """An equal node of analog products, pulsed updates and transposed views.

        Raises
        ------
        UnsupportedOperationError
            If there is none.
        """
        if isinstance(node, Einsum):
            return transposed_view(node) if is_permutation(node) else analog_product(node, held)
        if isinstance(node, Map):
            return analog_update(node, held)
        raise UnsupportedOperationError(
            f"crossbars do not run {described(node)}: they multiply vectors by the whole matrix. Read the tensor by "
            ".to('numpy') first"
        )


def _memory(device: str) -> Allocator | None:
    """What makes the arrays of crossbars on a device."""
    return None if device == "cpu" else get_backend("cupy").allocator(device=device)


#: The instance that the entry point names.
backend = AnalogBackend()
