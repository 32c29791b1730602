"""The rules that describe a place. Each reads one finding and says what it supports; none says more.

A rule returns claims, the most important first, and nothing where the finding has nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from foreland.brief.asked import Asked, Row
from foreland.brief.model import Cited, Claim, Tile
from foreland.core.finding import Text
from foreland.data.answer import name
from foreland.data.coverage import HEADLINE


def tiles(asked: Asked, most: int = 6) -> list[Tile]:
    """Headline numbers: the indicators a reader looks for first, then the best ranks."""
    rows = list(asked.rows("position"))
    order = {indicator: i for i, indicator in enumerate(HEADLINE)}
    rows.sort(key=lambda pair: (order.get(pair[1]["indicator_id"], len(order)), pair[1]["rank"]))
    return [
        Tile(
            label=name(asked.ws, row["indicator_id"]),
            value=asked.cite("position", i, "value", unit=row["unit"]),
            note=Claim(
                "brief.tile.note" if row["growth"] is None else "brief.tile.note.growth",
                {
                    "rank": asked.cite("position", i, "rank"),
                    "of": str(row["of"]),
                    "period": row["period"],
                    "growth": asked.cite("position", i, "growth"),
                },
            ),
        )
        for i, row in rows[:most]
    ]


def promise(asked: Asked) -> Iterator[Claim]:
    """What the work report speaks of against what backs it."""
    rows = list(asked.rows("promise"))
    over = [pair for pair in rows if pair[1]["stance"] == "over_promised"]
    over.sort(key=lambda pair: (not pair[1]["clear"], -pair[1]["attention"]))
    quiet, backed = (
        sorted(
            (pair for pair in rows if pair[1]["stance"] == stance and pair[1]["clear"]),
            key=lambda pair: -pair[1]["backing"],
        )
        for stance in ("quiet_strength", "backed")
    )
    # One of each first, so that the front page shows all three sides.
    for group in zip_longest(over[:3], quiet[:2], backed[:2]):
        for pair, stance in zip(group, ("over", "quiet_strength", "backed"), strict=True):
            if pair is not None:
                i, row = pair
                yield Claim(_promise_key(stance, row), _promise_values(asked, i, row))


def _promise_key(stance: str, row: Row) -> str:
    if stance != "over":
        return f"brief.promise.{stance}"
    nothing = row["key_projects"] + row["state_key_labs"] == 0
    return "brief.promise.over" + (".nothing" if nothing else "") + ("" if row["clear"] else ".unclear")


def _promise_values(asked: Asked, i: int, row: Row) -> dict[str, Cited | Text | str]:
    return {
        "place": name(asked.ws, row["region_id"]),
        "field": asked.field(row),
        "attention": asked.cite("promise", i, "attention"),
        "rank": asked.cite("promise", i, "attention_rank"),
        "held": asked.cite("promise", i, plain=row["key_projects"] + row["state_key_labs"]),
        "projects": asked.cite("promise", i, "key_projects"),
        "labs": asked.cite("promise", i, "state_key_labs"),
        "national": asked.cite("promise", i, "backing_national"),
        "backing": asked.cite("promise", i, "backing"),
    }


def position(asked: Asked) -> Iterator[Claim]:
    """Where the place stands among all of its level."""
    rows = list(asked.rows("position"))
    if not rows:
        return
    top = sum(row["rank"] <= 5 for _, row in rows)
    yield Claim(
        "brief.position.top",
        {
            "place": asked.place,
            "top": asked.cite("position", None, plain=top),
            "count": str(len(rows)),
            "of": between({row["of"] for _, row in rows}),
        },
    )
    for i, row in rows[:3]:
        yield Claim(
            "brief.position.rank" if row["share"] is not None else "brief.position.rank.unshared",
            {
                "indicator": name(asked.ws, row["indicator_id"]),
                "value": asked.cite("position", i, "value", unit=row["unit"]),
                "rank": asked.cite("position", i, "rank"),
                "share": asked.cite("position", i, "share"),
                "period": row["period"],
            },
        )
    ahead = [(i, row) for i, row in rows if (gap(row) or 0) > 0 and row["growth"] > 0]
    for i, row in sorted(ahead, key=lambda pair: -(gap(pair[1]) or 0))[:2]:
        yield Claim("brief.position.faster", growth_values(asked, i, row))


def between(counts: set[int]) -> str:
    """A number, or the range of several."""
    return f"{min(counts)}–{max(counts)}" if len(counts) > 1 else str(*counts)


def gap(row: Row) -> float | None:
    if row["growth"] is None or row["growth_all"] is None:
        return None
    return float(row["growth"] - row["growth_all"])


def slow(asked: Asked) -> list[tuple[int, Row]]:
    """Indicators that grow more slowly than elsewhere: those a reader looks for first, then the widest gaps."""
    slow = [(i, row) for i, row in asked.rows("position") if (gap(row) or 0) < -0.005]
    return sorted(slow, key=lambda pair: (pair[1]["indicator_id"] not in HEADLINE, gap(pair[1]) or 0))


def growth_values(asked: Asked, i: int, row: Row) -> dict[str, Cited | Text | str]:
    return {
        "place": asked.place,
        "indicator": name(asked.ws, row["indicator_id"]),
        "growth": asked.cite("position", i, "growth"),
        "all": asked.cite("position", i, "growth_all"),
        "from": row["from_period"],
        "to": row["period"],
    }


def strengths(asked: Asked) -> Iterator[Claim]:
    """Fields the place is clearly strong in."""
    rows = list(asked.rows("specialisation"))
    strong = [(i, row) for i, row in rows if row["standing"] == "strength"]
    if not rows:
        return
    indicator = name(asked.ws, asked.found["specialisation"].scope.indicator)
    if not strong:
        yield Claim(
            "brief.strengths.none",
            {"place": asked.place, "of": asked.cite("specialisation", None, plain=len(rows)), "indicator": indicator},
        )
    for i, row in strong[:4]:
        yield Claim(
            "brief.strengths.field",
            {
                "field": asked.field(row),
                "indicator": indicator,
                "value": asked.cite("specialisation", i, "value"),
                "times": asked.cite("specialisation", i, "specialisation"),
                "rank": asked.cite("specialisation", i, "rank"),
            },
        )


def opportunities(asked: Asked) -> Iterator[Claim]:
    """The best fields to turn to, and whether it is nearness that makes them so."""
    for i, row in list(asked.rows("opportunities"))[:3]:
        near = (row["relative_relatedness"] or 0) > 0
        yield Claim(
            "brief.opportunities.field" if near else "brief.opportunities.far",
            {
                "field": asked.field(row),
                "relatedness": asked.cite("opportunities", i, "relatedness"),
                "times": asked.cite("opportunities", i, "specialisation"),
                "score": asked.cite("opportunities", i, "score"),
            },
        )


def catch_up(asked: Asked) -> Iterator[Claim]:
    """Where the country leads, and where it nearly does."""
    rows = list(asked.rows("catch_up"))
    if not rows:
        return
    leads = [row for _, row in rows if row["stage"] == "leader"]
    rivals = [(i, row) for i, row in rows if row["stage"] == "rival"]
    yield Claim(
        "brief.catch_up.count",
        {
            "place": asked.place,
            "indicator": name(asked.ws, asked.found["catch_up"].scope.indicator),
            "leads": asked.cite("catch_up", None, plain=len(leads)),
            "rivals": asked.cite("catch_up", None, plain=len(rivals)),
            "of": str(len(rows)),
        },
    )
    moved = [(i, row) for i, row in rows if row["leader_since"]]
    for i, row in sorted(moved, key=lambda pair: pair[1]["leader_since"], reverse=True)[:2]:
        yield Claim(
            "brief.catch_up.took_lead",
            {
                "field": asked.field(row),
                "since": asked.cite("catch_up", i, "leader_since"),
                "share": asked.cite("catch_up", i, "share"),
                "before": asked.cite("catch_up", i, "share_before"),
            },
        )
    for i, row in [(i, row) for i, row in rivals if row["leader_id"]][:2]:
        yield Claim(
            "brief.catch_up.rival",
            {
                "field": asked.field(row),
                "leader": name(asked.ws, row["leader_id"]),
                "ratio": asked.cite("catch_up", i, "lead_ratio"),
                "share": asked.cite("catch_up", i, "share"),
            },
        )
