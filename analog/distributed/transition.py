"""What can be done to the parts of a grid: the half that runs here says what each part gets, the other half runs there.

Functions that take `Tiles` run in workers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analog.config import RPUConfig
from analog.crossbar import Crossbar
from analog.crossbar.checkpoint import Checkpoint
from analog.crossbar.files import read_checkpoint
from analog.distributed.bands import Bands
from analog.distributed.part import Place, Tiles
from analog.distributed.pickles import require_pickles
from analog.random import RandomKey
from tensorlayer.buffer import Allocator
from tensorlayer.errors import ConversionError
from tensorlayer.shape import Nested

__all__ = [
    "Birth",
    "Transition",
    "birth",
    "change",
    "from_files",
    "from_memory",
    "learn",
    "read",
]


@dataclass(frozen=True)
class Transition:
    """Something that all parts do.

    Parameters
    ----------
    function : callable
        ``function(tiles, payload)``: what a worker does.
    payload : callable
        ``payload(places)``: what the part with these crossbars is sent.
    nbytes : int
        Of the arrays that are kept for doing it again.
    borrows : bool
        Whether the function keeps no array that it is sent, nor `together` one that it gets.
    bands : tuple of Bands
        The vectors that parts are sent. They are the caller's, who may change them afterwards.
    together : callable
        ``together(answers)``: one result from what all parts gave.
    """

    function: Callable[[Tiles, Any], Any]
    payload: Callable[[Collection[Place]], Any]
    nbytes: int = 0
    borrows: bool = False
    bands: tuple[Bands, ...] = ()
    together: Callable[[list[Any]], Any] = list


# -- where crossbars come from ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Birth:
    """How the crossbars of a grid are made.

    Parameters
    ----------
    layout : Nested
        The grid.
    config : RPUConfig
        Of every crossbar.
    seed, tile : int
        Of the experiment; number of the first crossbar.
    allocator : Allocator or None
        Makes the arrays in the worker; that of its CPU for None.
    """

    layout: Nested
    config: RPUConfig
    seed: int
    tile: int = 0
    allocator: Allocator | None = None

    def key(self, place: Place) -> RandomKey:
        """Seed and number of a crossbar: crossbars are numbered row by row."""
        return RandomKey(self.seed, self.tile + place[0] * self.layout.outer.extents[1] + place[1])

    def extents(self, place: Place) -> tuple[int, int]:
        """(outputs, inputs) of a crossbar."""
        lines, columns = self.layout.block(place)
        return lines.stop - lines.start, columns.stop - columns.start


def birth(made: Birth) -> Transition:
    """New crossbars."""
    return Transition(_make, lambda places: (made, tuple(places)))


def _make(tiles: Tiles, sent: tuple[Birth, tuple[Place, ...]]) -> None:
    made, places = sent
    for place in places:
        key = made.key(place)
        tiles[place] = Crossbar(
            made.extents(place), made.config, seed=key.seed, tile=key.tile, allocator=made.allocator
        )


def from_memory(kept: Mapping[Place, Checkpoint], allocator: Allocator | None) -> Transition:
    """Crossbars as they were, from this process."""
    return Transition(_take, lambda places: ({place: kept[place] for place in places}, allocator))


def _take(tiles: Tiles, sent: tuple[Mapping[Place, Checkpoint], Allocator | None]) -> None:
    kept, allocator = sent
    tiles |= {place: Crossbar.of_checkpoint(saved, allocator=allocator) for place, saved in kept.items()}


def from_files(made: Birth, files: Mapping[Place, Path]) -> Transition:
    """Crossbars as they were, from files that workers can read."""
    return Transition(_load, lambda places: (made, {place: files[place] for place in places}))


def _load(tiles: Tiles, sent: tuple[Birth, Mapping[Place, Path]]) -> None:
    made, files = sent
    for place, file in files.items():
        saved = read_checkpoint(file)
        saved.require(made.config, made.extents(place), made.key(place))
        tiles[place] = Crossbar.of_checkpoint(saved, allocator=made.allocator)


# -- learning and writing -----------------------------------------------------------------------------------


def learn(layout: Nested, x: Any, d: Any, lr: float) -> Transition:
    """Every crossbar learns from its part of the vectors."""
    inputs, errors = Bands(layout, x, 1), Bands(layout, d, 0)

    def payload(places: Collection[Place]) -> Any:
        return inputs.of(places), errors.of(places), lr

    return Transition(_learn, payload, x.nbytes + d.nbytes, borrows=True, bands=(inputs, errors))


def _learn(tiles: Tiles, sent: tuple[Mapping[int, Any], Mapping[int, Any], float]) -> None:
    inputs, errors, lr = sent
    for (row, column), tile in tiles.items():
        tile.update_(inputs[column], errors[row], lr)


def change(function: Callable[..., Any], layout: Nested | None = None, matrix: Any = None) -> Transition:
    """``function(crossbar)`` of every crossbar, or with its block of a matrix, ``function(crossbar, block)``."""
    require_pickles(function, "the change")

    def payload(places: Collection[Place]) -> Any:
        if layout is None:
            return function, dict.fromkeys(places, ())
        return function, {place: (np.ascontiguousarray(matrix[layout.block(place)]),) for place in places}

    return Transition(_change, payload, 0 if matrix is None else matrix.nbytes)


def _change(tiles: Tiles, sent: tuple[Callable[..., Any], Mapping[Place, tuple[Any, ...]]]) -> None:
    function, arguments = sent
    for place, given in arguments.items():
        changed = function(tiles[place], *given)
        if not isinstance(changed, Crossbar):
            raise ConversionError(
                f"the change of a grid gave {changed!r} for a crossbar: it must give the changed crossbar back"
            )
        tiles[place] = changed


def read(function: Callable[[Crossbar], Any]) -> Transition:
    """``{place: function(crossbar)}``."""
    return Transition(_read, lambda _: function)


def _read(tiles: Tiles, function: Callable[[Crossbar], Any]) -> dict[Place, Any]:
    return {place: function(tile) for place, tile in tiles.items()}
