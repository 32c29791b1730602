"""Where the chain can break: which imports sectors rest on, which sectors would be missed, where supply is narrow.

As in :mod:`foreland.brief.rules`, each claim rests on the finding it cites. A place without a table of its own gets
that of its country, and the first sentence says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from foreland.brief.asked import Asked, Row
from foreland.brief.model import Cited, Claim, Figure, Source
from foreland.core.finding import Finding, Text
from foreland.core.scope import Scope
from foreland.data.answer import both, name

DETAILED = 3
"""Sectors whose imports are told apart by product."""
DRAWN = 14
"""Sectors in the figure."""
MOVED = 0.01
"""A change of self-reliance below this is not told."""
SIZED = 0.01
"""Share of value added from which the amplification of a sector's loss is told: next to nothing may be many times
over."""
STAYS = 0.9
"""A product in the top ten under so many of the weightings stays there whatever one thinks of the weights."""
LACKED, LED = 0.01, 0.5
"""Share of supply below which a country lacks a product, and from which it has it in hand."""
NOTHING: Text = {"en": "", "zh": ""}


def country_of_table(finding: Finding) -> str:
    """The place whose input–output table answered, or from where a product chain is seen."""
    return str(finding.provenance.inputs[0].filter.get("region_id") or finding.scope.focus)


def chain(asked: Asked) -> Iterator[Claim]:
    """Self-reliance, what it rests on and how it moved; then whom the economy would miss."""
    yield from _self_reliance(asked)
    yield from _key_sectors(asked)
    yield from _missed(asked)
    yield from _costly(asked)
    yield from product_chain(asked)


def bars(asked: Asked) -> Figure | None:
    """The least self-reliant sectors, no more than can be read."""
    rows = [row["field_id"] for _, row in asked.rows("self_reliance")]
    if not rows:
        return None
    scope = asked.found["self_reliance"].scope
    shown = asked.ask("chains.self_reliance", **_same(scope), region=asked.region, field=rows[:DRAWN])
    return Figure(shown, shown.charts[0]) if shown is not None and shown.charts else None


def _same(scope: Scope) -> dict[str, str | None]:
    """The arguments that lead to the same tables again."""
    return {"scheme": scope.scheme, "source": scope.source, "period": scope.period}


def _self_reliance(asked: Asked) -> Iterator[Claim]:
    rows = list(asked.rows("self_reliance"))
    if not rows:
        return
    finding = asked.found["self_reliance"]
    country = country_of_table(finding)
    i, least = rows[0]
    yield Claim(
        "brief.chain.least" if least["share_before"] is None else "brief.chain.least.since",
        {
            "standing": _standing_in(asked, country),
            "country": name(asked.ws, country),
            "count": asked.cite("self_reliance", None, plain=len(rows)),
            "field": asked.field(least),
            "product": imported_product(asked, least["product_id"], least["field_id"]),
            "now": asked.cite("self_reliance", i, "self_reliance_chain"),
            "then": asked.cite("self_reliance", i, "share_before"),
            "from": least["from_period"] or "",
            "to": least["to_period"],
        },
    )
    for i, row in rows[:DETAILED]:
        # Ask of the sector alone: the products that come from abroad.
        detail = asked.ask("chains.self_reliance", **_same(finding.scope), region=asked.region, field=row["field_id"])
        if detail is not None and len(detail) > 1:
            yield _rests_on(asked, i, row, detail)
    yield from _moved(asked, rows)


def _standing_in(asked: Asked, country: str) -> Text:
    """A sentence that says whose table it is, where it is not the place's own."""
    if country == asked.region or not asked.region:
        return NOTHING
    return both("brief.chain.stands_in", place=asked.place, country=name(asked.ws, country))


def _rests_on(asked: Asked, i: int, row: Row, detail: Finding) -> Claim:
    first, second = detail.rows()[:2]
    return Claim(
        "brief.chain.rests" if i else "brief.chain.rests.least",
        {
            "field": asked.field(row),
            "content": asked.cite("self_reliance", i, "import_content"),
            "now": asked.cite("self_reliance", i, "self_reliance_chain"),
            "first": imported_product(asked, first["field_id"], row["field_id"]),
            "first_share": Cited(Source(detail, 0), "share"),
            "second": imported_product(asked, second["field_id"], row["field_id"]),
            "second_share": Cited(Source(detail, 1), "share"),
        },
    )


def imported_product(asked: Asked, product: str, sector: str) -> Text:
    """An imported product in words, as seen from the sector that uses it."""
    return both("brief.chain.own_kind") if product == sector else name(asked.ws, product)


def _moved(asked: Asked, rows: list[tuple[int, Row]]) -> Iterator[Claim]:
    """The sectors that lost and won most ground at home."""
    known = [(i, row) for i, row in rows if row["share_change"] is not None]
    known.sort(key=lambda pair: (pair[1]["share_change"], pair[1]["field_id"]))
    for (i, row), key in ((pair, key) for key, part in (("fell", known[:1]), ("rose", known[-1:])) for pair in part):
        if (row["share_change"] if key == "rose" else -row["share_change"]) >= MOVED:
            yield Claim(
                f"brief.chain.{key}",
                {
                    "field": asked.field(row),
                    "then": asked.cite("self_reliance", i, "share_before"),
                    "now": asked.cite("self_reliance", i, "self_reliance_chain"),
                    "from": row["from_period"],
                    "to": row["to_period"],
                },
            )


