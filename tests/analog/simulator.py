"""Runs functions in numba's CUDA simulator, which has to be chosen before numba is imported: in a process of its own.

``simulator(function, *arguments)`` gives what ``function(*arguments)`` gives there, with all kernels sent to CUDA. The
function stands in a test module, is found by its file and name, and takes and returns what pickles.
"""

from __future__ import annotations

import importlib.util
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]


class Simulator:
    """A process whose CUDA is numba's simulator. Slow: arrays of some hundred elements at most."""

    def __init__(self) -> None:
        environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", __file__],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __call__(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """What the function gives in the simulator; an exception there is one here, with its traceback as a note."""
        request = (function.__code__.co_filename, function.__qualname__, arguments, named)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump(request, self._process.stdin)
        self._process.stdin.flush()
        result, error, trace = pickle.load(self._process.stdout)
        if error is not None:
            error.add_note(f"in the simulator:\n{trace}")
            raise error
        return result

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


@lru_cache
def module_at(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"simulated_{Path(path).stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def answer(request: tuple[str, str, tuple[Any, ...], dict[str, Any]]) -> tuple[Any, BaseException | None, str]:
    from analog.kernels import CUDA, running_on

    path, name, arguments, named = request
    try:
        function = getattr(module_at(path), name)
        with running_on(CUDA):
            return function(*arguments, **named), None, ""
    except Exception as error:  # noqa: BLE001  # sent to whoever asked
        return None, error, traceback.format_exc()


def serve() -> None:
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what tests print must not mix with the replies
    while requests.peek(1):
        reply = answer(pickle.load(requests))
        try:
            message = pickle.dumps(reply)
        except Exception:  # noqa: BLE001  # objects choose what they raise
            message = pickle.dumps((None, RuntimeError(f"does not pickle: {reply[:2]!r}"), reply[2]))
        replies.write(message)
        replies.flush()


if __name__ == "__main__":
    serve()
