"""Points of a sweep, the file that keeps them, and the table: without processes."""

from __future__ import annotations

import csv
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from pyarrow import parquet

from analog.config import ConstantStepDevice, SingleRPUConfig
from analog.distributed import Table
from analog.distributed.feed import Feed, outcome
from analog.distributed.runs import RunStore, runs_of
from analog.errors import ConfigError
from tensorlayer.errors import DtypeError, FileAccessError, FileFormatError, LibraryNotInstalledError

TABLE = Table([{"seed": 0, "loss": 0.5}, {"seed": 1, "error": "ValueError: no"}])


def test_runs_are_all_combinations() -> None:
    device = ConstantStepDevice()
    runs = runs_of(dict, {"device": {"constant": device}, "seed": range(2), "lr": [0.1, 0.2]})
    assert [run.labels for run in runs] == [
        {"device": "constant", "seed": seed, "lr": lr} for seed in range(2) for lr in (0.1, 0.2)
    ]
    assert runs[0].values["device"] is device


def test_a_run_is_known_by_what_it_is() -> None:
    def key(dw_min: float, label: str = "x", seed: int = 1) -> str:
        config = SingleRPUConfig(device=ConstantStepDevice(dw_min=dw_min))
        return runs_of(dict, {"config": {label: config}, "seed": [seed]})[0].key

    assert key(0.001) == key(0.001)
    assert len({key(0.001), key(0.002), key(0.001, "y"), key(0.001, seed=2)}) == 4


@pytest.mark.parametrize("given", [[], {}, "text", [object()], [SingleRPUConfig()]])
def test_values_without_a_name_are_refused(given: object) -> None:
    with pytest.raises(ConfigError, match="device"):
        runs_of(dict, {"device": given})


def test_finished_runs_are_kept_and_replaced(tmp_path: Path) -> None:
    one, two = runs_of(dict, {"seed": [1, 2]})
    store = RunStore(tmp_path / "runs")
    store.add([(one, {"loss": 0.5, "nan": float("nan")}), (two, {"loss": None})])
    store.add([(two, {"loss": "high"})])
    kept = dict(RunStore(tmp_path / "runs"))
    assert kept[two.key] == {"loss": "high"}
    assert repr(kept[one.key]) == "{'loss': 0.5, 'nan': nan}"


def test_runs_are_kept_all_or_none(tmp_path: Path) -> None:
    one, two = runs_of(dict, {"seed": [1, 2]})
    store = RunStore(tmp_path / "runs")
    with pytest.raises(TypeError):
        store.add([(one, {"loss": 0.5}), (two, {"loss": object()})])
    assert dict(store) == {}


def test_files_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match="cannot be read or written"):
        RunStore(tmp_path / "missing" / "runs")
    (tmp_path / "text").write_text("no database" * 100)
    with pytest.raises(FileFormatError, match="no file of a sweep"):
        RunStore(tmp_path / "text")


def test_a_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    one, two = runs_of(dict, {"seed": [1, 2]})
    store = RunStore(tmp_path / "runs")
    store.add([(one, {"loss": 0.5})])
    usual = sqlite3.connect
    with closing(usual(tmp_path / "runs")) as file:
        pages = file.execute("PRAGMA page_count").fetchone()[0]

    def full(path: Path) -> sqlite3.Connection:
        connection = usual(path)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", full)
        with pytest.raises(FileAccessError, match=r"full.*what it held is there"):
            store.add([(two, {"text": "x" * 100_000})])
    assert dict(store) == {one.key: {"loss": 0.5}}


def test_outcomes_are_plain() -> None:
    import numpy as np

    assert outcome(lambda: {"a": np.float32(0.5), "b": np.array(2), "c": True, "d": None}, {}) == {
        "a": 0.5, "b": 2, "c": True, "d": None,
    }  # fmt: skip
    assert outcome(lambda: 3, {}) == {
        "error": "DtypeError: the function gave int: a run gives a mapping of names to numbers"
    }
    assert outcome(lambda: {"w": [1]}, {})["error"].startswith("DtypeError: the result 'w' is list")
    assert outcome(lambda x: {}, {"x": 1, "y": 2})["error"].startswith("TypeError")


class FakeFuture:
    """A task that took so long; nothing runs."""

    status = "finished"

    def __init__(self, count: int, error: Exception | None = None) -> None:
        self.count, self.error = count, error

    def exception(self) -> Exception | None:
        return self.error

    def result(self) -> tuple[float, list[dict[str, int]]]:
        return 0.01 * self.count, [{}] * self.count


class FakeClient:
    status = "running"
    fails = False

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def submit(self, perform: object, function: object, values: list[dict[str, int]], pure: bool) -> FakeFuture:
        self.sizes.append(len(values))
        return FakeFuture(len(values), MemoryError("killed") if {"seed": 7} in values else None)


def test_backpressure_and_the_size_of_tasks() -> None:
    client, runs = FakeClient(), runs_of(dict, {"seed": range(1000)})
    feed = Feed(client, dict, runs, most=4)
    waiting, done = feed.send(), {}
    assert client.sizes == [1, 1, 1, 1]
    while waiting:
        assert len(waiting) <= 4
        future = waiting.pop(0)
        done |= {run.key: outcome for run, outcome in feed.take(future, future.result())}
        waiting += feed.send()
    assert done.keys() == {run.key for run in runs}
    # Runs of 10 ms go together, for half a second, in the end for 20 ms; the one that kills its worker fails alone.
    assert max(client.sizes) == 50
    assert client.sizes[-5:-1] == [2, 2, 2, 2]
    assert [run.labels for run in runs if "error" in done[run.key]] == [{"seed": 7}]


def test_tables_as_text(tmp_path: Path) -> None:
    TABLE.to_csv(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["seed", "loss", "error"], ["0", "0.5", ""], ["1", "", "ValueError: no"]]


def test_tables_as_parquet(tmp_path: Path) -> None:
    TABLE.to_parquet(tmp_path / "table.parquet")
    found = parquet.read_table(tmp_path / "table.parquet")
    assert [(field.name, str(field.type)) for field in found.schema] == [
        ("seed", "int64"), ("loss", "double"), ("error", "string"),
    ]  # fmt: skip
    assert found.to_pylist() == [
        {"seed": 0, "loss": 0.5, "error": None},
        {"seed": 1, "loss": None, "error": "ValueError: no"},
    ]


@pytest.mark.parametrize("values", [[1, "a"], ["a", 1], [True, 2], [2**70]], ids=str)
def test_columns_of_parquet_have_one_type(values: list[object], tmp_path: Path) -> None:
    """An earlier file is as it was."""
    TABLE.to_parquet(tmp_path / "table.parquet")
    with pytest.raises(DtypeError, match=r"the column 'mixed' .* to_csv"):
        Table([{"seed": 0, "mixed": value} for value in values]).to_parquet(tmp_path / "table.parquet")
    assert parquet.read_table(tmp_path / "table.parquet").num_rows == 2
    assert len(list(tmp_path.iterdir())) == 1


def test_parquet_needs_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(LibraryNotInstalledError, match=r"pip install 'tensorlayer-graph\[parquet\]'"):
        TABLE.to_parquet(tmp_path / "table.parquet")
    assert not list(tmp_path.iterdir())
