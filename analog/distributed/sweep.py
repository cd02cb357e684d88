"""Many runs of one function with other parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from analog.distributed.connection import as_client, workers_of
from analog.distributed.feed import finished
from analog.distributed.pickles import require_pickles
from analog.distributed.runs import Choices, RunStore, runs_of
from analog.distributed.software import require_software
from analog.distributed.table import Table
from analog.errors import ConfigError
from tensorlayer.errors import OptionError

__all__ = ["sweep"]

#: Tasks that are sent ahead for each thread: workers have the next one when they finish.
AHEAD = 2


def sweep(
    function: Callable[..., Mapping[str, Any]],
    parameters: Mapping[str, Choices],
    *,
    path: str | Path,
    client: Any = None,
    in_flight: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Table:
    """Call a function with all combinations of parameters, on the workers of a cluster.

    What is finished is in the file at once: after Ctrl-C, an error of the cluster or a power cut, the same call does
    what is left. A run that fails does not stop the others, and is tried again by the next call. A run that takes long
    holds up nobody. A run whose worker dies is done by another one.

    Parameters
    ----------
    function : callable
        ``function(**values)`` gives a mapping of names to numbers, bools, text or None. It must draw from seeds that it
        is given: then it gives the same wherever it runs. Runs of a function whose code has changed are done anew.
    parameters : mapping of str to sequence or mapping
        The values of each parameter; such as are not text or numbers, by names: ``{"device": {"reram": config}}``.
    path : str or Path
        File that keeps what is finished. It may hold other runs too.
    client : distributed.Client or Runtime, optional
        The cluster; that of the runtime in force when left out.
    in_flight : int, optional
        Tasks that are with the cluster at once; a few for each thread when left out. A task is a run, or several where
        they are shorter than some tenths of a second.
    progress : callable, optional
        ``progress(finished, total)``, called whenever a run is finished.

    Returns
    -------
    Table
        A row for each combination, in order: parameters, then results, or ``error``.

    Raises
    ------
    ConfigError
        If the function or a value cannot be sent, a parameter has no values, or the function does not take them.
    WorkerLostError
        If there is no cluster, or it is lost.
    VersionMismatchError, BackendNotInstalledError
        If a worker has other software.
    FileAccessError, FileFormatError
        If the file cannot be used.

    Examples
    --------
    >>> def area(width, height):
    ...     return {"area": width * height}
    >>> table = sweep(area, {"width": [1, 2], "height": [3]}, path="areas.sweep")  # doctest: +SKIP
    >>> table[1]  # doctest: +SKIP
    {'width': 2, 'height': 3, 'area': 6}
    """
    require_pickles(function, "the function")
    require_pickles(dict(parameters), "a parameter")
    runs = runs_of(function, parameters)
    _require_call(function, runs[0].values)
    found = as_client(client)
    threads = workers_of(found)
    require_software(found, threads)
    most = (AHEAD + 1) * sum(threads.values()) if in_flight is None else in_flight
    if most < 1:
        raise OptionError(f"in_flight is {in_flight}: at least one task must be with the cluster")
    store = RunStore(path)
    outcomes = dict(store)
    left = [run for run in {run.key: run for run in runs}.values() if run.key not in outcomes]
    done = len(runs) - len(left)
    for some in finished(found, function, left, most):
        store.add((run, outcome) for run, outcome in some if "error" not in outcome)
        outcomes |= {run.key: outcome for run, outcome in some}
        done += len(some)
        if progress is not None:
            progress(done, len(runs))
    return Table([run.labels | outcomes[run.key] for run in runs])


def _require_call(function: Callable[..., Any], values: Mapping[str, Any]) -> None:
    """Refuse a function that does not take the parameters, before it fails in every run."""
    if not callable(function):
        raise ConfigError(f"the function is {function!r}: give what can be called, as function(**values)")
    try:
        signature = inspect.signature(function)
    except ValueError:  # some of those in C do not tell
        return
    try:
        signature.bind(**values)
    except TypeError as error:
        raise ConfigError(
            f"the function does not take the parameters {', '.join(values) or 'of none'}: {error}; it is called as "
            f"function{signature}"
        ) from None
