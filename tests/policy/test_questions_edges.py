"""Workspaces with next to nothing in them, and with what does not fit: an answer that draws, or an error that helps."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from foreland.core.errors import DataError, ForelandError, UsageError
from foreland.core.finding import Finding
from foreland.data.workspace import Workspace

from .conftest import Made, said, write

ASKED = (
    "coverage", "attention", "targets", "ambition", "instruments", "chain", "definitions", "alignment", "emphasis",
    "duplication", "reuse", "wording",
)  # fmt: skip
SCOPES: tuple[dict[str, Any], ...] = (
    {},
    {"region": "CN-ZJ"},
    {"region": "CN-TW"},
    {"region": "XX-NONE"},
    {"region": "CN-ZJ,CN-AH"},
    {"field": "iotf:quantum"},
    {"field": "iotf:ai,iotf:quantum"},
    {"field": "iotf:none"},
    {"field": "wipo35:1"},
    {"level": "planet"},
    {"level": "central"},
    {"level": "city"},
    {"period": "1850"},
    {"period": "2026:2030"},
    {"source": "nowhere"},
    {"texts": "en"},
    {"region": "CN-ZJ", "field": "iotf:fusion", "period": "2025"},
)


def quantity(document: str, value: float, **more: Any) -> dict[str, Any]:
    told = {"kind": "quantity", "measure": "gdp_growth", "value": value, "unit": "%", "comparator": ">=",
            "status": "target", "year": 2026}  # fmt: skip
    return {"document_id": document, **told, **more}


def tool(document: str, **more: Any) -> dict[str, Any]:
    told = {"kind": "instrument", "instrument": "regulation", "code": "application/industry"}
    return {"document_id": document, **told, **more}


def meaning(document: str, **more: Any) -> dict[str, Any]:
    return {"document_id": document, "kind": "definition", "method": "statement", **more}


def report(name: str, region: str | None, **more: Any) -> dict[str, Any]:
    return {"document_id": name, "region_id": region, **more}


THREE = [report("a", "CN-ZJ"), report("b", "CN-AH"), report("c", "CN-GD")]
EDGES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "nothing": ([], []),
    "one document, nothing read": ([report("a", "CN-ZJ")], []),
    "one document": ([report("a", "CN-ZJ")], [*said("a", "iotf:ai"), quantity("a", 5.0), tool("a")]),
    "neither date nor issuer": ([report("a", None), report("b", "CN-ZJ", date=None)], said("a", "iotf:ai")),
    "a date of words": ([report("a", "CN-ZJ", date="soon")], said("a", "iotf:ai")),
    "no level": ([report("a", "CN-ZJ", level=None)], [*said("a", "iotf:ai"), tool("a")]),
    "no language": ([report("a", "CN-ZJ", language=None)], said("a", "iotf:ai")),
    "English only": (
        [report("a", "GB", level="foreign", language="en"), report("b", "US", level="foreign", language="en")],
        [*said("a", "iotf:ai", 3), *said("b", "iotf:quantum"), tool("a"), quantity("b", 2.0)],
    ),
    "no characters": (
        [report("a", "CN-ZJ", characters=0), report("b", "CN-AH", characters=None)],
        [*said("a", "iotf:ai"), *said("b", "iotf:ai"), tool("a")],
    ),
    "places of one year each": (
        [report("a", "CN-ZJ", date="2024"), report("b", "CN-AH", date="2025"), report("z", "CN", level="central",
                                                                                       date="2020-03-05")],
        [*said("a", "iotf:ai"), *said("b", "iotf:ai"), *said("z", "iotf:ai"), tool("a"), tool("z")],
    ),
    "three places alike": (
        [*THREE, report("z", "CN", level="central")],
        [x for d in "abcz" for x in (*said(d, "iotf:ai", 2), tool(d), quantity(d, 5.0))],
    ),
    "aims in several units": (
        THREE,
        [quantity("a", 5.0), quantity("a", 1e9, unit="CNY"), quantity("b", 2e9, unit="CNY"),
         quantity("c", 7.0, unit="pp"),
         quantity("b", 3.0, status="achieved", year=2025), quantity("c", 4.0, year=None)],
    ),
    "values of nobody's kind": (
        THREE,
        [quantity("a", float("nan")), quantity("b", float("inf"), unit=None), quantity("c", -3.0, doubt="magnitude"),
         *said("a", "iotf:unheard_of", 2), meaning("b", code="frontier"),
         meaning("b"), tool("c", code=None), *said("gone", "iotf:ai")],
    ),
    "levels and languages mixed": (
        [report("z", "CN", level="central"), report("y", "CN", level="central", language="en"), *THREE,
         report("d", "CN-3301", level="city"), report("e", "CN-ZJ", language="en"), report("f", "JP", level="foreign")],
        [x for d in "zyabcdef" for x in (*said(d, "iotf:quantum"), tool(d), quantity(d, 4.0))],
    ),
}  # fmt: skip


SILENT = {"nothing", "one document, nothing read", "neither date nor issuer", "a date of words", "no language"}
"""Nothing in them can be compared."""


@pytest.mark.parametrize("edge", EDGES)
def test_there_is_an_answer_that_draws_or_an_error_that_helps(made: Made, edge: str) -> None:
    ws = made(*EDGES[edge])
    answered = 0
    for i, name in enumerate(ASKED):
        # Every other question with every other scope, in turns: the edges are many.
        for scope in SCOPES[:1] + SCOPES[1 + (i + list(EDGES).index(edge)) % 2 :: 2]:
            more = {"wording": {}, "duplication": {**scope, "draws": 99}}.get(name, scope)
            finding = answer_or_error(ws, name, more)
            if not isinstance(finding, Finding):
                assert all(finding.what(language) for language in ("en", "zh"))
                assert "{" not in finding.text("en") + finding.text("zh")
                continue
            answered += 1
            assert len(finding) > 0
            for language in ("en", "zh"):
                for text in (finding.headline[language], finding.benchmark[language], finding.explain(language)):
                    assert "{" not in text
                    assert "nan" not in text.split()
                assert len(finding.written(language)) == len(finding)
                assert ".." not in finding.headline[language]
            if scope in ({}, {"region": "CN-ZJ"}, {"field": "iotf:quantum"}):
                for chart in finding.charts:
                    assert finding.chart(chart, "en").to_dict()
                finding.evidence(0)
    assert bool(answered) == (edge not in SILENT)


def answer_or_error(ws: Workspace, name: str, scope: dict[str, Any]) -> Finding | ForelandError:
    try:
        return ws.ask(f"policy.{name}", **scope)
    except (DataError, UsageError) as error:
        return error


def test_where_nobody_speaks_of_a_field_the_answer_says_so(made: Made) -> None:
    ws = made(THREE, said("a", "iotf:ai", 2))
    finding = ws.ask("policy.coverage", field="iotf:quantum")
    assert [row["mentions"] for row in finding.rows()] == [0, 0, 0]
    assert finding.headline["en"].startswith("No place speaks of")
    assert "not a word" in ws.ask("policy.attention", field="iotf:quantum").headline["en"]
    assert "does not speak of any field" in ws.ask("policy.coverage", region="CN-AH").headline["en"]


def test_documents_without_characters_have_no_attention(made: Made) -> None:
    ws = made(
        [report("a", "CN-ZJ", characters=0), report("b", "CN-AH")], [*said("a", "iotf:ai"), *said("b", "iotf:ai")]
    )
    with pytest.raises(DataError) as caught:
        ws.ask("policy.attention", region="CN-ZJ")
    assert "Zhejiang in 2026" in caught.value.what("en")


def test_the_headline_names_the_years_that_were_compared(made: Made) -> None:
    years = {"2020": 0, "2021": 1, "2026": 60}
    documents = [report(year, "CN", level="central", date=f"{year}-03-05") for year in years]
    ws = made(documents, [x for year, times in years.items() for x in said(year, "iotf:ai", times)])
    headline = ws.ask("policy.attention", region="CN").headline["en"]
    assert "more than in 2021, beyond chance" in headline
    longer = ws.ask("policy.attention", region="CN", years_before=6).headline["en"]
    assert "more than in 2020–2021, beyond chance" in longer


# Which documents count -------------------------------------------------------------------------


def mentions(ws: Workspace, **scope: Any) -> int:
    return sum(row["mentions"] for row in ws.ask("policy.coverage", field="iotf:ai", **scope).rows())


def test_of_the_same_text_from_two_sources_the_one_that_can_be_shown_stands(tmp_path: Path) -> None:
    pack = [report("p", "CN-ZJ", content_hash="same", date="2026-01-01")]
    own = [report("o", "CN-ZJ", content_hash="same", text="一份虚构的文件。", date="2026-02-01")]
    write(tmp_path / "ws", pack, said("p", "iotf:ai", 3), "pack")
    ws = write(tmp_path / "ws", own, said("o", "iotf:ai", 4), "own")
    assert mentions(ws) == 4
    # A source asked for alone is not silenced by the other.
    assert mentions(ws, source="pack") == 3
    assert mentions(ws, source="own") == 4
    finding = ws.ask("policy.coverage", field="iotf:ai")
    assert [caveat.code for caveat in finding.caveats] == ["repeats"]
    assert finding.provenance.inputs[0].rows == 4


def test_a_copy_that_cannot_be_placed_silences_nobody(made: Made) -> None:
    documents = [
        report("lost", "CN-ZJ", date=None, content_hash="same", text="虚构。"),
        report("found", "CN-ZJ", content_hash="same"),
    ]
    ws = made(documents, [*said("lost", "iotf:ai", 5), *said("found", "iotf:ai", 2)])
    assert mentions(ws) == 2


def test_a_repeat_counts_where_what_it_repeats_is_not_looked_at(made: Made) -> None:
    documents = [report("old", "CN-ZJ", date="2024"), report("new", "CN-ZJ", date="2026", duplicate_of="old")]
    ws = made(documents, [*said("old", "iotf:ai", 2), *said("new", "iotf:ai", 3)])
    assert mentions(ws) == 2
    assert mentions(ws, period="2026") == 3


@pytest.mark.parametrize(
    "name", ["coverage", "attention", "targets", "instruments", "chain", "alignment", "duplication"]
)
def test_neither_order_nor_repeats_change_an_answer(tmp_path: Path, name: str) -> None:
    dice = random.Random(7)
    documents = [*THREE, report("d", "CN-ZJ", date="2026-06-01"), report("z", "CN", level="central")]
    fields = ("iotf:ai", "iotf:quantum", "iotf:fusion")
    passages = [
        each
        for d in "abcdz"
        for each in (
            *(x for f in fields for x in said(d, f, dice.randrange(4))),
            *(tool(d, instrument=dice.choice(("regulation", "talent", "tax"))) for _ in range(4)),
            quantity(d, float(dice.randrange(3, 9))),
        )
    ]
    for number, row in enumerate(passages):
        row |= {"passage_id": f"{number:03}", "start": 20 * number}
    again = [report("copy", "CN-AH", duplicate_of="b", date="2026-03-01")]
    repeated = [{**row, "document_id": "copy", "passage_id": "copy" + row["passage_id"]} for row in passages[::2]]
    plain = write(tmp_path / "plain", documents, passages).ask(f"policy.{name}")
    mixed = write(
        tmp_path / "mixed", dice.sample(documents + again, len(documents) + 1),
        dice.sample(passages + repeated, len(passages) + len(repeated)),
    ).ask(f"policy.{name}")  # fmt: skip
    assert plain.rows() == mixed.rows()
    assert plain.headline == mixed.headline


# Aims ------------------------------------------------------------------------------------------


def test_aims_compare_in_the_unit_that_most_places_use(made: Made) -> None:
    quantities = [
        quantity("a", 9e9, unit="CNY"), quantity("a", 5.0), quantity("b", 6.0), quantity("c", 1e9, unit="CNY"),
        quantity("a", 2.0, status="achieved", year=2023), quantity("a", 4.5, status="achieved", year=2025),
        quantity("a", 9e9, status="achieved", year=2025, unit="CNY"), quantity("a", 9.0, status="achieved", year=2027),
    ]  # fmt: skip
    finding = made([*THREE, report("d", "CN-BJ")], quantities).ask("policy.ambition")
    rows = {row["region_id"]: row for row in finding.rows()}
    assert {place: row["value"] for place, row in rows.items()} == {"CN-ZJ": 5.0, "CN-AH": 6.0}
    assert (rows["CN-ZJ"]["achieved"], rows["CN-ZJ"]["achieved_year"], rows["CN-ZJ"]["step"]) == (4.5, 2025, 0.5)
    assert rows["CN-AH"]["step"] is None
    counted = {caveat.code: caveat.parameters.get("count") for caveat in finding.caveats}
    assert counted["other_unit"] == counted["not_named"] == 1


def test_of_several_aims_the_first_in_the_text_stands(made: Made) -> None:
    # As texts, 1200 comes before 388.
    first, second = quantity("a", 5.0, start=388), quantity("a", 9.0, start=1200)
    ws = made([report("a", "CN-ZJ")], [second | {"passage_id": "a:1200"}, first | {"passage_id": "a:388"}])
    assert ws.ask("policy.ambition").rows()[0]["value"] == 5.0


def test_equal_aims_share_their_rank_and_nobody_is_called_highest(made: Made) -> None:
    ws = made([*THREE, report("d", "CN-BJ")], [quantity(d, 5.0) for d in "abc"])
    finding = ws.ask("policy.ambition")
    assert [row["rank"] for row in finding.rows()] == [1, 1, 1]
    assert "in all that name it" in finding.headline["en"]
    assert ws.ask("policy.ambition", region="CN-BJ").headline["en"].startswith("Beijing names no aim")
    with pytest.raises(UsageError):
        ws.ask("policy.ambition", region="CN-SH")


# The centre ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", [{"region": "CN"}, {"level": "central"}, {"level": "foreign"}])
def test_the_centre_is_not_held_against_itself(made: Made, scope: dict[str, str]) -> None:
    documents = [report("z", "CN", level="central"), report("j", "JP", level="foreign"), *THREE]
    ws = made(documents, [x for d in "zjabc" for x in said(d, "iotf:ai")])
    with pytest.raises(DataError) as caught:
        ws.ask("policy.alignment", **scope)
    assert "is not below the centre" in caught.value.what("en")


def test_of_two_places_none_is_both_nearest_and_farthest(made: Made) -> None:
    documents = [report("a", "CN-ZJ"), report("b", "CN-AH"), report("z", "CN", level="central")]
    ws = made(documents, [*said("a", "iotf:ai", 3), *said("b", "iotf:quantum", 3), *said("z", "iotf:ai", 3)])
    headline = ws.ask("policy.alignment").headline["en"]
    assert headline.endswith(": Zhejiang (1.00); farthest: Anhui (0.00).")
