"""The rules that describe a field. Each reads one finding, or two of the same table, and says what they support.

As in :mod:`foreland.brief.rules`, each claim rests on the findings it cites.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from foreland.brief.asked import Asked, Row
from foreland.brief.chains import STAYS, country_of_table, imported_product, product_chain
from foreland.brief.model import Cited, Claim, Source, Tile
from foreland.brief.promised import standing
from foreland.brief.subject import SCHEME
from foreland.core.finding import Text
from foreland.data.answer import both, listed, name
from foreland.data.taxonomy import fields as taxonomy

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

TECHNOLOGIES = "wipo35"
"""Scheme of the figures that tell who leads."""
WEIGHTY = 5.0
"""Imports of one product, of 100 spent on a field, from which they are worth securing."""
NAMED = 3
"""Places or products named in a row."""

Values = dict[str, Cited | Text | str]


def technologies(field: str) -> list[str]:
    """The fields of technology a field draws on, the heaviest first; weak links are left out."""
    scheme = field.partition(":")[0]
    if scheme == TECHNOLOGIES:
        return [field]
    if scheme not in taxonomy.schemes():
        return []
    own = [
        each for each in taxonomy.crosswalk(scheme, TECHNOLOGIES) if each.from_id == field and each.quality != "weak"
    ]
    return [each.to_id for each in sorted(own, key=lambda each: (-each.weight, each.to_id))]


def scheme_of_technologies(field: str) -> str:
    """The scheme in which to ask who leads."""
    return TECHNOLOGIES if technologies(field) else field.partition(":")[0]


def product_chains_of(ws: Workspace, field: str) -> list[str]:
    """Sources of product chains whose titles speak of a field."""
    from foreland.data.taxonomy.tagger import Tagger

    link = ws.table("link")
    rows = ws.to_arrow(link.filter(link.kind == "supply").select("source_id").distinct().order_by("source_id"))
    if not field.startswith(f"{SCHEME}:"):
        return []
    tagger, found = Tagger(SCHEME), []
    for source in rows["source_id"].to_pylist():
        title = ws.source_table[source]
        if any(field in tagger.count(title[f"title_{language}"] or "") for language in ("en", "zh")):
            found.append(source)
    return found


# Who speaks of it, who backs it ----------------------------------------------------------------------


def tiles(asked: Asked) -> list[Tile]:
    """Headline numbers: who speaks of the field, what backs it, what it pulls along."""
    found = []
    for i, row in list(asked.rows("coverage"))[:1]:
        note: Values = {"of": asked.cite("coverage", i, "of"), "first": name(asked.ws, row["region_id"])}
        found.append(Tile(both("brief.tile.spoken"), asked.cite("coverage", i, "places"), Claim("brief.tile.of", note)))
    most = _most_backed(asked)
    for i, row in most[:1]:
        note = {"place": name(asked.ws, row["region_id"]), "own": _backing(asked, i, row)}
        value = asked.cite("promise", i, "backing_national")
        found.append(Tile(both("brief.tile.backing"), value, Claim("brief.tile.most", note)))
    for i, row in asked.rows("fields"):
        if row["field_id"] == asked.about and row["pulled_imports"] is not None:
            note = {
                "low": asked.cite("fields", i, "pulled_imports_low"),
                "high": asked.cite("fields", i, "pulled_imports_high"),
                "country": name(asked.ws, country_of_table(asked.found["fields"])),
            }
            value = asked.cite("fields", i, "pulled_imports")
            found.append(Tile(both("brief.tile.imports"), value, Claim("brief.tile.between", note)))
    return found


def spoken(asked: Asked) -> Iterator[Claim]:
    """How many places speak of the field, which most, who counts it among industries of the future, and the centre."""
    rows = list(asked.rows("coverage"))
    who = [(i, row) for i, row in rows if row["mentions"]]
    if rows and not who:
        values: Values = {"field": asked.topic, "of": asked.cite("coverage", 0, "of")}
        yield Claim("brief.field.unspoken", values)
    if len(who) >= NAMED:
        i, row = who[0]
        values = {
            "field": asked.topic,
            "year": str(max(row["last_year"] for _, row in who)),
            "count": asked.cite("coverage", i, "places"),
            "of": asked.cite("coverage", i, "of"),
        }
        for letter, (j, other) in zip("abc", who, strict=False):
            values |= {
                letter: name(asked.ws, other["region_id"]),
                f"{letter}_density": asked.cite("coverage", j, "mention_density"),
            }
        yield Claim("brief.field.spoken", values)
    yield from _defined(asked)
    for i, row in list(asked.rows("attention"))[:1]:
        if row["change"] is not None and row["density_before"] is not None:
            yield Claim(
                f"brief.field.centre.{row['change']}",
                {
                    "place": name(asked.ws, row["region_id"]),
                    "field": asked.topic,
                    "year": str(row["year"]),
                    "before": str(row["year_before"]),
                    "density": asked.cite("attention", i, "mention_density"),
                    "then": asked.cite("attention", i, "density_before"),
                },
            )


def _defined(asked: Asked) -> Iterator[Claim]:
    rows = [row for _, row in asked.rows("definitions")]
    own = [row["region_id"] for row in rows if row["field_id"] == asked.about]
    if own:
        places = list(dict.fromkeys(own))
        yield Claim(
            "brief.field.defined",
            {
                "field": asked.topic,
                "count": asked.cite("definitions", None, plain=len(places)),
                "of": asked.cite("definitions", None, plain=len({row["region_id"] for row in rows})),
                "places": listed(asked.ws, places),
            },
        )


def aims(asked: Asked) -> Iterator[Claim]:
    """How many targets in numbers there are."""
    rows = [row for _, row in standing(asked)]
    if rows:
        yield Claim(
            "brief.field.targets",
            {
                "field": asked.topic,
                "count": asked.cite("targets", None, plain=len(rows)),
                "places": listed(asked.ws, dict.fromkeys(row["region_id"] for row in rows)),
            },
        )


def held(asked: Asked) -> Iterator[Claim]:
    """Who has most of the projects and laboratories of the field."""
    most = _most_backed(asked)
    if len(most) >= 2:
        (i, first), (j, second) = most[:2]
        yield Claim(
            "brief.field.held",
            {
                "field": asked.topic,
                "national": asked.cite("promise", i, "backing_national"),
                "a": name(asked.ws, first["region_id"]),
                "a_own": _backing(asked, i, first),
                "b": name(asked.ws, second["region_id"]),
                "b_own": _backing(asked, j, second),
            },
        )


def _most_backed(asked: Asked) -> list[tuple[int, Row]]:
    rows = [(i, row) for i, row in asked.rows("promise") if row["key_projects"] + row["state_key_labs"]]
    return sorted(rows, key=lambda pair: (-pair[1]["key_projects"] - pair[1]["state_key_labs"], pair[1]["region_id"]))


def _backing(asked: Asked, i: int, row: Row) -> Cited:
    return asked.cite("promise", i, plain=row["key_projects"] + row["state_key_labs"])


# Who can, who leads ----------------------------------------------------------------------------------


def strengths(asked: Asked) -> Iterator[Claim]:
    """Who is specialised in the field beyond chance, who has most of it, and how concentrated it is."""
    rows = list(asked.rows("specialisation"))
    if not rows:
        return
    indicator = name(asked.ws, asked.found["specialisation"].scope.indicator)
    strong = [(i, row) for i, row in rows if row["standing"] == "strength"]
    if not strong:
        values: Values = {"of": asked.cite("specialisation", None, plain=len(rows))}
        yield Claim("brief.field.strengths.none", {**values, "field": asked.topic, "indicator": indicator})
    for i, row in strong[:NAMED]:
        yield Claim(
            "brief.field.strength",
            {
                "place": name(asked.ws, row["region_id"]),
                "field": asked.topic,
                "indicator": indicator,
                "value": asked.cite("specialisation", i, "value"),
                "times": asked.cite("specialisation", i, "specialisation"),
                "lower": asked.cite("specialisation", i, "lower"),
            },
        )
    own = [(i, row) for i, row in asked.rows("concentration") if row["field_id"] == asked.about]
    for i, row in own:
        yield Claim(
            "brief.field.concentrated",
            {
                "place": name(asked.ws, row["region_id"]),
                "field": asked.topic,
                "indicator": name(asked.ws, asked.found["concentration"].scope.indicator),
                "share": asked.cite("concentration", i, "share"),
                "rank": asked.cite("concentration", i, "rank"),
                "of": str(len(asked.found["concentration"])),
            },
        )


def leads(asked: Asked) -> Iterator[Claim]:
    """Who leads in the fields of technology that the field draws on."""
    drawn = technologies(asked.about)
    rows = {
        row["field_id"]: (i, row) for i, row in asked.rows("catch_up") if row["field_id"] in drawn and row["leader_id"]
    }
    if not rows:
        return
    finding = asked.found["catch_up"]
    values: Values = {
        "field": asked.topic,
        "place": name(asked.ws, finding.scope.focus),
        "indicator": name(asked.ws, finding.scope.indicator),
    }
    if asked.about not in rows:
        led = sum(row["stage"] == "leader" for _, row in rows.values())
        yield Claim(
            "brief.field.leads",
            {
                **values,
                "count": asked.cite("catch_up", None, plain=led),
                "of": asked.cite("catch_up", None, plain=len(rows)),
                "technologies": listed(asked.ws, [each for each in drawn if each in rows]),
            },
        )
    for technology in (each for each in drawn if each in rows):
        i, row = rows[technology]
        key = "brief.field.leader" if row["stage"] == "leader" else "brief.field.follows"
        yield Claim(
            key,
            {
                **values,
                "technology": asked.field(row),
                "leader": name(asked.ws, row["leader_id"]),
                "share": asked.cite("catch_up", i, "share"),
                "before": asked.cite("catch_up", i, "share_before"),
                "ratio": asked.cite("catch_up", i, "lead_ratio"),
            },
        )


# What it pulls along, where its chain can break ------------------------------------------------------


def pulled(asked: Asked) -> Iterator[Claim]:
    """What demand for the field brings about in the economy, as a whole and in which sectors."""
    for i, row in asked.rows("fields"):
        if row["field_id"] == asked.about:
            values: Values = {
                "field": asked.topic,
                "country": name(asked.ws, country_of_table(asked.found["fields"])),
                "year": str(asked.found["fields"].scope.period),
                "rank": asked.cite("fields", i, "rank"),
                "of": str(len(asked.found["fields"])),
            }
            for part in ("output", "added", "imports"):
                values |= {
                    part: asked.cite("fields", i, f"pulled_{part}"),
                    f"{part}_low": asked.cite("fields", i, f"pulled_{part}_low"),
                    f"{part}_high": asked.cite("fields", i, f"pulled_{part}_high"),
                }
            yield Claim("brief.field.pull" if row["pulled_imports"] is not None else "brief.field.pull.home", values)
    rows = list(asked.rows("pull"))
    if len(rows) >= NAMED:
        yield Claim("brief.field.sectors", _three(asked, rows[:NAMED], "pulled_output"))


def _three(asked: Asked, rows: list[tuple[int, Row]], column: str) -> Values:
    """Three sectors or products, each with a value and its bounds."""
    values: Values = {}
    for letter, (i, row) in zip("abc", rows, strict=True):
        values |= {
            letter: asked.field(row),
            f"{letter}_value": asked.cite("pull", i, column),
            f"{letter}_low": asked.cite("pull", i, f"{column}_low"),
            f"{letter}_high": asked.cite("pull", i, f"{column}_high"),
        }
    return values


def imported(asked: Asked) -> list[tuple[int, Row]]:
    """Products by how much of their imports demand for the field brings about."""
    rows = [(i, row) for i, row in asked.rows("pull") if row["pulled_imports"]]
    return sorted(rows, key=lambda pair: (-pair[1]["pulled_imports"], pair[1]["field_id"]))


def makers(asked: Asked) -> list[str]:
    """The sectors that make a field's products, the largest share first."""
    finding = asked.found.get("pull")
    return [row["field_id"] for row in finding.tables["makers"].to_pylist()] if finding is not None else []


