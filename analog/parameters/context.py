"""How layers keep what their update needs."""

from __future__ import annotations

from enum import Enum

__all__ = ["AnalogContextDataViewMode"]


class AnalogContextDataViewMode(Enum):
    """What the data of an analog parameter show to an optimizer."""

    PLACEHOLDER = "Placeholder"
    DATA_VIEW = "DataView"
    BUFFER = "Buffer"
