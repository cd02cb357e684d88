"""The wires of an array, for the exact voltage drop."""

from __future__ import annotations

from enum import Enum

from analog.errors import ConfigError
from analog.parameters.base import Parameters
from analog.parameters.ranges import NonNegative, Positive

__all__ = ["LineEnds", "WireParameters"]


class LineEnds(Enum):
    """Which ends of a line are connected."""

    FIRST = "First"
    """The one at the first crosspoint."""
    LAST = "Last"
    """The one at the last crosspoint."""
    BOTH = "Both"
    """Both."""


class WireParameters(Parameters):
    """A network of resistors: word lines that inputs drive, bit lines that outputs read at virtual ground.

    Between two crosspoints of a line, and between a connected end and its first crosspoint, lies one piece of wire;
    a terminal resistance comes before it. A weight is the difference of the conductances of a pair of devices.

    Parameters
    ----------
    r_word, r_bit : float
        Resistance of a piece of a word line (along the outputs) and of a bit line (along the inputs), in ohm.
    r_word_terminal, r_bit_terminal : float
        Resistance of drivers and of sense amplifiers, in ohm.
    word_ends, bit_ends : LineEnds
        Where lines are driven, and where they are read; currents of both ends are added.
    g_min, g_max : float
        Conductances of a device, in microsiemens: of both devices of weight 0, and of one of weight `w_max`.
    w_max : float
        The weight that `g_max` stands for. Larger ones have larger conductances.
    interleaved : bool
        Whether both devices of a pair sit on the same word line, with bit lines side by side; otherwise they are in two
        arrays.

    Raises
    ------
    ConfigError
        If a value is out of its range, or `g_max` is not above `g_min`.
    """

    r_word: NonNegative = 1.0
    r_bit: NonNegative = 1.0
    r_word_terminal: NonNegative = 0.0
    r_bit_terminal: NonNegative = 0.0
    word_ends: LineEnds = LineEnds.FIRST
    bit_ends: LineEnds = LineEnds.LAST
    g_min: NonNegative = 0.0
    g_max: Positive = 25.0
    w_max: Positive = 1.0
    interleaved: bool = False

    def __post_init__(self) -> None:
        if self.g_max <= self.g_min:
            raise ConfigError(f"WireParameters.g_max is {self.g_max}: it must be above g_min, which is {self.g_min}")
