"""Documents of a workspace as pages need them: lists, parts of texts, what was read in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from foreland.core.errors import UsageError
from foreland.core.tables import table_spec
from foreland.web.answers import Kept
from foreland.web.marking import PAGE, SLACK, border, pages

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from foreland.data.workspace import Workspace

NONE = "none"
"""Stands in an address for documents of which a fact is not known."""
FACTS = ("title", "date", "region", "level", "language")
"""What is known of a document, each with how it was found."""
MOST = 5_000
"""Marks of a page; more would be a page nobody reads."""

_parts = Kept(64)
_places = Kept(12)


@dataclass(frozen=True)
class Asked:
    """Which documents are listed."""

    text: str = ""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Column → values; :data:`NONE` where nothing is known."""


def documents(ws: Workspace, asked: Asked) -> ir.Table:
    """The documents asked for without their texts, policy first, the newest first."""
    table = ws.table("document")
    rows = table.mutate(year=table.date.left(4), has_text=table.text.notnull()).drop("text")
    for name, values in asked.values.items():
        wanted = rows[name].isin([value for value in values if value != NONE])
        rows = rows.filter(wanted | rows[name].isnull() if NONE in values else wanted)
    if asked.text:
        folded = asked.text.lower()
        rows = rows.filter(rows.title.lower().contains(folded) | (rows.document_id.lower() == folded))
    return rows


def ordered(rows: ir.Table) -> ir.Table:
    """Documents in the one order of lists."""
    import ibis

    first = (rows.kind != "policy").cast("int64")
    return rows.order_by(
        [
            first, ibis.desc(rows.date.fill_null("")), rows.region_id.fill_null(""), rows.title.fill_null(""),
            rows.document_id, rows.source_id,
        ]
    )  # fmt: skip


def choices(ws: Workspace) -> dict[str, dict[str, int]]:
    """How many documents each place, year, level, language and kind has."""

    def read() -> dict[str, dict[str, int]]:
        table = ws.table("document")
        rows = table.mutate(year=table.date.left(4)).group_by(["kind", "region_id", "year", "level", "language"])
        found: dict[str, dict[str, int]] = {}
        for row in ws.to_arrow(rows.agg(documents=lambda t: t.count())).to_pylist():
            for name in ("kind", "region_id", "year", "level", "language"):
                held = found.setdefault(name, {})
                value = row[name] or NONE
                held[value] = held.get(value, 0) + row["documents"]
        return found

    counts: dict[str, dict[str, int]] = ws.cache.remember("web:document choices", read)
    return counts


def of_place(ws: Workspace, region: str) -> int:
    """How many documents a place has issued."""
    return choices(ws).get("region_id", {}).get(region, 0)


def counts_of(ws: Workspace, ids: Iterable[str]) -> dict[tuple[str, str], dict[str, int]]:
    """Passages of each kind by document and source."""
    rows = ws.table("passage")
    rows = rows.filter(rows.document_id.isin(list(ids))).group_by(["document_id", "source_id", "kind"])
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in ws.to_arrow(rows.agg(passages=lambda t: t.count())).to_pylist():
        found.setdefault((row["document_id"], row["source_id"]), {})[row["kind"]] = row["passages"]
    return found


# One document -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Document:
    """A document and how long its text is.

    Parameters
    ----------
    row
        Its row without the text.
    length
        Characters of the text as it stands; None where the text may not be shown.
    others
        Further sources that hold a document of this id.
    """

    row: Mapping[str, Any]
    length: int | None
    others: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return str(self.row["document_id"])

    @property
    def source(self) -> str:
        return str(self.row["source_id"])

    @property
    def title(self) -> str:
        return str(self.row["title"] or self.id)

    @property
    def year(self) -> str:
        return str(self.row["date"] or "")[:4]


def document(ws: Workspace, identifier: str, source: str | None = None) -> Document:
    """A document by id; of several sources that hold it, the first with a text.

    Raises
    ------
    UsageError
        If there is none.
    """
    table = ws.table("document")
    rows = table.filter(table.document_id == identifier).mutate(length=table.text.length()).drop("text")
    found = sorted(ws.to_arrow(rows).to_pylist(), key=lambda row: (row["length"] is None, row["source_id"]))
    chosen = [row for row in found if source in (None, row["source_id"])]
    if not chosen:
        raise UsageError("web.error.no_document", name=identifier[:200])
    row = chosen[0]
    length = row.pop("length")
    return Document(row, length, tuple(each["source_id"] for each in found if each["source_id"] != row["source_id"]))


