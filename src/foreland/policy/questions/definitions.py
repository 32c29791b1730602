"""What each document means by industries of the future."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError, Worded
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name
from foreland.data.reading.definitions import attributes
from foreland.i18n import LANGUAGES
from foreland.policy.questions.view import Corpus, Texts, chosen_regions, corpus

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

GENERIC = ("iotf:future_industry_generic", "iotf:emerging_generic")


@question(
    "policy.definitions",
    zh="各地所说的未来产业指什么？",
    en="What does each document mean by industries of the future?",
    example={},
    uses=("region", "level", "period", "source"),
)
def definitions(ws: Workspace, scope: Scope, texts: Texts = "auto") -> Finding:
    """List what documents name as industries of the future and by what marks they define the term.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at.
    texts
        Language of the documents.
    """
    read = corpus(ws, scope, texts)
    places = {read.regions[r] for r in chosen_regions(ws, scope, read.regions)}
    found = read.passages("definition")
    members = _members(read, found)
    rows: list[dict[str, Any]] = []
    for passage in found:
        document = read.documents[read.ids[passage["document_id"]]]
        shared = {"region_id": document["region_id"], "year": document["year"], "form": passage["method"]}
        told = {"wording": passage["text"], "passage_id": passage["passage_id"], "document_id": passage["document_id"]}
        rows += [{**shared, "field_id": field, "mark_id": None, **told} for field in members[passage["passage_id"]]]
        marks = passage["code"].split(";") if passage["code"] else []
        rows += [{**shared, "field_id": None, "mark_id": mark, **told} for mark in marks]
    shown = [row for row in rows if row["region_id"] in places]
    if not rows:
        raise DataError("policy.error.no_definitions", documents=len(read.documents))
    if not shown:
        raise DataError(
            "policy.error.no_definitions_of",
            place=Worded(listed(ws, scope.region)),
            known=Worded(listed(ws, sorted(_places(rows)))),
        )
    shown.sort(
        key=lambda row: (row["region_id"], -row["year"], row["passage_id"], row["mark_id"] or "", row["field_id"] or "")
    )
    return answer(
        ws,
        "policy.definitions",
        read.scope.replace(region=scope.region, period=scope.period),
        shown,
        headline=_headline(read, shown, rows),
        benchmark=read.benchmark(),
        inputs=[
            read.input("passage", len(found), {"passage_id": "passage_id"}, kind="definition"),
            read.input("document", len(read.documents), {"region_id": "region_id"}),
        ],
        steps=[Step("policy.step.definitions"), Step("policy.step.marks")],
        caveats=[
            Caveat("policy.caveat.lists_are_not_definitions", "note"),
            *([Caveat("policy.caveat.not_defined", "note", {"count": len(read.regions) - len(_places(rows))})]
              if len(_places(rows)) < len(read.regions) else []),
            *read.caveats,
        ],
        parameters={"texts": texts},
        ).offering(*_charts(shown))  # fmt: skip


def _members(read: Corpus, found: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Fields named within each definition, in the order of the text."""
    documents = {row["document_id"] for row in found}
    named: dict[str, list[dict[str, Any]]] = {}
    for row in read.passages("field"):
        if row["document_id"] in documents and row["field_id"] not in GENERIC:
            named.setdefault(row["document_id"], []).append(row)
    return {
        row["passage_id"]: list(
            dict.fromkeys(
                mention["field_id"]
                for mention in named.get(row["document_id"], ())
                if row["start"] <= mention["start"] and mention["end"] <= row["end"]
            )
        )
        for row in found
    }


def _places(rows: list[dict[str, Any]]) -> set[str]:
    return {row["region_id"] for row in rows}


def _charts(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    with_marks = any(row["mark_id"] for row in rows)
    with_fields = any(row["field_id"] for row in rows)
    return (*(("fields", "members") if with_fields else ()), *(("marks",) if with_marks else ()))


def _headline(read: Corpus, shown: list[dict[str, Any]], rows: list[dict[str, Any]]) -> Text:
    ws = read.ws
    if len(_places(shown)) == 1:
        fields = list(dict.fromkeys(row["field_id"] for row in shown if row["field_id"]))
        marks = list(dict.fromkeys(row["mark_id"] for row in shown if row["mark_id"]))
        which = "place" if fields and marks else "place_fields" if fields else "place_marks"
        return both(
            f"policy.definitions.headline.{which}", place=name(ws, shown[0]["region_id"]),
            **({"fields": listed(ws, fields[:8])} if fields else {}), **({"marks": _marks(marks[:6])} if marks else {}),
        )  # fmt: skip
    held = Counter(field for _, field in {(row["region_id"], row["field_id"]) for row in rows} if field)
    if not held:
        marks = [mark for mark, _ in Counter(row["mark_id"] for row in rows).most_common(4)]
        return both("policy.definitions.headline.all_marks", count=len(_places(rows)), marks=_marks(marks))
    order = sorted(held, key=lambda field: (-held[field], field))
    common = sum(count >= len(_places(rows)) / 2 for count in held.values())
    named = [(name(ws, field), held[field]) for field in order[:3]]
    most = {
        "en": ", ".join(f"{text['en']} ({count})" for text, count in named),
        "zh": "、".join(f"{text['zh']}（{count}）" for text, count in named),
    }
    return both(
        "policy.definitions.headline.all", count=len(_places(rows)), of=len(read.regions), fields=len(held),
        common=common, most=most,
    )  # fmt: skip


def _marks(codes: list[str]) -> Text:
    known = attributes()
    joint: Text = {"en": ", ", "zh": "、"}
    return {
        language: joint[language].join(
            known[code].name_zh if language == "zh" else known[code].name_en for code in codes
        )
        for language in LANGUAGES
    }
