"""The kernels of analog nodes: what a plan calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, final

import numpy as np

from analog.backend.nodes import AnalogMatmul
from analog.backend.noise import NoiseTerms, conversions
from analog.backend.products import form_of
from tensorlayer.backend import backend_of
from tensorlayer.errors import UnsupportedOperationError

if TYPE_CHECKING:
    from analog.backend.array import AnalogArray

__all__ = ["analog_matmul_kernel", "analog_transpose_kernel", "analog_update_kernel"]


@final
class AnalogProduct:
    """Runs one `AnalogMatmul`; `notes` say what it takes.

    Parameters
    ----------
    node : AnalogMatmul
        What is run.
    """

    def __init__(self, node: AnalogMatmul) -> None:
        self._transposed = node.transposed
        self._shape = node.shape if len(node.left) != 1 else None
        self._entering = (*node.batch, math.prod(node.entered)) if len(node.entered) != 1 else None
        self._dtype = None if node.dtype == np.float32 else node.dtype
        self._is_complex = node.inputs[1].dtype.kind == "c"
        self.notes = tuple(_notes(node))

    def __call__(self, held: AnalogArray, vectors: Any) -> Any:
        """The vectors through the crossbars, in the library of the vectors."""
        if getattr(vectors, "requires_grad", False):
            raise UnsupportedOperationError(
                "gradients of torch do not pass crossbars: detach() the vectors, differentiate the statement by "
                "tensorlayer.grad, or train with analog.nn"
            )
        if self._entering is not None:
            vectors = vectors.reshape(self._entering)
        result = self._split(held, vectors) if self._is_complex else held.product(vectors, transposed=self._transposed)
        if self._shape is not None:
            result = result.reshape(self._shape)
        return result if self._dtype is None else _cast(result, self._dtype)

    def _split(self, held: AnalogArray, vectors: Any) -> Any:
        """Complex vectors as two real ones."""
        real, imaginary = (held.product(part, transposed=self._transposed) for part in (vectors.real, vectors.imag))
        return real + 1j * imaginary


def _cast(result: Any, dtype: np.dtype[Any]) -> Any:
    backend = backend_of(result)
    caster: Callable[[np.dtype[Any]], Callable[[Any], Any]] | None = getattr(backend, "caster", None)
    return result.astype(dtype) if caster is None else caster(dtype)(result)


def _notes(node: AnalogMatmul) -> Iterator[str]:
    form = form_of(node.inputs[0])
    if form is None:
        return
    (down, across), (outputs, inputs) = form.tiles.outer.extents, form.tiles.extents
    vectors = math.prod(node.batch) * (2 if node.inputs[1].dtype.kind == "c" else 1)
    dac, adc = conversions(form.tiles, vectors, transposed=node.transposed)
    way = "from the outputs" if node.transposed else "from the inputs"
    yield f"{vectors:,} vectors through {outputs} x {inputs} crosspoints on {down} x {across} crossbars, {way}"
    yield f"conversions  {dac:,} digital to analog, {adc:,} analog to digital"
    core = form.config.analog_part().core()
    terms = NoiseTerms.of(core.backward if node.transposed else core.forward)
    summed = math.sqrt(down if node.transposed else across)
    reading = f"{terms.read:.3g} |x sqrt(w)|" if terms.read else f"{terms.weight:.3g} |x|"
    yield (
        f"noise (std)  {summed * math.hypot(terms.output, terms.adc):.3g} of outputs and their converters, "
        f"{math.hypot(terms.input, terms.dac):.3g} |w| of inputs and theirs, {reading} of weights; "
        "relative to the largest input"
    )


def analog_matmul_kernel(backend: Any, node: Any) -> AnalogProduct:
    """The kernel of an `AnalogMatmul`."""
    backend.load()
    return AnalogProduct(node)


def analog_update_kernel(backend: Any, node: Any) -> Callable[..., Any]:
    """The kernel of an `AnalogUpdate`."""
    backend.load()
    outputs, inputs = (_folded(source.shape) for source in node.inputs[1:])

    def analog_update(held: AnalogArray, d: Any, x: Any) -> Any:
        return held.updated(d.reshape(outputs), x.reshape(inputs), node.rate, node.dtype)

    return analog_update


def analog_transpose_kernel(backend: Any, node: Any) -> Callable[..., Any]:
    """The kernel of an `AnalogTranspose`."""
    backend.load()

    def analog_transpose(held: AnalogArray) -> Any:
        return held.transposed(node.axes)

    return analog_transpose


def _folded(shape: tuple[int, ...]) -> tuple[int, int]:
    return shape[0], math.prod(shape[1:])
