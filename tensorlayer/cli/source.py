"""The text of a program, from a file."""

from __future__ import annotations

import sys
from pathlib import Path

from tensorlayer.errors import FileAccessError, FileFormatError, MissingFileError
from tensorlayer.text import Program

__all__ = ["read_program"]


def read_program(path: Path) -> Program:
    """Read and parse a program; the path ``-`` stands for standard input.

    Raises
    ------
    MissingFileError, FileAccessError, FileFormatError
        If the file is missing, may not be read, or is no UTF-8 text.
    ProgramError, LabelError
        If the text is no program; the message points at the place.
    """
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise MissingFileError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise FileFormatError(f"{path}: a program is UTF-8 text; byte {error.start} of this file is not") from None
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read: {error.strerror}") from None
    return Program(text)
