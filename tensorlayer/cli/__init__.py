"""The command `tensorlayer`."""

from __future__ import annotations

import importlib
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command of ``sys.argv``; ends the process with 0, 1 for a failure, or 2 for bad input."""
    try:
        application = importlib.import_module("tensorlayer.cli.application")
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in ("typer", "rich"):
            raise
        print(f"tensorlayer needs the library {library!r}: pip install 'tensorlayer-graph[cli]'", file=sys.stderr)
        sys.exit(1)
    application.app()
