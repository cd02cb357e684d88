"""What every configuration of a layer's crossbars has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from analog.cell import Cell
from analog.parameters import (
    IOParameters,
    IOParametersIRDropT,
    MappingParameter,
    Parameters,
    PrePostProcessingParameter,
    RPUDataType,
    RuntimeParameter,
    UpdateParameters,
)
from tensorlayer.errors import UnsupportedOperationError

__all__ = ["Core", "RPUConfig"]


@dataclass(frozen=True, slots=True)
class Core:
    """The analog part of a configuration: what one crossbar needs.

    Parameters
    ----------
    cell : Cell
        What sits at the crosspoints.
    forward, backward : IOParameters
        How vectors go through the array from its inputs, and from its outputs.
    update : UpdateParameters
        How pulses are made.
    """

    cell: Cell
    forward: IOParameters
    backward: IOParameters
    update: UpdateParameters


class RPUConfig(Parameters):
    """The digital part of a configuration.

    Parameters
    ----------
    runtime : RuntimeParameter, optional
        How the simulation computes.
    pre_post : PrePostProcessingParameter, optional
        What is done digitally before and after a product.
    mapping : MappingParameter, optional
        How the matrix of a layer is laid out on crossbars.
    """

    runtime: RuntimeParameter = RuntimeParameter()
    pre_post: PrePostProcessingParameter = PrePostProcessingParameter()
    mapping: MappingParameter = MappingParameter()

    def core(self) -> Core:
        """The analog part.

        Raises
        ------
        UnsupportedOperationError
            If it takes more than a crossbar to do what is configured.
        """
        raise UnsupportedOperationError(
            f"{type(self).__name__} is no configuration of a Crossbar, which is trained by pulses: use "
            "FloatingPointRPUConfig, SingleRPUConfig, UnitCellRPUConfig or DigitalRankUpdateRPUConfig"
        )

    def _on_lines(self, forward: IOParameters, g_max: float | None = None) -> IOParameters:
        """With what this configuration says of the array, where inputs are pulses on lines that resist."""
        if not isinstance(forward, IOParametersIRDropT):
            return forward
        known = forward.ir_drop_g_max is not None
        return forward.replace(
            ir_drop_g_max=forward.ir_drop_g_max if known else g_max,
            ir_drop_rows=forward.ir_drop_rows or self.mapping.max_input_size,
        )

    def analog_part(self) -> Self:
        """The same crossbars without what a layer does digitally around them.

        Returns
        -------
        RPUConfig
            Without input range, mapping scales and trained factors; the extents of crossbars stay.
        """
        return self.replace(
            **{
                "pre_post.input_range.enable": False,
                "mapping.weight_scaling_omega": 0.0,
                "mapping.learn_out_scaling": False,
            }
        )

    def require_no_digital_part(self) -> None:
        """Refuse what a layer does digitally around its crossbars, which one crossbar alone does not.

        Raises
        ------
        UnsupportedOperationError
            If something digital is switched on.
        """
        wanted = {
            "runtime.data_type": self.runtime.data_type is not RPUDataType.FLOAT,
            "pre_post.input_range.enable": self.pre_post.input_range.enable,
            "pre_post.periph_quant.n_bits": self.pre_post.periph_quant.n_bits > 0,
            "mapping.weight_scaling_omega": self.mapping.weight_scaling_omega > 0,
            "mapping.learn_out_scaling": self.mapping.learn_out_scaling,
        }
        for name, is_wanted in wanted.items():
            if is_wanted:
                raise UnsupportedOperationError(
                    f"{type(self).__name__}.{name} is set, but a Crossbar is the analog array alone, in float32: "
                    "leave the default, and do it around the crossbar"
                )
