"""What of a model is on which crossbars."""

from __future__ import annotations

import html
from dataclasses import dataclass

import torch

from analog.crossbar import Crossbar
from analog.nn.layer import AnalogLayer
from analog.nn.matrix import AnalogMatrix
from analog.nn.parameter import AnalogParameter

__all__ = ["LayerSummary", "ModelSummary", "analog_summary"]

HEADINGS = ("layer", "class", "matrices", "cell", "crossbars", "weights", "devices", "utilisation", "digital")


@dataclass(frozen=True)
class LayerSummary:
    """One layer.

    Attributes
    ----------
    name : str
        Its path in the model.
    kind : str
        Its class.
    matrices : tuple of tuple of int
        (outputs, inputs) on crossbars, with the column of an analog bias.
    cell : str
        What sits at the crosspoints.
    crossbars : int
        How many there are.
    weights : int
        Crosspoints in use.
    devices : int
        Of all arrays: cells of several devices have several at a crosspoint.
    capacity : int
        Crosspoints that crossbars of the largest size, which ``mapping`` says, have; `weights` where it is unbounded.
    parameters : int
        Digital ones.
    """

    name: str
    kind: str
    matrices: tuple[tuple[int, int], ...]
    cell: str
    crossbars: int
    weights: int
    devices: int
    capacity: int
    parameters: int

    @property
    def utilisation(self) -> float:
        """The part of the crosspoints that is used."""
        return self.weights / self.capacity if self.capacity else 0.0


@dataclass(frozen=True)
class ModelSummary:
    """All layers that have parameters; shown as a table.

    Attributes
    ----------
    layers : tuple of LayerSummary
        In the order of the model, a shared layer once.
    """

    layers: tuple[LayerSummary, ...]

    @property
    def total(self) -> LayerSummary:
        """The sums."""
        counts = ("crossbars", "weights", "devices", "capacity", "parameters")
        sums = {name: sum(getattr(layer, name) for layer in self.layers) for name in counts}
        return LayerSummary("total", "", (), "", **sums)

    def _rows(self) -> list[tuple[str, ...]]:
        return [_cells(layer) for layer in (*self.layers, self.total)]

    def __str__(self) -> str:
        table = [HEADINGS, *self._rows()]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]
        return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in HEADINGS)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>" for row in self._rows()
        )
        return f"<table><caption>Analog summary</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def analog_summary(model: torch.nn.Module) -> ModelSummary:
    """Which layers of a model are on crossbars, and what that takes.

    Parameters
    ----------
    model : torch.nn.Module
        With analog layers at any depth, or none.

    Returns
    -------
    ModelSummary
        A table, as text and in notebooks.

    Examples
    --------
    >>> import torch
    >>> from analog.config import MappingParameter, SingleRPUConfig
    >>> from analog.nn import AnalogLinear
    >>> config = SingleRPUConfig(mapping=MappingParameter(max_input_size=256, max_output_size=256))
    >>> model = torch.nn.Sequential(AnalogLinear(784, 256, rpu_config=config), torch.nn.Linear(256, 10))
    >>> summary = analog_summary(model)
    >>> summary.total.crossbars, summary.total.devices, summary.total.parameters
    (4, 200704, 2826)
    >>> f"{summary.layers[0].utilisation:.1%}"
    '76.6%'
    """
    layers: list[LayerSummary] = []
    seen: set[int] = set()
    for name, module in model.named_modules():
        if id(module) in seen:
            continue
        if isinstance(module, AnalogLayer):
            seen.update(id(part) for part in module.modules())
            layers.append(_analog(name, module))
        elif any(True for _ in module.parameters(recurse=False)):
            layers.append(_digital(name, module))
    return ModelSummary(tuple(layers))


def _analog(name: str, layer: AnalogLayer) -> LayerSummary:
    matrices = [module for module in layer.modules() if isinstance(module, AnalogMatrix)]
    digital = (parameter for parameter in layer.parameters() if not isinstance(parameter, AnalogParameter))
    crossbars = [crossbar for matrix in matrices for crossbar in matrix.grid.crossbars.values()]
    return LayerSummary(
        name,
        type(layer).__name__,
        tuple(matrix.grid.shape for matrix in matrices),
        ", ".join(sorted({type(matrix.grid.crossbars[0, 0].cell).__name__ for matrix in matrices})),
        len(crossbars),
        sum(crossbar.shape[0] * crossbar.shape[1] for crossbar in crossbars),
        sum(map(_devices, crossbars)),
        sum(map(_capacity, matrices)),
        sum(parameter.numel() for parameter in digital),
    )


def _devices(crossbar: Crossbar) -> int:
    """All weights that are changed by updates."""
    state = crossbar.state.to_numpy()
    return sum(state[name.removesuffix("updates") + "weights"].size for name in state if name.endswith("updates"))


def _capacity(matrix: AnalogMatrix) -> int:
    """Crosspoints of its crossbars if all were of the largest size."""
    mapping, (rows, columns) = matrix.config.mapping, matrix.grid.layout.outer.extents
    outputs, inputs = matrix.grid.shape
    return (rows * mapping.max_output_size or outputs) * (columns * mapping.max_input_size or inputs)


def _digital(name: str, module: torch.nn.Module) -> LayerSummary:
    count = sum(parameter.numel() for parameter in module.parameters(recurse=False))
    return LayerSummary(name, type(module).__name__, (), "", 0, 0, 0, 0, count)


def _cells(layer: LayerSummary) -> tuple[str, ...]:
    shapes = sorted(set(layer.matrices), key=layer.matrices.index)
    matrices = ", ".join(f"{layer.matrices.count(shape)} of {shape[0]} x {shape[1]}" for shape in shapes)
    utilisation = f"{layer.utilisation:.1%}" if layer.capacity else ""
    counts = (layer.crossbars, layer.weights, layer.devices)
    return (
        layer.name,
        layer.kind,
        matrices,
        layer.cell,
        *(f"{count:,}" for count in counts),
        utilisation,
        f"{layer.parameters:,}",
    )
