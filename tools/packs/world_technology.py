"""The pack ``world-technology``: patents and articles of countries by field and year.

The table of the National Center for Science and Engineering Statistics mixes countries with groups of them and holds
two vintages of the articles. Places are told by name, as the path that comes with them is broken in some tables; of
the vintages one is kept; zeros are left out where an absent count is read as nought.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from figures import TOTAL, Figures, Observation, by_place, indicator_texts

from foreland.data.taxonomy.fields import resolve as resolve_field
from foreland.data.taxonomy.regions import regions, resolve

if TYPE_CHECKING:
    import pandas as pd

#: Article tables from this number on are the vintage of 2003–2022; earlier ones that of 1996–2020.
NEW_VINTAGE = 9000
#: Europe less the EU-27, which takes the United Kingdom in, under nearly the same name as Europe less both.
DOUBLE = "2020"
#: A group that is part of another one of its scheme, or all of them: it would be counted twice.
PARTS = frozenset({"ncses_env:all", "ncses_env:adaptation_agriculture", "ncses_se:all"})
UNDIVIDED = (
    "International patent families granted",
    "USPTO utility patents granted",
    "all S&E fields",
    "AI (whole)",
)
SOURCES = {
    "ncses-patents": {
        "ipf": ("patent_families", "wipo35"),
        "ipf_total": ("patent_families", "all"),
        "uspto": ("uspto_patents", "wipo35"),
        "uspto_total": ("uspto_patents", "all"),
    },
    "ncses-environment-patents": {"uspto": ("uspto_patents", "ncses_env")},
    "ncses-articles": {
        "art_whole": ("articles_whole", "ncses_se"),
        "art_frac": ("articles_fractional", "ncses_se"),
        "ai_art": ("ai_articles", "all"),
    },
}


def build(data: Path) -> list[Figures]:
    """The sources of the pack from the folder of shared data."""
    rows = read(data)
    sources = [tabulate(rows, source) for source in SOURCES]
    patents, environment, _ = sources
    patents.facts = patent_facts(patents)
    world = by_place(environment, "uspto_patents")["agg:world"]
    groups = sum(value for (_, period), value in world.items() if period == "2022")
    whole = rows["field_id"].eq("ncses_env:all") & rows["region_id"].eq("agg:world") & rows["year"].eq(2022)
    environment.facts["groups_share"] = f"{groups / rows.loc[whole, 'value'].item():.1%}"
    return sources


def patent_facts(patents: Figures) -> dict[str, str]:
    """Sizes that tell what the two ways of counting patents count."""
    sizes = {}
    for indicator, key in (("patent_families", ""), ("uspto_patents", "uspto_")):
        values = by_place(patents, indicator)
        for place, name in (("agg:world", "world"), ("CN", "china")):
            sizes[f"{name}_{key}2020"] = f"{values[place][TOTAL, '2020']:,.0f}"
    places = {row.region_id for row in patents.observations.values()}
    return sizes | {"places": str(sum(regions()[place].level == "country" for place in places))}


def read(data: Path) -> pd.DataFrame:
    """The table with place and field ids, one vintage, no group twice."""
    import pandas as pd

    rows = pd.read_parquet(data / "world_sci_tech_by_country" / "country_field_year.parquet")
    rows["line"] = rows.index + 1
    article = rows["measure"].isin(["art_whole", "art_frac"])
    rows = rows[~article | (rows["table_id"].astype(int) > NEW_VINTAGE)]
    place = {name: resolve(name) for name in rows["region"].unique()}
    if unknown := sorted(name for name, found in place.items() if found is None):
        raise ValueError(f"unknown places: {unknown}")
    rows["region_id"] = rows["region"].map(place)
    other = rows["region_id"] == "agg:other-europe"
    rows = rows[~(other & rows["region"].str.contains(DOUBLE))]
    pairs = rows[["measure", "field"]].drop_duplicates().itertuples(index=False)
    found = {tuple(pair): field_of(*pair) for pair in pairs}
    rows["field_id"] = [found[pair] for pair in zip(rows["measure"], rows["field"], strict=True)]
    if rows["field_id"].isna().any():
        raise ValueError(f"unknown fields: {sorted(rows.loc[rows['field_id'].isna(), 'field'].unique())}")
    return rows


def field_of(measure: str, name: str) -> str | None:
    """The field a table is about; the total for what has no parts in its own table."""
    if name in UNDIVIDED:
        return TOTAL
    # 'Chemistry' is a field of articles and a sector of patents, so the measure says where to look.
    schemes = ("ncses_se",) if measure.startswith("art") else ("wipo35", "ncses_env")
    return next((found for scheme in schemes if (found := resolve_field(name, scheme))), None)


def tabulate(rows: pd.DataFrame, source: str) -> Figures:
    """The figures of one source."""
    figures = Figures(source)
    for measure, (indicator, scheme) in SOURCES[source].items():
        wanted = rows["measure"].eq(measure) & ~rows["field_id"].isin(PARTS)
        wanted &= rows["field_id"].str.startswith(f"{scheme}:") | rows["field_id"].eq(TOTAL)
        if indicator_texts()[indicator]["aggregation"] == "sum":
            # Absent counts that add up are read as nought, so zeros need no row.
            wanted &= rows["value"].ne(0)
        part = rows[wanted]
        columns = ("region_id", "field_id", "year", "value", "line")
        figures.add(
            Observation(region, field, indicator, str(year), float(value), int(line))
            for region, field, year, value, line in zip(*(part[name] for name in columns), strict=True)
        )
    return figures


def report(sources: list[Figures]) -> list[str]:
    """Lines on the sum of countries against the publisher's world."""
    lines = []
    for figures in sources:
        for indicator in figures.indicators:
            world: dict[tuple[str, str], float] = {}
            places: dict[tuple[str, str], float] = {}
            for row in figures.observations.values():
                if row.indicator_id == indicator and row.value is not None:
                    key = (row.field_id, row.period)
                    if row.region_id == "agg:world":
                        world[key] = row.value
                    elif regions()[row.region_id].level == "country":
                        places[key] = places.get(key, 0.0) + row.value
            shares = sorted((places.get(key, 0.0) / value, key) for key, value in world.items())
            middle = shares[len(shares) // 2][0]
            (low, at_low), (high, at_high) = shares[0], shares[-1]
            lines.append(
                f"{figures.source_id} {indicator}: countries / world {middle:.4f} (median), "
                f"{low:.4f} {' '.join(at_low)} to {high:.4f} {' '.join(at_high)}"
            )
    return lines
