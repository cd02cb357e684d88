"""The analog matrix-vector product of one array in one direction."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace

from analog.cell import CellState, Site
from analog.mvm.batch import Batch
from analog.mvm.chain import chain
from analog.mvm.circuit import effective_weights
from analog.mvm.finite import all_finite, refuse
from analog.mvm.frozen import draw_spreads
from analog.mvm.lines import Lines
from analog.mvm.workspace import scratch
from analog.parameters.io import IOParameters
from analog.parameters.wires import WireParameters
from tensorlayer.backend import get_backend
from tensorlayer.errors import DtypeError, ShapeError

__all__ = ["Periphery"]

SINGLE = np.dtype(np.float32)


class Periphery:
    """The converters around an array: digital vectors in, digital vectors out.

    Several threads may use one periphery; a state is used by one at a time. Two peripheries of the same direction need
    sites of their own, or they draw the same noise.

    Parameters
    ----------
    io : IOParameters
        Converters, noises, non-idealities.
    transposed : bool, optional
        Whether vectors enter at the outputs of the array. Bounds are then not managed.

    Examples
    --------
    >>> import numpy as np
    >>> from analog.cell import Site, Storage
    >>> from analog.parameters import IOParameters
    >>> from analog.random import RandomKey
    >>> from tensorlayer.backend import get_backend
    >>> site = Site((1, 2), Storage(get_backend("numpy").allocator()), RandomKey(seed=1))
    >>> periphery = Periphery(IOParameters(inp_res=6, out_res=-1, out_noise=0.0))
    >>> state = periphery.create(site)
    >>> weights, x = np.array([[0.5, -0.2]], np.float32), np.array([[1.0, 0.4]], np.float32)
    >>> print(periphery.product(state, site, weights, x).round(3), state.numbers["vectors"])  # 0.4 is taken for 1/3
    [[0.433]] 1
    """

    def __init__(self, io: IOParameters, *, transposed: bool = False) -> None:
        self.transposed = transposed
        self._chain = chain(io, transposed=transposed)
        self.io = self._chain.io

    def create(self, site: Site) -> CellState:
        """A new state: what differs from output to output is drawn here.

        Returns
        -------
        CellState
            Arrays, each only if its spread is not zero: ``v_offset``, ``out_nonlinearity`` and ``out_noise_values`` of
            the outputs, ``w_asymmetry`` of the crosspoints. Numbers: ``vectors``, how many went through;
            ``average_abs_max``; ``out_nonlinearity_factor``.
        """
        return draw_spreads(self.io, site, transposed=self.transposed)

    @property
    def is_exact(self) -> bool:
        """Whether it does nothing but multiply."""
        return self._chain.exact and self.io.out_scale == 1.0

    def product(self, state: CellState, site: Site, weights: Any, x: Any) -> Any:
        """Vectors through the array; counts them in the state.

        Parameters
        ----------
        state : CellState
            Made by `create` for the same site.
        site : Site
            Where the array is.
        weights : array
            (outputs, inputs), also when transposed; native, float32.
        x : array
            (batch, inputs), (batch, outputs) when transposed; native, float32.

        Returns
        -------
        array
            (batch, outputs), (batch, inputs) when transposed; new.

        Raises
        ------
        ShapeError
            If shapes do not fit.
        DtypeError
            If an array is not float32.
        NotFiniteError
            If an element of `x` is NaN or infinite. The state is what it was.
        """
        if self.io.wires is not None and not self._chain.exact:
            weights = _wired(weights, site, self.io.wires)
        used = weights.T if self.transposed else weights
        _check(x, used)
        count = x.shape[0]
        if count == 0:
            return site.storage.empty((0, used.shape[0]))
        lines = Lines(self._chain, site, state, used, _namespace(x))
        if self._chain.exact:
            if not all_finite(x):
                refuse(x, site.storage)
            state.numbers["vectors"] += count
            return lines.exact(x)
        scale = scratch(site.storage, "scale", (count,))
        batch = Batch(lines, x, scale, int(state.numbers["vectors"]), self.transposed)
        average = float(state.numbers["average_abs_max"])
        if self._chain.averages:
            average = batch.average(average)
        result = batch.run()
        state.numbers["average_abs_max"] = average
        state.numbers["vectors"] += count
        return result


def _wired(weights: Any, site: Site, wires: WireParameters) -> Any:
    """The weights as they look from the ends of the lines, in the same memory."""
    here = get_backend("numpy").allocator().construct(site.storage.buffer(weights)).unwrap()
    return site.storage.take(effective_weights(here, wires))


def _namespace(array: Any) -> Any:
    """NumPy's own functions follow the standard; for others it takes a while to find out."""
    return np if isinstance(array, np.ndarray) else array_namespace(array)


def _check(x: Any, weights: Any) -> None:
    if len(x.shape) != 2 or x.shape[1] != weights.shape[1]:
        raise ShapeError(f"vectors are (batch, {weights.shape[1]}) here, not {tuple(x.shape)}")
    for name, array in (("vectors", x), ("weights", weights)):
        if array.dtype != SINGLE and str(array.dtype) != "torch.float32":
            raise DtypeError(f"{name} of an analog product are float32, not {array.dtype}: convert them")
