"""What was measured against what was asked for: growth with the work, memory, and the same sums on every engine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

LINEAR = 0.15
"""How much more a row may cost at one size than at the next smaller one."""
SMALLEST = 1.0
"""CPU seconds below which a task is start-up more than work, and says nothing of growth."""


@dataclass(frozen=True)
class Bar:
    """A bar, whether it was met, and the figure."""

    text: str
    met: bool
    measured: str


@dataclass(frozen=True)
class Growth:
    """How a task grows with the participations.

    Parameters
    ----------
    slope
        Exponent of the power law through the sizes (1: linear), least squares in logarithms.
    last
        Exponent of the last step: what the next one may be like.
    worst
        Largest change of CPU seconds a participation from one size to the next, as a share.
    at
        The larger size of that pair.
    """

    slope: float
    last: float
    worst: float
    at: int


def runs(results: dict[str, Any], task: str, engine: str = "duckdb") -> list[tuple[int, dict[str, Any]]]:
    """Participations that were loaded, and what a task took, by size."""
    found = []
    for told in results["sizes"].values():
        load, run = told["engines"].get("duckdb", {}).get("load"), told["engines"].get(engine, {}).get(task)
        if load and run:
            found.append((load["tables"]["participation"], run))
    return sorted(found, key=lambda item: item[0])


def growth(points: list[tuple[int, float]]) -> Growth | None:
    """Growth of seconds with the size; None of fewer than two sizes."""
    points = [(size, seconds) for size, seconds in points if seconds >= SMALLEST]
    if len(points) < 2:
        return None
    sizes, seconds = np.array(points).T
    slope = float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
    steps = np.diff(np.log(seconds / sizes))
    worst = int(np.argmax(steps))
    last = float(1 + steps[-1] / np.diff(np.log(sizes))[-1])
    return Growth(slope, last, math.exp(steps[worst]) - 1, points[worst + 1][0])


def same(run: dict[str, Any], own: dict[str, Any]) -> bool:
    """Whether two engines brought the same rows and sums; shares are added in another order."""
    whole = all(run[name] == own[name] for name in ("rows", "total"))
    return whole and math.isclose(run["fraction"], own["fraction"], rel_tol=1e-8)


def bars(results: dict[str, Any]) -> list[Bar]:
    """Every bar that what was measured says something of."""
    found = []
    for task in ("load", "matrix", "regions", "institutions", "titles"):
        done = runs(results, task)
        grown = growth([(size, run["cpu"]) for size, run in done])
        if grown is not None:
            taken = [size for size, run in done if run["cpu"] >= SMALLEST]
            sizes = f"{taken[0]:,} to {taken[-1]:,} participations"
            said = f"exponent {grown.slope:.2f}, at most {grown.worst:+.0%} a row (up to {grown.at:,})"
            found.append(Bar(f"{task}: linear within {LINEAR:.0%} from {sizes}", grown.worst <= LINEAR, said))
        if done:
            most = max(run["peak_mb"] for _, run in done)
            limit = results["memory_gb"] * 1000
            found.append(Bar(f"{task}: less than {limit:,} MB, the process and its workers together", most < limit,
                             f"{most:,} MB"))  # fmt: skip
    for size, told in results["sizes"].items():
        for engine in set(told["engines"]) - {"duckdb"}:
            for task, run in told["engines"][engine].items():
                own = told["engines"]["duckdb"].get(task)
                if own:
                    text = f"{task} of {int(size):,} on {engine}: the same rows and sums as on DuckDB"
                    found.append(Bar(text, same(run, own), f"{run['rows']:,} rows, {run['total']:,} documents"))
    return found
