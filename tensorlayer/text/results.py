"""What a program of several targets gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, final

from tensorlayer.language.tensor import Tensor

__all__ = ["Results"]


@final
class Results(Mapping[str, Tensor]):
    """What a program of several targets computed: target name -> tensor.

    Targets that no later statement reads have been computed. The others (intermediates) were not stored;
    they are computed when they are looked at.
    """

    def __init__(self, computed: dict[str, Tensor], targets: Sequence[str], record: Callable[[], dict[str, Any]]):
        self._computed = computed
        self._targets = tuple(targets)
        self._record = record

    def __getitem__(self, name: str) -> Tensor:
        if name not in self._targets:
            raise KeyError(f"{name!r} is no target; there are {', '.join(self._targets)}")
        if name not in self._computed:
            self._computed[name] = self._record()[name]
        return self._computed[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._targets)

    def __len__(self) -> int:
        return len(self._targets)

    def __repr__(self) -> str:
        lines = [f"  {n}: {self._computed.get(n, 'not computed')}" for n in self._targets]
        return "Results(\n" + "\n".join(lines) + "\n)"
