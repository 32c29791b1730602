"""Results of a survey: closed rounds alone, counted by hand; what was borrowed is marked."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest
from tests.data.surveys.made import answers, fill, moonlamp

from foreland.charts.theme import use_size
from foreland.core.errors import DataError, UsageError
from foreland.core.registry import chart_names
from foreland.data.surveys import store
from foreland.data.surveys.model import Answer
from foreland.data.workspace import Workspace, open_workspace


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    opened = open_workspace(tmp_path_factory.mktemp("delphi") / "ws")
    fill(opened)
    return opened


def test_medians_and_indices_are_those_of_the_answers(held: Workspace) -> None:
    found = {row["field_id"]: row for row in held.ask("foresight.delphi").rows()}
    last = [answers(person, 2) for person in range(7)]
    for topic in ("lamp", "ice", "clock", "store"):
        years = [each[topic].year for each in last]
        row = found[f"delphi-moonlamp:{topic}"]
        assert row["year_median"] == f"{statistics.median(years):g}"  # type: ignore[type-var]
        steps = [each[topic].importance for each in last]
        assert row["importance_index"] == pytest.approx(25 * (sum(steps) / 7 - 1))  # type: ignore[arg-type]
        changed = sum(answers(person, 1)[topic].year != answers(person, 2)[topic].year for person in range(7))
        assert row["changed_share"] == pytest.approx(changed / 7)
        named = max(sum(row["obstacle"] == f"obstacle_{o}" for o in each[topic].obstacles) for each in last)
        assert named
    never = [each["moth"].year == "never" for each in last]
    assert found["delphi-moonlamp:moth"]["never_share"] == pytest.approx(sum(never) / 7)
    indices = [row["importance_index"] for row in held.ask("foresight.delphi").rows()]
    assert indices == sorted(indices, reverse=True)


def test_the_borrowed_rate_is_told_and_can_be_changed(held: Workspace) -> None:
    plain = held.ask("foresight.delphi", base_rate=1.0, later_decline=0.0)
    for row in plain.rows():
        assert row["even_year"] == row["year_median"]
    shifted = held.ask("foresight.delphi", base_rate=0.25)
    assert {row["even_year"] for row in shifted.rows()} == {"∞"}
    codes = {caveat.code for caveat in shifted.caveats}
    assert {"borrowed_base_rate", "consensus_is_not_accuracy", "small_panel", "left_panel", "never_counts"} <= codes
    assert "25%" in shifted.explain("en")
    assert plain.id != shifted.id


def test_expertise_weighs_where_it_is_asked_to(held: Workspace) -> None:
    weights = (0.25, 0.5, 0.75, 1.0)
    last = [answers(person, 2)["lamp"] for person in range(7)]
    total = sum(weights[each.expertise - 1] for each in last)  # type: ignore[operator]
    mean = sum(weights[each.expertise - 1] * each.importance for each in last) / total  # type: ignore[operator]
    found = {row["field_id"]: row for row in held.ask("foresight.delphi", weighting="expertise").rows()}
    assert found["delphi-moonlamp:lamp"]["importance_index"] == pytest.approx(25 * (mean - 1))


def test_an_open_round_is_nobodys_business(held: Workspace, tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "ws")
    with pytest.raises(DataError, match="closed round"):
        ws.ask("foresight.delphi")
    fill(ws)
    before = ws.ask("foresight.delphi")
    store.open_round(ws, "moonlamp")
    store.save(ws, "moonlamp", 3, "p001", {"lamp": Answer(importance=1, year="never")}, 0)
    ws.refresh()
    after = ws.ask("foresight.delphi")
    assert after.id == before.id
    assert after.rows() == before.rows()
    with pytest.raises(UsageError, match="moonlamp"):
        ws.ask("foresight.delphi", survey="moonlam")


def test_one_round_of_one_person_and_topics_nobody_answered(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "ws")
    store.create(ws, moonlamp("lone"))
    token = store.invite(ws, "lone", 1)[0]
    who = store.participant_of(ws, "lone", token)
    assert who is not None
    store.open_round(ws, "lone")
    said = {"lamp": Answer(importance=4), "ice": Answer(year="never"), "clock": Answer(comment="no")}
    store.save(ws, "lone", 1, who.number, said, 0)
    store.close_round(ws, "lone")
    found = ws.ask("foresight.delphi")
    assert [row["field_id"] for row in found.rows()] == ["delphi-lone:lamp", "delphi-lone:ice"]
    assert [row["year_median"] for row in found.rows()] == [None, "∞"]
    for name in found.charts:
        assert found.chart(name, "zh").to_dict()
    assert "can't be told" in found.explain("en")


def test_behind_a_row_stand_the_answers_to_its_topic(held: Workspace) -> None:
    found = held.ask("foresight.delphi")
    rows = found.evidence(0).tables[0][1].to_pylist()
    assert {row["to_id"] for row in rows} == {found.rows()[0]["field_id"]}
    assert {row["source_id"] for row in rows} == {"survey:moonlamp:1", "survey:moonlamp:2"}


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_charts_draw_every_topic_once_a_round(held: Workspace, size: str) -> None:
    found = held.ask("foresight.delphi")
    with use_size(size):  # type: ignore[arg-type]
        drawn = {name: found.chart(name, "en").to_dict() for name in chart_names("foresight.delphi")}
    rules = [layer for layer in drawn["years"]["layer"] if layer["mark"]["type"] == "rule"]
    assert len(rules) == 2
    lines = [row for layer in rules for row in drawn["years"]["datasets"][layer["data"]["name"]]]
    assert len(lines) == 10
    ends = {row["field_id"] for row in lines if row["open_end"]}
    assert ends == {"delphi-moonlamp:moth"}
