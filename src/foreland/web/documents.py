"""The documents of a workspace, listed: which there are, and how each fact of them was found."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response

from foreland.core.errors import UsageError
from foreland.data.answer import names
from foreland.i18n import Language, t
from foreland.web import library
from foreland.web.controls import Choice, Control, level_label
from foreland.web.library import NONE, Asked
from foreland.web.marking import MARKS
from foreland.web.site import Site
from foreland.web.state import State, place_id
from foreland.web.twins import parted, twin
from foreland.web.vocabulary import said

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

LIST = 50
"""Documents of a page of the list."""
TWIN = 20_000
"""Documents of a twin of the list."""
FILTERS = {"kind": "kind", "region": "region_id", "year": "year", "level": "level", "language": "language"}
"""Parameter of the address → column."""


# The list ---------------------------------------------------------------------------------------


def listing(site: Site, request: Request) -> Response:
    """``/documents``: which documents there are, and how each fact of them was found."""
    state = known(site.state(request), ("q", *FILTERS, "page"))
    if state.arguments.get("region"):
        named = ",".join(place_id(each) for each in state.arguments["region"].split(","))
        state = state.put("region", named)
    asked = Asked(
        state.arguments.get("q", "")[:200],
        {FILTERS[name]: tuple(state.arguments[name].split(",")) for name in FILTERS if state.arguments.get(name)},
    )
    rows = library.documents(site.ws, asked)
    _, suffix = parted(request.url.path)
    if suffix:
        found = site.ws.to_arrow(library.ordered(rows).limit(TWIN)).to_pylist()
        return twin(suffix, t("web.documents.title", state.language), _as_data(found, state))
    total = site.ws.to_arrow(rows.count().as_table())[0][0].as_py()
    number, last = page_number(state), max(1, -(-total // LIST))
    if number > last:
        raise UsageError("web.error.no_such_page", page=number, pages=last)
    found = site.ws.to_arrow(library.ordered(rows).limit(LIST, offset=(number - 1) * LIST)).to_pylist()
    counts = library.counts_of(site.ws, [row["document_id"] for row in found])
    called = names(site.ws, [row["region_id"] for row in found])
    return site.html(
        "documents.html",
        state,
        total=total,
        everything=site.ws.rows("document"),
        page=number,
        pages=last,
        controls=_filters(site.ws, state),
        rows=[
            {
                **row,
                "name": row["title"] or row["document_id"],
                "facts": facts(row, called, state.language),
                "passages": _spoken(counts.get((row["document_id"], row["source_id"]), {}), state.language),
                "url": address(row, state),
                "original": state.elsewhere(f"/documents/{row['duplicate_of']}") if row["duplicate_of"] else "",
                "compare": compare_with(row, state),
                "correct": f"foreland correct {shlex.quote(row['document_id'])}",
            }
            for row in found
        ],
    )


def compare_with(row: Mapping[str, Any], state: State) -> str:
    """Where a document stands beside the one that it repeats."""
    if not row["duplicate_of"]:
        return ""
    return state.elsewhere("/compare", left=row["duplicate_of"], right=row["document_id"])


def address(row: Mapping[str, Any], state: State, **more: str | None) -> str:
    """The page of a document."""
    return state.elsewhere(f"/documents/{row['document_id']}", **more)


def facts(row: Mapping[str, Any], called: Mapping[str, Any], language: Language) -> list[dict[str, str]]:
    """Place, date, level and language of a document, each with how it was found."""
    region = row["region_id"]
    values = {
        "title": "",
        "region": called[region][language] if region in called else region or "",
        "date": row["date"] or "",
        "level": level_name(row["level"], language) if row["level"] else "",
        "language": said("web.language", row["language"], language) if row["language"] else "",
    }
    return [
        {
            "name": name,
            "label": t(f"web.document.{name}", language),
            "value": value,
            "how": said("web.from", row[f"{name}_from"], language) if row[f"{name}_from"] else "",
        }
        for name, value in values.items()
    ]


def level_name(level: str, language: Language) -> str:
    named = said("web.level", level, language)
    return named if named != level else level_label(level, language)


def _spoken(counts: Mapping[str, int], language: Language) -> list[tuple[str, str, int]]:
    return [(kind, said("web.kinds", kind, language), counts[kind]) for kind in MARKS if counts.get(kind)]


def _as_data(found: Sequence[Mapping[str, Any]], state: State) -> list[dict[str, Any]]:
    return [{**{name: row[name] for name in library.columns()}, "url": address(row, state)} for row in found]


def _filters(ws: Workspace, state: State) -> list[Control]:
    """A choice for each fact that tells documents apart."""
    language = state.language
    there = library.choices(ws)
    called = names(ws, there.get("region_id", {}))
    found = []
    for name, column in FILTERS.items():
        held, asked = there.get(column, {}), state.arguments.get(name, "")
        if len(held) < 2 and not asked:
            continue
        labels = {value: _label(name, value, called, language) for value in held}
        order = sorted(held, key=lambda value: (value == NONE, labels[value].casefold(), value))
        if name == "year":
            order = sorted(held, key=lambda value: "" if value == NONE else value, reverse=True)
        options = [Choice(value, f"{labels[value]} ({held[value]:,})", value == asked) for value in order]
        if asked and asked not in held:
            options.insert(0, Choice(asked, asked, True))
        every = Choice("", t("web.documents.all", language), not asked)
        label = t(f"web.document.{name}", language)
        found.append(Control(name, label, label, (("", (every, *options)),)))
    return found


def _label(name: str, value: str, called: Mapping[str, Any], language: Language) -> str:
    if value == NONE:
        return t("web.document.unknown", language)
    if name == "region":
        return str(called[value][language]) if value in called else value
    if name == "level":
        return level_name(value, language)
    if name == "language":
        return said("web.language", value, language)
    return said("web.document_kind", value, language) if name == "kind" else value


def of_title(ws: Workspace, text: str, state: State, most: int = 12) -> tuple[list[tuple[str, str, str]], int]:
    """Documents whose title holds a text: address, title and facts, and how many there are."""
    rows = library.documents(ws, Asked(text))
    found = ws.to_arrow(library.ordered(rows).limit(most + 1)).to_pylist()
    called = names(ws, [row["region_id"] for row in found])
    total = len(found)
    if total > most:
        total = int(ws.to_arrow(rows.count().as_table())[0][0].as_py())
    listed = []
    for row in found[:most]:
        about = " · ".join(f["value"] for f in facts(row, called, state.language) if f["value"])
        listed.append((address(row, state), row["title"] or row["document_id"], about))
    return listed, total


# Addresses --------------------------------------------------------------------------------------


def known(state: State, parameters: Sequence[str]) -> State:
    """The state without what a page knows nothing of."""
    for name in [name for name in {**state.arguments, **state.shown} if name not in parameters]:
        state = state.put(name, None)
    return state


def page_number(state: State) -> int:
    """The page asked for, the first being 1."""
    asked = state.arguments.get("page", "1")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 16 and int(asked) > 0):
        raise UsageError("core.error.bad_parameter", name="page", value=asked[:80], type="int")
    return int(asked)
