"""Two devices per crosspoint that are programmed once."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from analog.cell import Cell, CellState, Site
from analog.cell.cell import Multiply
from analog.inference.compensation import GlobalDriftCompensation
from analog.inference.noise_model import NoiseModel
from analog.parameters import UpdateParameters
from analog.random import Stream, normals
from tensorlayer.errors import UnsupportedOperationError

__all__ = ["ProgrammedPair"]

SIDES = ("plus", "minus")
#: Weights smaller than this are no reason for a scale.
SMALLEST = 1e-7


class ProgrammedPair(Cell):
    """A weight as the difference of two conductances, of which one is zero.

    Writing weights says what is to be programmed: until then weights are exactly these. `program` does it, and so does
    the first call of `drift_weights`, with a duration of 0 as well; every call reads anew. Conductances are carried
    along, so that both devices of a pair drift by their own exponents.

    Parameters
    ----------
    noise_model : NoiseModel or None, optional
        Of programming, drift and reading; for None weights stay what they are.
    drift_compensation : GlobalDriftCompensation or None, optional
        What outputs are multiplied with after drift; nothing for None.
    """

    noise_model: NoiseModel | None = None
    drift_compensation: GlobalDriftCompensation | None = None

    @property
    def granularity(self) -> float:
        """No change is too small."""
        return 0.0

    def create(self, site: Site) -> CellState:
        """A new state, with weights of zero."""
        weights, wanted = site.storage.zeros(site.shape), site.storage.zeros(site.shape)
        numbers = {"time": 0.0, "compensation": 1.0, "scale": 0.0, "programmings": 0, "reads": 0}
        return CellState({"weights": weights, "wanted": wanted}, numbers)

    def weights(self, state: CellState, site: Site) -> Any:
        """The weights that are read; not a copy."""
        return state.arrays["weights"]

    def set_weights(self, state: CellState, site: Site, weights: Any) -> None:
        """Say what is to be programmed; until then weights are exact."""
        state.arrays["wanted"][...] = weights
        state.arrays["weights"][...] = weights
        state.cells.clear()
        state.numbers |= {"time": 0.0, "compensation": 1.0, "scale": 0.0}

    def program(self, state: CellState, site: Site, weights: Any) -> bool:
        """Program both devices, anew if they were before, and read; weights without a noise model stay exact."""
        self.set_weights(state, site, state.arrays["wanted"] if weights is None else weights)
        self.drift_weights(state, site, 0.0)
        return True

    def update(self, state: CellState, site: Site, x: Any, d: Any, lr: float, parameters: UpdateParameters) -> None:
        """Refused.

        Raises
        ------
        UnsupportedOperationError
            Always.
        """
        raise UnsupportedOperationError(
            "crossbars of an InferenceRPUConfig are programmed, not trained: train with another configuration, or "
            "digitally, and convert the model to this one"
        )

    def hidden(self, state: CellState, site: Site) -> MutableMapping[str, Any]:
        """What is to be programmed."""
        return {"wanted": state.arrays["wanted"]}

    def product(self, state: CellState, site: Site, multiply: Multiply, x: Any, transposed: bool = False) -> Any:
        """The product with the weights that are read, compensated behind the converters."""
        y = multiply("weights", state.arrays["weights"], x)
        factor = float(state.numbers["compensation"])
        return y if factor == 1.0 else y * factor

    def drift_weights(self, state: CellState, site: Site, duration: float) -> None:
        """Let so many seconds pass after programming, which the first call does; then read.

        Parameters
        ----------
        duration : float
            Seconds since the last call; 0 to program, or to read once more.
        """
        if self.noise_model is None:
            return
        if not state.cells:
            self._program(self.noise_model, state, site)
        numbers = state.numbers
        numbers |= {"time": numbers["time"] + duration, "reads": numbers["reads"] + 1}
        self._read(self.noise_model, state, site)

    def _program(self, model: NoiseModel, state: CellState, site: Site) -> None:
        wanted, number = state.arrays["wanted"], int(state.numbers["programmings"])
        scale = model.largest / max(float(abs(wanted).max()), SMALLEST)
        state.numbers |= {"scale": scale, "programmings": number + 1}
        for side, sign in enumerate((scale, -scale)):
            conductances = (sign * wanted).clip(0.0, None)
            noise = _drawn(site, Stream.PROGRAMMING_NOISE, 2 * number + side)
            spread = _drawn(site, Stream.DRIFT_EXPONENT, 2 * number + side)
            arrays = {
                "conductances": model.programmed(conductances, noise),
                "exponents": model.exponents(conductances, spread),
            }
            state.cells[SIDES[side]] = CellState(arrays)

    def _read(self, model: NoiseModel, state: CellState, site: Site) -> None:
        numbers, devices, found = state.numbers, [state.cells[side].arrays for side in SIDES], []
        for side, device in enumerate(devices):
            noise = _drawn(site, Stream.DRIFT_NOISE, 2 * int(numbers["reads"]) + side)
            found.append(model.read(device["conductances"], device["exponents"], float(numbers["time"]), noise))
        state.arrays["weights"][...] = (found[0] - found[1]) / numbers["scale"]
        if self.drift_compensation is not None:
            programmed = (devices[0]["conductances"] - devices[1]["conductances"]) / numbers["scale"]
            numbers["compensation"] = self.drift_compensation.factor(programmed, state.arrays["weights"])


def _drawn(site: Site, stream: Stream, step: int) -> Any:
    return normals(site.storage, site.key, stream, step, site.shape)
