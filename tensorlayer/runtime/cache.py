"""Where compiled code is kept for the next process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["cache_folder"]


def cache_folder(name: str) -> Path:
    """The folder of that name in ``TENSORLAYER_CACHE``, or in the user's cache; it need not exist."""
    chosen = os.environ.get("TENSORLAYER_CACHE")
    if chosen:
        return Path(chosen) / name
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "tensorlayer" / name
