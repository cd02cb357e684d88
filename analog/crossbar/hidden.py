"""What is behind the weights and the products of a crossbar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from analog.cell import CellState
from analog.compound import VectorUnitCell
from analog.crossbar.arguments import as_integer
from analog.crossbar.operands import take_array
from analog.crossbar.parts import Face
from analog.errors import ConfigError

__all__ = ["HiddenParameters"]


class HiddenParameters(Face):
    """Parameters of single crosspoints and outputs, by the field's names."""

    @property
    def hidden_parameters(self) -> dict[str, Any]:
        """What differs between crosspoints, and weights that are not visible: copies, by the field's names.

        They are not written to, like `weights`; `set_hidden_parameters` writes.
        """
        return self._copies(self._cell.hidden(*self._place()))

    def set_hidden_parameters(self, parameters: Mapping[str, Any]) -> Self:
        """Write hidden parameters in place, all or none.

        Parameters
        ----------
        parameters : mapping of str to array
            By name some or all of `hidden_parameters`, with their shapes: (outputs, inputs) but for the thin arrays of
            low-rank compounds. They are taken together. Bounds stay bounds: weights are clipped.

        Raises
        ------
        ConfigError
            If there is no such parameter, or the values contradict each other; nothing has changed then.
        ShapeError, DtypeError, NotFiniteError, ConversionError
            If they are no such arrays; nothing has changed then.
        """
        if not isinstance(parameters, Mapping):
            raise ConfigError(f"parameters is {type(parameters).__name__}: give a mapping of names to arrays")
        changed = self._state.copy()
        hidden = self._cell.hidden(changed.cells["cell"], self._site)
        hidden.update(
            {
                name: take_array(value, tuple(hidden[name].shape), self._site.storage, name)
                for name, value in parameters.items()
            }
        )
        self._become(changed)
        return self

    @property
    def forward_parameters(self) -> dict[str, Any]:
        """What differs from output to output in products, by the field's names: copies of ``v_offset`` and the like.

        Only spreads that ``config.forward`` switches on are there. Behind the names of further arrays, if the cell has
        them, as ``"a/v_offset"``.
        """
        return self._copies(_parameters(self._state.cells["forward"]))

    @property
    def backward_parameters(self) -> dict[str, Any]:
        """As `forward_parameters`, of transposed products."""
        return self._copies(_parameters(self._state.cells["backward"]))

    def set_forward_parameters(self, parameters: Mapping[str, Any]) -> Self:
        """Write some of `forward_parameters` in place, all or none.

        Raises
        ------
        ConfigError
            If there is no such parameter; nothing has changed then.
        ShapeError, DtypeError, NotFiniteError, ConversionError
            If they are no such arrays; nothing has changed then.
        """
        return self._set_parameters("forward", parameters)

    def set_backward_parameters(self, parameters: Mapping[str, Any]) -> Self:
        """As `set_forward_parameters`, of transposed products."""
        return self._set_parameters("backward", parameters)

    def _set_parameters(self, direction: str, parameters: Mapping[str, Any]) -> Self:
        changed = self._state.cells[direction].copy()
        held = _parameters(changed)
        for name, value in parameters.items():
            if name not in held:
                raise ConfigError(
                    f"config.{direction} switches on no spread {name!r}; there are {', '.join(held) or 'none'}"
                )
            held[name][...] = take_array(value, tuple(held[name].shape), self._site.storage, name)
        self._become(CellState(cells={direction: changed}))
        return self

    @property
    def hidden_update_index(self) -> int:
        """Which device of a vector cell is written and trained under the policy ``SINGLE_FIXED``; 0 of other cells."""
        return int(self._place()[0].numbers["device"]) if isinstance(self._cell, VectorUnitCell) else 0

    def set_hidden_update_index(self, index: int) -> Self:
        """Choose that device, in place.

        Raises
        ------
        ConfigError
            If there is no such device; nothing has changed then.
        """
        number = as_integer("index", index, 1 << 16)
        if isinstance(self._cell, VectorUnitCell):
            self._cell.select(self._place()[0], number)
        elif number:
            raise ConfigError(
                f"index is {number}: {type(self._cell).__name__} has no devices to choose from, so only 0"
            )
        return self


def _parameters(direction: CellState) -> dict[str, Any]:
    """The arrays of a direction's peripheries: by name, those of further arrays with theirs in front."""
    first, *others = direction.cells.items()
    further = {f"{name}/{key}": array for name, cell in others for key, array in cell.arrays.items()}
    return first[1].arrays | further