def chain(asked: Asked) -> Iterator[Claim]:
    """The imports the field rests on, how self-reliant its makers are, and its chokepoints where they are known."""
    rows = imported(asked)
    if len(rows) >= NAMED:
        country = country_of_table(asked.found["pull"])
        values = _three(asked, rows[:NAMED], "pulled_imports")
        yield Claim("brief.field.imports", {**values, "country": name(asked.ws, country)})
    yield from product_chain(asked)
    reliance = {row["field_id"]: (i, row) for i, row in asked.rows("self_reliance")}
    own = [reliance[sector] for sector in makers(asked) if sector in reliance]
    if own:
        i, row = min(own, key=lambda pair: pair[1]["self_reliance_chain"])
        yield Claim(
            "brief.field.makers",
            {
                "sectors": listed(asked.ws, [row["field_id"] for _, row in own[:NAMED]]),
                "sector": asked.field(row),
                "now": asked.cite("self_reliance", i, "self_reliance_chain"),
                "rank": asked.cite("self_reliance", i, "rank"),
                "of": str(len(reliance)),
                "product": imported_product(asked, row["product_id"], row["field_id"]),
            },
        )


# What follows ----------------------------------------------------------------------------------------


def countermeasures(asked: Asked) -> Iterator[Claim]:
    """Who should join whom, who should say what it has, and which import to secure first."""
    promised = list(asked.rows("promise"))
    over = [row for _, row in promised if row["stance"] == "over_promised"]
    over.sort(key=lambda row: (not row["clear"], -row["attention"], row["region_id"]))
    most = _most_backed(asked)
    if over and len(most) >= 2:
        (i, first), (j, second) = most[:2]
        yield Claim(
            "brief.field.measures.join",
            {
                "places": listed(asked.ws, [row["region_id"] for row in over[:NAMED]]),
                "count": asked.cite("promise", None, plain=len(over)),
                "a": name(asked.ws, first["region_id"]),
                "a_own": _backing(asked, i, first),
                "b": name(asked.ws, second["region_id"]),
                "b_own": _backing(asked, j, second),
            },
        )
    quiet = [(i, row) for i, row in promised if row["stance"] == "quiet_strength" and row["clear"]]
    for i, row in sorted(quiet, key=lambda pair: -pair[1]["backing"])[:1]:
        yield Claim(
            "brief.field.measures.speak",
            {
                "place": name(asked.ws, row["region_id"]),
                "field": asked.topic,
                "backing": asked.cite("promise", i, "backing"),
                "attention": asked.cite("promise", i, "attention"),
            },
        )
    for i, row in [pair for pair in imported(asked) if pair[1]["pulled_imports"] >= WEIGHTY][:1]:
        source = Source(asked.found["pull"], i)
        yield Claim(
            "brief.field.measures.secure",
            {
                "field": asked.topic,
                "product": asked.field(row),
                "value": Cited(source, "pulled_imports"),
                "low": Cited(source, "pulled_imports_low"),
                "high": Cited(source, "pulled_imports_high"),
            },
        )
    robust = [(i, row) for i, row in asked.rows("chokepoints") if (row["in_top"] or 0) >= STAYS and row["leader_id"]]
    for i, row in robust[:1]:
        yield Claim(
            "brief.field.measures.second",
            {
                "product": asked.field(row),
                "leader": name(asked.ws, row["leader_id"]),
                "share": asked.cite("chokepoints", i, "leader_share"),
                "own": asked.cite("chokepoints", i, "own_supply"),
            },
        )
