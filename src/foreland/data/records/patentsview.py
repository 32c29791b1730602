"""Granted patents of the United States as PatentsView gives them out: a folder of tab-separated tables.

``g_patent.tsv`` is needed; what else is there is used: ``g_patent_abstract``, ``g_cpc_current``, ``g_wipo_technology``,
``g_us_patent_citation``, ``g_assignee_disambiguated`` and ``g_location_disambiguated`` (each ``.tsv`` or ``.tsv.gz``).
Patents are dated by their grant and counted by where their assignees are; citations received are those of the folder's
own citation table. Design patents are left out: they are of shapes, not of technologies.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from foreland.core.errors import DataError, Where
from foreland.data.connection import loading_connection
from foreland.data.package import Note
from foreland.data.records import tables
from foreland.data.records.lens import classes
from foreland.data.records.openalex import place
from foreland.data.records.plain import plain, title_of
from foreland.data.records.reading import Reading
from foreland.data.records.record import Chunk, FieldName, Item, Left, Participant, Record, Unit
from foreland.data.tabular import duckdb_error, sql_text

NAME = "patentsview"
TITLE = ("Patents granted in the United States (PatentsView)", "美国授权专利（PatentsView）")
LICENCE = "CC BY 4.0"
NOTES: tuple[Note, ...] = (("data.records.note.patentsview", {}),)
TABLES: dict[str, dict[str, tuple[str, ...]]] = {
    "g_patent": {"id": ("patent_id", "id"), "date": ("patent_date", "date"), "title": ("patent_title", "title"),
                 "type": ("patent_type", "type"), "abstract": ("patent_abstract", "abstract")},
    "g_patent_abstract": {"id": ("patent_id",), "abstract": ("patent_abstract",)},
    "g_cpc_current": {"id": ("patent_id",), "code": ("cpc_subclass", "cpc_subclass_id", "subgroup_id")},
    "g_wipo_technology": {"id": ("patent_id",), "code": ("wipo_field_id", "field_id")},
    "g_us_patent_citation": {"id": ("patent_id",), "cited": ("citation_patent_id", "citation_id")},
    "g_assignee_disambiguated": {"id": ("patent_id",), "assignee": ("assignee_id",), "location": ("location_id",),
                                 "name": ("disambig_assignee_organization", "organization"),
                                 "kind": ("assignee_type", "type")},
    "g_location_disambiguated": {"location": ("location_id", "id"), "country": ("disambig_country", "country")},
}  # fmt: skip
"""Table → column → its names, the present one first."""
KINDS = {"2": "firm", "3": "firm", "6": "government", "7": "government", "8": "government", "9": "government"}
PART = 192 << 20
"""Bytes of tables that are joined at a time."""
BATCH = 4_000


def detect(path: Path, head: bytes) -> bool:
    """A folder with the table of patents."""
    return path.is_dir() and _file(path, "g_patent") is not None


def _file(folder: Path, name: str) -> Path | None:
    return next((file for file in (folder / f"{name}.tsv", folder / f"{name}.tsv.gz") if file.is_file()), None)


def chunks(path: Path, reading: Reading) -> Iterator[Chunk]:
    """Batches of patents, each with all that the folder has of it."""
    import duckdb

    if _file(path, "g_patent") is None:
        raise DataError("data.error.layout_mismatch", where=Where(path), layout=NAME, missing="g_patent.tsv")
    connection = loading_connection(reading.folder / "spill-patents", "512MB", 2)
    try:
        there = _stage(connection, path, reading)
        number = max(1, -(-reading.size // PART))
        for part in range(number):
            rows = connection.execute(_query(there, part, number))
            names = [item[0] for item in rows.description]
            while batch := rows.fetchmany(BATCH):
                found = [dict(zip(names, row, strict=True)) for row in batch]
                yield reading.rows(found, found[0]["line"], 0)
    except duckdb.Error as error:
        raise duckdb_error(error, path / "g_patent.tsv") from error
    finally:
        connection.close()


def _stage(connection: Any, path: Path, reading: Reading) -> set[str]:
    """The columns that are wanted of each table, as Parquet behind a view of its name."""
    import duckdb

    there = set()
    for name, wanted in TABLES.items():
        file = _file(path, name)
        if file is None:
            continue
        scan = f"read_csv({sql_text(str(file))}, delim='\t', quote='\"', escape='\"', header=true, all_varchar=true)"
        target = reading.folder / f"{name}.parquet"
        try:
            known = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()]
            columns = []
            for column, names in wanted.items():
                found = next((item for item in names if item in known), None)
                if found is None and column in ("id", "title", "date", "cited", "code"):
                    missing = " / ".join(names)
                    raise DataError("data.error.layout_mismatch", where=Where(file), layout=NAME, missing=missing)
                columns.append(f'"{found}" AS "{column}"' if found else f'NULL::VARCHAR AS "{column}"')
            # No row is without the key its table is joined by.
            key = columns[0].split(" AS ")[0]
            connection.execute(
                f"COPY (SELECT {', '.join(columns)} FROM {scan} WHERE {key} IS NOT NULL) "
                f"TO {sql_text(str(target))} (FORMAT parquet)"
            )
        except duckdb.Error as error:
            raise duckdb_error(error, file) from error
        connection.execute(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet({sql_text(str(target))}, file_row_number=true)"
        )
        there.add(name)
        reading.rows(None, 0, file.stat().st_size)
        reading.number -= 1
    return there


def _query(there: set[str], part: int, number: int) -> str:
    """SQL of the patents of one part, each with lists of what the other tables say of it."""
    mine = f"hash(id) % {number} = {part}"
    joins, columns = [], ["p.file_row_number + 2 AS line", "p.id", "p.date", "p.title", "p.type"]

    def joined(alias: str, query: str, column: str, empty: str) -> None:
        joins.append(f"LEFT JOIN ({query}) {alias} USING (id)")
        columns.append(f"coalesce({alias}.{column}, {empty}) AS {column}")

    if "g_patent_abstract" in there:
        joined("a", f"SELECT id, any_value(abstract) AS abstract FROM g_patent_abstract WHERE {mine} GROUP BY id",
               "abstract", "''")  # fmt: skip
    else:
        columns.append("coalesce(p.abstract, '') AS abstract")
    for table, column in (("g_cpc_current", "cpc"), ("g_wipo_technology", "wipo")):
        if table in there:
            query = f"SELECT id, list_sort(list(DISTINCT code)) AS {column} FROM {table} WHERE {mine} GROUP BY id"
            joined(column, query, column, "[]")
    if "g_us_patent_citation" in there:
        cites = (
            f"SELECT id, list_sort(list(DISTINCT cited)) AS cites FROM g_us_patent_citation WHERE {mine} GROUP BY id"
        )
        joined("r", cites, "cites", "[]")
        cited = f"hash(cited) % {number} = {part}"
        received = (
            f"SELECT cited AS id, count(DISTINCT id) AS cited FROM g_us_patent_citation WHERE {cited} GROUP BY cited"
        )
        joined("c", received, "cited", "0")
    if "g_assignee_disambiguated" in there:
        located = "g_location_disambiguated" in there
        country = "l.country" if located else "NULL"
        place_join = "LEFT JOIN g_location_disambiguated l USING (location)" if located else ""
        people = (
            f"SELECT id, list_sort(list(DISTINCT {{'assignee': g.assignee, 'name': g.name, 'kind': g.kind, "
            f"'country': {country}}})) AS people FROM g_assignee_disambiguated g {place_join} WHERE {mine} GROUP BY id"
        )
        joined("w", people, "people", "[]")
    return f"SELECT {', '.join(columns)} FROM g_patent p {' '.join(joins)} WHERE {mine} ORDER BY line"


def parse(chunk: Chunk, fields: dict[str, FieldName]) -> Iterator[Item]:
    """The patents of a batch."""
    for row in chunk.payload:
        if row["type"] == "design":
            yield Left(row["line"], "design")
        else:
            yield _record(row, fields)


def _record(row: dict[str, Any], fields: dict[str, FieldName]) -> Record:
    date = row["date"] or ""
    # Field 35 of WIPO is the last; what PatentsView adds (design, plant) is none.
    wipo = [Unit(f"wipo35:{code}") for code in row.get("wipo", ()) if code and code.isdigit() and 1 <= int(code) <= 35]
    return Record(
        row["line"],
        title_of(row["title"] or ""),
        tables.integer(date[:4]),
        native=f"patent:US{row['id']}",
        kind="patent",
        date=date,
        language="en",
        text=plain(row["abstract"]),
        url=f"https://patents.google.com/patent/US{row['id']}",
        citations=row.get("cited"),
        role="applicant",
        participants=[item for entry in row.get("people", ()) if (item := _assignee(entry))],
        references=[f"patent:US{cited}" for cited in row.get("cites", ()) if cited],
        units=[*wipo, *classes("cpc4", [code for code in row.get("cpc", ()) if code], fields)],
    )


def _assignee(entry: dict[str, str | None]) -> Participant | None:
    region = place(entry["country"])
    if not entry["name"] or not entry["assignee"]:  # a person
        return Participant(f"unknown:{region}", "", "other", region, None) if region else None
    kind = KINDS.get((entry["kind"] or "")[-1:], "other")
    return Participant(f"patentsview:{entry['assignee']}", plain(entry["name"]), kind, region, None)
