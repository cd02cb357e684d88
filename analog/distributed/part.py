"""What one worker process holds of a grid."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analog.crossbar import Crossbar
from analog.distributed.line import Ends, serve
from analog.distributed.memory import Inbox, Outbox, Packed, Room
from analog.distributed.pickles import as_sent

__all__ = ["Answer", "Part", "Place", "Tiles"]

Place = tuple[int, int]
Tiles = dict[Place, Crossbar]

#: Parts of several grids in one worker take turns: they would share its threads.
TURN = threading.Lock()


@dataclass(frozen=True)
class Answer:
    """What a part did: a value, or the error that it raised; so that errors of the way there are told apart."""

    value: Any = None
    error: Exception | None = None


class Part:
    """The crossbars of a grid that one worker holds: an actor of `dask.distributed`.

    Its methods run in the worker, one after the other, in the order in which they were called.

    Parameters
    ----------
    threads : int
        How many threads kernels may use here.
    """

    def __init__(self, threads: int) -> None:
        importlib.import_module("numba").config.NUMBA_NUM_THREADS = threads
        self.crossbars: Tiles = {}
        self._inbox, self._outbox = Inbox(), Outbox()

    def perform(self, function: Callable[[Tiles, Any], Any], payload: Any) -> Answer:
        """``function(crossbars, payload)``, which may change the crossbars."""
        return answered(lambda: function(self.crossbars, payload))

    def meet(self, room: Room, ends: Ends) -> Room | None:
        """Where answers will be, if this process sees the memory of the hub; None on another machine.

        From then on, `perform_packed` is asked on the line.
        """
        if not self._inbox.reaches(room):
            return None
        serve(ends, self.perform_packed)
        return self._outbox.room

    def perform_packed(self, sent: tuple[Packed, bool]) -> Answer:
        """`perform` of what is in the memory of the hub; the value is in that of this process, until the next call."""
        return answered(lambda: self._packed(*sent))

    def _packed(self, packed: Packed, borrow: bool) -> Packed:
        function, payload = self._inbox.take(packed, borrow=borrow)
        self._outbox.clear()
        return self._outbox.pack(function(self.crossbars, payload))


def answered(call: Callable[[], Any]) -> Answer:
    """What a call gives, or raises; one at a time."""
    with TURN:
        try:
            return Answer(value=call())
        except Exception as error:  # noqa: BLE001  # raised again where the grid is
            return Answer(error=as_sent(error))
