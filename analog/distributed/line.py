"""A line to a part on the same machine: a pipe each way, which no event loop is on."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from threading import Thread
from typing import Any, final

from analog.distributed.connection import LostPart

__all__ = ["Ends", "Line", "serve"]


@dataclass(frozen=True)
class Ends:
    """The ends of a line that another process of the machine takes, and how it finds them.

    Parameters
    ----------
    process : int
        Whose they are.
    questions, answers : int
        The numbers of their files there: one to read from, one to write to.
    """

    process: int
    questions: int
    answers: int


@final
class Line:
    """The end of who asks. It is closed when it is let go of, or the process ends; so is the other one.

    Questions are numbered, and so are answers: of a question that was given up, the answer is passed over.
    """

    def __init__(self) -> None:
        questions, self._questions = Pipe(duplex=False)
        self._answers, answers = Pipe(duplex=False)
        self._lent = questions, answers
        self.ends = Ends(os.getpid(), questions.fileno(), answers.fileno())
        self._asked = 0

    def taken(self) -> None:
        """The other process has its ends: from here on, a line whose other end is gone is broken."""
        for end in self._lent:
            end.close()

    def ask(self, question: Any) -> None:
        """Send something that pickles; if nobody is there, waiting for the answer says so."""
        self._asked += 1
        try:
            self._questions.send((self._asked, question))
        except OSError:
            self._answers.close()

    def answer(self, seconds: float, alive: Callable[[], bool]) -> Any:
        """The answer to the last question.

        Parameters
        ----------
        seconds : float
            Between two looks whether the other process is alive: it may be neither gone nor ever answer.
        alive : callable
            Says so.

        Raises
        ------
        LostPart
            If the other process is gone.
        """
        number = 0
        while number < self._asked:
            while not (message := self._message(seconds)):
                if not alive():
                    raise LostPart("its worker is not in the cluster any more")
            number, answer = message
        return answer

    def _message(self, seconds: float) -> tuple[int, Any] | None:
        try:
            return self._answers.recv() if self._answers.poll(seconds) else None
        except (OSError, EOFError) as error:
            raise LostPart(f"its worker is gone: {error}") from error


def serve(ends: Ends, answer: Callable[[Any], Any]) -> None:
    """Answer all that is asked on a line, in a thread of its own, until its other end is closed.

    Raises
    ------
    OSError
        If this process does not find the ends.
    """
    questions = Connection(_opened(ends.process, ends.questions, os.O_RDONLY), writable=False)
    answers = Connection(_opened(ends.process, ends.answers, os.O_WRONLY), readable=False)
    Thread(target=_answer_all, args=(questions, answers, answer), name="tensorlayer line", daemon=True).start()


def _opened(process: int, number: int, way: int) -> int:
    return os.open(f"/proc/{process}/fd/{number}", way)


def _answer_all(questions: Connection, answers: Connection, answer: Callable[[Any], Any]) -> None:
    try:
        while True:
            number, question = questions.recv()
            answers.send((number, answer(question)))
    except (EOFError, OSError):
        pass
