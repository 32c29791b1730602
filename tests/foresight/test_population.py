"""Calls of terms and topics that are made anew at each year: nothing of later documents is in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.conftest import Tiny

from foreland.core.scope import Scope
from foreland.core.tables import table_spec
from foreland.data.coverage import choose
from foreland.data.discovery.build import DiscoveryOptions, discover
from foreland.data.discovery.terms import TermRule
from foreland.data.discovery.topics import TopicRule
from foreland.data.workspace import Workspace, open_workspace
from foreland.foresight.back_testing import Rules
from foreland.foresight.questions import track_record
from foreland.foresight.questions.population import Population, population

CUT, LAST = 2011, 2014
ORIGINS = (2006, 2008, 2009, 2011)
WORDS = {
    "grasp": "gripper finger tactile palm",
    "walk": "biped gait humanoid leg",
    "see": "camera pixel stereo lens",
}
LATER = {"swim": "fin propeller hull tactile"}
RULES = Rules(min_count=6, top=5)
OPTIONS = DiscoveryOptions(terms=TermRule(documents=3, share=0.6), topics=TopicRule(number=3, resamples=2), best=13)


def papers(words: dict[str, str], first: int, last: int, seed: int) -> list[dict[str, Any]]:
    """SYNTHETIC papers, 18 a year, in topics whose shares move; ids in no order of years."""
    rng = np.random.default_rng(seed)
    found = []
    for year in range(first, last + 1):
        for n in range(18):
            topic = rng.choice(list(words))
            said = rng.choice(words[topic].split(), 3, replace=False, p=_chances(len(words[topic].split()), year))
            text = f"The {', '.join(said)}."
            if year > CUT:
                text = f"We use the {', the '.join(said)}, and localization and mapping (LAM)."
            text = text + (" A localization and mapping of it." if n < 4 else "")
            row = {"document_id": f"x:{rng.integers(1 << 40):x}", "kind": "paper", "title": f"A {topic} robot"}
            found.append({**row, "text": text, "date": str(year), "citations": n})
    return found


def _chances(number: int, year: int) -> np.ndarray:
    rising = np.exp(0.15 * (year - 2000) * np.linspace(-1, 1, number))
    return rising / rising.sum()


def made(path: Any, documents: list[dict[str, Any]]) -> Workspace:
    ws = open_workspace(path)
    places = [
        {"actor_id": f"unknown:{place}", "document_id": row["document_id"], "role": "author", "region_id": place}
        for n, row in enumerate(documents)
        for place in (("CN",), ("US",), ("CN", "US"))[n % 3]
    ]
    source = {"title_en": "Made up (SYNTHETIC)", "title_zh": "虚构", "licence": "CC0-1.0", "content_hash": "1"}
    with ws.staging() as staging:
        for name, rows in (("document", documents), ("participation", places), ("source", [source])):
            full = [{**row, "source_id": "papers"} for row in rows]
            staging.write(name, pa.Table.from_pylist(full, schema=table_spec(name).arrow_schema()))
        staging.commit("papers", "1")
    discover(ws, "papers", origins=ORIGINS, options=OPTIONS)
    return ws


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    documents = papers(WORDS, 2000, CUT, 0) + papers(WORDS, CUT + 1, LAST, 1)
    return made(tmp_path_factory.mktemp("one") / "workspace", documents)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The same documents up to the cut; other, more and longer ones behind it."""
    later = papers(LATER | WORDS, CUT + 1, LAST, 2) + papers(LATER, CUT + 1, LAST + 1, 3)
    return made(tmp_path_factory.mktemp("other") / "workspace", papers(WORDS, 2000, CUT, 0) + later)


def told(people: Population, values: np.ndarray, at: np.ndarray) -> dict[tuple[str | None, str], float]:
    return {(people.region_ids[u], people.field_ids[u]): float(values[u]) for u in np.flatnonzero(at)}


def made_of(ws: Workspace, scheme: str, kind: Any) -> track_record.Tested:
    found = track_record.back_tested(
        ws, Scope(scheme=scheme, indicator="papers_fractional"), RULES, 2, kind, area_draws=0
    )
    assert found is not None
    return found


def calls_of(found: track_record.Tested) -> dict[str, Any]:
    """Year → candidates and, by caller, what it ranks by, its probabilities and its list."""
    people = found.population
    return {
        people.periods[calls.at]: {
            (caller, part): told(people, getattr(calls, part)[caller], calls.candidate)
            for caller in calls.scores
            for part in ("scores", "chances", "short")
        }
        for calls in found.test.calls
        if int(people.periods[calls.at]) <= CUT
    }


