"""What the finding on drivers says: headline, benchmark, steps, caveats, and why there may be no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError, Worded
from foreland.core.finding import Text
from foreland.core.provenance import Caveat, Step
from foreland.core.scope import Scope
from foreland.data.answer import both, listed, name, said
from foreland.foresight.drivers import DRIVERS
from foreland.foresight.questions.catch_up import OFFICE
from foreland.foresight.questions.driver_technology import caveats_of
from foreland.i18n import LANGUAGES, t

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace
    from foreland.foresight.questions.drivers import View

SHOWN = 4
"""Names of a list in a headline."""


def lacking(rows: list[dict[str, Any]]) -> list[str]:
    """Drivers that no row has evidence of."""
    return [leg for leg in DRIVERS if all(row[leg] is None for row in rows)]


def headline(ws: Workspace, scope: Scope, rows: list[dict[str, Any]]) -> Text:
    """The finding in a sentence."""
    missing = lacking(rows)
    complete = [row for row in rows if row["driver_type"] != "incomplete"]
    one_field, one_place = len(scope.field) == 1, len({row["region_id"] for row in rows}) == 1
    key = "field_id" if one_place and not one_field else "region_id"
    told = {
        "place": name(ws, rows[0]["region_id"]),
        "field": said(ws, rows[0]["field_id"]),
        "of": len(complete) if complete else len(rows),
        "one": sum(row["driver_type"] in DRIVERS for row in complete),
        "two": sum("_" in row["driver_type"] for row in complete),
        **{kind: sum(row["driver_type"] == kind for row in complete) for kind in (*DRIVERS, "none")},
    }
    if missing:
        leg = next(leg for leg in DRIVERS if leg not in missing)
        top = sorted(rows, key=lambda row: (-(row[leg] if row[leg] is not None else -1), row[key]))[:SHOWN]
        which = "one" if one_place and one_field else "lacking" if one_place else "lacking_places"
        return both(
            f"foresight.drivers.headline.{which}", **told,
            missing=_values(missing), known=_values([leg]),
            top=listed(ws, [row[key] for row in top]) if one_place or one_field else _pairs(ws, top),
            indices=_indices(rows[0]),
        )  # fmt: skip
    if one_place and one_field:
        return both("foresight.drivers.headline.one", **told, indices=_indices(rows[0]))
    strong = [row for row in complete if row["driver_type"] == "balanced"]
    few = listed(ws, [row[key] for row in strong[:SHOWN]])
    more = len(strong) > SHOWN
    names = {
        "en": f" ({'among them ' if more else ''}{few['en']})" if strong else "",
        "zh": f"（{few['zh']}{'等' if more else ''}）" if strong else "",
    }
    held = sum(bool(row["type_holds"]) for row in complete)
    told["sure"] = both(f"foresight.drivers.headline.{'some_sure' if held else 'none_sure'}", held=held)
    which = "field" if one_field else "place" if one_place else "many"
    if which == "many":
        names = {"en": "", "zh": ""}
    return both(f"foresight.drivers.headline.{which}", **told, all=len(strong), names=names)


def _pairs(ws: Workspace, rows: list[dict[str, Any]]) -> Text:
    """Places with their fields, in a row."""
    places, fields = ([said(ws, row[key]) for row in rows] for key in ("region_id", "field_id"))
    return {
        "en": "; ".join(f"{place['en']} in {field['en']}" for place, field in zip(places, fields, strict=True)),
        "zh": "、".join(f"{place['zh']}的{field['zh']}" for place, field in zip(places, fields, strict=True)),
    }


def _values(codes: list[str]) -> Text:
    """Drivers by name, in a row."""
    words = {language: [t(f"foresight.driver.{code}", language) for code in codes] for language in LANGUAGES}
    return {"en": " and ".join(words["en"]), "zh": "和".join(words["zh"])}


def _indices(row: dict[str, Any]) -> Text:
    """The indices that are known, with their names."""
    found = {}
    for language in LANGUAGES:
        said = [f"{t(f'foresight.driver.{leg}', language)} {row[leg]:.0f}" for leg in DRIVERS if row[leg] is not None]
        found[language] = ("，" if language == "zh" else ", ").join(said)
    return found


def benchmark(ws: Workspace, view: View, rows: list[dict[str, Any]]) -> Text:
    """Compared with whom."""
    if view.compare == "places":
        return both("foresight.drivers.benchmark.places", count=len(view.places))
    place = name(ws, rows[0]["region_id"]) if len({row["region_id"] for row in rows}) == 1 else None
    if place is None:
        return both("foresight.drivers.benchmark.fields_each", count=len(view.fields))
    return both("foresight.drivers.benchmark.fields", place=place, count=len(view.fields))


def steps(ws: Workspace, view: View, strong: tuple[float, int], level: float) -> list[Step]:
    """What was done, with the years of each source."""
    found = [
        Step(
            f"foresight.step.technology_{view.compare}",
            {
                "output": name(ws, output.cube.coverage.indicator_id),
                "first": output.periods[0],
                "last": output.periods[1],
            },
        )
        for output in view.outputs
    ]
    if any(output.classes for output in view.outputs):
        found.append(Step("foresight.step.crossed"))
    if view.policy is not None:
        first, last = view.policy.years
        span = {"count": len(view.policy.documents), "first": first, "last": last}
        found += [Step("foresight.step.scenario", span), Step("foresight.step.policy", span)]
        if view.compare == "fields" and len(view.policy.places) > 1:
            found.append(Step("foresight.step.usual"))
    found += [
        Step("foresight.step.standing", {"level": round(100 * level)}),
        Step("foresight.step.driver_types", {"strong_at": f"{strong[0]:g}", "minimum": strong[1]}),
        Step("foresight.step.drive_balance"),
    ]
    if any(output.before is not None for output in view.outputs) or (view.policy and view.policy.years_before):
        found.append(Step("foresight.step.driver_changes", {"level": round(100 * level)}))
    return found


def caveats(view: View, rows: list[dict[str, Any]]) -> list[Caveat]:
    """What a reader must know."""
    found: list[Caveat] = []
    missing = lacking(rows)
    if missing:
        found.append(Caveat("foresight.caveat.driver_missing", "serious", {"missing": _values(missing)}))
    elif partly := sum(row["driver_type"] == "incomplete" for row in rows):
        found.append(Caveat("foresight.caveat.driver_incomplete", "warning", {"count": partly, "of": len(rows)}))
    for output in view.outputs:
        indicator = output.cube.coverage.indicator_id
        if indicator in OFFICE:
            found.append(Caveat(OFFICE[indicator], "serious"))
    found += (caveat for caveat in caveats_of(view.outputs, len(view.fields)) if caveat not in found)
    complete = [row for row in rows if row["type_holds"] is not None]
    unsure = sum(not row["type_holds"] for row in complete)
    if unsure:
        found.append(Caveat("foresight.caveat.type_unsure", "warning", {"count": unsure, "of": len(complete)}))
    if view.policy is not None and "scenario" not in missing:
        found.append(Caveat("foresight.caveat.scenario_is_words", "warning"))
        if view.policy.other_language:
            found.append(Caveat("foresight.caveat.other_language", "note", {"count": view.policy.other_language}))
    if view.policy is not None and view.outputs:
        last = min(int(output.periods[1][:4]) for output in view.outputs)
        if view.policy.years[1] - last >= 3:
            found.append(
                Caveat("foresight.caveat.years_apart", "warning", {"technology": last, "policy": view.policy.years[1]})
            )
    return found


def nothing(ws: Workspace, scope: Scope, view: View) -> DataError:
    """Why there is no answer: neither figures nor documents tell of these fields."""
    where = listed(ws, scope.region) if scope.region else both("foresight.drivers.everywhere")
    return DataError("foresight.error.no_drivers", place=Worded(where))