def part(ws: Workspace, found: Document, start: int, end: int) -> str:
    """The characters of a text between two places."""

    def read() -> str:
        table = ws.table("document")
        rows = table.filter((table.document_id == found.id) & (table.source_id == found.source))
        rows = rows.select(part=rows.text.substr(start, end - start))
        return str(ws.to_arrow(rows)["part"][0].as_py() or "")

    start = max(start, 0)
    if found.length is None or end <= start:
        return ""
    text: str = _parts.get((ws.path, ws.content_hash, found.id, found.source, start, end), read)
    return text


@dataclass(frozen=True)
class Page:
    """A page of a text."""

    number: int
    of: int
    start: int
    end: int
    text: str


def page(ws: Workspace, found: Document, number: int, size: int = PAGE) -> Page:
    """A page by number, the first being 0.

    Raises
    ------
    UsageError
        If the text has fewer pages.
    """
    length = found.length or 0
    total = pages(length, size)
    if not 0 <= number < total:
        raise UsageError("web.error.no_such_page", page=number + 1, pages=total)
    at = max(number * size - SLACK, 0)
    window = part(ws, found, at, min((number + 1) * size, length) if number + 1 < total else length)
    start = border(number, window, at, size)
    end = border(number + 1, window, at, size) if number + 1 < total else length
    return Page(number, total, start, end, window[start - at : end - at])


def page_of(ws: Workspace, found: Document, at: int, size: int = PAGE) -> int:
    """The number of the page a character stands on."""
    total = pages(found.length or 0, size)
    number = min(max(at, 0) // size, total - 1)
    return number + (number + 1 < total and at >= page(ws, found, number, size).end)


def _read_in(ws: Workspace, found: Document) -> ir.Table:
    rows = ws.table("passage")
    return rows.filter((rows.document_id == found.id) & (rows.source_id == found.source))


def passages(ws: Workspace, found: Document, start: int = 0, end: int | None = None) -> list[dict[str, Any]]:
    """What was read between two places, as it stands there."""
    rows = _read_in(ws, found)
    if end is not None:
        rows = rows.filter((rows.start < end) & (rows.end > start))
    rows = rows.order_by([rows.start, rows.end.desc(), rows.kind, rows.passage_id])
    return ws.to_arrow(rows.limit(MOST) if end is not None else rows).to_pylist()


def short(document: str, identifier: str) -> str:
    """The id of a passage as it stands in addresses of its document: what repeats the document's id is left out."""
    return identifier.removeprefix(document) if identifier.startswith(f"{document}:") else identifier


def passage(ws: Workspace, found: Document, identifier: str) -> dict[str, Any]:
    """One passage, by its id or what :func:`short` leaves of it.

    Raises
    ------
    UsageError
        If nothing of that id was read in this document.
    """
    rows = _read_in(ws, found)
    rows = rows.filter(rows.passage_id.isin([identifier, f"{found.id}{identifier}"]))
    chosen = ws.to_arrow(rows.order_by([rows.passage_id != identifier, "start", "end"]).limit(1)).to_pylist()
    if not chosen:
        raise UsageError("web.error.no_passage", name=identifier[:200], document=found.title[:200])
    row: dict[str, Any] = chosen[0]
    return row


def positions(ws: Workspace, found: Document) -> pa.Table:
    """Where everything was read, in the order of the text: id, start, end, kind, field."""

    def read() -> pa.Table:
        rows = _read_in(ws, found).select("passage_id", "start", "end", "kind", "field_id")
        return ws.to_arrow(rows.order_by([rows.start, rows.end.desc(), rows.kind, rows.passage_id]))

    return _places.get((ws.path, ws.content_hash, found.id, found.source), read)


def columns() -> tuple[str, ...]:
    """The columns of a document in lists of data: all but the text."""
    return tuple(column.name for column in table_spec("document").columns if column.name != "text")
