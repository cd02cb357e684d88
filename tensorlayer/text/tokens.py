"""The words of a text program."""

from __future__ import annotations

import re
from typing import NamedTuple

from tensorlayer.errors import ProgramError
from tensorlayer.text.syntax import Source

__all__ = ["Token", "tokenize"]


class Token(NamedTuple):
    """One word: its kind (``name number string operator newline end``), its text and where it stands."""

    kind: str
    text: str
    start: int
    end: int


_PATTERN = re.compile(
    r"""
    (?P<blank>[ \t\r]+|\#[^\n]*|\\\n)
  | (?P<newline>\n|;)
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[jJ]?)
  | (?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*'*)
  | (?P<string>"[^"\n]*")
  | (?P<operator>\*\*|\+=|-=|<=|>=|==|!=|[-+*/()\[\],=<>:@])
    """,
    re.VERBOSE,
)


def tokenize(source: Source) -> list[Token]:
    """Split a program into words; newlines inside brackets do not count.

    Raises
    ------
    ProgramError
        At a character that belongs to no word.
    """
    tokens: list[Token] = []
    position, depth = 0, 0
    while position < len(source.text):
        match = _PATTERN.match(source.text, position)
        if match is None:
            raise ProgramError(
                f"unexpected character {source.text[position]!r}\n{source.point(position, position + 1)}"
            )
        kind, text = str(match.lastgroup), match[0]
        depth += (text in "([") - (text in ")]") if kind == "operator" else 0
        if kind != "blank" and not (kind == "newline" and depth > 0 and text == "\n"):
            tokens.append(Token(kind, text, match.start(), match.end()))
        position = match.end()
    tokens.append(Token("end", "", len(source.text), len(source.text)))
    return tokens
