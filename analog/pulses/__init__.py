"""From pairs of vectors to pulses, and from pulses to weights."""

from analog.pulses.apply import apply
from analog.pulses.implicit import Counts
from analog.pulses.law import Law
from analog.pulses.trains import Trains
from analog.pulses.update import make_trains, pulsed_update
from analog.pulses.write import write

__all__ = ["Counts", "Law", "Trains", "apply", "make_trains", "pulsed_update", "write"]
