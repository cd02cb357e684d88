"""What sits at the crosspoints of a crossbar."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, MutableMapping
from typing import Any

from analog.cell.site import Site
from analog.cell.state import CellState
from analog.parameters import Parameters, UpdateParameters

__all__ = ["Cell", "Multiply"]

Multiply = Callable[[str, Any, Any], Any]


class Cell(Parameters):
    """A device, or several with a rule that makes one weight of them: frozen parameters and the transitions of a state.

    Every transition changes the state in place and draws only at addresses of its site and of counters in the state,
    so that equal states go to equal states, bit for bit.
    """

    @abstractmethod
    def create(self, site: Site) -> CellState:
        """A new state: parameters that differ from crosspoint to crosspoint are drawn here."""

    @abstractmethod
    def weights(self, state: CellState, site: Site) -> Any:
        """The weights that the array multiplies with, (outputs, inputs), float32; not a copy."""

    @abstractmethod
    def set_weights(self, state: CellState, site: Site, weights: Any) -> None:
        """Write weights (a native array of the site's shape) exactly, as far as the devices can hold them."""

    @abstractmethod
    def update(self, state: CellState, site: Site, x: Any, d: Any, lr: float, parameters: UpdateParameters) -> None:
        """Change the weights by about ``-lr * d.T @ x``, vector after vector.

        Parameters
        ----------
        x, d : array
            (batch, inputs) and (batch, outputs), native float32 arrays without NaN or infinity; for a cell that counts
            batches either may be `Vectors`, whose slices are such arrays.
        lr : float
            Learning rate; a negative one reverses all pulses.
        parameters : UpdateParameters
            How pulses are made.
        """

    def program(self, state: CellState, site: Site, weights: Any) -> bool:  # noqa: ARG002  # for cells that can
        """Write weights as hardware does, if that takes no pulses: for None those that were written last.

        Returns
        -------
        bool
            Whether that was done; otherwise nothing has changed, and reading and pulsing is left to the crossbar.
        """
        return False

    @property
    def adds_exactly(self) -> bool:
        """Whether an update adds exactly ``-lr * d.T @ x`` to the weights and does nothing else."""
        return False

    @property
    def counts_batches(self) -> bool:
        """Whether an update depends on where batches end: then it takes a batch as `Vectors` rather than in parts."""
        return False

    @property
    @abstractmethod
    def granularity(self) -> float:
        """The nominal size of one pulse near the middle of the range, in weight units."""

    @abstractmethod
    def hidden(self, state: CellState, site: Site) -> MutableMapping[str, Any]:
        """The arrays behind the weights, by the field's names; assigning one checks it and takes its consequences."""

    def arrays(self, site: Site) -> dict[str, tuple[int, int]]:
        """The arrays that a product goes through, by name, with their (outputs, inputs); each has its own periphery."""
        return {"weights": site.shape}

    def product(
        self,
        state: CellState,
        site: Site,
        multiply: Multiply,
        x: Any,
        transposed: bool = False,  # noqa: ARG002
    ) -> Any:
        """The product of the crossbar with the rows of `x`.

        Parameters
        ----------
        multiply : callable
            ``multiply(name, weights, x)``: `x` through one of `arrays` and its periphery; `weights` are (outputs,
            inputs) also when transposed.
        x : array
            (batch, inputs), or (batch, outputs) when transposed.
        transposed : bool, optional
            Whether the crossbar is driven from its outputs.
        """
        return multiply("weights", self.weights(state, site), x)

    def decay_weights(self, state: CellState, site: Site, alpha: float = 1.0) -> None:
        """Let the weights leak as if `alpha` updates had passed."""

    def diffuse_weights(self, state: CellState, site: Site) -> None:
        """One step of random diffusion of the weights."""

    def reset_columns(
        self, state: CellState, site: Site, first: int = 0, count: int | None = None, probability: float = 1.0
    ) -> None:
        """Reset devices of `count` columns from `first` on, wrapping around; all when left out."""

    def drift_weights(self, state: CellState, site: Site, duration: float) -> None:
        """Conductance drift over `duration` seconds."""

    def clip_weights(self, state: CellState, site: Site) -> None:
        """Bring the weights back to what the devices can hold."""

    def post_update(self, state: CellState, site: Site) -> None:
        """What happens once per step of an optimizer, after its updates: diffusion, then decay."""
