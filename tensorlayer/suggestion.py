"""The name that was probably meant, for messages about one that does not exist."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["did_you_mean"]

#: Twice the characters in common, over those of both: ``exq`` is meant for ``exp``, ``nosuch`` not for ``cosh``.
_LIKENESS = 0.65


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Words that follow an unknown name in a message; none if nothing is like it.

    Examples
    --------
    >>> did_you_mean("nmpy", ["numpy", "torch"])
    " (did you mean 'numpy'?)"
    >>> did_you_mean("abacus", ["numpy", "torch"])
    ''
    """
    # Needed by those only who mistype.
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), 1, _LIKENESS)
    return f" (did you mean {close[0]!r}?)" if close else ""
