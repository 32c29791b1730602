"""Whose wording a place uses: passages that documents share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Input, Step
from foreland.core.reads import at_most
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name
from foreland.policy import reuse as method
from foreland.policy.promise import promise
from foreland.policy.questions.backing import backing_of
from foreland.policy.questions.view import Corpus, Texts, chosen_fields, chosen_regions, corpus

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

MARKED = ("furniture", "contents", "glossary")
"""Kinds of passages that are nobody's wording."""
BLANK = "\n"
KEPT = 6
"""Comparisons that are kept for further places and fields."""


@question(
    "policy.reuse",
    zh="谁的文字与谁雷同？",
    en="Whose wording does each place use?",
    example={},
    uses=("region", "field", "level", "period", "source"),
    beyond_packs=True,
)
def reuse(
    ws: Workspace,
    scope: Scope,
    substance: bool = True,
    shortest: Annotated[int, AtLeast(6)] = 12,
    texts: Texts = "auto",
) -> Finding:
    """Find passages that the documents of two places share.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. With a field, passages that speak of it; with a place, its own.
    substance
        Only passages that speak of a field or name an instrument; else formulas of courtesy count as well.
    shortest
        Fewest matching characters (words, in English) of a passage.
    texts
        Language of the documents.
    """
    read = corpus(ws, scope, texts)
    written = clean_texts(read)
    if len(written) < 2:
        raise DataError("policy.error.no_texts", held=len(written), documents=len(read.documents))
    places = {read.regions[r] for r in chosen_regions(ws, scope, read.regions)}
    fields = read.counts("field")[1]
    chosen_fields(scope, fields)
    ids = [row["document_id"] for row in read.documents if row["document_id"] in written]
    centre = _centre(ws, read)
    documents = {row["document_id"]: row for each in (read, centre) if each for row in each.documents}
    known = clean_texts(centre) if centre else {}
    pairs = [(pair, ids[pair.left], ids[pair.right]) for pair in _between(read, written, known)]
    if scope.field:
        pairs += _with_centre(written, known, documents, read.texts)
    texts_of = known | written
    spoken = _spoken(read, scope, substance)
    stances = _stances(ws, read, scope.field[0]) if scope.field else {}
    rows = []
    for pair, left_id, right_id in pairs:
        left, right = documents[left_id], documents[right_id]
        kept = [p for p in pair.passages if p.identical >= shortest and _speaks(p, spoken, left_id, right_id)]
        if not kept or left["region_id"] == right["region_id"] or not places & {left["region_id"], right["region_id"]}:
            continue
        # The later document comes first: it is the one that may have used the other's wording.
        turned = pair.source == pair.left if pair.source is not None else right["region_id"] < left["region_id"]
        if len(places) == 1 or right["level"] != left["level"]:
            turned = left["region_id"] not in places
        one, other = (right, left) if turned else (left, right)
        spans = (
            _letters(texts_of[left_id], [(p.left_start, p.left_end) for p in kept]),
            _letters(texts_of[right_id], [(p.right_start, p.right_end) for p in kept]),
        )
        mine, theirs = spans[::-1] if turned else spans
        older = None if pair.source is None else (left if pair.source == pair.left else right)["region_id"]
        rows.append(
            {
                "region_id": one["region_id"],
                "other_id": other["region_id"],
                "passages": len(kept),
                "characters": sum(p.identical for p in kept),
                "longest": max(p.identical for p in kept),
                "share": mine / max(one["characters"] or 0, 1),
                "other_share": theirs / max(other["characters"] or 0, 1),
                "older_id": older,
                **({"stance": stances.get(one["region_id"]), "other_stance": stances.get(other["region_id"])}
                   if scope.field else {}),
                "wording": _longest(kept, written[left_id]),
                "document_id": one["document_id"],
                "other_document_id": other["document_id"],
            }
        )  # fmt: skip
    if not rows:
        raise DataError("policy.error.no_reuse", documents=len(ids), shortest=shortest)
    rows.sort(key=lambda row: (-row["characters"], row["region_id"], row["other_id"], row["document_id"]))
    return answer(
        ws,
        "policy.reuse",
        read.scope.replace(region=scope.region, field=scope.field, period=scope.period),
        rows,
        headline=_headline(read, rows, stances, substance, bool(known)),
        benchmark=both("policy.reuse.benchmark", documents=len(ids), places=len(read.regions), years=read.span()),
        inputs=[
            read.input("document", len(ids), {"document_id": "document_id"}),
            read.input("document", len(ids), {"other_document_id": "document_id"}),
            *(
                [centre.input("document", len(centre.documents), {"other_document_id": "document_id"})]
                if centre
                else []
            ),
        ],
        steps=[
            Step("policy.step.shingles"),
            Step("policy.step.boilerplate_centre" if centre else "policy.step.boilerplate"),
            Step("policy.step.smith_waterman", {"shortest": shortest}),
            *(
                [Step("policy.step.passages_on_field" if scope.field else "policy.step.substance")]
                if scope.field or substance
                else []
            ),
        ],
        caveats=[Caveat("policy.caveat.shared_not_copied", "warning"), *read.caveats],
        parameters={"substance": substance, "shortest": shortest, "texts": texts},
    ).offering(*(("bars",) if len(places) == 1 else ()))


