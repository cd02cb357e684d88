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
            If a direction has a voltage drop that depends on time.
        """
        for name, io in (("forward", self.forward), ("backward", self.backward)):
            if isinstance(io, IOParametersIRDropT):
                raise UnsupportedOperationError(
                    f"{type(self).__name__}.{name} has a voltage drop that depends on time, which a Crossbar "
                    "cannot do: use IOParameters, whose ir_drop approximates it and whose wires solve it at rest"
                )
        return Core(self.device, self.forward, self.backward, self.update)
