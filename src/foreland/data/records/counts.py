"""Counting rules: from documents, the places they come from and the units they belong to, to yearly observations.

All of it is SQL, so a million documents stream through DuckDB within its memory limit. The rules:

* **Whole counts** (``papers``, ``patents``, ``projects``): a document counts one in every place and every unit it has.
* **Fractional counts** (``papers_fractional`` …): a place has the share of the document that comes from it; what no
  place is known for belongs to the world only. Over units a document still counts one in each.
* **Top-cited** (``top_cited_papers``, ``top_cited_patents``): whole counts of the tenth of the documents of the year
  that is cited most. Documents tied at the border share what is left of the tenth equally, so that the documents of a
  year add up to exactly a tenth of their number (Waltman & Schreiber 2013, JASIST 64(2), 372-379). Documents whose
  citations the source does not tell are in no year's tenth.
* **Most cited of their field** (``top10_papers``, ``top1_papers`` …): the same by field and year, worldwide: of the
  documents of a field and year a tenth (a hundredth) is in it, ties sharing what is left, so that every field of the
  world has exactly that share however much is cited in it. A place has the documents it took part in, whole, or by its
  share of them (``…_fractional``); divided by its documents of the field whose citations are known this is
  PP(top 10 %), 0.1 being the world's.
  ``all:total`` is one field of all documents. Where a place has none there is no row.
* **With citations** (``papers_with_citations`` …): the documents whose citations are known, 0 being known too.
* **Citations received** (``citations_received``): by the documents of the year, up to the day of the source.

The world, ``agg:world``, counts every document once, whether or not a place is known; ``all:total`` counts every
document whether or not it has a unit. Cells without documents have no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Kind = Literal["paper", "patent", "project"]

WORLD = "agg:world"
TOTAL = "all:total"
TOP = 0.1
"""Share of the documents of a year that count as top-cited."""
TOP_OF_FIELD = {"top10": 10, "top1": 100}
"""Of how many documents of a field and year one counts as most cited, by how the indicators begin."""
PLURAL: dict[str, str] = {"paper": "papers", "patent": "patents", "project": "projects"}


@dataclass(frozen=True)
class Relations:
    """Names of the relations that are counted, each a table or view of one connection.

    Parameters
    ----------
    documents
        ``doc`` (unique), ``year`` (integer), ``citations`` (number or NULL where unknown).
    places
        ``doc``, ``region_id``, ``share`` (of the document that comes from there, above 0 to 1). Rows of one document
        and place are added up; a place without shares has an equal part.
    units
        ``doc``, ``field_id``; a pair that stands twice counts once.
    world_units
        The same, counted for the world alone; empty for none.
    """

    documents: str
    places: str
    units: str
    world_units: str = ""


def counts_sql(relations: Relations, kind: Kind = "paper") -> str:
    """SQL of the rows ``region_id, field_id, indicator_id, period, value``, in the order of their key.

    Parameters
    ----------
    relations
        What is counted.
    kind
        Kind of the documents, which names the indicators. Citations of projects are not counted.
    """
    name = PLURAL[kind]
    cited = kind != "project"
    measures = {name: "number", f"{name}_fractional": "fraction"}
    if cited:
        measures |= {f"top_cited_{name}": "top", "citations_received": "received"}
        measures |= {f"{name}_with_citations": "known", f"{name}_with_citations_fractional": "known_fraction"}
        for part in TOP_OF_FIELD:
            measures |= {f"{part}_{name}": part, f"{part}_{name}_fractional": f"{part}_fraction"}
    indicators = ", ".join(f"'{indicator}'" for indicator in measures)
    values = ", ".join(measures.values())
    of_world = f" UNION ALL SELECT DISTINCT doc, field_id FROM {relations.world_units}" if relations.world_units else ""
    top = (
        _top_sql(relations.documents)
        if cited
        else f"SELECT doc, year, NULL AS citations, NULL AS top FROM {relations.documents}"
    )
    return f"""
        WITH cited AS ({top}),
        unit AS (
            SELECT DISTINCT doc, field_id FROM {relations.units} UNION ALL SELECT doc, '{TOTAL}' FROM {
        relations.documents
    }
        ),
        world_unit AS (SELECT doc, field_id FROM unit{of_world}),
        known AS (
            SELECT doc, region_id, sum(share) AS share FROM {relations.places} WHERE region_id IS NOT NULL GROUP BY ALL
        ),
        place AS (
            SELECT doc, region_id, least(coalesce(share, 1.0 / count(*) OVER (PARTITION BY doc)), 1.0) AS share
            FROM known
        ),
        best AS ({_best_sql()}),
        counted AS (
            SELECT p.region_id, u.field_id, d.year, count(*)::DOUBLE AS number, sum(p.share) AS fraction,
                   sum(d.top) AS top, sum(d.citations)::DOUBLE AS received, {_sums("p.share")}
            FROM unit u JOIN cited d USING (doc) JOIN place p USING (doc)
            LEFT JOIN best b ON b.f = u.field_id AND b.y = d.year AND b.c = d.citations GROUP BY ALL
            UNION ALL
            SELECT '{WORLD}', u.field_id, d.year, count(*)::DOUBLE, count(*)::DOUBLE, sum(d.top),
                   sum(d.citations)::DOUBLE, {_sums("1")}
            FROM world_unit u JOIN cited d USING (doc)
            LEFT JOIN best b ON b.f = u.field_id AND b.y = d.year AND b.c = d.citations GROUP BY ALL
        )
        SELECT region_id, field_id, indicator_id, lpad(year::VARCHAR, 4, '0') AS period, value FROM (
            SELECT region_id, field_id, year, unnest([{indicators}]) AS indicator_id, unnest([{values}]) AS value
            FROM counted
        ) WHERE value IS NOT NULL ORDER BY indicator_id, field_id, region_id, period
    """


def _top_sql(documents: str) -> str:
    """SQL of ``doc, year, citations, top``: the share of each document that is in the top tenth of its year."""
    return f"""
        SELECT doc, year, citations, top FROM (
            SELECT year AS y, citations AS c,
                   greatest(0, least(1, ({TOP} * sum(count(*)) OVER (PARTITION BY year)
                       - (sum(count(*)) OVER (PARTITION BY year ORDER BY citations DESC) - count(*))) / count(*))
                   )::DOUBLE AS top
            FROM {documents} WHERE citations IS NOT NULL GROUP BY year, citations
        ) RIGHT JOIN {documents} ON year = y AND citations = c
    """


def _best_sql() -> str:
    """SQL of ``f, y, c`` (field, year, citations) and how much of such a document is among the most cited there.

    Of N documents of a field and year, A of them cited more and E as often, each of the E is among the share p with
    (pN − A) / E of it, at least 0 and at most 1: Waltman, L. & Schreiber, M. (2013). On the calculation of
    percentile-based bibliometric indicators. JASIST 64(2), 372-379. doi:10.1002/asi.22792.
    """
    shares = ", ".join(
        f"greatest(0, least(1, (many - {of} * (upto - same)) / ({of} * same)))::DOUBLE AS {part}"
        for part, of in TOP_OF_FIELD.items()
    )
    return f"""
        SELECT f, y, c, {shares} FROM (
            SELECT field_id AS f, year AS y, citations AS c, count(*) AS same,
                   sum(count(*)) OVER (PARTITION BY field_id, year) AS many,
                   sum(count(*)) OVER (PARTITION BY field_id, year ORDER BY citations DESC) AS upto
            FROM world_unit JOIN cited USING (doc) WHERE citations IS NOT NULL GROUP BY field_id, year, citations
        ) WHERE {min(TOP_OF_FIELD.values())} * (upto - same) < many
    """


def _sums(share: str) -> str:
    """SQL of the most cited of a place and those of known citations, whole and by its share; NULL instead of 0."""
    known = (
        f"nullif(count(d.citations), 0)::DOUBLE AS known, sum({share}) FILTER (WHERE d.citations IS NOT NULL)::DOUBLE"
    )
    return f"{known} AS known_fraction, " + ", ".join(
        f"nullif(sum(b.{part}), 0) AS {part}, nullif(sum({share} * b.{part}), 0) AS {part}_fraction"
        for part in TOP_OF_FIELD
    )


def indicators(kind: Kind = "paper") -> tuple[str, ...]:
    """Indicators that documents of a kind are counted by; each is defined in ``data/indicators.csv``."""
    name = PLURAL[kind]
    if kind == "project":
        return (name, f"{name}_fractional")
    of_field = [f"{part}_{name}{counting}" for part in TOP_OF_FIELD for counting in ("", "_fractional")]
    known = [f"{name}_with_citations{counting}" for counting in ("", "_fractional")]
    return (name, f"{name}_fractional", f"top_cited_{name}", "citations_received", *known, *of_field)


def count_rows(
    documents: pa.Table,
    places: pa.Table,
    units: pa.Table,
    *,
    source_id: str,
    kind: Kind = "paper",
    connection: duckdb.DuckDBPyConnection | None = None,
) -> pa.Table:
    """Rows of the table ``observation`` counted from tables in memory.

    Parameters
    ----------
    documents
        Columns ``doc``, ``year`` and ``citations``.
    places
        Columns ``doc``, ``region_id`` and ``share``.
    units
        Columns ``doc`` and ``field_id``.
    source_id
        Source of the rows.
    kind
        Kind of the documents.
    connection
        Where it is worked out; one of its own in memory where none is given.

    Returns
    -------
    pyarrow.Table
        In the schema of ``observation``, ordered by indicator, field, region and period.
    """
    import duckdb

    from foreland.core.tables import table_spec

    own = connection.cursor() if connection is not None else duckdb.connect()
    try:
        for name, table in (("c_document", documents), ("c_place", places), ("c_unit", units)):
            own.register(name, table)
        rows = own.sql(counts_sql(Relations("c_document", "c_place", "c_unit"), kind)).to_arrow_table()
    finally:
        own.close()
    import pyarrow as pa

    size = rows.num_rows
    rows = rows.append_column("status", pa.array(["observed"] * size, pa.string()))
    rows = rows.append_column("source_id", pa.array([source_id] * size, pa.string()))
    rows = rows.append_column("line", pa.nulls(size, pa.int64()))
    schema = table_spec("observation").arrow_schema()
    return rows.select(schema.names).cast(schema)
