"""Low-rank transfer by the names of a published fork of aihwkit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from analog.compound.low_rank import LRTTTransferCompound
from analog.errors import ConfigError
from analog.parameters import Positive
from analog.parameters.table import Table

__all__ = ["PythonLRTTDevice"]


class PythonLRTTDevice(LRTTTransferCompound):
    """`LRTTTransferCompound` by the names of aihwkit_lrtt, whose `transfer_unit` and others follow from them.

    Parameters
    ----------
    transfer_lr : float, optional
        What of ``A @ B`` is transferred.
    units_in_mbatch : bool, optional
        Whether `transfer_every` counts vector pairs; otherwise it counts updates. In all other cells this name means
        the opposite.
    correct_gradient_magnitudes : bool, optional
        Whether the learning rate of A and B is divided by the root of the rank.
    forward_inject : bool, optional
        Whether products are with ``C + lora_alpha * A @ B``, through three arrays; otherwise with C.
    columns_mode : bool, optional
        Always True; nothing depended on it.
    ab_bl_mgmt, transfer_bl_mgmt : mapping, optional
        Always empty; nothing depended on them.

    Raises
    ------
    ConfigError
        As `LRTTTransferCompound`, or if something is asked for that never did anything.

    Notes
    -----
    All else is as there: `rank`, `transfer_every`, `lora_alpha`, `reinit_gain`, `rank_chunk`, and what the fork does
    not have. Its transfers read A and B exactly (``read="exact"``) or by one-hot vectors.

    Examples
    --------
    >>> cell = PythonLRTTDevice(rank=8, lora_alpha=16.0, correct_gradient_magnitudes=True)
    >>> cell.gradient_scale, cell.transferred
    ('1/sqrt(r)', 1.0)
    """

    transfer_lr: Positive = 1.0
    units_in_mbatch: bool = False
    correct_gradient_magnitudes: bool = False
    forward_inject: bool = True
    columns_mode: bool = True
    ab_bl_mgmt: Mapping[str, Any] = Table()
    transfer_bl_mgmt: Mapping[str, Any] = Table()
    transfer_unit: Literal["steps", "samples"] = field(init=False, default="steps")
    gradient_scale: Literal["none", "1/sqrt(r)", "sqrt(r)"] = field(init=False, default="none")
    composition: Literal["visible", "single_adc", "separate_adc"] = field(init=False, default="separate_adc")

    def __post_init__(self) -> None:
        idle = {"columns_mode": True, "ab_bl_mgmt": {}, "transfer_bl_mgmt": {}}
        for name, only in idle.items():
            if getattr(self, name) != only:
                raise ConfigError(
                    f"{type(self).__name__}.{name} is {getattr(self, name)!r}, which never had an effect: leave "
                    f"{only!r}; pulses are made as fast_update and transfer_update say"
                )
        derived = {
            "transfer_unit": "samples" if self.units_in_mbatch else "steps",
            "gradient_scale": "1/sqrt(r)" if self.correct_gradient_magnitudes else "none",
            "composition": "separate_adc" if self.forward_inject else "visible",
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)
        super().__post_init__()
