"""The parts of a grid on their workers."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from analog.distributed import memory
from analog.distributed.bands import Bands
from analog.distributed.connection import PATIENCE, POLL, LostPart, answers_of, require_scheduler, result_of, workers_of
from analog.distributed.journal import Journal
from analog.distributed.line import Line
from analog.distributed.part import Answer, Part, Place
from analog.distributed.software import require_software
from analog.distributed.transition import Transition
from tensorlayer.errors import WorkerLostError

__all__ = ["Parts"]

#: Workers that may die, one after the other, while one part does one thing.
ATTEMPTS = 3


@dataclass
class Held:
    """A part, and where it is.

    Parameters
    ----------
    places : tuple of (row, column)
        Its crossbars.
    address : str
        Its worker.
    actor : distributed.Actor or None
        The `Part`; None if its worker died before it was made.
    line : Line or None
        To the part, if it is on this machine.
    inbox : Inbox
        Takes what it gives then.
    """

    places: tuple[Place, ...]
    address: str
    actor: Any = None
    line: Line | None = None
    inbox: memory.Inbox = field(default_factory=memory.Inbox)


class Parts:
    """One actor per worker, asked together; one whose worker died is made again elsewhere from the journal.

    Calls go from here to the workers without the scheduler, which only knows that the actors exist.

    Parameters
    ----------
    client : distributed.Client
        The connection.
    held : mapping of str to tuple of (row, column)
        The crossbars of each worker, by its address.
    origin : Transition
        How they are made.

    Raises
    ------
    VersionMismatchError, BackendNotInstalledError
        If a worker cannot take part.
    WorkerLostError
        If workers die again and again, or the scheduler is gone.
    """

    def __init__(self, client: Any, held: Mapping[str, tuple[Place, ...]], origin: Transition) -> None:
        # Otherwise the scheduler passes on all that is sent to actors, and all that they give.
        client.direct_to_workers = True
        self.client = client
        self.journal = Journal(origin)
        self._known: set[str] = set()
        self._dead: set[str] = set()
        self._stale = False
        self._outbox = memory.Outbox()
        self._asking = threading.RLock()
        require_software(client, held)
        self._known.update(held)
        self._held = [Held(places, address) for address, places in held.items()]
        for each in self._held:
            self._try_to_make(each)
        self.ask(origin)

    @property
    def placement(self) -> dict[Place, str]:
        """The address of each crossbar's worker."""
        return {place: held.address for held in self._held for place in held.places}

    @property
    def share_memory(self) -> bool:
        """Whether all parts are on this machine, on lines."""
        return all(held.line is not None for held in self._held)

    # -- asking --------------------------------------------------------------------------------------------

    def ask(self, transition: Transition, *, keep: bool = False) -> Any:
        """Let every part do something that changes nothing; gives what they gave together.

        If it is to be done again later, `keep` the vectors that it takes.
        """
        require_scheduler(self.client)
        with self._asking:
            if self._stale:
                self._rebuild()
            self._place(transition.bands, keep)
            return transition.together(self._asked(transition))

    def _place(self, bands: Sequence[Bands], keep: bool) -> None:
        """Put vectors where the workers of this machine see them: that is the only copy, also for the journal."""
        self._outbox.clear()
        vectors = [each.vectors for each in bands]
        if any(held.line is not None for held in self._held):
            vectors = self._outbox.place(vectors, keep=keep)
        elif keep:
            vectors = [each.copy() for each in vectors]
        for each, placed in zip(bands, vectors, strict=True):
            each.vectors = placed

    def _asked(self, transition: Transition) -> list[Any]:
        answers = self._answers(self._held, transition)
        return [self._value(held, answer, transition) for held, answer in zip(self._held, answers, strict=True)]

    def _answers(self, parts: Sequence[Held], transition: Transition) -> list[Answer | LostPart]:
        """Parts on this machine are asked on their lines, the others by messages; all at once."""
        near = [(held.line, self._packed(held, transition)) for held in parts if held.line is not None]
        for line, packed in near:
            line.ask((packed, transition.borrows))
        calls = [(held.address, partial(self._call, held, transition)) for held in parts if held.line is None]
        others = iter(answers_of(self.client, calls))
        return [next(others) if held.line is None else self._on_line(held, held.line) for held in parts]

    def _packed(self, held: Held, transition: Transition) -> memory.Packed:
        return self._outbox.pack((transition.function, transition.payload(held.places)))

    def _on_line(self, held: Held, line: Line) -> Any:
        try:
            return line.answer(POLL, lambda: held.address in workers_of(self.client))
        except LostPart as lost:
            return lost

    def change(self, transition: Transition) -> Any:
        """Let every part change, or none: after an error all are as they were."""
        result = self.attempt(transition, keep=True)
        self.journal.add(transition)
        return result

    def begin_at(self, origin: Transition) -> None:
        """The crossbars were kept: from here on they come from there."""
        with self._asking:
            self.journal.begin_at(origin)
            self._outbox.forget()

    def attempt(self, transition: Transition, *, keep: bool = False) -> Any:
        """As `change`, but the caller says to the journal what happened."""
        try:
            return self.ask(transition, keep=keep)
        except BaseException:
            # Some parts may have changed and others not: they are made again before they are asked the next time.
            self._stale = True
            raise

    def _call(self, held: Held, transition: Transition) -> Any:
        if held.actor is None:
            return None
        return asked(held.actor, "perform", transition.function, transition.payload(held.places))

    def _value(self, held: Held, answer: Answer | LostPart, transition: Transition) -> Any:
        """What a part gave; if it was lost, what it gives when it is made again."""
        for _ in range(ATTEMPTS):
            if not isinstance(answer, LostPart):
                return self._taken(held, answer, transition)
            answer = self._answer_of_another(held, transition)
        if not isinstance(answer, LostPart):
            return self._taken(held, answer, transition)
        raise WorkerLostError(
            f"{ATTEMPTS + 1} workers died while they held or made {len(held.places)} crossbars ({answer}): they may "
            "have run out of memory; use more workers, or give them more"
        ) from answer

    def _answer_of_another(self, held: Held, transition: Transition) -> Answer | LostPart:
        try:
            self._restore(held)
            return self._waited(held, transition)
        except LostPart as lost:
            return lost

    def _waited(self, held: Held, transition: Transition) -> Answer:
        (answer,) = self._answers([held], transition)
        if isinstance(answer, LostPart):
            raise answer
        return answer

    def _taken(self, held: Held, answer: Answer, transition: Transition) -> Any:
        if answer.error is not None:
            raise answer.error
        return answer.value if held.line is None else held.inbox.take(answer.value, borrow=transition.borrows)

    # -- where parts are -----------------------------------------------------------------------------------

    def _try_to_make(self, held: Held) -> None:
        try:
            self._make(held)
        except LostPart:
            held.actor = None

    def _make(self, held: Held) -> None:
        """A new part, without crossbars; if it is on this machine, with a line to it."""
        held.actor, held.line = self._actor(held.address), None
        if not memory.SHARED:
            return
        line, inbox = Line(), memory.Inbox()
        room = result_of(self.client, held.address, partial(asked, held.actor, "meet", self._outbox.room, line.ends))
        line.taken()
        if room is not None and inbox.reaches(room):
            held.line, held.inbox = line, inbox

    def _actor(self, address: str) -> Any:
        threads = workers_of(self.client).get(address)
        if threads is None:
            raise LostPart(address)
        made = self.client.submit(Part, threads, actor=True, workers=[address], pure=False)
        try:
            return made.result(timeout=PATIENCE)
        except (OSError, RuntimeError) as error:
            raise LostPart(f"{address}: {error}") from error

    def _restore(self, held: Held) -> None:
        """Make a part again, on the worker that has least."""
        self._dead.add(held.address)
        held.address = self._least_busy()
        self._fill(held)

    def _fill(self, held: Held) -> None:
        self._make(held)
        for transition in self.journal:
            self._taken(held, self._waited(held, transition), transition)

    def _rebuild(self) -> None:
        for held in self._held:
            try:
                self._fill(held)
            except LostPart as lost:
                self._value(held, lost, Transition(nothing, lambda _: None))
        self._stale = False

    def _least_busy(self) -> str:
        alive = workers_of(self.client, without=frozenset(self._dead))
        busy = dict.fromkeys(alive, 0)
        for held in self._held:
            if held.address in busy:
                busy[held.address] += len(held.places)
        chosen = min(busy, key=lambda address: (busy[address], address))
        if chosen not in self._known:
            require_software(self.client, [chosen])
            self._known.add(chosen)
        return chosen


def asked(actor: Any, method: str, *arguments: Any) -> Any:
    """What to wait for; None if dask knows already that the worker is gone."""
    try:
        return getattr(actor, method)(*arguments)
    except (RuntimeError, ValueError):
        return None


def nothing(tiles: Any, payload: Any) -> None:
    """Do nothing."""
