"""What a long computation shows on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tensorlayer.backend import Progress as Told

__all__ = ["shown_progress"]

#: Seconds after which a computation is a long one.
PATIENCE = 0.5


@contextmanager
def shown_progress(console: Console | None = None) -> Iterator[Told]:
    """Show the steps that are done, once the scope has lasted `PATIENCE`; cleared when it is left.

    Parameters
    ----------
    console : Console, optional
        Where; standard error when left out. Nothing is shown where that is no terminal.

    Yields
    ------
    callable
        What `compute` tells of its steps. A backend that computes all steps at the end keeps the spinner.
    """
    console = console or Console(stderr=True)
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    display = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = display.add_task("computing", total=None)
    start = Timer(PATIENCE, display.start)
    start.daemon = True
    start.start()
    try:
        yield lambda done, steps: display.update(task, completed=done, total=steps)
    finally:
        start.cancel()
        start.join()
        display.stop()
