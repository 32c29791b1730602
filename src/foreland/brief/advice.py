"""The rules that weigh and advise: challenges, what comparable places do, countermeasures.

As in :mod:`foreland.brief.rules`, each claim rests on the finding it cites.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from foreland.brief.asked import Asked, Row
from foreland.brief.chains import secure
from foreland.brief.model import Cited, Claim, Source
from foreland.brief.rules import growth_values, slow
from foreland.data.answer import listed, name

FEWEST = 20
"""A place with a smaller total has no structure to speak of."""


def challenges(asked: Asked) -> Iterator[Claim]:
    """Thin backing, slow growth, weak spots, concentration."""
    rows = [(i, row) for i, row in asked.rows("promise") if row["stance"] == "over_promised"]
    if rows:
        clear = sum(row["clear"] for _, row in rows)
        yield Claim(
            "brief.challenges.thin",
            {
                "count": asked.cite("promise", None, plain=len(rows)),
                "clear": asked.cite("promise", None, plain=clear),
                "fields": listed(asked.ws, [row["field_id"] for _, row in rows[:4]]),
            },
        )
    for i, row in slow(asked)[:3]:
        key = "brief.challenges.slower" if row["growth"] > 0 else "brief.challenges.shrank"
        yield Claim(key, growth_values(asked, i, row))
    weak = [(i, row) for i, row in asked.rows("specialisation") if row["standing"] == "weakness"]
    for i, row in weak[::-1][:3]:
        yield Claim(
            "brief.challenges.weak",
            {
                "field": asked.field(row),
                "value": asked.cite("specialisation", i, "value"),
                "times": asked.cite("specialisation", i, "specialisation"),
                "indicator": name(asked.ws, asked.found["specialisation"].scope.indicator),
            },
        )
    behind = [(i, row) for i, row in asked.rows("catch_up") if row["stage"] == "follower" and row["leader_id"]]
    for i, row in behind[::-1][:2]:
        yield Claim(
            "brief.challenges.follower",
            {
                "field": asked.field(row),
                "share": asked.cite("catch_up", i, "share"),
                "leader": name(asked.ws, row["leader_id"]),
                "ratio": asked.cite("catch_up", i, "lead_ratio"),
            },
        )
    here = next(((i, row) for i, row in asked.rows("structure") if row["region_id"] == asked.region), None)
    count = len(asked.found["structure"]) if "structure" in asked.found else 0
    if here and here[1]["rank"] <= max(count // 5, 1) and here[1]["total"] >= FEWEST:
        yield Claim(
            "brief.challenges.concentrated",
            {
                "place": asked.place,
                "krugman": asked.cite("structure", here[0], "krugman"),
                "rank": asked.cite("structure", here[0], "rank"),
                "of": str(count),
            },
        )


def peers(asked: Asked) -> Iterator[Claim]:
    """What the places made up most alike do."""
    rows = list(asked.rows("similar"))
    own = {row["field_id"]: row for _, row in asked.rows("promise")}
    for i, row in rows[:3]:
        other = name(asked.ws, row["region_id"])
        yield Claim(
            "brief.peers.similar",
            {
                "other": other,
                "similarity": asked.cite("similar", i, "similarity"),
                "shared": asked.cite("similar", i, "shared_strengths"),
            },
        )
        theirs = asked.ask("policy.promise", region=row["region_id"]) if own else None
        if theirs is None:
            continue
        ahead = [
            (j, that)
            for j, that in enumerate(theirs.rows())
            if that["stance"] == "backed"
            and that["clear"]
            and that["field_id"] in own
            and own[that["field_id"]]["stance"] in ("quiet", "over_promised")
        ]
        for j, that in sorted(ahead, key=lambda pair: -pair[1]["backing"])[:1]:
            source = Source(theirs, j)
            yield Claim(
                "brief.peers.backs",
                {
                    "other": other,
                    "place": asked.place,
                    "field": name(asked.ws, that["field_id"]),
                    "projects": Cited(source, "key_projects"),
                    "labs": Cited(source, "state_key_labs"),
                },
            )


def countermeasures(asked: Asked) -> Iterator[Claim]:
    """What follows: each measure rests on the finding it cites."""
    promised = list(asked.rows("promise"))
    over = [(i, row) for i, row in promised if row["stance"] == "over_promised"]
    over.sort(key=lambda pair: (not pair[1]["clear"], -pair[1]["attention"]))
    for i, row in over[:1]:
        claim = _partners(asked, i, row)
        if claim is not None:
            yield claim
    quiet = [(i, row) for i, row in promised if row["stance"] == "quiet_strength" and row["clear"]]
    for i, row in sorted(quiet, key=lambda pair: -pair[1]["backing"])[:1]:
        yield Claim(
            "brief.measures.speak",
            {
                "field": asked.field(row),
                "backing": asked.cite("promise", i, "backing"),
                "attention": asked.cite("promise", i, "attention"),
            },
        )
    for i, row in list(asked.rows("opportunities"))[:1]:
        yield Claim(
            "brief.measures.enter",
            {
                "field": asked.field(row),
                "score": asked.cite("opportunities", i, "score"),
                "times": asked.cite("opportunities", i, "specialisation"),
            },
        )
    for i, row in slow(asked)[:1]:
        yield Claim("brief.measures.pace", growth_values(asked, i, row))
    yield from secure(asked)
    strong = [(i, row) for i, row in asked.rows("specialisation") if row["standing"] == "strength"]
    for i, row in strong[:1]:
        yield Claim(
            "brief.measures.build_on",
            {"field": asked.field(row), "times": asked.cite("specialisation", i, "specialisation")},
        )
    rivals = [(i, row) for i, row in asked.rows("catch_up") if row["stage"] == "rival" and row["leader_id"]]
    for i, row in rivals[:1]:
        yield Claim(
            "brief.measures.close_gap",
            {
                "field": asked.field(row),
                "leader": name(asked.ws, row["leader_id"]),
                "ratio": asked.cite("catch_up", i, "lead_ratio"),
            },
        )


def _partners(asked: Asked, i: int, row: Row) -> Claim | None:
    """Who has most of what the place promises: partners to seek before promising more."""
    national = asked.ask("policy.promise", field=row["field_id"])
    if national is None:
        return None
    weight: Callable[[Row], tuple[float, str]] = lambda r: (-(r["key_projects"] + r["state_key_labs"]), r["region_id"])  # noqa: E731
    rows = [(j, other) for j, other in enumerate(national.rows()) if other["region_id"] != asked.region]
    best = sorted(rows, key=lambda pair: weight(pair[1]))[:2]
    if len(best) < 2 or weight(best[0][1])[0] == 0:
        return None
    return Claim(
        "brief.measures.partner",
        {
            "field": asked.field(row),
            "own": asked.cite("promise", i, plain=row["key_projects"] + row["state_key_labs"]),
            "a": name(asked.ws, best[0][1]["region_id"]),
            "a_count": Cited(
                Source(national, best[0][0]), plain=best[0][1]["key_projects"] + best[0][1]["state_key_labs"]
            ),
            "b": name(asked.ws, best[1][1]["region_id"]),
            "b_count": Cited(
                Source(national, best[1][0]), plain=best[1][1]["key_projects"] + best[1][1]["state_key_labs"]
            ),
        },
    )