def weakest_key_sector(asked: Asked) -> tuple[tuple[int, Row], tuple[int, Row]] | None:
    """The least self-reliant key sector, where it is less so than the middle sector: its rows of both findings."""
    rows = list(asked.rows("self_reliance"))
    keys = {row["field_id"]: (i, row) for i, row in asked.rows("linkages") if row["quadrant"] == "key"}
    found = next((pair for pair in rows[: len(rows) // 2] if pair[1]["field_id"] in keys), None)
    return None if found is None else (found, keys[found[1]["field_id"]])


def _key_sectors(asked: Asked) -> Iterator[Claim]:
    rows = list(asked.rows("linkages"))
    weakest = weakest_key_sector(asked)
    if weakest is None:
        return
    (i, row), (j, _) = weakest
    yield Claim(
        "brief.chain.key",
        {
            "count": asked.cite("linkages", None, plain=sum(row["quadrant"] == "key" for _, row in rows)),
            "of": str(len(rows)),
            "field": asked.field(row),
            "now": asked.cite("self_reliance", i, "self_reliance_chain"),
            "power": asked.cite("linkages", j, "power"),
            "sensitivity": asked.cite("linkages", j, "sensitivity"),
        },
    )


def _missed(asked: Asked) -> Iterator[Claim]:
    """The suppliers that others would miss most."""
    rows = list(asked.rows("extraction"))[:3]
    if len(rows) == 3:
        values: dict[str, Cited | Text | str] = {}
        for letter, (i, row) in zip("abc", rows, strict=True):
            values |= {letter: asked.field(row), f"{letter}_loss": asked.cite("extraction", i, "loss_forward")}
        yield Claim("brief.chain.missed", values)


def _costly(asked: Asked) -> Iterator[Claim]:
    """Whose standstill costs most, and whose is amplified most."""
    rows = list(asked.rows("systemic"))
    if len(rows) < 2:
        return
    assumed = asked.found["systemic"].provenance.parameters
    i, first = rows[0]
    if first["amplification"] is not None:
        yield Claim(
            "brief.chain.costly",
            {
                "loss": f"{assumed['capacity_lost']}%",
                "days": str(assumed["duration"]),
                "field": asked.field(first),
                "gdp_days": asked.cite("systemic", i, "gdp_days"),
                "times": asked.cite("systemic", i, "amplification"),
            },
        )
    sized = [pair for pair in rows if pair[1]["added_share"] >= SIZED and pair[1]["amplification"] is not None]
    if sized:
        i, most = max(sized, key=lambda pair: (pair[1]["amplification"], pair[1]["field_id"]))
        times = asked.cite("systemic", i, "amplification")
        yield Claim("brief.chain.amplified", {"field": asked.field(most), "times": times})


def product_chain(asked: Asked) -> Iterator[Claim]:
    """The tightest points of a product chain as the country sees them, and what it supplies and lacks itself."""
    rows = [(i, row) for i, row in asked.rows("chokepoints") if row["rank"] is not None]
    if len(rows) < 3:
        return
    finding = asked.found["chokepoints"]
    seen: dict[str, Cited | Text | str] = {
        "country": name(asked.ws, finding.scope.focus),
        "chain": name(asked.ws, str(finding.provenance.inputs[0].filter["source_id"])),
    }
    values: dict[str, Cited | Text | str] = {}
    for letter, (i, row) in zip("abc", rows, strict=False):
        values |= {
            letter: asked.field(row),
            f"{letter}_leader": name(asked.ws, row["leader_id"]),
            f"{letter}_share": asked.cite("chokepoints", i, "leader_share"),
        }
    stay = sum((row["in_top"] or 0) >= STAYS for _, row in rows)
    yield Claim(
        "brief.chain.chokepoints", {**seen, **values, "stay": asked.cite("chokepoints", None, plain=stay), "top": "10"}
    )
    lacked = [row for _, row in rows if (row["own_supply"] or 0) < LACKED]
    led = [row for _, row in rows if row["leader_id"] == finding.scope.focus and (row["leader_share"] or 0) >= LED]
    yield Claim(
        "brief.chain.lacked",
        {
            **seen,
            "lacked": asked.cite("chokepoints", None, plain=len(lacked)),
            "led": asked.cite("chokepoints", None, plain=len(led)),
            "of": str(len(rows)),
        },
    )
    for i, row in list(asked.rows("dependence"))[:1]:
        if row["lever_id"] is not None and row["leverage"] > 0:
            yield Claim(
                "brief.chain.cut",
                {
                    **seen,
                    "leader": name(asked.ws, row["region_id"]),
                    "lever": name(asked.ws, row["lever_id"]),
                    "leverage": asked.cite("dependence", i, "leverage"),
                    "back": asked.cite("dependence", i, "leverage_back"),
                },
            )


def secure(asked: Asked) -> Iterator[Claim]:
    """The measure that follows: the key sector to secure first."""
    weakest = weakest_key_sector(asked)
    if weakest is not None:
        (i, row), (j, _) = weakest
        yield Claim(
            "brief.measures.secure",
            {
                "field": asked.field(row),
                "now": asked.cite("self_reliance", i, "self_reliance_chain"),
                "power": asked.cite("linkages", j, "power"),
                "sensitivity": asked.cite("linkages", j, "sensitivity"),
                "product": imported_product(asked, row["product_id"], row["field_id"]),
            },
        )
