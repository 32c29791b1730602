"""Whether instruments cover the whole chain from research to application."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name
from foreland.data.reading.stages import DOMAINS, STAGES
from foreland.i18n import LANGUAGES, t
from foreland.policy.questions.instruments import among_of, nothing_named
from foreland.policy.questions.view import Corpus, Texts, chosen_fields, chosen_regions, corpus

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace


@question(
    "policy.chain",
    zh="政策是否覆盖从研究到应用的全链条？",
    en="Do policies cover the whole chain from research to application?",
    example={"region": "CN-ZJ"},
    uses=("region", "field", "level", "period", "source"),
)
def chain(ws: Workspace, scope: Scope, texts: Texts = "auto") -> Finding:
    """Count instruments by stage of the innovation chain and domain of policy, and name the empty cells.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. With a field, only instruments in sentences that speak of it.
    texts
        Language of the documents.
    """
    read = corpus(ws, scope, texts)
    if scope.field:
        chosen_fields(scope, read.counts("field")[1])
    places = [read.regions[r] for r in chosen_regions(ws, scope, read.regions)]
    among, codes, found = _cells(read, scope, set(places))
    if not any(found.values()):
        raise nothing_named(read, scope)
    read_in = int(read.counts("instrument")[0].sum()) if among is None else len(among)
    whole: Counter[tuple[str, str]] = sum(found.values(), start=Counter())
    cells = [(stage, domain) for domain in DOMAINS for stage in STAGES]
    held = {cell: sum(bool(own[cell]) for own in found.values()) for cell in cells}
    rows: list[dict[str, Any]] = [
        {
            "region_id": place,
            "stage": stage,
            "domain": domain,
            "count": found[place][stage, domain],
            "share": found[place][stage, domain] / max(found[place].total(), 1),
            "share_all": whole[stage, domain] / whole.total(),
            "places": held[stage, domain],
            "of": len(read.regions),
            "cover": _cover(found[place][stage, domain], held[stage, domain], len(read.regions)),
            "codes": codes.get((stage, domain), []),
        }
        for place in places
        for stage, domain in cells
    ]
    match = {"region_id": "region_id", "codes": "code"}
    return answer(
        ws,
        "policy.chain",
        read.scope.replace(region=scope.region, field=scope.field, period=scope.period),
        rows,
        headline=_headline(read, rows, held),
        benchmark=read.benchmark(),
        inputs=[
            read.input("passage", read_in, match, among, kind="instrument"),
            read.input("document", len(read.documents), {"region_id": "region_id"}),
        ],
        steps=[
            Step("policy.step.instruments"),
            *([Step("policy.step.same_sentence")] if scope.field else []),
            Step("policy.step.chain_cells"),
        ],
        caveats=[Caveat("policy.caveat.cells_by_words", "warning"), *read.caveats],
        parameters={"texts": texts},
    ).offering(*(("matrix",) if len(places) == 1 else ("matrix", "empty", "map")))


def _cells(
    read: Corpus, scope: Scope, places: set[str]
) -> tuple[tuple[str, ...] | None, dict[tuple[str, str], list[str]], dict[str, Counter[tuple[str, str]]]]:
    """Instruments by place and cell; one that serves several cells counts in each.

    Before them the passages of the places asked for that are counted (None for all), and for each cell the codes that
    name it.
    """
    named = read.instruments(scope.field)
    found: dict[str, Counter[tuple[str, str]]] = {place: Counter() for place in read.regions}
    codes: dict[tuple[str, str], set[str]] = {}
    for row in named:
        own = found[read.documents[read.ids[row["document_id"]]]["region_id"]]
        for each in row["code"].split(";") if row["code"] else ():
            stage, _, domain = each.partition("/")
            own[stage, domain] += 1
            codes.setdefault((stage, domain), set()).add(row["code"])
    among = among_of(read, named, places) if scope.field else None
    return among, {cell: sorted(held) for cell, held in codes.items()}, found


def _cover(count: int, places: int, of: int) -> str:
    if count:
        return "covered"
    return "gap" if 2 * places > of else "empty"


def _headline(read: Corpus, rows: list[dict[str, Any]], held: dict[tuple[str, str], int]) -> Text:
    ws = read.ws
    places = list(dict.fromkeys(row["region_id"] for row in rows))
    if len(places) == 1:
        empty = [row for row in rows if row["cover"] != "covered"]
        gaps = [row for row in rows if row["cover"] == "gap"] or empty
        key = "full" if not empty else "place"
        return both(
            f"policy.chain.headline.{key}", place=name(ws, places[0]), of=len(rows),
            **({"count": len(rows) - len(empty), "gaps": _named([(r["stage"], r["domain"]) for r in gaps[:4]])}
               if empty else {}),
        )  # fmt: skip
    rare = sorted(held, key=lambda cell: (held[cell], cell))[:3]
    return both("policy.chain.headline.all", cells=_named(rare), count=held[rare[0]], of=len(read.regions))


def _named(cells: list[tuple[str, str]]) -> Text:
    """Cells as words."""
    joint: Text = {"en": ", ", "zh": "、"}
    return {
        language: joint[language].join(
            f"{t(f'policy.value.{stage}', language)} × {t(f'policy.value.{domain}', language)}"
            for stage, domain in cells
        )
        for language in LANGUAGES
    }
