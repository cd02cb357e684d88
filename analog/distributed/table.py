"""Results of a sweep as a table."""

from __future__ import annotations

import csv
import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

from tensorlayer.errors import DtypeError, LibraryNotInstalledError
from tensorlayer.files.atomic import replacing

__all__ = ["Table"]


class Table(Sequence[dict[str, Any]]):
    """One row for each run: its parameters, then its results; of a run that failed, the column ``error`` says why.

    Parameters
    ----------
    rows : sequence of dict
        By the names of columns; what a row lacks is empty.

    Examples
    --------
    >>> table = Table([{"seed": 0, "loss": 0.5}, {"seed": 1, "error": "ValueError: no"}])
    >>> table.columns
    ('seed', 'loss', 'error')
    >>> len(table.failed)
    1
    """

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        self.rows = list(rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in the order in which rows have them."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row))

    @property
    def failed(self) -> Table:
        """The runs that failed."""
        return Table([row for row in self.rows if row.get("error") is not None])

    def to_csv(self, path: str | Path) -> None:
        """Write comma-separated values, with a line of names, whole or not at all."""
        with replacing(Path(path)) as fresh, fresh.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, self.columns, restval="")
            writer.writeheader()
            writer.writerows(self.rows)

    def to_parquet(self, path: str | Path) -> None:
        """Write a Parquet file, whole or not at all; what a row lacks is null.

        Raises
        ------
        LibraryNotInstalledError
            If pyarrow is missing.
        DtypeError
            If a column mixes types, as numbers and text.
        """
        try:
            arrow = importlib.import_module("pyarrow")
            parquet = importlib.import_module("pyarrow.parquet")
        except ImportError:
            raise LibraryNotInstalledError(
                "Parquet files need the library pyarrow: pip install 'tensorlayer-graph[parquet]'"
            ) from None
        columns = {name: self._arrow_column(arrow, name) for name in self.columns}
        with replacing(Path(path)) as fresh:
            parquet.write_table(arrow.table(columns), fresh)

    def _arrow_column(self, arrow: Any, name: str) -> Any:
        values = [row.get(name) for row in self.rows]
        try:
            return arrow.array(values)
        except (arrow.ArrowException, OverflowError) as error:
            raise DtypeError(
                f"the column {name!r} is none of a Parquet file, which holds one type in each ({error}): give all runs "
                "values of one type, or use to_csv"
            ) from None

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return f"Table({len(self)} rows: {', '.join(self.columns)})"
