"""National key R&D projects and state key laboratories, counted by province and field."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from figures import HERE, TOTAL, Figures, Observation
from institutions import PROVINCES, locate_all, locator, normalise

from foreland.data.taxonomy.fields import fields, leaves
from foreland.data.taxonomy.fields import resolve as resolve_field
from foreland.data.taxonomy.tagger import Tagger

if TYPE_CHECKING:
    import pandas as pd

COUNTRY = "CN"
YEARS = ("2018", "2019", "2020")
#: The last of the three lists of laboratories; those of 2016 and 2019 are carried to it.
LAB_PERIOD = "2020"
#: The group of fields that name industries of the future all together.
GENERIC = "iotf:g_generic"
#: 国冢 is what text recognition made of 国家.
LAB = re.compile(r"(?:国家|国冢)重点实验室$")


class ProgrammeField(NamedTuple):
    """The field of a programme and which of its projects it holds for.

    ``every``: all of them; ``silent``: those whose titles name no field; ``title``: the programme says nothing.
    """

    field_id: str
    rule: str


@cache
def programme_fields() -> dict[str, ProgrammeField]:
    """Programmes by name, from ``programme_fields.csv``."""
    with (HERE / "programme_fields.csv").open(encoding="utf-8", newline="") as lines:
        return {row["programme"]: ProgrammeField(row["field_id"], row["rule"]) for row in csv.DictReader(lines)}


@cache
def tagger() -> Tagger:
    """The tagger of the fields of the future."""
    return Tagger("iotf")


@cache
def specific_fields() -> tuple[str, ...]:
    """Fields of the future without those that name them all together: nobody has a project in emerging industries."""
    every = fields("iotf")
    return tuple(field_id for field_id in leaves("iotf") if every[field_id].parent_id != GENERIC)


def named(text: str) -> set[str]:
    """The specific fields that a text names."""
    return set(tagger().count(text)) & set(specific_fields())


def project_fields(title: str, programme: str) -> tuple[str, ...]:
    """Fields a project belongs to: those its title names and that of its programme; sorted.

    Raises
    ------
    KeyError
        If ``programme_fields.csv`` does not hold the programme.
    """
    found = named(title)
    field_id, rule = programme_fields()[programme]
    if rule == "every" or (rule == "silent" and not found):
        found.add(field_id)
    return tuple(sorted(found))


def read_projects(data: Path) -> pd.DataFrame:
    """Projects, each once, with province (None where unknown) and fields."""
    rows = locate_all(data / "cn_province_hightech").to_pandas()
    once = rows[~rows["repeated"]].copy()
    once["fields"] = [project_fields(t, p) for t, p in zip(once["title"], once["programme"], strict=True)]
    return once


def full(
    indicator: str, counts: Counter[tuple[str, str, str]], fields: Iterable[str], periods: Iterable[str]
) -> list[Observation]:
    """Observations of every province and the country in every field and period; what was not counted is nought."""
    places = [COUNTRY, *PROVINCES.values()]
    fields, periods = list(fields), list(periods)
    unknown = {key for key in counts if key[0] not in places or key[1] not in fields or key[2] not in periods}
    if unknown:
        raise ValueError(f"{indicator}: counts outside the table: {sorted(unknown)[:3]}")
    return [Observation(r, f, indicator, p, float(counts[r, f, p])) for r in places for f in fields for p in periods]


def key_projects(data: Path) -> Figures:
    """Projects by lead province, field and year; funds where they are published."""
    rows = read_projects(data)
    counts: dict[str, Counter[tuple[str, str, str]]] = {
        name: Counter() for name in ("key_projects", "key_projects_classified", "key_projects_funds_known")
    }
    funds: Counter[tuple[str, str, str]] = Counter()
    columns = ("province_id", "year", "fields", "funds_cny", "funds_status")
    for province, year, belongs, money, status in zip(*(rows[name] for name in columns), strict=True):
        for place in {COUNTRY} | ({province} if isinstance(province, str) else set()):
            for field_id in (TOTAL, *belongs):
                key = (place, field_id, str(year))
                counts["key_projects"][key] += 1
                if status == "given":
                    funds[key] += int(money)
                    counts["key_projects_funds_known"][key] += 1
            if belongs:
                counts["key_projects_classified"][place, TOTAL, str(year)] += 1
    located = rows["province_id"].notna()
    checked = read_check(HERE / "projects_checked.csv")
    figures = Figures(
        "most-key-projects",
        {
            "projects": f"{len(rows):,}",
            "repeated": len(locate_all(data / "cn_province_hightech")) - len(rows),
            "located": f"{located.mean():.2%}",
            "checked": checked[0],
            "wrong": checked[1],
            "bound": f"{upper_bound(*checked):.2%}",
            "programmes": len(programme_fields()),
            "classified": f"{sum(map(bool, rows['fields'])):,}",
            "funded": f"{rows['funds_status'].eq('given').sum():,}",
            **fields_checked(HERE / "project_fields_checked.csv"),
        },
    )
    figures.add(full("key_projects", counts["key_projects"], (TOTAL, *specific_fields()), YEARS))
    figures.add(full("key_projects_classified", counts["key_projects_classified"], [TOTAL], YEARS))
    # Nought CNY would be a claim; where no project's funds are known there is no figure.
    known = counts["key_projects_funds_known"]
    figures.add(Observation(*key[:2], "key_project_funds", key[2], float(money)) for key, money in funds.items())
    figures.add(Observation(*key[:2], "key_projects_funds_known", key[2], float(n)) for key, n in known.items())
    return figures


def state_key_labs(data: Path) -> Figures:
    """Laboratories by province, by area of the lists and by field read from the name."""
    import pandas as pd

    rows = pd.read_csv(data / "cn_province_hightech" / "PubSKLMost.csv.gz", dtype=str, keep_default_na=False)
    rows["lab"] = [LAB.sub("", normalise(name)) for name in rows["name"]]
    rows["region_id"] = lab_places(rows, data)
    seen: dict[str, set[tuple[str, str]]] = {}
    for lab, region, area in zip(rows["lab"], rows["region_id"], rows["area"], strict=True):
        for field_id in {TOTAL, *named(lab)} | ({area_field(area)} if area else set()):
            seen.setdefault(field_id, set()).update([(COUNTRY, lab), (region, lab)])
    counts = Counter((place, field_id, LAB_PERIOD) for field_id, pairs in seen.items() for place, _ in pairs)
    labs = set(rows["lab"])
    figures = Figures(
        "most-state-key-labs",
        {
            "labs": len(labs),
            "seats": sum(n for (place, field_id, _), n in counts.items() if field_id == TOTAL and place != COUNTRY),
            "untagged": sum(not named(lab) for lab in labs),
            "without_area": len(set(rows.loc[rows["area"].eq(""), "lab"])),
        },
    )
    figures.add(full("state_key_labs", counts, (TOTAL, *specific_fields(), *leaves("skl_area")), [LAB_PERIOD]))
    return figures


def lab_places(rows: pd.DataFrame, data: Path) -> list[str]:
    """Province of each seat.

    The lists put every seat of a joint laboratory where the first one is, so the seats of these are located by
    institution. A laboratory with one seat stands where the lists put it, which may be elsewhere than its parent.
    """
    known = locator(data)
    joint = rows["lab"].duplicated(keep=False)
    found = []
    for several, institution, province in zip(joint, rows["institution"], rows["province"], strict=True):
        seat = known.locate(institution).province_id if several else None
        found.append(seat or PROVINCES[normalise(province)])
    return found


def area_field(area: str) -> str:
    """The field of scheme ``skl_area`` with this Chinese name."""
    found = resolve_field(area, "skl_area")
    if found is None:
        raise ValueError(f"unknown area {area}")
    return found


def read_check(path: Path) -> tuple[int, int]:
    """How many locations were checked by hand, and how many of them were wrong; the draws at random only."""
    with path.open(encoding="utf-8", newline="") as lines:
        found = [row["correct"] for row in csv.DictReader(lines) if row["draw"] == "random-2"]
    return len(found), found.count("n")


def upper_bound(trials: int, errors: int, level: float = 0.05) -> float:
    """One-sided exact upper bound of an error rate (Clopper & Pearson 1934)."""
    from scipy.special import betaincinv

    return float(betaincinv(errors + 1, trials - errors, 1 - level))


def fields_checked(path: Path) -> dict[str, object]:
    """What reading by hand gave: how many of the fields given are right, how many projects without one miss it."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    given = sum(len(row["fields"].split()) for row in rows)
    wrong = sum(len(row["wrong"].split()) for row in rows)
    without = [row for row in rows if not row["fields"]]
    missed = sum(bool(row["missed"]) for row in without)
    return {
        "precision_of": len(rows),
        "precision_note_en": f"{given - wrong} of {given} fields given are right, and {missed} of {len(without)} "
        "projects in no field should be in one.",
        "precision_note_zh": f"所给 {given} 个领域中 {given - wrong} 个正确；"
        f"未归类的 {len(without)} 个项目中 {missed} 个应归入某领域。",
    }
