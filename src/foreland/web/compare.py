"""Two documents side by side: the passages they share, numbered, and what differs within each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response

from foreland.core.errors import UsageError
from foreland.core.registry import find_question
from foreland.i18n import t
from foreland.web import library
from foreland.web.documents import facts, known
from foreland.web.library import Asked, Document
from foreland.web.marking import CUTS, Span, marked
from foreland.web.site import Site
from foreland.web.twins import parted, twin

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace
    from foreland.web.state import State

QUESTION = "policy.wording"
"""The question that aligns two documents."""
SIZE = 60_000
"""Characters of a side that are shown at once."""
EFFORT = 3_000_000
"""Pairs of words looked at for what differs on a page; longer passages are shown without."""
LISTED = 500
"""Documents offered to be compared."""
SIDES = ("left", "right")
TOKENS = re.compile(r"[A-Za-z]+|\d+|\s+|.", re.DOTALL)


def compare(site: Site, request: Request) -> Response:
    """``/compare?left=ID&right=ID``: both texts with what they share."""
    state = known(site.state(request), ("left", "right", "pair", "left_page", "right_page"))
    ids = [state.arguments.get(side, "") for side in SIDES]
    _, suffix = parted(request.url.path)
    if not all(ids):
        if suffix:
            raise UsageError("web.error.two_documents")
        return site.html("compare.html", state, both=None, choices=_choices(site.ws), chosen=ids)
    both = tuple(library.document(site.ws, name) for name in ids)
    for found in both:
        if found.length is None:
            raise UsageError("web.error.no_text", name=found.title[:200])
    finding = site.answers.ask(find_question(QUESTION), {"left": ids[0], "right": ids[1]})
    rows = finding.rows()
    if suffix:
        about = {"left": ids[0], "right": ids[1], "headline": finding.headline[state.language]}
        return twin(suffix, t("web.compare.title", state.language), rows, about)
    pair = _pair(state, rows)
    shown = [
        _side(site.ws, side, found, rows, pair, state) for side, found in zip(("left", "right"), both, strict=True)
    ]
    cut = differing(site.ws, rows, shown)
    for side in shown:
        spans = side["spans"] + [Span(a, b, "differs", -1 - n) for n, (a, b) in enumerate(cut[side["side"]])]
        page = side["page"]
        side["text"] = marked(page.text, page.start, spans, lambda kind, _: kind)
    return site.html(
        "compare.html",
        state,
        both=both,
        finding=finding,
        sides=shown,
        rows=[
            {**row, "words": (row["left_text"] or "")[:160], "url": state.url("", **_of(row)) + f"#l{row['rank']}"}
            for row in rows
        ],
        pair=pair,
        longest=max((row["characters"] for row in rows), default=0),
        answer=state.elsewhere(f"/{QUESTION.replace('.', '/')}", left=ids[0], right=ids[1]),
    )


def _of(row: Mapping[str, Any]) -> dict[str, str | None]:
    """The parts of an address that lead to a pair."""
    return {"pair": str(row["rank"]), "left_page": None, "right_page": None}


def _pair(state: State, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The pair asked for.

    Raises
    ------
    UsageError
        If there is none of that number.
    """
    asked = state.arguments.get("pair")
    if not asked:
        return None
    found = next((row for row in rows if str(row["rank"]) == asked), None)
    if found is None:
        raise UsageError("web.error.no_pair", pair=asked[:40], pairs=len(rows))
    return found


