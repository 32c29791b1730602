"""A document: its text with what was read in it, and why each mark matched."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from fastapi import Request, Response

from foreland.core.errors import UsageError
from foreland.data.answer import names
from foreland.i18n import t
from foreland.web import library, records
from foreland.web.documents import compare_with, facts, known, page_number
from foreland.web.library import NONE, Asked, Document, short
from foreland.web.marking import CUTS, MARKS, Span, kind_of, marked
from foreland.web.outline import FIELDS, outline
from foreland.web.site import Site, redirect
from foreland.web.twins import parted, twin
from foreland.web.vocabulary import said
from foreland.web.why import what, why

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace
    from foreland.web.state import State

ROWS = 300
"""Passages of a page where there is no text."""


def reader(site: Site, request: Request) -> Response:
    """``/documents/{id}``: the text with its marks, and why one of them matched."""
    name, suffix = request.path_params["document"], ""
    state = known(site.state(request), ("page", "mark", "kinds", "part", "source"))
    given = [value for value in request.query_params.getlist("kinds") if value]
    kinds = _kinds(given, "kinds" in request.query_params)
    canonical = state.put("kinds", kinds)
    if len(request.query_params.getlist("kinds")) > 1 or canonical.arguments.get("kinds") != state.arguments.get(
        "kinds"
    ):
        return redirect(canonical.url())
    try:
        found = library.document(site.ws, name, state.arguments.get("source"))
    except UsageError:
        # An id may end like a twin; only what no id is, is a twin.
        name, suffix = parted(name)
        if not suffix:
            raise
        found = library.document(site.ws, name, state.arguments.get("source"))
    if found.row["kind"] != "policy":
        return records.data(site.ws, found, suffix) if suffix else records.page(site, found, state)
    if suffix:
        return _twin(site.ws, found, suffix, state)
    chosen = library.passage(site.ws, found, state.arguments["mark"]) if state.arguments.get("mark") else None
    panel = _panel(site.ws, found, chosen, state) if chosen else None
    if state.arguments.get("part") == "why" and chosen:
        return site.html("document_why.html", state, document=found, why=panel, close=_plain(state))
    context = (
        _with_text(site.ws, found, chosen, state) if found.length else _without_text(site.ws, found, chosen, state)
    )
    return site.html("document.html", state, why=panel, close=_plain(state), **about(site.ws, found, state), **context)


def _panel(ws: Workspace, found: Document, chosen: Mapping[str, Any], state: State) -> dict[str, Any]:
    """Why a mark matched, which others touch it, and which come before and after it."""
    here = state.put("page", None).put("part", None)
    places = library.positions(ws, found)
    shown, this = _shown(state), chosen["passage_id"]
    every = zip(places["passage_id"].to_pylist(), places["kind"].to_pylist(), strict=True)
    own = [name for name, kind in every if name == this or kind_of(kind) in shown]
    at = own.index(this)

    def url(n: int) -> str:
        return here.url(mark=short(found.id, own[n])) + "#mark" if 0 <= n < len(own) else ""

    beside = library.passages(ws, found, chosen["start"], chosen["end"])[:12]
    called = names(ws, [row["field_id"] for row in beside])
    return {
        **why(ws, found, chosen, state),
        "look": kind_of(chosen["kind"]),
        "earlier": url(at - 1),
        "later": url(at + 1),
        "others": [
            (
                said("web.kind", row["kind"], state.language),
                what(row, called, state.language) or row["passage_id"],
                here.url(mark=short(found.id, row["passage_id"])) + "#mark",
            )
            for row in beside
            if row["passage_id"] != chosen["passage_id"] and row["kind"] not in CUTS
        ],
    }


def about(ws: Workspace, found: Document, state: State) -> dict[str, Any]:
    """What is known of a document and how, where it comes from, what to do with it."""
    row = found.row
    source = ws.source_table.get(found.source, {})
    links = [link for link in (row["file"], source.get("url")) if str(link or "").startswith(("https://", "http://"))]
    other = library.documents(ws, Asked("", {"kind": (row["kind"],), "language": (row["language"] or NONE,)}))
    beside = ws.to_arrow(library.ordered(other).limit(200)).to_pylist() if found.length else []
    return {
        "document": found,
        "facts": facts(row, names(ws, [row["region_id"]]), state.language),
        "source": source,
        "official": links[0] if links else "",
        "original": state.elsewhere(f"/documents/{row['duplicate_of']}") if row["duplicate_of"] else "",
        "compare": compare_with(row, state),
        "correct": f"foreland correct {shlex.quote(found.id)}",
        "beside": [
            (each["document_id"], each["title"] or each["document_id"])
            for each in beside
            if each["document_id"] != found.id and each["has_text"]
        ],
    }


def _plain(state: State) -> str:
    """The page without the panel."""
    return state.url(mark=None, part=None)


def _with_text(ws: Workspace, found: Document, chosen: Mapping[str, Any] | None, state: State) -> dict[str, Any]:
    number = page_number(state) - 1
    if chosen is not None and "page" not in state.arguments:
        number = library.page_of(ws, found, chosen["start"])
    page = library.page(ws, found, number)
    rows = library.passages(ws, found, page.start, page.end)
    called = names(ws, [row["field_id"] for row in rows])
    chosen_id = chosen["passage_id"] if chosen else None
    shown = _shown(state)
    here = state.put("page", None).put("part", None)
    spans, listed = [], []
    for n, row in enumerate(rows):
        url = here.url("", mark=short(found.id, row["passage_id"])) + "#mark"
        kind = kind_of(row["kind"])
        words = what(row, called, state.language)
        tip = " · ".join(each for each in (said("web.kind", row["kind"], state.language), words) if each)
        own = row["passage_id"] == chosen_id
        spans.append(Span(row["start"], row["end"], kind, n, url, own, tip, "mark" if own else ""))
        listed.append({"n": n, "kind": kind, "name": said("web.kind", row["kind"], state.language), "what": words,
                       "words": _words(row, page), "url": url, "row": row})  # fmt: skip
    places = library.positions(ws, found)
    before, after = _beyond(places, page.start, page.end, shown)
    total = found.length or 0

    def folded(kind: str, length: int) -> str:
        return t("web.reader.folded", state.language, kind=said("web.kind", kind, state.language), length=f"{length:,}")

    legend = _legend(places, shown, state)
    strips = outline(places, total, (page.start, page.end), chosen["start"] if chosen else None)
    return {
        "text": marked(page.text, page.start, spans, folded),
        "page": page,
        "previous": state.url(page=_page_name(page.number - 1), mark=None) if page.number else "",
        "next": state.url(page=_page_name(page.number + 1), mark=None) if page.number + 1 < page.of else "",
        "before": here.url(mark=short(found.id, before)) + "#mark" if before else "",
        "after": here.url(mark=short(found.id, after)) + "#mark" if after else "",
        "legend": legend,
        "quiet": [kind for kind in MARKS if kind not in (item["kind"] for item in legend)],
        "hidden": [kind for kind in MARKS if kind not in shown],
        "listed": [each for each in listed if each["kind"] in MARKS],
        "strips": _strips(ws, strips, found.id, here),
        "fields": FIELDS,
    }


def _words(row: Mapping[str, Any], page: library.Page) -> str:
    start, end = max(row["start"], page.start), min(row["end"], page.end)
    text = page.text[start - page.start : end - page.start]
    return text if len(text) <= 80 else f"{text[:79]}…"


def _page_name(number: int) -> str | None:
    return str(number + 1) if number else None


def _without_text(ws: Workspace, found: Document, chosen: Mapping[str, Any] | None, state: State) -> dict[str, Any]:
    """Where the text may not be shown: what was read in it, as a table."""
    rows = library.passages(ws, found)
    number, last = page_number(state), max(1, -(-len(rows) // ROWS))
    if chosen is not None and "page" not in state.arguments:
        number = next(k for k, row in enumerate(rows) if row["passage_id"] == chosen["passage_id"]) // ROWS + 1
    if number > last:
        raise UsageError("web.error.no_such_page", page=number, pages=last)
    rows = rows[(number - 1) * ROWS : number * ROWS]
    called = names(ws, [row["field_id"] for row in rows])
    here = state.put("page", None).put("part", None)
    return {
        "text": None,
        "page": library.Page(number - 1, last, 0, 0, ""),
        "previous": state.url(page=_page_name(number - 2), mark=None) if number > 1 else "",
        "next": state.url(page=_page_name(number), mark=None) if number < last else "",
        "listed": [
            {
                "n": n, "kind": kind_of(row["kind"]), "name": said("web.kind", row["kind"], state.language),
                "what": what(row, called, state.language), "words": row["text"] or "", "row": row,
                "url": here.url("", mark=short(found.id, row["passage_id"])) + "#mark",
            }
            for n, row in enumerate(rows)
        ],
    }  # fmt: skip


def _strips(ws: Workspace, strips: Sequence[Any], document: str, here: State) -> list[dict[str, Any]]:
    called = names(ws, [strip.field for strip in strips if strip.field])
    return [
        {
            "name": (called[strip.field][here.language] if strip.field in called else strip.field)
            if strip.field
            else said("web.kinds", strip.kind, here.language),
            "kind": strip.kind,
            "count": strip.count,
            "picture": strip.picture,
            "url": here.url(mark=short(document, strip.first)) + "#mark",
        }
        for strip in strips
    ]


def _beyond(places: Any, start: int, end: int, shown: Sequence[str]) -> tuple[str | None, str | None]:
    """The last mark in front of a page and the first behind it, of the kinds that are shown."""
    starts = places["start"].to_numpy()
    ends = places["end"].to_numpy()
    own = np.array([kind_of(kind) in shown for kind in places["kind"].to_pylist()], dtype=bool)
    before, after = np.flatnonzero(own & (ends <= start)), np.flatnonzero(own & (starts >= end))
    ids = places["passage_id"]
    return (
        str(ids[int(before[-1])].as_py()) if before.size else None,
        str(ids[int(after[0])].as_py()) if after.size else None,
    )


def _legend(places: Any, shown: Sequence[str], state: State) -> list[dict[str, Any]]:
    held: dict[str, int] = {}
    for kind in places["kind"].to_pylist():
        held[kind_of(kind)] = held.get(kind_of(kind), 0) + 1
    return [
        {"kind": kind, "name": said("web.kinds", kind, state.language), "count": held.get(kind, 0),
         "shown": kind in shown, "cut": kind in CUTS}
        for kind in (*MARKS, *CUTS)
        if held.get(kind) or kind in MARKS[:3]
    ]  # fmt: skip


def _kinds(given: Iterable[str], said_so: bool) -> str | None:
    """Kinds of marks as they stand in an address: left out where all are shown."""
    chosen = {kind for value in given for kind in value.split(",")}
    if unknown := chosen - {*MARKS, NONE}:
        every = ", ".join((*MARKS, NONE))
        raise UsageError("core.error.bad_choice", name="kinds", value=sorted(unknown)[0][:80], choices=every)
    kept = [kind for kind in MARKS if kind in chosen]
    if not said_so or len(kept) == len(MARKS):
        return None
    return ",".join(kept) or NONE


def _shown(state: State) -> tuple[str, ...]:
    chosen = state.arguments.get("kinds")
    return MARKS if chosen is None else tuple(kind for kind in MARKS if kind in chosen.split(","))


def _twin(ws: Workspace, found: Document, suffix: str, state: State) -> Response:
    """What was read in a document, as data."""
    facts_known = {name: found.row[name] for name in library.columns()}
    return twin(suffix, found.title, library.passages(ws, found), facts_known)