@question(
    "policy.wording",
    zh="两份文件哪些段落相同？",
    en="Which passages do two documents share?",
    example={},
    uses=(),
    beyond_packs=True,
)
def wording(ws: Workspace, scope: Scope, left: str = "", right: str = "") -> Finding:
    """Align two documents and list the passages they share.

    Parameters
    ----------
    ws, scope
        The workspace.
    left, right
        Documents by id; by default the two that share most.
    """
    if not left or not right:
        most = reuse(ws, Scope()).rows()[0]
        left, right = left or most["document_id"], right or most["other_document_id"]
    held = read_documents(ws, [left, right])
    texts = [held[each] for each in (left, right)]
    found = method.align(texts[0]["clean"], texts[1]["clean"], texts[0]["language"])
    rows = [
        {
            "rank": position,
            "characters": p.identical,
            "score": float(p.score),
            "left_text": texts[0]["text"][p.left_start : p.left_end],
            "right_text": texts[1]["text"][p.right_start : p.right_end],
            "left_start": p.left_start,
            "left_end": p.left_end,
            "right_start": p.right_start,
            "right_end": p.right_end,
        }
        for position, p in enumerate(sorted(found, key=lambda p: (-p.identical, p.left_start)), 1)
    ]
    if not rows:
        raise DataError("policy.error.nothing_shared", left=texts[0]["title"], right=texts[1]["title"])
    sources = {text["source_id"]: ws.sources[text["source_id"]].content_hash for text in texts}
    return answer(
        ws,
        "policy.wording",
        scope,
        rows,
        headline=both(
            "policy.wording.headline", left=texts[0]["title"], right=texts[1]["title"], count=len(rows),
            longest=rows[0]["characters"],
            unit=both(f"policy.reuse.unit.{'en' if texts[0]['language'] == 'en' else 'zh'}"),
        ),
        benchmark=both("policy.wording.benchmark", left=texts[0]["title"], right=texts[1]["title"]),
        inputs=[Input("document", {"document_id": (left, right)}, 2, sources)],
        steps=[Step("policy.step.shingles"), Step("policy.step.smith_waterman_all")],
        caveats=[Caveat("policy.caveat.shared_not_copied", "warning")],
        parameters={"left": left, "right": right},
    )  # fmt: skip


def clean_texts(read: Corpus) -> dict[str, str]:
    """Texts by document with what is nobody's wording blanked out, so that offsets hold."""
    texts = read.texts_of()
    marks: dict[str, list[tuple[int, int]]] = {}
    for row in read.passages(MARKED):
        marks.setdefault(row["document_id"], []).append((row["start"], row["end"]))
    return {key: _blanked(text, marks.get(key, ())) for key, text in texts.items() if text.strip()}


