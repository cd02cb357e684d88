"""Crossbars: what users hold of the analog floor."""

from analog.crossbar.crossbar import Crossbar
from analog.crossbar.state import State

__all__ = ["Crossbar", "State"]
