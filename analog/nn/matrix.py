"""A matrix on crossbars as a module, with what is digital around it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, NoReturn

import torch

from analog.config import RPUConfig
from analog.crossbar import Crossbar
from analog.crossbar.arguments import as_shape
from analog.errors import ConfigError
from analog.grid import CrossbarGrid
from analog.nn.exact_operations import Images, Operation, Vectors
from analog.nn.exact_product import exact_product
from analog.nn.input_range import InputRange
from analog.nn.lowered_product import lowered_product
from analog.nn.lowering import Lowering
from analog.nn.openmp import sleep_while_waiting
from analog.nn.parameter import AnalogParameter
from analog.nn.product import OutputClipping, product
from analog.nn.state import MatrixState
from analog.nn.tracing import refuse_script, require_call
from analog.nn.weights import VisibleWeights
from analog.parameters import BoundManagementType, NoiseManagementType
from tensorlayer.errors import ConversionError, DtypeError, ShapeError, UnsupportedOperationError

__all__ = ["AnalogMatrix"]

#: What torch does with vectors and a matrix of numbers.
VECTORS = Vectors()
#: The part of the output converter's range from which on an output counts as clipped.
CLIPPED = 0.999


class AnalogMatrix(MatrixState, VisibleWeights):
    """A matrix on a grid of crossbars: the part that all analog layers are made of.

    Vectors are clipped to the input range and divided by it, go through the crossbars, and are multiplied by the input
    range, the mapping scales and the trained output scales; then a digital bias is added. Which of these there are is
    said by ``config.pre_post.input_range`` and ``config.mapping``. Weights are what users see: those of the devices
    times all scales. Devices compute in float32; results have the element type of the vectors.

    Parameters
    ----------
    shape : tuple of int
        (outputs, inputs).
    config : RPUConfig
        Of the crossbars and of what is around them.
    bias : bool, optional
        Whether there is one: a parameter, or without ``mapping.digital_bias`` a column of devices, driven by one more
        input that is always 1.
    seed : int, optional
        Of everything that these crossbars draw; from torch's generator when left out, so that ``torch.manual_seed``
        makes a model reproducible.

    Attributes
    ----------
    analog : AnalogParameter
        What an optimizer sees of the crossbars.
    bias : Parameter or None
        (outputs,); None if it is analog or there is none.
    input_range : InputRange or None
        The bound of inputs.
    mapping_scales : Tensor or None
        One number or (outputs,); None without ``mapping.weight_scaling_omega``.
    out_scaling : Parameter or None
        One number or (outputs,); None without ``mapping.learn_out_scaling``.

    Raises
    ------
    ShapeError, ConfigError, UnsupportedOperationError
        As for a `Crossbar`, or if parts of the config contradict each other.

    Examples
    --------
    >>> import torch
    >>> from analog.config import MappingParameter, SingleRPUConfig
    >>> config = SingleRPUConfig(mapping=MappingParameter(weight_scaling_omega=0.6))
    >>> matrix = AnalogMatrix((2, 3), config, seed=1)
    >>> matrix.set_weights(torch.tensor([[1.0, -2.0, 3.0], [0.0, 1.0, -1.0]]))
    >>> matrix.mapping_scales
    tensor(5.)
    >>> matrix(torch.ones(4, 3)).shape
    torch.Size([4, 2])
    """

    def __init__(
        self, shape: tuple[int, int], config: RPUConfig, *, bias: bool = False, seed: int | None = None
    ) -> None:
        super().__init__()
        if not isinstance(config, RPUConfig):
            raise ConfigError(f"config is {config!r}: give an RPUConfig, as SingleRPUConfig(device=...)")
        self._shape, self._config = as_shape(shape), config
        self._has_bias_column = bias and not config.mapping.digital_bias
        self._clipping = _output_clipping(config)
        # torch makes parameters on its default device; crossbars are made on the CPU, and go there afterwards.
        device = torch.get_default_device()
        with torch.device("cpu"):
            self._make(bias, seed)
        if device.type != "cpu":
            self.to(device)

    def _make(self, bias: bool, seed: int | None) -> None:
        """The crossbars, and what is digital around them, on the CPU."""
        (outputs, inputs), config = self._shape, self._config
        mapping, input_range = config.mapping, config.pre_post.input_range
        number = int(torch.randint(1 << 32, ()).item()) if seed is None else seed
        grid = CrossbarGrid((outputs, inputs + self._has_bias_column), config.analog_part(), seed=number)
        self.analog = AnalogParameter(grid)
        self.input_range = InputRange(input_range) if input_range.enable else None
        scales = torch.ones(outputs if mapping.weight_scaling_columnwise else ())
        self.register_buffer("mapping_scales", scales if mapping.weight_scaling_omega > 0 else None)
        factors = torch.nn.Parameter(torch.ones(outputs if mapping.out_scaling_columnwise else ()))
        self.register_parameter("out_scaling", factors if mapping.learn_out_scaling else None)
        digital = torch.nn.Parameter(torch.zeros(outputs)) if bias and mapping.digital_bias else None
        self.register_parameter("bias", digital)

    # -- what it is ----------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, int]:
        """(outputs, inputs), without the column of an analog bias."""
        return self._shape

    @property
    def config(self) -> RPUConfig:
        """Of the crossbars and of what is around them."""
        return self._config

    @property
    def has_bias(self) -> bool:
        """Whether there is a bias, digital or analog."""
        return self._has_bias_column or self.bias is not None

    # -- products ------------------------------------------------------------------------------------------

    def forward(self, x: torch.Tensor, lowering: Lowering | None = None) -> torch.Tensor:
        """Vectors through the matrix, (..., inputs) to (..., outputs).

        Parameters
        ----------
        x : Tensor
            float32; float16, bfloat16 and float64 are rounded to it, and the result back.
        lowering : Lowering, optional
            What the vectors are parts of, as an image, and where results go: factors and bias are along the last axis
            of that.

        Raises
        ------
        ShapeError, DtypeError, ConversionError, NotFiniteError
            If `x` has other extents, no real floating-point elements, is on another device than the crossbars, or has
            NaN or infinite elements.
        UnsupportedOperationError
            If torch records or transforms the call: see `analog.nn.tracing`.
        """
        require_call()
        if torch.compiler.is_compiling():
            # A break in the compiler's graph: it cannot look into kernels, nor record that they count vectors.
            y: torch.Tensor = torch.compiler.disable(self._multiply)(x, lowering)  # type: ignore[no-untyped-call]
            return y
        return self._multiply(x, lowering)

    def __prepare_scriptable__(self) -> NoReturn:
        """What `torch.jit.script` calls first."""
        refuse_script()

    def _multiply(self, x: torch.Tensor, lowering: Lowering | None) -> torch.Tensor:
        self._check(x)
        if torch.is_autocast_enabled(x.device.type):
            with torch.autocast(x.device.type, enabled=False):
                return self._multiply(x, lowering)
        if lowering is not None:
            if self._has_bias_column:
                lowering = replace(lowering, has_constant=True)
            return _as_type(self._around(x.float(), lowering), x)
        if x.ndim == 0 or x.shape[-1] != self._shape[1]:
            raise ShapeError(f"x is {list(x.shape)}: its last axis must have {self._shape[1]} elements")
        if x.ndim != 2:
            return self._multiply(x.reshape(-1, x.shape[-1]), None).reshape(*x.shape[:-1], self._shape[0])
        rows = x.float()
        if self._has_bias_column:
            rows = torch.nn.functional.pad(rows, (0, 1), value=1.0)
        return _as_type(self._around(rows, None), x)

    def _around(self, x: torch.Tensor, lowering: Lowering | None) -> torch.Tensor:
        """What is digital in front of the crossbars and behind them, and the product between."""
        # A module's attribute is found in the third place where it is looked for, which small layers feel.
        own: dict[str, Any] = self._parameters
        weight: AnalogParameter = own["analog"]
        reach, factors, bias, scales = None, own["out_scaling"], own["bias"], self._buffers["mapping_scales"]
        if self.input_range is not None:
            x, reach = self.input_range(x)
        if weight.is_exact and factors is None and self._clipping is None:
            numbers = exact_product(_operation(lowering, reach), x, weight, scales, self._rate(scales), bias)
            if numbers is not None:
                return numbers
        if x.device.type == "cpu":
            sleep_while_waiting()
        through = product if lowering is None else partial(lowered_product, lowering)
        added = None if bias is None else bias.float()
        if factors is None:
            return through(x, weight, reach, scales, self._rate(scales), self._clipping, added)
        y: torch.Tensor = through(x, weight, reach, scales, self._rate(scales), self._clipping) * factors
        return y if added is None else y + added

    def _check(self, x: torch.Tensor) -> None:
        if not isinstance(x, torch.Tensor) or x.layout is not torch.strided:
            kind = getattr(x, "layout", type(x).__name__)
            raise ConversionError(f"x is {kind}: an analog layer takes dense tensors of torch")
        if not x.is_floating_point():
            raise DtypeError(f"x is {x.dtype}: an analog layer takes float32, float16, bfloat16 and float64")
        here = self._parameters["analog"].device  # type: ignore[union-attr]  # there always is one
        if x.device != here:
            raise ConversionError(f"x is on {x.device}, the crossbars on {here}: move one of them")

    def _rate(self, scales: torch.Tensor | None) -> float:
        """The part of the mapping scales that divides the learning rate."""
        if scales is None or not self._config.mapping.weight_scaling_lr_compensation:
            return 1.0
        return float(scales.mean())

    def pulse_counters(self) -> dict[tuple[int, int], dict[str, torch.Tensor]]:
        """How many pulses every device has seen: (outputs, inputs) by name, for every crossbar of the grid: copies.

        Raises
        ------
        UnsupportedOperationError
            If no device counts: their field ``count_pulses`` says so.
        """
        counters = {place: _pulses(tile) for place, tile in self.grid.crossbars.items()}
        if not any(counters.values()):
            raise UnsupportedOperationError("the devices do not count pulses: give them count_pulses=True")
        return counters

    def _repr_html_(self) -> str:
        return self.grid._repr_html_()

    def extra_repr(self) -> str:
        """The grid."""
        return repr(self.grid)


def _as_type(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """With elements of the type that `x` has."""
    return y if y.dtype is x.dtype else y.to(x.dtype)


def _operation(lowering: Lowering | None, reach: torch.Tensor | None) -> Operation:
    """What torch does with a matrix of numbers."""
    if lowering is None:
        return VECTORS
    return Images(lowering, None if reach is None else float(reach))


def _output_clipping(config: RPUConfig) -> OutputClipping | None:
    """What `manage_output_clipping` asks for.

    Raises
    ------
    ConfigError
        If outputs are not clipped at a fixed bound.
    """
    input_range, forward = config.pre_post.input_range, config.core().forward
    if not (input_range.enable and input_range.manage_output_clipping):
        return None
    managed = forward.noise_management is not NoiseManagementType.NONE
    managed |= forward.bound_management is not BoundManagementType.NONE
    if forward.is_perfect or forward.out_bound <= 0 or managed:
        raise ConfigError(
            "pre_post.input_range.manage_output_clipping needs outputs that are clipped at a fixed bound: set "
            "forward.noise_management and forward.bound_management to 'NONE', is_perfect to False and out_bound above 0"
        )
    return OutputClipping(CLIPPED * forward.out_scale * forward.out_bound, input_range.output_min_percentage)


def _pulses(tile: Crossbar) -> dict[str, torch.Tensor]:
    return {name: torch.tensor(array) for name, array in tile.state.to_numpy().items() if name.endswith("_pulses")}