def read_documents(ws: Workspace, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Documents by id with their texts, as written and blanked.

    Raises
    ------
    UsageError
        If one is unknown.
    DataError
        If one has no text.
    """
    table, marks = ws.table("document"), ws.table("passage")
    rows = ws.to_arrow(table.filter(table.document_id.isin(ids))).to_pylist()
    held = {row["document_id"]: row for row in rows}
    cut = marks.filter(marks.document_id.isin(ids) & marks.kind.isin(list(MARKED)))
    spans: dict[str, list[tuple[int, int]]] = {}
    for row in ws.to_arrow(cut.select("document_id", "start", "end")).to_pylist():
        spans.setdefault(row["document_id"], []).append((row["start"], row["end"]))
    for each in ids:
        if each not in held:
            raise UsageError("policy.error.unknown_document", document=each)
        if not held[each]["text"]:
            raise DataError("policy.error.no_text_of", document=held[each]["title"] or each)
        held[each]["clean"] = _blanked(held[each]["text"], spans.get(each, ()))
        held[each]["title"] = held[each]["title"] or each
    return held


def _blanked(text: str, spans: Any) -> str:
    for start, end in spans:
        text = text[:start] + BLANK * (end - start) + text[end:]
    return text


def _centre(ws: Workspace, read: Corpus) -> Corpus | None:
    """The centre's own documents up to the years compared: what stands there is nobody's copy of another place."""
    if read.scope.level == "central":
        return None
    try:
        return corpus(ws, Scope(level="central", period=f"1900:{read.years[-1]}"), read.texts)
    except DataError:
        return None


def _between(read: Corpus, written: dict[str, str], known: dict[str, str]) -> list[method.Reuse]:
    """What the documents share two by two, in their order; kept, as every place and field asks for it again."""
    dates = tuple(row["date"] for row in read.documents if row["document_id"] in written)
    texts = tuple(written[row["document_id"]] for row in read.documents if row["document_id"] in written)
    key = ("policy.reuse", read.texts, dates, texts, tuple(known.items()))
    found: list[method.Reuse] = read.ws.cache.remember(
        key,
        lambda: method.find_reuse(texts, [read.texts] * len(texts), dates, known.values()),
        fits=at_most(KEPT),
    )
    return found


def _with_centre(
    written: dict[str, str], centre: dict[str, str], documents: dict[str, dict[str, Any]], language: str
) -> list[tuple[method.Reuse, str, str]]:
    """What each document shares with the newest one of the centre, formulas included."""
    if not centre:
        return []
    last = max(centre, key=lambda key: (documents[key]["date"] or "", key))
    found = []
    for each, text in written.items():
        dates = [documents[each]["date"], documents[last]["date"]]
        found += [(pair, each, last) for pair in method.find_reuse([text, centre[last]], [language] * 2, dates)]
    return found


def _letters(text: str, spans: list[tuple[int, int]]) -> int:
    """Characters other than blanks within spans, each once."""
    count = reached = 0
    for start, end in sorted(spans):
        count += len("".join(text[max(start, reached) : end].split()))
        reached = max(reached, end)
    return count


def _spoken(read: Corpus, scope: Scope, substance: bool) -> dict[str, list[tuple[int, int]]] | None:
    """Where each document speaks of what is asked for; None where all wording counts."""
    if not scope.field and not substance:
        return None
    where = {"field_id": tuple(scope.field)} if scope.field else {}
    found: dict[str, list[tuple[int, int]]] = {}
    for row in read.passages("field" if scope.field else ("field", "instrument"), **where):
        found.setdefault(row["document_id"], []).append((row["start"], row["end"]))
    return found


def _speaks(
    passage: method.Passage, spoken: dict[str, list[tuple[int, int]]] | None, left_id: str, right_id: str
) -> bool:
    """Whether the passage says it on either side: a word that one of the two has changed may be the very one."""
    if spoken is None:
        return True
    sides = ((left_id, passage.left_start, passage.left_end), (right_id, passage.right_start, passage.right_end))
    return any(first <= start and end <= last for each, first, last in sides for start, end in spoken.get(each, ()))


def _stances(ws: Workspace, read: Corpus, field: str) -> dict[str, str]:
    """Whether each place backs what it says of a field; empty where nothing is known of it."""
    counts, fields = read.counts("field")
    try:
        behind = backing_of(ws, read, fields)
    except DataError:
        return {}
    result = promise(read.density(counts), behind.total, behind.size)
    mentioned = read.by_region(counts)[:, fields.index(field)]
    stances = result.stance[:, fields.index(field)]
    return {place: stances[r] for r, place in enumerate(read.regions) if stances[r] is not None and mentioned[r]}


def _longest(passages: list[method.Passage], text: str) -> str:
    best = max(passages, key=lambda p: (p.identical, -p.left_start))
    return " ".join(text[best.left_start : best.left_end].split())[:200]


def _headline(read: Corpus, rows: list[dict[str, Any]], stances: dict[str, str], substance: bool, centre: bool) -> Text:
    ws, first = read.ws, rows[0]
    pairs = len({frozenset((row["region_id"], row["other_id"])) for row in rows})
    pair = {"one": name(ws, first["region_id"]), "other": name(ws, first["other_id"])}
    if read.scope.field:
        hollow = [place for place, stance in stances.items() if stance == "over_promised"]
        users = {row[key] for row in rows for key in ("region_id", "other_id")}
        which = "hollow" if hollow else "field"
        return both(
            f"policy.reuse.headline.{which}", field=listed(ws, read.scope.field), pairs=pairs, **pair,
            **({"hollow": listed(ws, hollow), "count": sum(place in users for place in hollow), "of": len(hollow)}
               if hollow else {}),
            characters=first["characters"], unit=both(f"policy.reuse.unit.{read.texts}"),
        )  # fmt: skip
    return both(
        "policy.reuse.headline.all", pairs=pairs, **pair, characters=first["characters"],
        passages=first["passages"], unit=both(f"policy.reuse.unit.{read.texts}"),
        longest=max(row["longest"] for row in rows),
        on=both("policy.reuse.on_substance") if substance else {"en": "", "zh": ""},
        own=both("policy.reuse.not_of_centre") if centre else {"en": "", "zh": ""},
    )  # fmt: skip
