"""Countries beside each other: what their documents stress, by what means, and how far they look ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name
from foreland.data.reading.stages import SIDES, instrument_types
from foreland.i18n import LANGUAGES
from foreland.policy import agreement as method
from foreland.policy.attention import concentration
from foreland.policy.questions.alignment import By
from foreland.policy.questions.levels import across
from foreland.policy.questions.view import PER, Corpus, Texts, chosen_regions

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

LEVEL = 0.9
"""Coverage of the interval of an emphasis."""
NATIONS = ("central", "foreign")
"""Levels of those who speak for a country."""
SPANS = 4
"""Periods a single country is cut into."""
FEW = 20
EMPHASIS = {1: "more_others", 0: "like_others", -1: "less_others"}


@question(
    "policy.countries",
    zh="各国的布局有何不同？",
    en="How do countries' plans differ?",
    example={},
    uses=("region", "period", "source"),
)
def countries(ws: Workspace, scope: Scope, by: By = "field", texts: Texts = "auto") -> Finding:
    """Compare what the national documents of countries stress; of a single country, what its periods do.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at; with a country, only its rows, against all others.
    by
        Compared over fields or over types of instrument.
    texts
        Language of the documents; by default the one that more countries have documents in.
    """
    read = across(ws, scope.replace(level=None), texts, NATIONS, _weight)
    shown = {read.regions[r] for r in chosen_regions(ws, scope, read.regions)}
    counts, codes = read.counts(by)
    if not counts.any():
        raise DataError("policy.error.nothing_read", kind=by, documents=len(read.documents))
    groups = _groups(read)
    own = np.stack([counts[group.part].sum(axis=0) for group in groups])
    column = f"{by}_id"
    rows: list[dict[str, Any]] = []
    for g, group in enumerate(groups):
        if group.region_id in shown and own[g].any():
            rows += _rows(group, own[g], own.sum(axis=0) - own[g], codes, column)
    if not rows:
        raise DataError("policy.error.nothing_read", kind=by, documents=len(read.documents))
    rows.sort(key=lambda row: _order(row, column))
    several = len(read.regions) > 1
    profile = _profile(read, groups)
    conditions: dict[str, Any] = {"level": NATIONS}
    match = {"region_id": "region_id", column: "field_id" if by == "field" else by}
    return answer(
        ws,
        "policy.countries",
        scope.replace(scheme=read.scope.scheme),
        rows,
        headline=_headline(read, groups, rows, own, column),
        benchmark=_benchmark(read, groups, shown),
        inputs=[
            read.input("passage", int(counts.sum()), match, kind=by, **conditions),
            read.input("passage", sum(row["targets"] for row in profile), {"region_id": "region_id"},
                       kind="quantity", status="target", **conditions),
            read.input("document", len(read.documents), {"region_id": "region_id"}, **conditions),
        ],
        steps=[
            Step("policy.step.mentions" if by == "field" else "policy.step.instruments"),
            *([] if several or len(groups) == 1 else [Step("policy.step.spans", {"count": len(groups)})]),
            *([Step("policy.step.log_odds", {"level": round(100 * LEVEL)}), Step("policy.step.alike")]
              if len(groups) > 1 else []),
            Step("policy.step.horizon"),
        ],
        caveats=_caveats(read, groups, own),
        parameters={"by": by, "texts": texts},
        tables={"profile": _table(profile), "alike": _alike(groups, own)},
    ).offering(*_charts(groups, profile))  # fmt: skip


@dataclass(frozen=True)
class _Group:
    """What is compared: all documents of a country, or those of one span of years where there is only one."""

    region_id: str
    span: str
    part: np.ndarray


def _weight(found: Corpus) -> tuple[int, bool, int]:
    """Between two languages: the one more countries have documents in, then English."""
    return len(found.regions), found.texts == "en", len(found.documents)


def _groups(read: Corpus) -> list[_Group]:
    if len(read.regions) > 1:
        parts = [read.region_of == r for r in range(len(read.regions))]
        return [_Group(region, _span(read.year_of[part]), part)
                for region, part in zip(read.regions, parts, strict=True)]  # fmt: skip
    cut = [years for years in np.array_split(np.array(read.years), min(SPANS, len(read.years))) if len(years)]
    parts = [np.isin(read.year_of, years) for years in cut]
    return [_Group(read.regions[0], _span(read.year_of[part]), part) for part in parts]


def _span(years: np.ndarray) -> str:
    first, last = int(years.min()), int(years.max())
    return str(first) if first == last else f"{first}–{last}"


def _rows(
    group: _Group, own: np.ndarray, others: np.ndarray, codes: Sequence[str], column: str
) -> list[dict[str, Any]]:
    """What one group stresses, against all others together."""
    compared = bool(others.any())
    found = method.emphasis(own[None], others, level=LEVEL) if compared else None
    rows = []
    for k in np.flatnonzero(own + others).tolist():
        row = {
            "region_id": group.region_id,
            "span": group.span,
            column: codes[k],
            "mentions": int(own[k]),
            "share": float(own[k] / own.sum()),
            "share_others": float(others[k] / others.sum()) if compared else None,
            "ratio_others": None,
            "low": None,
            "high": None,
            "emphasis": None,
        }
        if found is not None and np.isfinite(found.log_ratio[0, k]):
            ends = {"ratio_others": found.log_ratio, "low": found.low, "high": found.high}
            row |= {key: float(np.exp(value[0, k])) for key, value in ends.items()}
            row["emphasis"] = EMPHASIS[int(found.above[0, k])]
        rows.append(row)
    return rows


def _order(row: dict[str, Any], column: str) -> tuple[Any, ...]:
    """By country and span; what is stressed beyond chance first, what is played down last."""
    stress = list(EMPHASIS.values()).index(row["emphasis"]) if row["emphasis"] else 0
    return row["region_id"], row["span"], stress, -(row["ratio_others"] or row["share"]), row[column]


def _profile(read: Corpus, groups: Sequence[_Group]) -> list[dict[str, Any]]:
    """One row a group: how much it says, by which side of instruments, and what it aims at by when."""
    named, types = read.counts("instrument")
    fields, _ = read.counts("field")
    sides = instrument_types()
    aims = [row for row in read.passages("quantity", status="target") if row["doubt"] is None]
    at = np.array([read.ids[row["document_id"]] for row in aims], dtype=int)
    rows = []
    for group in groups:
        own = named[group.part].sum(axis=0)
        mine = [row for row, d in zip(aims, at, strict=True) if group.part[d]]
        ahead = [row["year"] - read.documents[read.ids[row["document_id"]]]["year"] for row in mine if row["year"]]
        ahead = [years for years in ahead if years >= 0]
        size = read.characters[group.part].sum()
        share = {side: own[[sides[code].side == side for code in types]].sum() / own.sum() if own.any() else None
                 for side in SIDES}  # fmt: skip
        rows.append(
            {
                "region_id": group.region_id,
                "span": group.span,
                "documents": int(group.part.sum()),
                "effective_fields": _known(concentration(fields[group.part].sum(axis=0))[1]),
                **{f"{side}_share": None if value is None else float(value) for side, value in share.items()},
                "targets": len(mine),
                "target_density": float(PER * len(mine) / size) if size else None,
                "horizon": float(np.mean(ahead)) if ahead else None,
                "furthest": max((row["year"] for row in mine if row["year"]), default=None),
            }
        )
    return rows


def _known(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist(rows)


def _alike(groups: Sequence[_Group], own: np.ndarray) -> pa.Table:
    """Each group with each other: one minus the Jensen–Shannon divergence of their shares."""
    shares = method.shares(own)
    rows = [
        {
            "region_id": one.region_id,
            "other_id": other.region_id,
            "span": one.span,
            "other_span": other.span,
            "alike": _known(1 - method.jensen_shannon(shares[g], shares[h])) if g != h else None,
        }
        for g, one in enumerate(groups)
        for h, other in enumerate(groups)
        if own[g].any() and own[h].any()
    ]
    return _table(rows)


def _charts(groups: Sequence[_Group], profile: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    if len(groups) == 1:
        return ("bars",)
    # Without any target the quantities may not have been read.
    aims = ("targets",) if any(row["targets"] for row in profile) else ()
    return ("heat", "ratio", *(("alike",) if len(groups) > 2 else ()), *aims)


def _benchmark(read: Corpus, groups: Sequence[_Group], shown: set[str]) -> Text:
    if len(read.regions) > 1:
        return both(
            "policy.countries.benchmark.many", count=len(read.regions), documents=len(read.documents),
            years=read.span(), places=listed(read.ws, read.regions[:8]),
        )  # fmt: skip
    which = "one" if len(groups) > 1 else "single"
    return both(f"policy.countries.benchmark.{which}", place=name(read.ws, next(iter(shown))), years=read.span(),
                documents=len(read.documents))  # fmt: skip


def _caveats(read: Corpus, groups: Sequence[_Group], own: np.ndarray) -> list[Caveat]:
    few = int((own.sum(axis=1) < FEW).sum())
    shown = []
    if len(read.regions) == 1:
        shown.append(Caveat("policy.caveat.one_country", "serious"))
        if few:
            shown.append(Caveat("policy.caveat.few_in_span", "warning", {"count": few, "least": FEW}))
    else:
        shown.append(Caveat("policy.caveat.unlike_documents", "warning"))
        if few:
            shown.append(Caveat("policy.caveat.few_mentions", "warning", {"count": few}))
    if read.texts == "en":
        shown.append(Caveat("policy.caveat.translated", "note"))
    return [*shown, Caveat("policy.caveat.mentions_are_words", "note"), *read.caveats]


def _headline(read: Corpus, groups: Sequence[_Group], rows: list[dict[str, Any]], own: np.ndarray, column: str) -> Text:
    ws = read.ws
    if len(groups) == 1:
        most = sorted(rows, key=lambda row: (-row["share"], row[column]))[:4]
        return both("policy.countries.headline.single", place=name(ws, groups[0].region_id), years=groups[0].span,
                    most=listed(ws, [row[column] for row in most]))  # fmt: skip
    clear = {key: [row for row in rows if row["emphasis"] == key] for key in ("more_others", "less_others")}
    if len(read.regions) == 1:
        return _over_time(read, groups, clear, column)
    focus = read.scope.focus or (rows[0]["region_id"] if len({row["region_id"] for row in rows}) == 1 else None)
    if focus is not None:
        more, less = ([row[column] for row in clear[key] if row["region_id"] == focus] for key in clear)
        which = "both" if more and less else "more" if more else "less" if less else "none"
        return both(
            f"policy.countries.headline.place_{which}", place=name(ws, focus), count=len(read.regions) - 1,
            **({"more": listed(ws, more[:4])} if more else {}),
            **({"less": listed(ws, less[::-1][:4])} if less else {}),
        )  # fmt: skip
    stressed: dict[str, list[dict[str, Any]]] = {}
    for row in clear["more_others"]:
        stressed.setdefault(row["region_id"], []).append(row)
    # Those that stand out most surely are named.
    order = sorted(stressed, key=lambda place: (-max(row["low"] for row in stressed[place]), place))
    parts = [
        both(
            "policy.countries.stress",
            who=name(ws, place),
            what=listed(ws, [row[column] for row in stressed[place][:2]]),
        )
        for place in order
    ]
    pairs = [row for row in _alike(groups, own).to_pylist() if row["region_id"] < row["other_id"]]
    near = {}
    if pairs:
        best = max(pairs, key=lambda row: (row["alike"], row["region_id"], row["other_id"]))
        near = {
            "one": name(ws, best["region_id"]),
            "other": name(ws, best["other_id"]),
            "alike": f"{best['alike']:.2f}",
        }
    which = "many" if parts and near else "alone" if parts else "none"
    return both(
        f"policy.countries.headline.{which}", count=len(read.regions),
        **({"stress": _joined(parts[:4], len(parts) > 4)} if parts else {}),
        **(near if parts else {}),
    )  # fmt: skip


def _over_time(read: Corpus, groups: Sequence[_Group], clear: dict[str, list[dict[str, Any]]], column: str) -> Text:
    """The last span of a single country against its others."""
    ws, last = read.ws, groups[-1].span
    more, less = ([row[column] for row in clear[key] if row["span"] == last] for key in clear)
    which = "both" if more and less else "more" if more else "less" if less else "none"
    return both(
        f"policy.countries.headline.one_{which}", place=name(ws, groups[0].region_id), span=last, years=read.span(),
        **({"more": listed(ws, more[:4])} if more else {}),
        **({"less": listed(ws, less[::-1][:4])} if less else {}),
    )  # fmt: skip


def _joined(parts: Sequence[Text], more: bool) -> Text:
    ends = {"en": ", …" if more else "", "zh": "等" if more else ""}
    return {language: {"en": ", ", "zh": "；"}[language].join(p[language] for p in parts) + ends[language]
            for language in LANGUAGES}  # fmt: skip
