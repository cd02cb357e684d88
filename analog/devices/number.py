"""Numbers in laws: float32 throughout.

In compiled code a literal such as ``1`` or ``1.0`` would make the rest of a formula float64, at half the speed.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

__all__ = ["ONE", "TWO", "ZERO", "Number"]

#: What a law computes with.
Number: TypeAlias = Any

ZERO: Number = np.float32(0)
ONE: Number = np.float32(1)
TWO: Number = np.float32(2)
