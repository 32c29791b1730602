"""Why a passage matched: the rule, what it read, how sure it is, where it stands, and where the figure went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from foreland.core.columns import unit_label
from foreland.core.registry import questions
from foreland.data.answer import names
from foreland.i18n import Language, t
from foreland.web.library import Document, part, short
from foreland.web.marking import readable
from foreland.web.vocabulary import called as named
from foreland.web.vocabulary import doubts, rule, said, served

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace
    from foreland.web.state import State

FIGURES = {
    "quantity": ("policy.targets", "policy.promise"),
    "field": ("policy.coverage", "policy.promise"),
    "instrument": ("policy.instruments",),
    "definition": ("policy.definitions",),
}
"""Questions that count passages of a kind; those that are registered are linked."""
AROUND = 60
"""Characters shown around a passage that has no sentence."""


def exactly(value: float, language: Language) -> str:
    """A value with the multipliers of the language and all its digits: a reader holds it against the text."""
    steps = (
        ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")) if language == "zh" else ((1e12, " tn"), (1e9, " bn"), (1e6, " m"))
    )
    for size, word in steps:
        if abs(value) >= size:
            return f"{value / size:,.10g}{word}"
    return f"{value:,.10g}"


def amount(row: Mapping[str, Any], language: Language) -> str:
    """The value of a passage with comparator and unit, as a person reads it."""
    value, unit = row["value"], row["unit"] or ""
    if value is None:
        return ""
    written = exactly(value, language)
    sign = {">=": "≥ ", "<=": "≤ ", "~": "≈ "}.get(row["comparator"] or "", "")
    if unit in ("%", "percent"):
        return f"{sign}{written}%"
    label = "" if unit == "count" else unit_label(unit, language)
    return f"{sign}{written} {label}".strip()


def what(row: Mapping[str, Any], called: Mapping[str, Mapping[Language, str]], language: Language) -> str:
    """What was read in a passage, in a few words."""
    field = called[row["field_id"]][language] if row["field_id"] in called else row["field_id"] or ""
    found = [
        amount(row, language),
        named("instrument", row["instrument"], language) if row["instrument"] else "",
        row["indicator"] or "",
        field,
    ]
    return " · ".join(part for part in found if part)


def around(ws: Workspace, document: Document, row: Mapping[str, Any]) -> tuple[str, str, str]:
    """The words of a passage, and its sentence in front of and behind them."""
    start, end = row["start"], row["end"]
    if document.length is None:
        return "", readable(row["text"] or ""), ""
    first = row["sentence_start"] if row["sentence_start"] is not None else start - AROUND
    last = row["sentence_end"] if row["sentence_end"] is not None else end + AROUND
    # A sentence is never a page long; what says so is cut near the words.
    first, last = max(first, start - 600, 0), min(last, end + 600)
    first, last = min(first, start), max(last, end)
    cut = min(end, start + 2_000)
    text = readable(part(ws, document, first, min(last, cut + 600)))
    return text[: start - first], text[start - first : cut - first], text[cut - first :]


def why(ws: Workspace, document: Document, row: Mapping[str, Any], state: State) -> dict[str, Any]:
    """The panel of one passage."""
    language = state.language
    region = document.row["region_id"]
    called = names(ws, [row["field_id"], region])
    before, words, behind = around(ws, document, row)
    kind = str(row["kind"])
    facts = [
        ("value", amount(row, language)),
        ("value_exact", f"{row['value']:.15g} {row['unit'] or ''}".strip() if row["value"] is not None else ""),
        ("comparator", row["comparator"] or ""),
        ("indicator", row["indicator"] or ""),
        ("measure", named("measure", row["measure"], language) if row["measure"] else ""),
        ("reported", said("web.reported", row["status"], language) if row["status"] else ""),
        ("year", str(row["year"]) if row["year"] is not None else ""),
        ("field", called[row["field_id"]][language] if row["field_id"] in called else row["field_id"] or ""),
        ("instrument", named("instrument", row["instrument"], language) if row["instrument"] else ""),
        ("code", served(row["code"], language) if row.get("code") else ""),
        ("doubt", doubts(row["doubt"], language) if row["doubt"] else ""),
        ("confidence", f"{100 * row['confidence']:.0f}%" if row["confidence"] is not None else ""),
        ("offsets", f"{row['start']:,}–{row['end']:,}"),
    ]
    place = called[region][language] if region in called else region or ""
    comma = ", " if language == "en" else "，"
    return {
        "row": row,
        "kind": said("web.kind", kind, language),
        "before": before,
        "words": words,
        "behind": behind,
        "rule": rule(row["method"], kind, language),
        "facts": [(t(f"web.why.{name}", language), value, name) for name, value in facts if value],
        "figures": _figures(kind, region, row["field_id"], state),
        "cite": t(
            "web.why.cite",
            language,
            words=" ".join(words.split()) or "…",
            title=comma.join(part for part in (document.title, place, str(document.row["date"] or "")) if part),
            start=row["start"],
            end=row["end"],
            document=document.id,
            passage=row["passage_id"],
            data=ws.content_hash[:12],
        ),
        "url": state.url(mark=short(document.id, row["passage_id"]), page=None, part=None) + "#mark",
    }


def _figures(kind: str, region: str | None, field: str | None, state: State) -> list[tuple[str, str]]:
    """Questions whose figures this passage went into."""
    known = questions()
    found = []
    for identifier in FIGURES.get(kind, ()):
        asked = known.get(identifier)
        if asked is None:
            continue
        given = {"region": region, "field": field}
        scope = {name: value for name, value in given.items() if value and name in asked.uses}
        found.append((asked.text[state.language], state.elsewhere(f"/{asked.room}/{asked.name}", **scope)))
    return found
