"""How a tensor lies on crossbars: what a plan must know of it beside its shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

from tensorlayer.shape import Nested

if TYPE_CHECKING:
    from analog.config.rpu_config import RPUConfig

__all__ = ["ROWS", "Form"]

#: How many modes are outputs unless something else is asked for.
ROWS = 1


@final
@dataclass(frozen=True, slots=True)
class Form:
    """The matrix that a tensor is folded into, and what its crossbars are.

    Parameters
    ----------
    rows : int
        The first so many modes are the outputs of the crossbars, the others their inputs.
    tiles : Nested
        The grid of crossbars, over (outputs, inputs).
    config : RPUConfig
        Of every crossbar.
    order : tuple of int
        Which mode of the tensor that was folded each mode is: of a transposed view, others than 0, 1, ...
    """

    rows: int
    tiles: Nested
    # Compared, but not hashed: a configuration is a tree, and plans are looked up often.
    config: RPUConfig = field(hash=False)
    order: tuple[int, ...]