def _side(
    ws: Workspace, side: str, found: Document, rows: Sequence[Mapping[str, Any]], pair: Mapping[str, Any] | None,
    state: State,
) -> dict[str, Any]:  # fmt: skip
    asked = state.arguments.get(f"{side}_page")
    if asked is not None and not (asked.isascii() and asked.isdigit() and 0 < len(asked) < 16):
        raise UsageError("core.error.bad_parameter", name=f"{side}_page", value=asked[:80], type="int")
    number = int(asked) - 1 if asked else 0
    if pair is not None and not asked:
        number = library.page_of(ws, found, pair[f"{side}_start"], SIZE)
    page = library.page(ws, found, number, SIZE)
    other = "r" if side == "left" else "l"
    spans = []
    for row in rows:
        rank = row["rank"]
        spans.append(
            Span(
                row[f"{side}_start"], row[f"{side}_end"], "shared", rank,
                state.url("", **_of(row)) + f"#{other}{rank}", pair is not None and pair["rank"] == rank,
                t("web.compare.passage", state.language, rank=rank, characters=f"{row['characters']:,}"),
                f"{side[0]}{rank}",
            )
        )  # fmt: skip

    def turn(to: int) -> str:
        return state.url(**{f"{side}_page": str(to + 1)})

    return {
        "side": side,
        "document": found,
        "facts": facts(found.row, _called(ws, found), state.language),
        "page": page,
        "previous": turn(page.number - 1) if page.number else "",
        "next": turn(page.number + 1) if page.number + 1 < page.of else "",
        "spans": spans,
        "share": _share(ws, found, [(row[f"{side}_start"], row[f"{side}_end"]) for row in rows]),
        "url": state.elsewhere(f"/documents/{found.id}"),
    }


def _share(ws: Workspace, found: Document, spans: Sequence[tuple[int, int]]) -> float:
    """How much of what counts as a document's own wording lies in spans: without page furniture and the like."""
    places = library.positions(ws, found)
    every = zip(places["start"].to_pylist(), places["end"].to_pylist(), places["kind"].to_pylist(), strict=True)
    cuts = [(start, end) for start, end, kind in every if kind in CUTS]
    both, out = covered([*spans, *cuts]), covered(cuts)
    return (both - out) / max((found.length or 0) - out, 1)


def _called(ws: Workspace, found: Document) -> Mapping[str, Any]:
    from foreland.data.answer import names

    return names(ws, [found.row["region_id"]])


def covered(spans: Sequence[tuple[int, int]]) -> int:
    """How many characters lie in at least one span."""
    total, at = 0, 0
    for start, end in sorted(spans):
        total += max(end - max(start, at), 0)
        at = max(at, end)
    return total


def differing(
    ws: Workspace, rows: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, Any]]
) -> dict[str, list[tuple[int, int]]]:
    """Where the two sides of each pair that is shown differ, in characters of each document."""
    found: dict[str, list[tuple[int, int]]] = {side: [] for side in SIDES}
    effort = 0
    for row in rows:
        spans = [(row[f"{side}_start"], row[f"{side}_end"]) for side in SIDES]
        pages = [side["page"] for side in shown]
        if not any(a < page.end and b > page.start for (a, b), page in zip(spans, pages, strict=True)):
            continue
        texts = [row[f"{side}_text"] or "" for side in SIDES]
        for k, (a, b) in enumerate(spans):
            # Only the words as they stand there have the places of the document.
            if len(texts[k]) != b - a:
                texts[k] = library.part(ws, shown[k]["document"], a, b)
        mine, theirs = (TOKENS.findall(text) for text in texts)
        if effort + len(mine) * len(theirs) > EFFORT:
            continue
        effort += len(mine) * len(theirs)
        for side, (start, _), cut in zip(SIDES, spans, differences(mine, theirs), strict=True):
            found[side] += [(start + a, start + b) for a, b in cut]
    return found


def differences(left: Sequence[str], right: Sequence[str]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Characters of each of two token lists that the other lacks (Ratcliff and Metzener 1988, by :mod:`difflib`)."""
    at_left, at_right = _starts(left), _starts(right)
    mine, theirs = [], []
    for what, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        if b > a:
            mine.append((at_left[a], at_left[b]))
        if d > c:
            theirs.append((at_right[c], at_right[d]))
    return mine, theirs


def _starts(tokens: Sequence[str]) -> list[int]:
    found = [0]
    for token in tokens:
        found.append(found[-1] + len(token))
    return found


def _choices(ws: Workspace) -> list[tuple[str, str]]:
    """Documents with a text, to choose from."""
    rows = library.documents(ws, Asked())
    rows = library.ordered(rows.filter(rows.has_text)).limit(LISTED)
    return [(row["document_id"], row["title"] or row["document_id"]) for row in ws.to_arrow(rows).to_pylist()]
