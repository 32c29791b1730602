"""A paper, patent or project: who took part, what it speaks of, what it cites and what cites it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from foreland.data.answer import names
from foreland.i18n import t
from foreland.web import library
from foreland.web.library import Document
from foreland.web.twins import twin
from foreland.web.vocabulary import said

if TYPE_CHECKING:
    from fastapi import Response

    from foreland.data.workspace import Workspace
    from foreland.web.site import Site
    from foreland.web.state import State

SHOWN = 50
"""Rows of each list; more are counted."""
LONGEST = 20_000
"""Characters of an abstract that are shown."""


def page(site: Site, found: Document, state: State) -> Response:
    """``/documents/{id}`` of what is no policy document."""
    ws, row, language = site.ws, found.row, state.language
    source = ws.source_table.get(found.source, {})
    fields = spoken(ws, found)
    people, taking_part = participants(ws, found)
    cites, inside = references(ws, found, "from_id", "to_id")
    cited_by, citing = references(ws, found, "to_id", "from_id")
    called = names(ws, [*(each["to_id"] for each in fields), *(each["region_id"] for each in people)])
    address = str(row["file"] or "")
    facts = {
        "kind": said("web.document_kind", row["kind"], language),
        "date": row["date"],
        "venue": row["venue"],
        "language": said("web.language", row["language"], language) if row["language"] else "",
        "citations": f"{row['citations']:,}" if row["citations"] is not None else "",
    }
    return site.html(
        "record.html",
        state,
        document=found,
        facts=[(t(f"web.document.{name}", language), value) for name, value in facts.items() if value],
        text=library.part(ws, found, 0, min(found.length or 0, LONGEST)),
        source=source,
        official=address if address.startswith(("https://", "http://")) else _resolver(found.id),
        people=[
            {**each, "place": called[each["region_id"]][language] if each["region_id"] in called else ""}
            for each in people
        ],
        taking_part=taking_part,
        fields=[
            (said("web.record.link", each["kind"], language),
             called[each["to_id"]][language] if each["to_id"] in called else each["to_id"], each["weight"],
             each["kind"] == "speaks_of")
            for each in fields
        ],
        cites=_listed(cites, state),
        cites_total=inside,
        cited_by=_listed(cited_by, state),
        cited_by_total=citing,
    )  # fmt: skip


def data(ws: Workspace, found: Document, suffix: str) -> Response:
    """The links of a record as data, beside what is known of it."""
    rows = [
        {"kind": "participation", "id": each["actor_id"], "name": each["name"], "region_id": each["region_id"],
         "weight": each["value"]}
        for each in participants(ws, found)[0]
    ]  # fmt: skip
    rows += [{"kind": each["kind"], "id": each["to_id"], "weight": each["weight"]} for each in spoken(ws, found)]
    for kind, here, there in (("cites", "from_id", "to_id"), ("cited_by", "to_id", "from_id")):
        rows += [
            {"kind": kind, "id": each["id"], "name": each["title"]} for each in references(ws, found, here, there)[0]
        ]
    blank = dict.fromkeys(("kind", "id", "name", "region_id", "weight"))
    known = {name: found.row[name] for name in library.columns()}
    return twin(suffix, found.title, [{**blank, **row} for row in rows], known)


def _resolver(identifier: str) -> str:
    return f"https://doi.org/{identifier[4:]}" if identifier.startswith("doi:") else ""


def _listed(rows: list[dict[str, Any]], state: State) -> list[tuple[str, str, str]]:
    """Title, year and page of documents; those that are not loaded have an id alone."""
    return [
        (
            each["title"] or each["id"],
            (each["date"] or "")[:4],
            state.elsewhere(f"/documents/{each['id']}") if each["held"] else _resolver(each["id"]),
        )
        for each in rows
    ]


def participants(ws: Workspace, found: Document) -> tuple[list[dict[str, Any]], int]:
    """Organisations with their share and place, the largest shares first, and how many there are."""
    rows = ws.table("participation")
    rows = rows.filter((rows.document_id == found.id) & (rows.source_id == found.source))
    part = ws.to_arrow(rows.select("actor_id", "role", "region_id", "value")).to_pylist()
    part.sort(key=lambda each: (-(each["value"] or 0), each["actor_id"]))
    shown = part[:SHOWN]
    actor = ws.table("actor")
    wanted = actor.filter(actor.actor_id.isin([each["actor_id"] for each in shown] or [""]))
    known = {each["actor_id"]: each for each in ws.to_arrow(wanted).to_pylist()}
    for each in shown:
        own = known.get(each["actor_id"], {})
        each["name"] = own.get("name_en") or own.get("name_zh") or each["actor_id"]
        each["unknown"] = each["actor_id"].startswith("unknown:")
    return shown, len(part)


def spoken(ws: Workspace, found: Document) -> list[dict[str, Any]]:
    """Fields that a record speaks of or is filed under, the heaviest first."""
    rows = ws.table("link")
    rows = rows.filter((rows.from_id == found.id) & (rows.source_id == found.source) & (rows.kind != "cites"))
    part = ws.to_arrow(rows.select("kind", "to_id", "weight")).to_pylist()
    order = {"speaks_of": 0, "assigned": 1, "classified": 2}
    part.sort(key=lambda each: (order.get(each["kind"], 9), -(each["weight"] or 0), each["to_id"]))
    return part[:SHOWN]


def references(ws: Workspace, found: Document, here: str, there: str) -> tuple[list[dict[str, Any]], int]:
    """Documents at the other end of citations, those that are loaded first and the newest first, and their number."""
    rows = ws.table("link")
    rows = rows.filter((rows[here] == found.id) & (rows.source_id == found.source) & (rows.kind == "cites"))
    ends = sorted(set(ws.to_arrow(rows.select(there))[there].to_pylist()))
    table = ws.table("document")
    wanted = table.filter(table.document_id.isin(ends or [""]) & (table.source_id == found.source))
    known = {
        each["document_id"]: each for each in ws.to_arrow(wanted.select("document_id", "title", "date")).to_pylist()
    }
    listed = [{"id": end, "held": end in known, "title": None, "date": "", **known.get(end, {})} for end in ends]
    listed.sort(key=lambda each: each["id"])
    listed.sort(key=lambda each: (each["held"], each["date"] or ""), reverse=True)
    return listed[:SHOWN], len(ends)
