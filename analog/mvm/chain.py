"""The stages of a product, composed once for some parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from analog.mvm.durations import Read, reads
from analog.mvm.effects import ArrayStages, array_stages, effects
from analog.mvm.inputs import inputs, scaled_inputs
from analog.mvm.outputs import outputs
from analog.mvm.scaling import scaling, worst_case
from analog.mvm.side import Side
from analog.parameters.enums import AnalogMVType, BoundManagementType, NoiseManagementType
from analog.parameters.io import IOParameters
from analog.parameters.io_irdrop_t import IOParametersIRDropT

__all__ = ["Chain", "chain"]

SEPARATE = (AnalogMVType.POS_NEG_SEPARATE, AnalogMVType.POS_NEG_SEPARATE_DIGITAL_SUM)


@dataclass(frozen=True, eq=False)
class Chain:
    """From a vector to the numbers that come out; kernels for each of the steps, and what they need.

    Parameters
    ----------
    io : IOParameters
        What they were made for.
    exact : bool
        Whether none of them is used.
    signs : int
        How often a vector goes through the array: once, or once per sign.
    digital_sum : bool
        Whether both signs are converted.
    worst_case_second : bool
        Whether the second try of a vector is scaled by the largest output there could be.
    scaling, worst_case, inputs, outputs, outputs_added : Side
        Kernels.
    scaled_inputs : Side
        Two of them in one.
    stages : ArrayStages
        What the lines do.
    effects, effects_added : Side or None
        Its kernels.
    reads : tuple of Read
        Instead of these, pulses through ladders of resistors; none otherwise.
    """

    io: IOParameters
    exact: bool
    signs: int
    digital_sum: bool
    worst_case_second: bool
    scaling: Side
    worst_case: Side
    inputs: Side
    scaled_inputs: Side
    outputs: Side
    outputs_added: Side
    stages: ArrayStages
    effects: Side | None
    effects_added: Side | None
    reads: tuple[Read, ...]

    @cached_property
    def plain(self) -> bool:
        """Whether nothing happens between the product and the converters, and all can be one kernel."""
        return self.signs == 1 and self.effects is None and not self.reads

    @cached_property
    def watches(self) -> bool:
        """Whether vectors are tried again that exceed the converter's range."""
        return self.io.bound_management is not BoundManagementType.NONE

    @cached_property
    def averages(self) -> bool:
        """Whether divisors depend on the vectors before."""
        return self.io.noise_management is NoiseManagementType.AVERAGE_ABS_MAX

    def gives_up(self, reduction: float) -> bool:
        """Whether bound management ends when inputs are divided by that much more than noise management asks for."""
        io = self.io
        return reduction > io.max_bm_factor or (io.inp_step > 0 and reduction > io.max_bm_res / io.inp_step)


@lru_cache(maxsize=1024)
def chain(io: IOParameters, *, transposed: bool) -> Chain:
    """The chain for some parameters; without management of bounds when transposed."""
    if transposed and io.bound_management is not BoundManagementType.NONE:
        return chain(io.replace(bound_management=BoundManagementType.NONE), transposed=True)
    kind = io.mv_type
    return Chain(
        io=io,
        exact=io.is_perfect or kind is AnalogMVType.IDEAL,
        signs=2 if kind in SEPARATE else 1,
        digital_sum=kind is AnalogMVType.POS_NEG_SEPARATE_DIGITAL_SUM,
        worst_case_second=io.bound_management is BoundManagementType.ITERATIVE_WORST_CASE,
        scaling=scaling(io),
        worst_case=worst_case(io),
        inputs=inputs(io),
        scaled_inputs=scaled_inputs(io),
        outputs=outputs(io),
        outputs_added=outputs(io, added=True),
        stages=array_stages(io),
        effects=effects(io),
        effects_added=effects(io, added=True),
        reads=reads(io) if isinstance(io, IOParametersIRDropT) and io.is_pulsed else (),
    )
