"""Questions of promise against backing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name
from foreland.policy import promise as method
from foreland.policy.questions.backing import RelativeTo, backing_of
from foreland.policy.questions.view import chosen_fields, chosen_regions, corpus

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace


@question(
    "policy.promise",
    zh="这个地区承诺了什么，凭什么兑现？",
    en="What does this place promise, and what backs it?",
    example={"region": "CN-ZJ"},
    uses=("region", "field", "scheme", "period"),
)
def promise(
    ws: Workspace,
    scope: Scope,
    relative_to: RelativeTo = "places",
    min_total: Annotated[int, AtLeast(1)] = 10,
) -> Finding:
    """Hold what work reports speak of against national projects and state key laboratories.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. With a region, its fields; with a field, the places; with
        neither, all of both.
    relative_to
        ``places``: each place is expected to have the same share of a field's projects and
        laboratories; ``rd``: a share as large as its share of R&D expenditure.
    min_total
        Fields with fewer projects and laboratories in the whole country are too few to tell.
    """
    spoken = corpus(ws, scope, latest=True, levels=("province",))
    counts, fields = spoken.counts("field")
    regions, mentions, density = spoken.regions, spoken.by_region(counts), spoken.density(counts)
    behind = backing_of(ws, spoken, fields, relative_to)
    inputs = [
        spoken.input("passage", int(mentions.sum()), {"region_id": "region_id", "field_id": "field_id"}, kind="field"),
        spoken.input("document", len(spoken.documents), {"region_id": "region_id"}),
        *behind.inputs,
    ]
    total = behind.total
    result = method.promise(density, total, behind.size, min_total)
    places, chosen = chosen_regions(ws, scope, regions), chosen_fields(scope, fields)
    rank = 1 + (density[None] > density[:, None]).sum(axis=1)
    rows = [
        {
            "region_id": regions[r],
            "field_id": fields[f],
            "stance": result.stance[r, f],
            "mentions": int(mentions[r, f]),
            "mention_density": float(density[r, f]),
            "attention": float(result.attention[r, f]),
            "attention_rank": int(rank[r, f]),
            "key_projects": int(behind.counts[0][r, f]),
            "state_key_labs": int(behind.counts[1][r, f]),
            "backing_national": int(total[:, f].sum()),
            "backing": float(result.backing[r, f]),
            "clear": bool(result.clear[r, f]),
        }
        for r in places
        for f in chosen
        if result.stance[r, f] is not None
    ]
    if not rows:
        raise DataError("policy.error.nothing_backs", field=", ".join(fields[f] for f in chosen))
    order = {stance: position for position, stance in enumerate(method.STANCES)}
    rows.sort(
        key=lambda row: (
            order[row["stance"]],
            not row["clear"],
            -row["attention"],
            row["region_id"],
            row["field_id"],
        )
    )
    thin = len({row["field_id"] for row in rows if row["stance"] == method.TOO_FEW})
    caveats = [
        Caveat("policy.caveat.projects_end", "serious", {"last": behind.last}),
        *([Caveat("policy.caveat.small_totals", "warning", {"count": thin, "minimum": min_total})] if thin else []),
        Caveat("policy.caveat.other_lines", "warning"),
        Caveat("policy.caveat.mentions_are_words", "note"),
        Caveat("policy.caveat.located_by_lead", "note"),
        *spoken.caveats,
    ]
    return answer(
        ws,
        "policy.promise",
        spoken.scope.replace(region=scope.region, field=scope.field, indicator=None, source=None, period=scope.period),
        rows,
        headline=_headline(ws, scope, rows),
        benchmark=both(f"policy.promise.benchmark.{relative_to}", count=len(regions)),
        inputs=inputs,
        steps=[
            Step("policy.step.attention", {"period": spoken.span(), "count": len(regions)}),
            Step("policy.step.backing", {"first": behind.first, "last": behind.last}),
            Step(f"policy.step.expected_{relative_to}"),
            Step("policy.step.stance"),
        ],
        caveats=caveats,
        parameters={"relative_to": relative_to, "min_total": min_total},
    ).offering(*(("quadrant", "bars") if len({row["region_id"] for row in rows}) < 2 else ()))


def _headline(ws: Workspace, scope: Scope, rows: list[dict[str, object]]) -> Text:
    count = {stance: sum(row["stance"] == stance for row in rows) for stance in method.STANCES}
    clear = {stance: sum(row["stance"] == stance and bool(row["clear"]) for row in rows) for stance in method.STANCES}
    if scope.focus and not scope.field:
        return both(
            "policy.promise.headline.place",
            place=name(ws, scope.focus),
            over=count[method.OVER_PROMISED],
            over_clear=clear[method.OVER_PROMISED],
            backed=count[method.BACKED],
            backed_clear=clear[method.BACKED],
            quiet=count[method.QUIET_STRENGTH],
            quiet_clear=clear[method.QUIET_STRENGTH],
        )
    over, certain = count[method.OVER_PROMISED], clear[method.OVER_PROMISED]
    if scope.field:
        field = name(ws, scope.field[0])
        return both("policy.promise.headline.field", field=field, over=over, clear=certain, of=len(rows))
    return both("policy.promise.headline.all", over=over, clear=certain, of=len(rows))
