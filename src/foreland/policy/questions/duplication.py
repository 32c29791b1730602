"""Where layouts duplicate each other, and whether they are aligned with the centre."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name
from foreland.policy import duplication as method
from foreland.policy.promise import promise
from foreland.policy.questions.backing import backing_of
from foreland.policy.questions.view import Corpus, Texts, chosen_regions, corpus

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

STAKED = 2
"""A place stakes on a field that it speaks of at least so often."""
SWAPS = 299
"""Most draws of layouts that keep the popularity of fields, which take longer."""
FALSE_DISCOVERIES = 0.1
"""A pair counts as beyond chance where its adjusted p-value is at most this."""


@question(
    "policy.duplication",
    zh="哪些地区的布局重复？",
    en="Which places duplicate each other's layout?",
    example={},
    uses=("region", "level", "period", "source"),
)
def duplication(
    ws: Workspace,
    scope: Scope,
    measure_overlap: method.Measure = "ruzicka",
    weigh_backing: bool = True,
    draws: Annotated[int, AtLeast(99)] = 999,
    texts: Texts = "auto",
) -> Finding:
    """Hold the fields that places stake on against each other, two by two and over all.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. With a place, its pairs.
    measure_overlap
        How two portfolios are compared.
    weigh_backing
        Attention counts the more, the less stands behind it; off, all attention counts.
    draws
        Permutations behind the comparison with chance.
    texts
        Language of the documents.
    """
    read = corpus(ws, scope, texts, latest=True)
    if len(read.regions) < 3:
        raise DataError("policy.error.too_few_places", count=len(read.regions))
    counts, codes = read.counts("field")
    kept = [f for f, code in enumerate(codes) if not code.endswith("_generic")]
    fields = tuple(codes[f] for f in kept)
    mentions, density = read.by_region(counts)[:, kept], read.density(counts)[:, kept]
    if not mentions.any():
        raise DataError("policy.error.nothing_read", kind="field", documents=len(read.documents))
    inputs = [
        read.input("passage", int(mentions.sum()), {place: "region_id", "field_id": "field_id"}, kind="field")
        for place in ("region_id", "other_id")
    ]
    inputs.append(read.input("document", len(read.documents), {"region_id": "region_id"}))
    behind, caveats = None, list(read.caveats)
    if weigh_backing:
        try:
            behind = backing_of(ws, read, fields)
        except DataError:
            caveats.insert(0, Caveat("policy.caveat.no_backing", "serious"))
    ratio = None
    if behind is not None:
        ratio = promise(density, behind.total, behind.size).backing
        inputs += behind.inputs
        caveats.insert(0, Caveat("policy.caveat.projects_end", "warning", {"last": behind.last}))
    weights = method.weights(density, ratio)
    found = method.duplication(weights, measure_overlap, draws=draws)
    staked = ((mentions >= STAKED) & (np.nan_to_num(weights) > 0)).astype(float)
    popular = method.duplication(staked, "ruzicka", "degrees", draws=min(draws, SWAPS))
    places = set(chosen_regions(ws, scope, read.regions)) if scope.region else set(range(len(read.regions)))
    rows = _pairs(read, weights, found, fields, places, bool(scope.region))
    for row in rows:
        r, q = read.regions.index(row["region_id"]), read.regions.index(row["other_id"])
        row["fields_shared"] = int((staked[r] * staked[q]).sum())
        row["z_popular"] = float(popular.pairs.z[r, q])
    if not rows:
        raise DataError("policy.error.nothing_read", kind="field", documents=len(read.documents))
    return answer(
        ws,
        "policy.duplication",
        read.scope.replace(region=scope.region, period=scope.period),
        rows,
        headline=_headline(read, rows, (found, popular), weights, fields),
        benchmark=both("policy.duplication.benchmark", draws=f"{draws:,}", count=len(read.regions)),
        inputs=inputs,
        steps=[
            Step("policy.step.density"),
            Step("policy.step.unbacked" if behind is not None else "policy.step.all_attention"),
            Step(f"policy.step.overlap_{measure_overlap}"),
            Step("policy.step.permutation", {"draws": draws, "share": round(100 * FALSE_DISCOVERIES)}),
            Step(
                "policy.step.popularity",
                {
                    "draws": min(draws, SWAPS), "mentions": STAKED, "overlap": f"{popular.index:.2f}",
                    "chance": f"{float(popular.system.mean):.2f}", "p": f"{float(popular.system.p):.3f}",
                },
            ),
        ],
        caveats=[Caveat("policy.caveat.mentions_are_words", "note"), *caveats],
        parameters={
            "measure_overlap": measure_overlap, "weigh_backing": weigh_backing, "draws": draws, "texts": texts,
        },
        tables={"crowding": _crowding(fields, weights)},
    ).offering(*(("pairs", "crowding") if len(places) == 1 else ()))  # fmt: skip


def _pairs(
    read: Corpus,
    weights: np.ndarray,
    found: method.Duplication,
    fields: tuple[str, ...],
    places: set[int],
    of_one: bool,
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for r in sorted(places):
        for s in range(len(read.regions)):
            if r == s or not np.isfinite(found.overlap[r, s]) or (not of_one and s < r):
                continue
            parts = np.nan_to_num(method.shared_fields(weights, r, s))
            order = sorted(range(len(fields)), key=lambda f: (-parts[f], fields[f]))
            first, second = (order[k] if parts[order[k]] > 0 else None for k in (0, 1))
            rows.append(
                {
                    "region_id": read.regions[r],
                    "other_id": read.regions[s],
                    "overlap": float(found.overlap[r, s]),
                    "expected": float(found.pairs.mean[r, s]),
                    "z": float(found.pairs.z[r, s]),
                    "p_adjusted": float(found.pairs.adjusted[r, s]),
                    "clear": bool(found.pairs.adjusted[r, s] <= FALSE_DISCOVERIES),
                    "field_id": None if first is None else fields[first],
                    "share": None if first is None else float(parts[first]),
                    "second_field_id": None if second is None else fields[second],
                    "second_share": None if second is None else float(parts[second]),
                }
            )
    rows.sort(key=lambda row: (-row["overlap"], row["region_id"], row["other_id"]))
    return rows


def _crowding(fields: tuple[str, ...], weights: np.ndarray) -> pa.Table:
    """Unbacked attention by field and the effective number of places it comes from."""
    import pyarrow as pa

    total, places = method.field_crowding(weights)
    whole = float(np.nansum(total)) or 1.0
    rows: list[dict[str, Any]] = [
        {"field_id": field, "share": float(total[f]) / whole, "effective_places": float(places[f])}
        for f, field in enumerate(fields)
        if total[f] > 0
    ]
    return pa.Table.from_pylist(sorted(rows, key=lambda row: (-row["share"], row["field_id"])))


def _headline(
    read: Corpus,
    rows: list[dict[str, Any]],
    both_nulls: tuple[method.Duplication, method.Duplication],
    weights: np.ndarray,
    fields: tuple[str, ...],
) -> Text:
    found, popular = both_nulls
    ws = read.ws
    clear = [row for row in rows if row["clear"]]
    if read.scope.region and rows[0]["field_id"] is None:
        return both("policy.duplication.headline.alone", place=name(ws, rows[0]["region_id"]), of=len(rows))
    if read.scope.region:
        return both(
            "policy.duplication.headline.place", place=name(ws, rows[0]["region_id"]), count=len(clear), of=len(rows),
            others=listed(ws, [row["other_id"] for row in rows[:3]]), field=name(ws, rows[0]["field_id"]),
        )  # fmt: skip
    which = both(
        "policy.duplication.popular.yes" if float(popular.system.p) <= 0.05 else "policy.duplication.popular.no"
    )
    crowded = np.nan_to_num(method.field_crowding(weights)[0])
    most = sorted(range(len(fields)), key=lambda f: (-crowded[f], fields[f]))[:3]
    return both(
        "policy.duplication.headline.all",
        overlap=f"{found.index:.2f}", chance=f"{float(found.system.mean):.2f}", which=which,
        fields=listed(ws, [fields[f] for f in most]),
        one=name(ws, rows[0]["region_id"]), other=name(ws, rows[0]["other_id"]),
    )  # fmt: skip
