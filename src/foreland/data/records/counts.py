"""Counting rules: from documents, the places they come from and the units they belong to, to yearly observations.

All of it is SQL. What is known of all documents at once is how many of a field and year are cited how often; with that
the places of any part of the documents can be counted alone, and parts added up. The rules:

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
ONE = 2**50
"""Shares are added up as integers, of which so many are 1: floating-point sums change with the order they are taken in.
"""
PLURAL: dict[str, str] = {"paper": "papers", "patent": "patents", "project": "projects"}


def seen_sql(filed: str) -> str:
    """SQL of ``field_id, year, citations, same``: how many documents of a field and year are cited so often.

    Parameters
    ----------
    filed
        Relation with ``doc``, ``field_id``, ``year`` and ``citations``: each document in each of its fields once, and
        in ``all:total``.
    """
    return f"SELECT field_id, year, citations, count(*) AS same FROM {filed} GROUP BY ALL"


def rated_sql(seen: str) -> str:
    """SQL of ``field_id, year, citations, same`` and how much of such a document is among the most cited.

    Of N documents of a field and year, A of them cited more and E as often, each of the E is among the share p with
    (pN − A) / E of it, at least 0 and at most 1: Waltman, L. & Schreiber, M. (2013). On the calculation of
    percentile-based bibliometric indicators. JASIST 64(2), 372-379. doi:10.1002/asi.22792. ``top`` is the tenth of the
    year, whatever the field.
    """
    shares = ", ".join(
        f"greatest(0, least(1, (many - {of} * (upto - same)) / ({of} * same)))::DOUBLE AS {part}"
        for part, of in TOP_OF_FIELD.items()
    )
    return f"""
        WITH known AS (
            SELECT *, sum(same) OVER (PARTITION BY field_id, year) AS many,
                   sum(same) OVER (PARTITION BY field_id, year ORDER BY citations DESC) AS upto
            FROM {seen} WHERE citations IS NOT NULL
        ),
        best AS (SELECT field_id, year, citations, same, {shares} FROM known),
        year AS (
            SELECT year, citations,
                   greatest(0, least(1, ({TOP} * many - (upto - same)) / same))::DOUBLE AS top
            FROM known WHERE field_id = '{TOTAL}'
        )
        SELECT * FROM best JOIN year USING (year, citations)
    """


def world_sql(seen: str, rated: str) -> str:
    """SQL of the sums of every field and year, world-wide: see :func:`sums_sql` for its columns."""
    top, *parts = (f"sum(r.same::HUGEINT * {_exact(f'r.{part}')})" for part in ("top", *TOP_OF_FIELD))
    best = ", ".join(
        f"{own} AS {part}, {own} AS {part}_fraction" for part, own in zip(TOP_OF_FIELD, parts, strict=True)
    )
    known = "sum(s.same) FILTER (WHERE s.citations IS NOT NULL)"
    return f"""
        SELECT '{WORLD}' AS region_id, s.field_id, s.year, sum(s.same) AS number, sum(s.same) * {ONE} AS fraction,
               {top} AS top, sum(s.same * s.citations) AS received, {known} AS known, {known} * {ONE} AS known_fraction,
               {best}
        FROM {seen} s LEFT JOIN {rated} r
        ON r.field_id = s.field_id AND r.year = s.year AND r.citations = s.citations GROUP BY ALL
    """


def places_sql(filed: str, places: str, rated: str) -> str:
    """SQL of the sums of every place, field and year. Those of parts of the documents may be added up.

    Parameters
    ----------
    filed
        As in :func:`seen_sql`.
    places
        Relation with ``doc``, ``region_id`` and ``share`` (of the document that comes from there, above 0 to 1). Rows
        of one document and place are added up; a place without shares has an equal part.
    rated
        Relation of :func:`rated_sql`.
    """
    best = ", ".join(
        f"sum({_exact(f'r.{part}')}) AS {part}, sum({_exact(f'p.share * r.{part}')}) AS {part}_fraction"
        for part in TOP_OF_FIELD
    )
    share = f"sum({_exact('p.share')})"
    return f"""
        WITH known AS (
            SELECT doc, region_id, sum({_exact("share")}) / {ONE} AS share
            FROM {places} WHERE region_id IS NOT NULL GROUP BY ALL
        ),
        place AS (
            SELECT doc, region_id, least(coalesce(share, 1.0 / count(*) OVER (PARTITION BY doc)), 1.0) AS share
            FROM known
        )
        SELECT p.region_id, u.field_id, u.year, count(*) AS number, {share} AS fraction, sum({_exact("r.top")}) AS top,
               sum(u.citations) AS received, nullif(count(u.citations), 0) AS known,
               {share} FILTER (WHERE u.citations IS NOT NULL) AS known_fraction, {best}
        FROM {filed} u JOIN place p USING (doc)
        LEFT JOIN {rated} r ON r.field_id = u.field_id AND r.year = u.year AND r.citations = u.citations GROUP BY ALL
    """


def sums_sql(counted: str, kind: Kind = "paper") -> str:
    """SQL of the rows ``region_id, field_id, indicator_id, period, value``, in the order of their key.

    Parameters
    ----------
    counted
        Relation of :func:`world_sql` and :func:`places_sql`; rows of one place, field and year are added up.
    kind
        Kind of the documents, which names the indicators. Citations of projects are not counted.
    """
    name = PLURAL[kind]
    measures = {name: "sum(number)", f"{name}_fractional": f"sum(fraction) / {ONE}"}
    if kind != "project":
        measures |= {f"top_cited_{name}": f"sum(top) / {ONE}", "citations_received": "sum(received)"}
        measures[f"{name}_with_citations"] = "sum(known)"
        measures[f"{name}_with_citations_fractional"] = f"sum(known_fraction) / {ONE}"
        for part in TOP_OF_FIELD:
            measures[f"{part}_{name}"] = f"nullif(sum({part}), 0) / {ONE}"
            measures[f"{part}_{name}_fractional"] = f"nullif(sum({part}_fraction), 0) / {ONE}"
    indicators = ", ".join(f"'{indicator}'" for indicator in measures)
    values = ", ".join(f"({value})::DOUBLE" for value in measures.values())
    return f"""
        SELECT region_id, field_id, indicator_id, lpad(year::VARCHAR, 4, '0') AS period, value FROM (
            SELECT region_id, field_id, year, unnest([{indicators}]) AS indicator_id,
                   unnest([{values}]) AS value
            FROM {counted} GROUP BY region_id, field_id, year
        ) WHERE value IS NOT NULL ORDER BY indicator_id, field_id, region_id, period
    """


def _exact(share: str) -> str:
    return f"({share} * {ONE})::BIGINT"


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
        in_units = f"SELECT doc, field_id FROM c_unit UNION SELECT doc, '{TOTAL}' FROM c_document"
        both = f"({world_sql('c_seen', 'c_rated')}) UNION ALL ({places_sql('c_filed', 'c_place', 'c_rated')})"
        for name, query in {
            "c_filed": f"SELECT doc, field_id, year, citations FROM ({in_units}) JOIN c_document USING (doc)",
            "c_seen": seen_sql("c_filed"),
            "c_rated": rated_sql("c_seen"),
            "c_counted": f"SELECT * FROM ({both})",
        }.items():
            own.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")
        rows = own.sql(sums_sql("c_counted", kind)).to_arrow_table()
    finally:
        own.close()
    import pyarrow as pa

    size = rows.num_rows
    rows = rows.append_column("status", pa.array(["observed"] * size, pa.string()))
    rows = rows.append_column("source_id", pa.array([source_id] * size, pa.string()))
    rows = rows.append_column("line", pa.nulls(size, pa.int64()))
    schema = table_spec("observation").arrow_schema()
    return rows.select(schema.names).cast(schema)
