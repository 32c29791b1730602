"""By what means government acts: the mix of instruments and its balance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError, Worded
from foreland.core.finding import Finding, Text
from foreland.core.intervals import clopper_pearson
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name
from foreland.data.reading.model import INSTRUMENTS
from foreland.data.reading.stages import SIDES, instrument_types
from foreland.policy.questions.view import Corpus, Texts, chosen_fields, chosen_regions, corpus

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

LEVEL = 0.9
"""Coverage of the interval of a share."""


@question(
    "policy.instruments",
    zh="各地用什么政策工具？",
    en="Which policy instruments do places use?",
    example={"region": "CN-ZJ"},
    uses=("region", "field", "level", "period", "source"),
)
def instruments(ws: Workspace, scope: Scope, texts: Texts = "auto") -> Finding:
    """Count the instruments named in the documents by type and side.

    The sides are those of Rothwell and Zegveld (1985): supply (means that government provides), environment
    (conditions it sets) and demand (markets it opens).

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
    places = chosen_regions(ws, scope, read.regions)
    among, counts, types = _counted(read, scope, {read.regions[r] for r in places})
    named = read.by_region(counts)
    total = named.sum(axis=1)
    if not named.any():
        raise nothing_named(read, scope)
    everywhere = named.sum(axis=0) / named.sum()
    low, high = clopper_pearson(named, np.broadcast_to(total[:, None], named.shape), LEVEL)
    sides = instrument_types()
    rows: list[dict[str, Any]] = [
        {
            "region_id": read.regions[r],
            "instrument_id": types[k],
            "side": sides[types[k]].side,
            "count": int(named[r, k]),
            "share": float(named[r, k] / total[r]),
            "low": float(low[r, k]),
            "high": float(high[r, k]),
            "share_all": float(everywhere[k]),
            "ratio": float(named[r, k] / total[r] / everywhere[k]) if everywhere[k] else None,
            "emphasis": _against(low[r, k], high[r, k], everywhere[k]),
        }
        for r in places
        if total[r]
        for k in range(len(types))
    ]
    if not rows:
        raise nothing_named(read, scope)
    rows.sort(key=lambda row: (row["region_id"], -row["count"], row["instrument_id"]))
    match = {"region_id": "region_id", "instrument_id": "instrument"}
    few = sum(total[r] < 20 for r in places)
    return answer(
        ws,
        "policy.instruments",
        read.scope.replace(region=scope.region, field=scope.field, period=scope.period),
        rows,
        headline=_headline(read, rows, everywhere, types),
        benchmark=read.benchmark(),
        inputs=[
            read.input("passage", int(named.sum()), match, among, kind="instrument"),
            read.input("document", len(read.documents), {"region_id": "region_id"}),
        ],
        steps=[
            Step("policy.step.instruments"),
            *([Step("policy.step.same_sentence")] if scope.field else []),
            Step("policy.step.sides"),
            Step("policy.step.share_interval", {"level": round(100 * LEVEL)}),
        ],
        caveats=[
            Caveat("policy.caveat.named_not_weighed", "warning"),
            *([Caveat("policy.caveat.few_instruments", "warning", {"count": few})] if few else []),
            *read.caveats,
        ],
        parameters={"texts": texts},
    ).offering(*(("bars", "radar") if len(places) == 1 else ("balance", "heat")))


def nothing_named(read: Corpus, scope: Scope) -> DataError:
    """What to say where no instrument is named."""
    if not read.counts("instrument")[0].any():
        return DataError("policy.error.nothing_read", kind="instrument", documents=len(read.documents))
    return DataError(
        "policy.error.no_instruments",
        place=Worded(listed(read.ws, scope.region) if scope.region else both("policy.everywhere")),
        field=Worded(_about(read, scope)),
    )


def _counted(
    read: Corpus, scope: Scope, places: set[str]
) -> tuple[tuple[str, ...] | None, np.ndarray, tuple[str, ...]]:
    """Instruments by document and type, and with a field the passages of these places that are counted."""
    if not scope.field:
        return None, *read.counts("instrument")
    found = read.instruments(scope.field)
    counts = np.zeros((len(read.documents), len(INSTRUMENTS)))
    for row in found:
        counts[read.ids[row["document_id"]], INSTRUMENTS.index(row["instrument"])] += 1
    return among_of(read, found, places), counts, INSTRUMENTS


def among_of(read: Corpus, passages: list[dict[str, Any]], places: set[str]) -> tuple[str, ...]:
    """Ids of the passages that stand in documents of these places."""
    own = {row["document_id"] for row in read.documents if row["region_id"] in places}
    return tuple(row["passage_id"] for row in passages if row["document_id"] in own)


def _about(read: Corpus, scope: Scope) -> Text:
    if not scope.field:
        return {"en": "", "zh": ""}
    called = listed(read.ws, scope.field)
    return {"en": f" for {called['en']}", "zh": f"（{called['zh']}）"}


def _against(low: float, high: float, expected: float) -> str:
    return "above" if low > expected else "below" if high < expected else "as_others"


def _headline(read: Corpus, rows: list[dict[str, Any]], everywhere: np.ndarray, types: tuple[str, ...]) -> Text:
    ws, scope = read.ws, read.scope
    sides = instrument_types()
    mean = {side: sum(everywhere[k] for k, code in enumerate(types) if sides[code].side == side) for side in SIDES}
    shares = {f"{side}_all": f"{100 * mean[side]:.0f}" for side in SIDES}
    field = _about(read, scope)
    places = list(dict.fromkeys(row["region_id"] for row in rows))
    if len(places) == 1:
        own = {side: sum(row["share"] for row in rows if row["side"] == side) for side in SIDES}
        return both(
            "policy.instruments.headline.place",
            place=name(ws, places[0]), field=field,
            most=listed(ws, [row["instrument_id"] for row in rows[:3] if row["count"]]),
            **{side: f"{100 * own[side]:.0f}" for side in SIDES}, **shares,
        )  # fmt: skip
    demand = dict.fromkeys(places, 0)
    total = dict.fromkeys(places, 0)
    for row in rows:
        total[row["region_id"]] += row["count"]
        demand[row["region_id"]] += row["count"] if row["side"] == "demand" else 0
    # By the lower end of the interval: one instrument of one says little of a place.
    surely = {place: float(clopper_pearson(demand[place], total[place], LEVEL)[0]) for place in places}
    first = max(places, key=lambda place: (surely[place], demand[place] / total[place], place))
    order = sorted(range(len(types)), key=lambda k: (-everywhere[k], types[k]))[:3]
    return both(
        "policy.instruments.headline.all",
        field=field, most=listed(ws, [types[k] for k in order]), place=name(ws, first),
        share=f"{100 * demand[first] / total[first]:.0f}", count=demand[first], total=total[first], **shares,
    )  # fmt: skip
