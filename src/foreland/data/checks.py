"""Is a workspace sound? What ``foreland check`` and ``foreland doctor`` say."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from foreland.core.tables import ADDED, table_spec
from foreland.data.tabular import sql_text
from foreland.i18n import Language, t

if TYPE_CHECKING:
    import duckdb

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
    sound = [source for source in ws.sources if source not in damaged]
    import duckdb

    with duckdb.connect() as connection:
        for table in ("observation", "region", "field", "indicator", "source"):
            _view(connection, ws, table, sound)
        problems += _undefined(connection)
        problems += _licences(connection)
        problems += _rejects(ws, sound)
        problems += _sums(connection)
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
                found = pq.ParquetFile(path)
                for batch in found.iter_batches(batch_size=1 << 16):
                    batch.validate()
            except (pa.ArrowException, OSError) as error:
                params["detail"] = str(error).splitlines()[0]
                problems.append(Problem("data.check.file_damaged", "error", source.source_id, params))
                continue
            missing = {column.name for column in table_spec(table).columns} - set(found.schema_arrow.names)
            missing -= set(ADDED.get(table, ()))
            if missing or found.metadata.num_rows != stored.rows:
                params["detail"] = ", ".join(sorted(missing)) or f"{found.metadata.num_rows} ≠ {stored.rows}"
                problems.append(Problem("data.check.file_damaged", "error", source.source_id, params))
    return problems


def _view(connection: duckdb.DuckDBPyConnection, ws: Workspace, table: str, sources: list[str]) -> None:
    files = [
        str(Path(ws.path) / ws.sources[source].tables[table].file)
        for source in sources
        if table in ws.sources[source].tables
    ]
    if files:
        listed = ", ".join(map(sql_text, files))
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet([{listed}])")
    else:
        connection.register(f"{table}_empty", table_spec(table).arrow_schema().empty_table())
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM {table}_empty")


def _undefined(connection: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Ids that observations use and no table defines: their figures would silently drop out of joins."""
    problems = []
    for table in ("region", "field", "indicator"):
        rows = connection.execute(
            f"SELECT source_id, {table}_id, count(*) FROM observation o "
            f"ANTI JOIN {table} d ON d.{table}_id = o.{table}_id "
            "GROUP BY ALL ORDER BY 1, 3 DESC, 2"
        ).fetchall()
        by_source: dict[str, list[tuple[str, int]]] = {}
        for source, name, count in rows:
            by_source.setdefault(source, []).append((name, count))
        for source, names in by_source.items():
            params = {
                "table": table,
                "number": len(names),
                "rows": sum(count for _, count in names),
                "examples": ", ".join(name for name, _ in names[:5]),
            }
            problems.append(Problem("data.check.undefined", "error", source, params))
    return problems


def _licences(connection: duckdb.DuckDBPyConnection) -> list[Problem]:
    rows = connection.execute("SELECT source_id FROM source WHERE coalesce(licence, '') = '' ORDER BY 1").fetchall()
    return [Problem("data.check.no_licence", "warning", row[0]) for row in rows]


def _rejects(ws: Workspace, sources: list[str]) -> list[Problem]:
    return [
        Problem("data.check.rejects", "info", source, {"rows": ws.sources[source].tables["reject"].rows})
        for source in sources
        if "reject" in ws.sources[source].tables
    ]


def _sums(connection: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Wholes against the sum of their parts, of one level, where the indicator adds up.

    The whole of a province is its country, of ITL2 its ITL1, and so on, after ``parent_id``. The largest gaps of
    each source are reported.
    """
    rows = connection.execute(
        f"""
        WITH place AS (
            SELECT DISTINCT ON (region_id) region_id, parent_id, level FROM region ORDER BY region_id, source_id
        ), measured AS (
            SELECT DISTINCT indicator_id FROM indicator WHERE aggregation = 'sum'
        ), siblings AS (
            SELECT o.source_id, p.parent_id, p.level, count(DISTINCT o.region_id) AS known
            FROM observation o JOIN place p USING (region_id)
            WHERE p.parent_id IS NOT NULL AND p.level <> 'aggregate' GROUP BY ALL
        ), parts AS (
            SELECT o.source_id, p.parent_id, p.level, o.field_id, o.indicator_id, o.period,
                   sum(o.value) AS total, count(o.value) AS number
            FROM observation o JOIN place p USING (region_id) SEMI JOIN measured m USING (indicator_id)
            WHERE p.parent_id IS NOT NULL AND p.level <> 'aggregate' GROUP BY ALL
        ), gaps AS (
            SELECT w.source_id, w.region_id, w.field_id, w.indicator_id, w.period, w.value AS whole, s.total,
                   s.total / w.value - 1 AS gap
            FROM observation w JOIN parts s
              ON s.source_id = w.source_id AND s.parent_id = w.region_id AND s.field_id = w.field_id
             AND s.indicator_id = w.indicator_id AND s.period = w.period
            JOIN siblings k ON k.source_id = s.source_id AND k.parent_id = s.parent_id AND k.level = s.level
            JOIN place c ON c.region_id = w.region_id AND c.level <> 'aggregate'
            WHERE w.value <> 0 AND s.number > 1 AND s.number >= {FEWEST_PARTS} * k.known
        )
        SELECT *, count(*) OVER (PARTITION BY source_id) AS compared,
               count(*) FILTER (abs(gap) > {GAP}) OVER (PARTITION BY source_id) AS off
        FROM gaps
        QUALIFY row_number() OVER (
            PARTITION BY source_id ORDER BY abs(gap) DESC, region_id, field_id, indicator_id, period
        ) <= {GAPS_SHOWN} AND abs(gap) > {GAP}
        ORDER BY source_id, abs(gap) DESC, region_id, field_id, indicator_id, period
        """
    ).fetchall()
    return [
        Problem(
            "data.check.sum_gap",
            "warning" if abs(gap) > 0.05 else "info",
            source,
            {
                "region": region,
                "field": field_id,
                "indicator": indicator,
                "period": period,
                "whole": f"{whole:,.6g}",
                "parts": f"{total:,.6g}",
                "gap": f"{gap:+z.1%}",
                "off": off,
                "compared": compared,
            },
        )
        for source, region, field_id, indicator, period, whole, total, gap, compared, off in rows
    ]
