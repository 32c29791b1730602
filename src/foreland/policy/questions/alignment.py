"""How places follow the centre, by field and by instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from foreland.core.errors import DataError, Worded
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Input, Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name
from foreland.policy import agreement as method
from foreland.policy.questions.view import Corpus, Texts, chosen_regions, corpus

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

By = Literal["field", "instrument"]
LEVEL = 0.9
"""Coverage of the interval of an emphasis."""


@question(
    "policy.alignment",
    zh="各地与中央的重点有多一致？",
    en="How closely does each place follow the centre?",
    example={},
    uses=("region", "level", "period", "source"),
)
def alignment(ws: Workspace, scope: Scope, by: By = "field", texts: Texts = "auto") -> Finding:
    """Compare what each place speaks of with what the centre speaks of in the same years.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at.
    by
        Compared over fields or over types of instrument.
    texts
        Language of the documents.
    """
    read, centre = _both_levels(ws, scope, texts)
    own, theirs, codes = _counted(read, centre, by)
    found = method.agreement(own, theirs)
    against = method.expected(found.jensen_shannon)
    emphasis = method.emphasis(own, theirs, level=LEVEL)
    places = set(chosen_regions(ws, scope, read.regions))
    column = f"{by}_id"
    everyone: list[dict[str, Any]] = []
    for r in range(len(read.regions)):
        if not own[r].sum():
            continue
        above, below = (_extreme(emphasis, r, codes, sign) for sign in (1, -1))
        everyone.append(
            {
                "region_id": read.regions[r],
                "mentions": int(own[r].sum()),
                "similarity": float(found.jensen_shannon[r]),
                "others": float(against.others[r]),
                "covered": float(found.coverage[r]),
                "shared": float(found.overlap[r]),
                "cosine": float(found.cosine[r]),
                "rank": 1 + int((found.jensen_shannon > found.jensen_shannon[r]).sum()),
                "of": int(np.isfinite(found.jensen_shannon).sum()),
                "spearman": None if np.isnan(found.spearman[r]) else float(found.spearman[r]),
                f"more_{column}": above,
                f"less_{column}": below,
            }
        )
    everyone.sort(key=lambda row: (-row["similarity"], row["region_id"]))
    rows = [row for row in everyone if read.regions.index(row["region_id"]) in places]
    if not rows:
        raise DataError("policy.error.nothing_read", kind=by, documents=len(read.documents))
    return answer(
        ws,
        "policy.alignment",
        read.scope.replace(region=scope.region, period=scope.period),
        rows,
        headline=_headline(read, rows, by),
        benchmark=_benchmark(read, centre),
        inputs=_inputs(read, centre, by, {"region_id": "region_id"}),
        steps=[
            Step("policy.step.mentions" if by == "field" else "policy.step.instruments"),
            Step("policy.step.agreement"),
            Step("policy.step.expected_others"),
        ],
        caveats=_caveats(read, centre, own[sorted(places)]),
        parameters={"by": by, "texts": texts},
        tables={"places": _table(everyone)},
    )


@question(
    "policy.emphasis",
    zh="这个地区比中央更强调什么？",
    en="What does this place stress more, or less, than the centre?",
    example={"region": "CN-ZJ"},
    uses=("region", "level", "period", "source"),
    needs=("region",),
)
def emphasis(ws: Workspace, scope: Scope, by: By = "field", texts: Texts = "auto") -> Finding:
    """Hold the weight a place gives each field or instrument against the weight the centre gives it.

    Parameters
    ----------
    ws, scope
        The workspace, and the place.
    by
        Over fields or over types of instrument.
    texts
        Language of the documents.
    """
    read, centre = _both_levels(ws, scope, texts)
    own, theirs, codes = _counted(read, centre, by)
    place = chosen_regions(ws, scope, read.regions)[0]
    if not own[place].sum():
        raise DataError("policy.error.nothing_read", kind=by, documents=len(read.documents))
    found = method.emphasis(own, theirs, level=LEVEL)
    column = f"{by}_id"
    shares, centres = own[place] / own[place].sum(), theirs / theirs.sum()
    everyone = own.sum(axis=0) / own.sum()
    rows: list[dict[str, Any]] = [
        {
            "region_id": read.regions[place],
            column: code,
            "mentions": int(own[place, k]),
            "share": float(shares[k]),
            "centre_mentions": int(theirs[k]),
            "centre_share": float(centres[k]),
            "share_all": float(everyone[k]),
            "ratio": float(np.exp(found.log_ratio[place, k])),
            "low": float(np.exp(found.low[place, k])),
            "high": float(np.exp(found.high[place, k])),
            "change": {1: "stressed", -1: "played_down", 0: "as_centre"}[int(found.above[place, k])],
        }
        for k, code in enumerate(codes)
        if own[place, k] or theirs[k]
    ]
    rows.sort(key=lambda row: (-row["ratio"], row[column]))
    more, less = ([row[column] for row in rows if row["change"] == which] for which in ("stressed", "played_down"))
    which = "both" if more and less else "more" if more else "less" if less else "none"
    return answer(
        ws,
        "policy.emphasis",
        read.scope.replace(region=scope.region, period=scope.period),
        rows,
        headline=both(
            f"policy.emphasis.headline.{which}",
            place=name(ws, read.regions[place]),
            **({"more": listed(ws, more[:4])} if more else {}),
            **({"less": listed(ws, less[::-1][:4])} if less else {}),
        ),
        benchmark=_benchmark(read, centre),
        inputs=_inputs(read, centre, by, {"region_id": "region_id", column: "field_id" if by == "field" else by}),
        steps=[
            Step("policy.step.mentions" if by == "field" else "policy.step.instruments"),
            Step("policy.step.log_odds", {"level": round(100 * LEVEL)}),
        ],
        caveats=_caveats(read, centre, own[place : place + 1]),
        parameters={"by": by, "texts": texts},
    )


def _both_levels(ws: Workspace, scope: Scope, texts: Texts) -> tuple[Corpus, Corpus]:
    """The places in their newest year, and the centre in the same years or the last before."""
    read = corpus(ws, scope, texts, latest=True, levels=("province", "city", "county"))
    if read.scope.level in ("central", "foreign"):
        raise DataError("policy.error.not_below_centre", place=Worded(name(ws, read.regions[0])))
    span = f"{read.years[0]}:{read.years[-1]}"
    try:
        centre = corpus(ws, Scope(level="central", period=span), read.texts)
    except DataError:
        try:
            centre = corpus(ws, Scope(level="central", period=f"1900:{read.years[-1]}"), read.texts)
        except DataError as error:
            raise DataError("policy.error.no_centre", language=read.texts) from error
        last = centre.years[-1]
        centre = corpus(ws, Scope(level="central", period=f"{last}:{last}"), read.texts)
    return read, centre


def _counted(read: Corpus, centre: Corpus, by: By) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    counts, codes = read.counts(by)
    theirs, same = centre.counts(by)
    known = tuple(dict.fromkeys([*codes, *same]))
    own, whole = np.zeros((len(read.regions), len(known))), np.zeros(len(known))
    own[:, [known.index(code) for code in codes]] = read.by_region(counts)
    whole[[known.index(code) for code in same]] = theirs.sum(axis=0)
    if not whole.any():
        raise DataError("policy.error.nothing_read", kind=by, documents=len(centre.documents))
    return own, whole, known


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist([{key: row[key] for key in ("region_id", "similarity", "covered")} for row in rows])


def _extreme(found: method.Emphasis, r: int, codes: tuple[str, ...], sign: int) -> str | None:
    """The thing a place stresses most (or least) against the centre, where that is beyond chance."""
    clear = [k for k in range(len(codes)) if found.above[r, k] == sign]
    return codes[max(clear, key=lambda k: (sign * found.log_ratio[r, k], codes[k]))] if clear else None


def _inputs(read: Corpus, centre: Corpus, by: By, match: dict[str, str]) -> list[Input]:
    total = int(read.counts(by)[0].sum())
    centres = {own: theirs for own, theirs in match.items() if own != "region_id"}
    return [
        read.input("passage", total, match, kind=by),
        centre.input("passage", int(centre.counts(by)[0].sum()), centres, kind=by),
        read.input("document", len(read.documents), {"region_id": "region_id"}),
        centre.input("document", len(centre.documents), {}),
    ]


def _benchmark(read: Corpus, centre: Corpus) -> Text:
    return both("policy.alignment.benchmark", count=len(centre.documents), years=centre.span(), of=len(read.regions))


def _caveats(read: Corpus, centre: Corpus, own: np.ndarray) -> list[Caveat]:
    few = int((own.sum(axis=1) < 20).sum())
    return [
        Caveat("policy.caveat.mentions_are_words", "note"),
        *([Caveat("policy.caveat.few_mentions", "warning", {"count": few})] if few else []),
        *([Caveat("policy.caveat.other_years", "warning", {"years": centre.span()})]
          if centre.years != read.years else []),
        *read.caveats,
    ]  # fmt: skip


def _headline(read: Corpus, rows: list[dict[str, Any]], by: By) -> Text:
    ws = read.ws
    focus = next((row for row in rows if row["region_id"] == read.scope.focus), None)
    if focus is not None or len(rows) == 1:
        row = focus or rows[0]
        return both(
            f"policy.alignment.headline.place_{by}", place=name(ws, row["region_id"]),
            similarity=f"{row['similarity']:.2f}", others=f"{row['others']:.2f}",
            covered=f"{100 * row['covered']:.0f}",
        )  # fmt: skip
    most = min(3, len(rows) // 2)
    return both(
        f"policy.alignment.headline.all_{by}",
        first=listed(ws, [row["region_id"] for row in rows[:most]]),
        last=listed(ws, [row["region_id"] for row in rows[: -most - 1 : -1]]),
        high=f"{rows[0]['similarity']:.2f}", low=f"{rows[-1]['similarity']:.2f}",
    )  # fmt: skip
