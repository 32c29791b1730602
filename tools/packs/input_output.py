"""The pack ``us-input-output``: input–output accounts of the United States in 71 industries.

The tables are read by the package's own reader; of its rows those of the summary level with a make table are kept, as
without one products can't be led back to the industries that make them.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from figures import Figures, Observation

SOURCE = "bea-input-output"
SCHEMES = ("bea71", "bea71c")


def build(data: Path) -> list[Figures]:
    """The source of the pack from the folder of shared data."""
    tables = _loaded(data / "us_input_output")
    made = {row["period"] for row in tables["link"] if row["kind"] == "make" and _kept(row["from_id"])}
    figures = Figures(SOURCE, facts={"first": min(made), "last": max(made), "years": ", ".join(sorted(made))})
    links = [row for row in tables["link"] if row["period"] in made and _kept(row["from_id"], row["to_id"])]
    figures.put("link", ({**row, "source_id": SOURCE} for row in links))
    figures.put("field", ({**row, "source_id": SOURCE} for row in tables["field"] if _kept(row["field_id"])))
    figures.add(
        Observation(*(row[name] for name in Observation._fields if name != "line"), row.get("line"))
        for row in tables["observation"]
        if row["period"] in made and _kept(row["field_id"])
    )
    return [figures]


def report(sources: list[Figures]) -> list[str]:
    """Lines on the years, and on value added against the published gross domestic product."""
    (source,) = sources
    added: dict[str, float] = {}
    for row in source.observations.values():
        if row.indicator_id == "io_value_added":
            added[row.period] = added.get(row.period, 0.0) + (row.value or 0.0)
    return [f"value added {year}: {value / 1e12:.3f} trillion USD" for year, value in sorted(added.items())]


def _kept(*identifiers: str) -> bool:
    return all(identifier.partition(":")[0] in SCHEMES for identifier in identifiers)


def _loaded(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The tables of a workspace with nothing but the accounts in it."""
    from foreland.data.load import load
    from foreland.data.workspace import open_workspace

    with TemporaryDirectory() as folder:
        ws = open_workspace(Path(folder) / "workspace")
        source = load(ws, path).source_id
        tables = {name: ws.table(name) for name in ("link", "observation", "field")}
        return {name: ws.to_arrow(rows.filter(rows.source_id == source)).to_pylist() for name, rows in tables.items()}
