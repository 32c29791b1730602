"""What is coming: claims say what the findings say, for the place or for its country."""

from __future__ import annotations

import pytest

from foreland.brief import Brief, compose
from foreland.brief.model import Claim
from foreland.brief.write import COLUMNS, _shown
from foreland.data.workspace import Workspace


def claims(brief: Brief) -> dict[str, Claim]:
    section = next(section for section in brief.sections if section.key == "coming")
    return {claim.key: claim for claim in section.claims}


@pytest.fixture(scope="module")
def china(packed: Workspace) -> dict[str, Claim]:
    return claims(compose(packed, "CN"))


def test_a_province_is_told_what_emerges_in_its_country(packed: Workspace, china: dict[str, Claim]) -> None:
    own = claims(compose(packed, "CN-ZJ"))
    assert own["brief.coming.emerging"].text("en") == china["brief.coming.emerging"].text("en")
    assert "China" in own["brief.coming.emerging"].text("en")
    # It has no patents by field: what it can do in them is not told.
    assert not {"brief.coming.can", "brief.coming.cannot"} & set(own)


def test_emerging_fields_are_those_of_the_finding(packed: Workspace, china: dict[str, Claim]) -> None:
    rows = packed.ask("foresight.emerging", region="CN").rows()
    emerging = [row for row in rows if row["course"] == "emerging"]
    claim = china["brief.coming.emerging"]
    assert claim.values["count"].plain == len(emerging)
    assert f"{len(emerging)} of {len(rows)}" in claim.text("en")
    strong = {
        row["field_id"]: row["specialisation"] for row in packed.ask("capability.specialisation", region="CN").rows()
    }
    has = [row for row in emerging if (strong.get(row["field_id"]) or 0) >= 1]
    assert china["brief.coming.can"].values["count"].plain == len(has)


def test_the_record_stands_beside_the_call(packed: Workspace, china: dict[str, Claim]) -> None:
    row = next(r for r in packed.ask("foresight.scorecard").rows() if r["makes_calls"] and r["horizon"] == 3)
    for language in ("en", "zh"):
        assert f"{row['precision']:.1%}" in china["brief.coming.record"].text(language)


def test_one_driver_is_spoken_of_without_another_only_where_it_is_far_ahead(packed: Workspace) -> None:
    rows = {}
    for region in ("CN", "CN-ZJ", "CN-GD"):
        table = packed.ask("foresight.drivers", region=region).rows()
        for key, claim in claims(compose(packed, region)).items():
            if key in ("brief.coming.policy", "brief.coming.technology"):
                row = table[claim.values["policy"].source.row]
                ahead = (row["policy"] - row["technology"]) * (1 if key.endswith("policy") else -1)
                assert ahead >= 20
                rows[region, key] = row
    assert rows


def test_tables_keep_to_the_columns_a_page_has_room_for(packed: Workspace) -> None:
    finding = packed.ask("foresight.emerging", region="CN")
    assert len(finding.shown) > COLUMNS, "a question with fewer columns shows nothing"
    kept = [finding.columns[i].name for i in _shown(finding)]
    assert len(kept) == COLUMNS
    assert kept[:5] == ["rank", "field_id", "course", "score", "growth"]
