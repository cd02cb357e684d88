"""Errors as one readable message, and the number that the process ends with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from tensorlayer.errors import TensorlayerError

__all__ = ["readable_errors"]

#: What those built-in errors stand for is in what the user gave: a program, a file, an option.
_BAD_INPUT = (ValueError, LookupError, TypeError, FileNotFoundError)


@contextmanager
def readable_errors() -> Iterator[None]:
    """Print errors of this package without traceback; end with 2 for bad input and 1 for failures.

    Other errors are defects of this package, and keep their traceback.
    """
    try:
        yield
    except TensorlayerError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2 if isinstance(error, _BAD_INPUT) else 1) from None
    except MemoryError as error:
        typer.echo(f"error: there is not enough memory: {error}", err=True)
        raise typer.Exit(1) from None
