"""Configurations of crossbars with one device at every crosspoint, trained where they are."""

from __future__ import annotations

from analog.cell import Cell
from analog.config.rpu_config import Core, RPUConfig
from analog.devices import ConstantStepDevice, FloatingPointDevice
from analog.parameters import IOParameters, IOParametersIRDropT, UpdateParameters
from analog.parameters.enums import PulseType
from tensorlayer.errors import UnsupportedOperationError

__all__ = ["FloatingPointRPUConfig", "SingleRPUConfig"]


class FloatingPointRPUConfig(RPUConfig):
    """Exact products and updates, in floating point.

    Parameters
    ----------
    device : FloatingPointDevice, optional
        What holds the weights.
    """

    device: FloatingPointDevice = FloatingPointDevice()

    def core(self) -> Core:
        """Everything ideal."""
        perfect = IOParameters(is_perfect=True)
        return Core(self.device, perfect, perfect, UpdateParameters(pulse_type=PulseType.NONE))


class SingleRPUConfig(RPUConfig):
    """One device at every crosspoint.

    Parameters
    ----------
    forward : IOParameters, optional
        How inputs go through the array.
    backward : IOParameters, optional
        How errors go back; its bound management is off whatever it says, as errors are not read twice.
    update : UpdateParameters, optional
        How pulses are made.
    device : Cell, optional
        The device.
    """

    forward: IOParameters = IOParameters()
    backward: IOParameters = IOParameters()
    update: UpdateParameters = UpdateParameters()
    device: Cell = ConstantStepDevice()

    def core(self) -> Core:
        """The device and what is around it.

        Raises
        ------
        UnsupportedOperationError
            If errors are to go back as pulses of different length.
        """
        if isinstance(self.backward, IOParametersIRDropT) and self.backward.is_pulsed:
            raise UnsupportedOperationError(
                f"{type(self).__name__}.backward is IOParametersIRDropT, but pulses of different length drive inputs "
                "only: use IOParameters, or ir_drop=0"
            )
        return Core(self.device, self._on_lines(self.forward), self.backward, self.update)
