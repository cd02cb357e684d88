"""The table of a run, and the files that keep it."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

from benchmarks.case import OURS
from benchmarks.outcome import Outcome, readable

__all__ = ["RESULTS", "machine", "table", "write"]

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("numpy", "opt_einsum", "cotengra", "torch", "dask", "numba", "numexpr", "jax")
HEADER = ("case", OURS, "fastest peer", "", "ratio", "ratio of minima", "goal", "met")


def _row(outcome: Outcome) -> tuple[str, ...]:
    times, fastest = outcome.times(), outcome.fastest()
    ratios = (outcome.ratio(), outcome.ratio(min))
    return (
        outcome.case.name,
        readable(times[OURS]),
        fastest or "",
        readable(times[fastest]) if fastest else "",
        *("" if ratio is None else f"{ratio:.2f}" for ratio in ratios),
        outcome.case.goal,
        "yes" if outcome.holds() else ("by minima" if outcome.holds(min) else "no"),
    )


def table(outcomes: Sequence[Outcome]) -> str:
    """A Markdown table, one row per case; times are medians."""
    rows = [HEADER, *map(_row, outcomes)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    pools = [f"{p['internal_api']} {p['version'] or ''} {p['num_threads']} threads" for p in threadpool_info()]
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "libraries": {name: version for name in LIBRARIES if (version := _version(name))},
        "load": [round(load, 1) for load in os.getloadavg()],
        "thread pools": pools,
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    return next((x.partition(":")[2].strip() for x in lines if x.startswith("model name")), platform.processor())


def write(outcomes: Sequence[Outcome], label: str, clock: str) -> Path:
    """Keep a run as ``results/<date>-<label>.json`` and ``.md``; gives the path of the latter."""
    RESULTS.mkdir(exist_ok=True)
    facts = {**machine(), "clock": clock}
    path = RESULTS / f"{facts['date'][:10]}-{label}.md"
    text = json.dumps({"machine": facts, "cases": [outcome.as_dict() for outcome in outcomes]}, indent=1)
    path.with_suffix(".json").write_text(text + "\n", "utf-8")
    path.write_text("\n".join([f"# {path.stem}", "", *_described(facts), "", table(outcomes), ""]), "utf-8")
    return path


def _described(facts: dict[str, Any]) -> list[str]:
    libraries = ", ".join(f"{name} {version}" for name, version in facts["libraries"].items())
    pools = ", ".join(facts["thread pools"])
    loads = " ".join(map(str, facts["load"]))
    return [
        f"{facts['processor']}, {facts['cores']} cores, {facts['system']}, Python {facts['python']}, {libraries};",
        f"{pools}. Medians of rounds in one process by the clock {facts['clock']}; contenders take turns.",
        f"Load of the machine at the end, over 1, 5 and 15 minutes: {loads}.",
    ]
