"""Is a workspace sound? What ``foreland check`` and ``foreland doctor`` say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from foreland.core.tables import ADDED, table_spec
from foreland.data.files import batches
from foreland.i18n import Language, t

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

Severity = Literal["error", "warning", "info"]

GAP = 0.005
"""A sum of parts that differs from its whole by no more than this is rounding."""
GAPS_SHOWN = 10
FEWEST_PARTS = 0.9
"""A sum is compared only where at least this share of the parts has a value."""


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it should be.

    Attributes
    ----------
    key
        Key of its text: ``data.check.<what>``.
    severity
        ``error``: figures are missing or wrong; ``warning``: they need a look; ``info``: good to know.
    source_id
        The source it is in.
    params
        What the text names.
    """

    key: str
    severity: Severity
    source_id: str
    params: dict[str, Any] = field(default_factory=dict)

    def text(self, language: Language | None = None) -> str:
        """The problem and its cure, for a person."""
        return t(self.key, language, source=self.source_id, **self.params)


def check(ws: Workspace) -> list[Problem]:
    """All problems of a workspace: files, undefined names, licences, and wholes against their parts.

    Files come first; a source with a missing or damaged file is left out of the other checks.
    """
    problems = list(_files(ws))
    damaged = {problem.source_id for problem in problems}
    problems += _undefined(ws, damaged)
    problems += _licences(ws, damaged)
    problems += _rejects(ws, damaged)
    problems += _sums(ws, damaged)
    return problems


def _files(ws: Workspace) -> list[Problem]:
    """Each file is there, whole, of the right columns and as many rows as the manifest says."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    problems = []
    for source in ws.sources.values():
        for table, stored in source.tables.items():
            path = ws.path / stored.file
            params: dict[str, Any] = {"file": stored.file}
            if not path.is_file():
                problems.append(Problem("data.check.file_missing", "error", source.source_id, params))
                continue
            try:
                about = pq.read_metadata(path)
                for batch in batches(path, 1 << 16):
                    batch.validate()
            except (pa.ArrowException, OSError) as error:
                params["detail"] = str(error).splitlines()[0]
                problems.append(Problem("data.check.file_damaged", "error", source.source_id, params))
                continue
            missing = {column.name for column in table_spec(table).columns} - set(about.schema.to_arrow_schema().names)
            missing -= set(ADDED.get(table, ()))
            if missing or about.num_rows != stored.rows:
                params["detail"] = ", ".join(sorted(missing)) or f"{about.num_rows} ≠ {stored.rows}"
                problems.append(Problem("data.check.file_damaged", "error", source.source_id, params))
    return problems


def _undefined(ws: Workspace, damaged: set[str]) -> list[Problem]:
    """Ids that observations use and no table defines: their figures would silently drop out of joins."""
    problems = []
    for table in ("region", "field", "indicator"):
        used, defined = ws.table("observation", without=damaged), ws.table(table, without=damaged)
        key = f"{table}_id"
        lost = used.anti_join(defined, key).group_by("source_id", key).agg(rows=lambda t: t.count())
        by_source: dict[str, list[tuple[str, int]]] = {}
        for row in sorted(ws.to_arrow(lost).to_pylist(), key=lambda row: (row["source_id"], -row["rows"], row[key])):
            by_source.setdefault(row["source_id"], []).append((row[key], row["rows"]))
        for source, names in by_source.items():
            params = {
                "table": table,
                "number": len(names),
                "rows": sum(count for _, count in names),
                "examples": ", ".join(name for name, _ in names[:5]),
            }
            problems.append(Problem("data.check.undefined", "error", source, params))
    return problems


def _licences(ws: Workspace, damaged: set[str]) -> list[Problem]:
    return [
        Problem("data.check.no_licence", "warning", source_id)
        for source_id, row in sorted(ws.source_table.items())
        if source_id not in damaged and not row["licence"]
    ]


def _rejects(ws: Workspace, damaged: set[str]) -> list[Problem]:
    return [
        Problem("data.check.rejects", "info", source.source_id, {"rows": source.tables["reject"].rows})
        for source in ws.sources.values()
        if source.source_id not in damaged and "reject" in source.tables
    ]


def _sums(ws: Workspace, damaged: set[str]) -> list[Problem]:
    """Wholes against the sum of their parts, of one level, where the indicator adds up.

    The whole of a province is its country, of ITL2 its ITL1, and so on, after ``parent_id``. The largest gaps of
    each source are reported.
    """
    import ibis

    observation = ws.table("observation", without=damaged)
    places = ws.table("region", without=damaged).filter(lambda t: t.level != "aggregate")
    places = places.select("region_id", "level", whole_id="parent_id")
    indicator = ws.table("indicator", without=damaged)
    of_parts = observation.join(places.filter(lambda t: t.whole_id.notnull()), "region_id")
    siblings = of_parts.group_by("source_id", "whole_id", "level").agg(known=lambda t: t.region_id.nunique())
    parts = (
        of_parts.semi_join(indicator.filter(indicator.aggregation == "sum"), "indicator_id")
        .group_by("source_id", "whole_id", "level", "field_id", "indicator_id", "period")
        .agg(total=lambda t: t.value.sum(), number=lambda t: t.value.count())
    )
    cell = ["source_id", "whole_id", "field_id", "indicator_id", "period"]
    wholes = observation.semi_join(places, "region_id").filter(lambda t: t.value != 0)
    wholes = wholes.select("source_id", "field_id", "indicator_id", "period", whole_id="region_id", whole="value")
    gaps = (
        wholes.join(parts, cell)
        .join(siblings, ["source_id", "whole_id", "level"])
        .filter(lambda t: (t.number > 1) & (t.number >= FEWEST_PARTS * t.known))
        .mutate(gap=lambda t: t.total / t.whole - 1)
        .mutate(size=lambda t: t.gap.abs())
    )
    order = [ibis.desc("size"), "whole_id", "field_id", "indicator_id", "period", "level"]
    ranked = gaps.mutate(
        compared=lambda t: t.count().over(group_by="source_id"),
        off=lambda t: (t.size > GAP).ifelse(1, 0).sum().over(group_by="source_id"),
        place=ibis.row_number().over(group_by="source_id", order_by=order),
    ).filter(lambda t: (t.place < GAPS_SHOWN) & (t.size > GAP))
    rows = ws.to_arrow(ranked.order_by("source_id", "place")).to_pylist()
    return [
        Problem(
            "data.check.sum_gap",
            "warning" if row["size"] > 0.05 else "info",
            row["source_id"],
            {
                "region": row["whole_id"],
                "field": row["field_id"],
                "indicator": row["indicator_id"],
                "period": row["period"],
                "whole": f"{row['whole']:,.6g}",
                "parts": f"{row['total']:,.6g}",
                "gap": f"{row['gap']:+z.1%}",
                "off": row["off"],
                "compared": row["compared"],
            },
        )
        for row in rows
    ]