@pytest.mark.parametrize("kind", ["fields", "places"])
@pytest.mark.parametrize("scheme", ["terms-papers", "topics-papers"])
def test_later_documents_change_no_unit_and_no_call(one: Workspace, other: Workspace, scheme: str, kind: str) -> None:
    before, after = (made_of(ws, scheme, kind) for ws in (one, other))
    for year in (str(year) for year in range(2000, CUT + 1)):
        units = []
        for people in (each.population for each in (before, after)):
            at = people.periods.index(year)
            assert people.known is not None
            history = people.counts[: at + 1].sum(axis=0)
            # A place is one of the scheme's from its first document on.
            units.append(told(people, history, people.known[at] & (history > 0)))
        assert units[0] == units[1]
        assert units[0] or (scheme == "topics-papers" and int(year) not in ORIGINS)
    calls = calls_of(before)
    assert {"2008", "2009", "2011"} <= set(calls)
    assert all(len(own["vitality", "scores"]) >= 3 for own in calls.values())
    assert calls == calls_of(after)


def test_what_is_landed_at_an_origin_is_the_same_up_to_it(one: Workspace, other: Workspace) -> None:
    for origin in ORIGINS:
        source = f"topics-papers@{origin}"
        found = []
        for ws in (one, other):
            field, link = ws.table("field"), ws.table("link")
            names = ws.to_arrow(field.filter(field.scheme == source).order_by("field_id")).to_pylist()
            links = link.filter(link.source_id == source, link.period <= str(origin)).order_by(["from_id", "to_id"])
            found.append((names, ws.to_arrow(links).to_pylist()))
        assert found[0][1]
        assert found[0] == found[1]


def test_a_term_is_a_candidate_in_the_years_that_give_it(other: Workspace) -> None:
    people = population(other, Scope(scheme="terms-papers", indicator="papers_fractional"), "fields")
    assert people.known is not None
    then = people.known[: people.periods.index(str(CUT)) + 1].any(axis=0)
    late = {people.field_ids[u].rpartition(":")[2] for u in np.flatnonzero(people.known[-1] & ~then)}
    assert late
    assert late <= {"fin", "propeller", "hull", "lam", "localization-and-mapping"}
    assert (people.known.sum(axis=1) <= OPTIONS.best).all()


def test_topics_stand_side_by_side_each_at_its_origin(one: Workspace) -> None:
    people = population(one, Scope(scheme="topics-papers", indicator="papers_fractional"), "fields")
    assert people.known is not None
    for u, field in enumerate(people.field_ids):
        origin = field.partition("@")[2][:4] or str(LAST)
        assert [people.periods[t] for t in np.flatnonzero(people.known[:, u])] == [origin]
    assert not people.hindsight
    # The planted topics are found at every origin, so each has a kin in every year.
    assert sorted(np.bincount(people.kin)) == [len(ORIGINS) + 1] * 3
    now = {people.field_ids[u] for u in np.flatnonzero(people.known[-1])}
    assert set(people.became) == now
    assert all(people.became[u] == people.field_ids[u] for u in np.flatnonzero(people.known[-1]))


def test_the_last_calls_are_those_of_topics_of_then(one: Workspace) -> None:
    scope = Scope(scheme="topics-papers", indicator="papers_fractional")
    then = population(one, scope.replace(period="2009"), "fields")
    assert then.periods[-1] == "2009"
    assert {then.field_ids[u].rpartition(":")[0] for u in np.flatnonzero(then.known[-1])} == {"topics-papers@2009"}  # type: ignore[index]
    assert not then.hindsight
    assert population(one, scope.replace(period="2010"), "fields").hindsight


def test_questions_say_that_units_are_made_anew(one: Workspace) -> None:
    asked = {"scheme": "topics-papers", "indicator": "papers_fractional", "units": "fields", "min_count": 6}
    score = one.ask("foresight.scorecard", **asked, top=1)
    calls = one.ask("foresight.forecast", **asked, top=3, horizon=2)
    for finding in (score, calls):
        assert "units_anew" in {step.key.rpartition(".")[2] for step in finding.provenance.steps}
        assert "classes_with_hindsight" not in {caveat.code for caveat in finding.caveats}
        read = {source for item in finding.provenance.inputs for source in item.sources}
        assert read >= {"topics-papers", *(f"topics-papers@{origin}" for origin in ORIGINS)}
    assert {call["field_id"].partition("@")[2][:4] for call in score.tables["calls"].to_pylist()} <= set(
        map(str, ORIGINS)
    )
    assert {row["field_id"].partition(":")[0] for row in calls.rows()} == {"topics-papers"}
    assert sum(row["called_before"] for row in calls.rows()) > 0
    later = one.ask("foresight.forecast", **asked, top=3, horizon=2, period="2010")
    assert "classes_with_hindsight" in {caveat.code for caveat in later.caveats}


def test_units_as_of_a_year_are_not_chosen_unasked(tiny: Tiny) -> None:
    fields = ("t:1", "t:2", "t@2010:1", "t@2010:2", "t@2010:3")
    ws = tiny([(place, field, str(year), 1.0) for place in ("CN", "US") for field in fields for year in (2010, 2011)])
    assert choose(ws, Scope()).scheme == "t"
    assert choose(ws, Scope(scheme="t@2010")).scheme == "t@2010"
