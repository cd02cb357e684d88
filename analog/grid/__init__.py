"""Matrices larger than one crossbar."""

from analog.grid.blocks import balanced
from analog.grid.grid import CrossbarGrid

__all__ = ["CrossbarGrid", "balanced"]
