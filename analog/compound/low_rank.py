"""Low-rank transfer (LR-TT): gradients go to two thin arrays, whose product is transferred to a full one."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from analog.cell import Cell, CellState, PulsedCell, Site
from analog.cell.cell import Multiply
from analog.cell.vectors import portions
from analog.compound.compound import UnitCell
from analog.compound.factors import Start, orthonormal, right_factor
from analog.compound.learning import learn
from analog.devices import ConstantStepDevice
from analog.errors import ConfigError
from analog.mvm import Periphery
from analog.parameters import Count, NonNegative, Positive, PositiveCount, UpdateParameters
from analog.parameters.io import IOParameters
from analog.random import Stream, normals

__all__ = ["LRTTTransferCompound"]

FAST_A, FAST_B, VISIBLE = range(3)
FINE = ConstantStepDevice(dw_min=0.01, w_max=1.0, w_min=-1.0)


class LRTTTransferCompound(UnitCell):
    """Low-rank transfer: ``W = C + lora_alpha * A @ B`` with thin arrays A (outputs x rank) and B (rank x inputs).

    Gradients change A by the pairs (B x, d) and B by (x, A' d), both taken before either changes, with the learning
    rate ``lr * lora_alpha``. Every so often ``A @ B`` is transferred to C, by one update with the rows of B and the
    columns of A; right after that A is zero and B new, so that W = C exactly.

    Parameters
    ----------
    unit_cell_devices : tuple of Cell
        Of A, of B, of C.
    construction_seed : int, optional
        When not 0, parameters that differ from crosspoint to crosspoint are drawn with this seed.
    rank : int, optional
        At most the smaller extent of the crossbar.
    transfer_every : int, optional
        Updates, or vector pairs, between two transfers; 0 for never. Transfers happen after updates.
    transfer_unit : {"steps", "samples"}, optional
        What `transfer_every` counts: updates, or vector pairs.
    transfer_lr : float, optional
        What of ``A @ B`` is transferred; `lora_alpha` when left out: then the weight is the same before and after.
    lora_alpha : float, optional
        What the product counts in the weight.
    reinit_gain : float, optional
        Of a normally distributed new B: its standard deviation is ``reinit_gain * sqrt(2 / inputs)``.
    reinit : {"normal", "orthonormal", "identity"}, optional
        What B is after a transfer. With the last two only A learns, and B stays until the next transfer.
    gradient_scale : {"none", "1/sqrt(r)", "sqrt(r)"}, optional
        Factor of the learning rate of A and B.
    projection : {"analog", "digital"}, optional
        How B x and A' d of an update are found: through `transfer_forward`, or exactly.
    read : {"exact", "one_hot", "random"}, optional
        How A and B are read for a transfer: exactly; or through `transfer_forward`, by one-hot vectors or by random
        orthonormal ones.
    composition : {"visible", "single_adc", "separate_adc"}, optional
        What a product with the crossbar is: C alone; one array of effective weights; ``C x + lora_alpha * A (B x)``
        through three arrays, each with its own converters.
    rank_chunk : int, optional
        Columns of A that are transferred at once; all when left out.
    transfer_forward : IOParameters, optional
        Of analog projections and reads.
    fast_update : UpdateParameters, optional
        How pulses for A and B are made; as for the crossbar when left out.
    transfer_update : UpdateParameters, optional
        How pulses for C are made.
    exact_write : bool, optional
        Whether C gets ``transfer_lr * A @ B``, rounded to whole pulses, without chance.

    Raises
    ------
    ConfigError
        If there are not three cells; when a crossbar is made, if the rank exceeds its smaller extent.

    Notes
    -----
    The form of the effective weight is that of low-rank adaptation (Hu et al., "LoRA", ICLR 2022), the transfer that of
    Tiki-Taka (Gokmen and Haensch, Front. Neurosci. 14, 103, 2020).

    Examples
    --------
    >>> LRTTTransferCompound(rank=8, lora_alpha=2.0).transferred
    2.0
    """

    unit_cell_devices: tuple[Cell, ...] = (FINE, FINE, FINE)
    rank: PositiveCount = 4
    transfer_every: Count = 32
    transfer_unit: Literal["steps", "samples"] = "steps"
    transfer_lr: Positive | None = None
    lora_alpha: NonNegative = 1.0
    reinit_gain: NonNegative = 0.1
    reinit: Start = "normal"
    gradient_scale: Literal["none", "1/sqrt(r)", "sqrt(r)"] = "none"
    projection: Literal["analog", "digital"] = "analog"
    read: Literal["exact", "one_hot", "random"] = "exact"
    composition: Literal["visible", "single_adc", "separate_adc"] = "separate_adc"
    rank_chunk: PositiveCount | None = None
    transfer_forward: IOParameters = IOParameters()
    fast_update: UpdateParameters | None = None
    transfer_update: UpdateParameters = UpdateParameters()
    exact_write: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.parts) != 3:
            raise ConfigError(
                f"{type(self).__name__}.unit_cell_devices holds the devices of A, B and C, not {len(self.parts)}"
            )
        if self.exact_write and not isinstance(self.parts[VISIBLE], PulsedCell):
            raise ConfigError(
                f"{type(self).__name__}.exact_write counts pulses, and {type(self.parts[VISIBLE]).__name__} has none: "
                "set it to False"
            )

    @property
    def transferred(self) -> float:
        """What of the product is transferred."""
        return self.lora_alpha if self.transfer_lr is None else self.transfer_lr

    @property
    def factors(self) -> tuple[float, ...]:
        """C alone is a sum of cells; the product is added by `weights`."""
        return (0.0, 0.0, 1.0)

    def place(self, number: int, site: Site) -> Site:
        """Where A, B or C is, with its shape."""
        outputs, inputs = site.shape
        return site.child(number, ((outputs, self.rank), (self.rank, inputs), site.shape)[number])

    def create(self, site: Site) -> CellState:
        """A new state: small random weights in C, A zero, B as after a transfer.

        Raises
        ------
        ConfigError
            If the rank exceeds the smaller extent of the crossbar.
        """
        if self.rank > min(site.shape):
            raise ConfigError(
                f"{type(self).__name__}.rank is {self.rank}; a crossbar of {site.shape[0]} outputs and {site.shape[1]} "
                f"inputs takes at most {min(site.shape)}"
            )
        return super().create(site)

    def prepare(self, state: CellState, site: Site) -> None:
        """Counters, peripheries of A and B."""
        state.numbers |= {"seen": 0, "transfers": 0, "starts": 0}
        for number in (FAST_A, FAST_B):
            for transposed in (False, True):
                name, place = _reader(number, transposed), self._read_place(number, site, transposed)
                state.cells[name] = self._periphery(transposed).create(place)

    def _periphery(self, transposed: bool) -> Periphery:
        return Periphery(self.transfer_forward, transposed=transposed)

    def _read_place(self, number: int, site: Site, transposed: bool) -> Site:
        """Both directions of an array draw apart."""
        place = self.place(number, site)
        return place.child(int(transposed), place.shape)

    def weights(self, state: CellState, site: Site) -> Any:
        """The effective weights, formed anew by every call; with ``composition="visible"`` those of C."""
        visible = self.part_weights(VISIBLE, state, site)
        if self.composition == "visible":
            return visible
        a, b = (self.part_weights(number, state, site) for number in (FAST_A, FAST_B))
        return visible + self.lora_alpha * (a @ b)

    def set_weights(self, state: CellState, site: Site, weights: Any) -> None:
        """Write weights into C; A becomes zero and B new."""
        self.write_part(VISIBLE, state, site, weights)
        self.restart(state, site)

    def restart(self, state: CellState, site: Site) -> None:
        """A becomes zero, B new, and the next transfer is a whole period away."""
        numbers = state.numbers
        self.write_part(FAST_A, state, site, site.storage.zeros(self.place(FAST_A, site).shape))
        new = right_factor(self.place(FAST_B, site), self.reinit, self.reinit_gain, int(numbers["starts"]))
        self.write_part(FAST_B, state, site, new)
        numbers |= {"seen": 0, "starts": numbers["starts"] + 1}

    def arrays(self, site: Site) -> dict[str, tuple[int, int]]:
        """One array, or three with converters of their own."""
        if self.composition != "separate_adc":
            return super().arrays(site)
        names = ("fast_a", "fast_b", "weights")
        shapes = {name: self.place(number, site).shape for number, name in enumerate(names)}
        return {"weights": shapes.pop("weights")} | shapes

    def product(self, state: CellState, site: Site, multiply: Multiply, x: Any, transposed: bool = False) -> Any:
        """The rows of `x` through one array, or through C and the two thin arrays one after the other."""
        if self.composition != "separate_adc":
            return super().product(state, site, multiply, x, transposed)
        thin = [("fast_b", FAST_B), ("fast_a", FAST_A)]
        low = x
        for name, number in reversed(thin) if transposed else thin:
            low = multiply(name, self.part_weights(number, state, site), low)
        return multiply("weights", self.part_weights(VISIBLE, state, site), x) + self.lora_alpha * low

    @property
    def counts_batches(self) -> bool:
        """Whether transfers fall due after steps."""
        return self.transfer_unit == "steps" or super().counts_batches

    def update(self, state: CellState, site: Site, x: Any, d: Any, lr: float, parameters: UpdateParameters) -> None:
        """Pulses for A and B, then perhaps a transfer; nothing at all when `lr` is 0."""
        if lr == 0 or x.shape[0] == 0:
            return
        scale = {"none": 1.0, "1/sqrt(r)": 1 / math.sqrt(self.rank), "sqrt(r)": math.sqrt(self.rank)}
        rate = lr * self.lora_alpha * scale[self.gradient_scale]
        pulses = self.fast_update or parameters
        low_x = self._projected(FAST_B, state, site, x, transposed=False)
        low_d = self._projected(FAST_A, state, site, d, transposed=True)
        learn(self.part(FAST_A, state, site), low_x, d, rate, pulses)
        if self.reinit == "normal":
            learn(self.part(FAST_B, state, site), x, low_d, rate, pulses)
        state.numbers["seen"] += 1 if self.transfer_unit == "steps" else int(x.shape[0])
        if self.transfer_every and state.numbers["seen"] >= self.transfer_every:
            self.transfer(state, site)

    def _projected(self, number: int, state: CellState, site: Site, vectors: Any, *, transposed: bool) -> Any:
        weights = self.part_weights(number, state, site)
        low = site.storage.empty((vectors.shape[0], self.rank))
        for some in portions(low.shape[0], site.shape):
            if self.projection == "digital":
                low[some] = vectors[some] @ (weights if transposed else weights.T)
            else:
                low[some] = self._analog(number, state, site, vectors[some], transposed)
        return low

    def _analog(self, number: int, state: CellState, site: Site, vectors: Any, transposed: bool) -> Any:
        inner, place = state.cells[_reader(number, transposed)], self._read_place(number, site, transposed)
        return self._periphery(transposed).product(inner, place, self.part_weights(number, state, site), vectors)

    def transfer(self, state: CellState, site: Site) -> None:
        """Add the product of A and B to C, then begin anew with both; with `transfer_every` it happens by itself."""
        columns, rows = self._factors_read(state, site)
        state.numbers["transfers"] += 1
        cell, inner, place = self.part(VISIBLE, state, site)
        if self.exact_write and isinstance(cell, PulsedCell):
            counts = site.storage.empty(site.shape, np.int32)
            counts[...] = ((self.transferred / cell.granularity) * (columns.T @ rows)).round()
            cell.write(inner, place, counts)
        else:
            chunk = self.rank_chunk or self.rank
            for first in range(0, self.rank, chunk):
                some = slice(first, first + chunk)
                cell.update(inner, place, rows[some], -columns[some], self.transferred, self.transfer_update)
        self.restart(state, site)

    def _factors_read(self, state: CellState, site: Site) -> tuple[Any, Any]:
        """Columns of A and rows of B, both (rank, elements), or other vectors with the same product."""
        if self.read == "exact":
            a, b = (self.part_weights(number, state, site) for number in (FAST_A, FAST_B))
            return site.storage.take(np.ascontiguousarray(site.storage.give(a).T)), b * 1.0
        probes = np.eye(self.rank, dtype=np.float32)
        if self.read == "random":
            step = int(state.numbers["transfers"])
            drawn = normals(site.storage, site.key, Stream.TRANSFER_VECTOR, step, (self.rank, self.rank))
            probes = orthonormal(site.storage.give(drawn))
        vectors = site.storage.take(probes)
        return self._analog(FAST_A, state, site, vectors, False), self._analog(FAST_B, state, site, vectors, True)

    def reset_columns(
        self, state: CellState, site: Site, first: int = 0, count: int | None = None, probability: float = 1.0
    ) -> None:
        """Reset devices of `count` columns of B and of C from `first` on; all devices of A only with all columns."""
        for number in (FAST_A, FAST_B, VISIBLE) if count is None else (FAST_B, VISIBLE):
            cell, inner, place = self.part(number, state, site)
            cell.reset_columns(inner, place, first if number else 0, count, probability)


def _reader(number: int, transposed: bool) -> str:
    return f"reader_{number}_{'transposed' if transposed else 'forward'}"
