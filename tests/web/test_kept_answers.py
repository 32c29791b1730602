"""Answers on pages: kept while what they were read from stays, worked out once, within bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.core.errors import UsageError
from foreland.core.finding import Finding
from foreland.core.registry import Question, find_question
from foreland.core.tables import table_spec
from foreland.data.workspace import Workspace, open_workspace
from foreland.web.answers import Answers, Kept

Tiny = Callable[..., Workspace]
ROWS = [(r, f"s:{f}", "2020", float(20 + 10 * i * j)) for i, r in enumerate("abc") for j, f in enumerate("xyz")]
ASKED = {"region": "a"}


@pytest.fixture
def asked() -> Question:
    return find_question("capability.specialisation")


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch, asked: Question) -> list[float]:
    """The times that the question was worked out; each takes a while."""
    found: list[float] = []
    function = asked.function

    def slow(*arguments: Any, **named: Any) -> Finding:
        found.append(time.monotonic())
        time.sleep(0.05)
        return function(*arguments, **named)

    monkeypatch.setitem(asked.__dict__, "function", slow)
    return found


def land(ws: Workspace, source: str, **tables: list[dict[str, Any]]) -> None:
    """Land a source as another process would."""
    other = open_workspace(ws.path)
    tables["source"] = [{"title_en": source, "title_zh": source, "content_hash": source}]
    with other.staging() as staging:
        for table, rows in tables.items():
            schema = table_spec(table).arrow_schema()
            full = [{name: {"source_id": source, **row}.get(name) for name in schema.names} for row in rows]
            staging.write(table, pa.Table.from_pylist(full, schema=schema))
        staging.commit(source, source)


def observations(indicator: str, times: float = 1.0) -> list[dict[str, Any]]:
    return [
        {
            "region_id": r,
            "field_id": f,
            "indicator_id": indicator,
            "period": p,
            "value": v * times,
            "status": "observed",
        }
        for r, f, p, v in ROWS
    ]


DOCUMENT = {"document_id": "d", "kind": "policy", "title": "A plan", "language": "en", "text": "Lamps."}


def test_a_load_of_documents_leaves_an_answer_about_figures_alone(tiny: Tiny, asked: Question, worked: list[float]):
    ws = tiny(ROWS)
    answers = Answers(ws)
    first = answers.ask(asked, ASKED)
    figure = answers.figure(first, "bars", "wide", "en")
    before = ws.content_hash
    land(ws, "a plan", document=[DOCUMENT])
    ws.refresh()
    assert ws.content_hash != before
    assert answers.ask(asked, ASKED) is first
    assert answers.figure(first, "bars", "wide", "en") is figure
    assert len(worked) == 1


def test_figures_that_change_or_might_have_been_chosen_make_a_new_answer(
    tiny: Tiny, asked: Question, worked: list[float]
):
    ws = tiny(ROWS)
    answers = Answers(ws)
    first = answers.ask(asked, ASKED)
    figure = answers.figure(first, "bars", "wide", "en")
    # Another process lands other figures of the same source: seen when the workspace looks again, and not before.
    changed = [{**row, "value": row["value"] + (row["region_id"] == "a") * 100} for row in observations("things")]
    rest = {name: ws.to_arrow(ws.table(name)).to_pylist() for name in ("region", "field", "indicator")}
    rest = {name: [r for r in rows if r["source_id"] == "tiny-things"] for name, rows in rest.items()}
    land(ws, "tiny-things", observation=changed, **rest)
    assert answers.ask(asked, ASKED) is first
    ws.refresh()
    second = answers.ask(asked, ASKED)
    assert second.table != first.table
    assert answers.figure(second, "bars", "wide", "en") is not figure
    # A source with more fields would be chosen now; the answer read nothing of it, for it was not there.
    more = [{**row, "field_id": f"t:{field}"} for row in observations("people") for field in (row["field_id"][-1], "w")]
    kinds = {"indicator_id": "people", "name_en": "people", "name_zh": "人", "unit": "count", "kind": "flow"}
    land(
        ws,
        "richer",
        observation=list({(r["region_id"], r["field_id"]): r for r in more}.values()),
        indicator=[{**kinds, "aggregation": "sum"}],
    )
    ws.refresh()
    third = answers.ask(asked, ASKED)
    assert third.scope.indicator == "people"
    ws.remove("richer")
    assert answers.ask(asked, ASKED).scope.indicator == "things"
    assert len(worked) == 4


def test_a_new_name_of_a_field_makes_a_new_answer(tiny: Tiny, asked: Question):
    ws = tiny(ROWS)
    answers = Answers(ws)
    first = answers.ask(asked, ASKED)
    land(ws, "tiny-zzz", field=[{"field_id": "z:9", "scheme": "z", "code": "9", "name_en": "Nine", "name_zh": "九"}])
    ws.refresh()
    second = answers.ask(asked, ASKED)
    assert second is not first
    assert second.id == first.id


def test_twenty_readers_who_ask_at_once_wait_for_one(tiny: Tiny, asked: Question, worked: list[float]):
    answers = Answers(tiny(ROWS))
    found: list[Finding] = []
    readers = [threading.Thread(target=lambda: found.append(answers.ask(asked, ASKED))) for _ in range(20)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(found) == 20
    assert len({id(finding) for finding in found}) == len(worked) == 1


def test_that_there_is_no_answer_is_kept_as_well(tiny: Tiny, asked: Question, worked: list[float]):
    ws = tiny(ROWS)
    answers = Answers(ws)
    for _ in range(3):
        with pytest.raises(UsageError, match="nowhere"):
            answers.ask(asked, {"region": "nowhere"})
    assert len(worked) == 1
    assert answers.has(asked, {"region": "nowhere"})
    place = {"region_id": "nowhere", "name_en": "Nowhere", "name_zh": "无", "level": "country"}
    land(ws, "atlas", region=[place])
    ws.refresh()
    assert not answers.has(asked, {"region": "nowhere"})


def test_a_defect_is_not_kept(tiny: Tiny, asked: Question, monkeypatch: pytest.MonkeyPatch):
    answers = Answers(tiny(ROWS))
    function = asked.function
    broken: Iterator[bool] = iter((True, False))

    def once(*arguments: Any, **named: Any) -> Finding:
        if next(broken):
            raise ZeroDivisionError
        return function(*arguments, **named)

    monkeypatch.setitem(asked.__dict__, "function", once)
    with pytest.raises(ZeroDivisionError):
        answers.ask(asked, ASKED)
    assert len(answers.ask(asked, ASKED)) > 0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40)), max_size=60), st.integers(1, 5), st.integers(1, 100))
def test_what_is_kept_stays_within_bounds(puts: list[tuple[int, int]], most: int, most_bytes: int):
    kept = Kept(most, most_bytes, lambda value: value[1])
    latest: list[int] = []
    for key, weight in puts:
        value = kept.get(key, lambda key=key, weight=weight: (key, weight))  # type: ignore[misc]
        assert value[0] == key
        latest = [key, *(other for other in latest if other != key)]
        assert len(kept) <= most
        assert kept.bytes <= most_bytes or len(kept) == 1
        held = [other for other in range(10) if dict.__contains__(kept._values, other)]
        assert kept.bytes == sum(kept._values[other][1] for other in held)
        # What was used last stays longest.
        assert set(held) == set(latest[: len(held)])


def test_answers_that_stand_no_longer_are_let_go(tmp_path: Path):
    state = {"now": 1}
    kept = Kept(3, 100, lambda value: 10, lambda value: value == state["now"])
    assert kept.get("x", lambda: 1) == 1
    state["now"] = 2
    assert "x" not in kept
    assert kept.bytes == 0
    assert kept.get("x", lambda: 2) == 2


def test_a_finished_page_is_sent_again_until_a_load_lands(tiny: Tiny, monkeypatch: pytest.MonkeyPatch):
    from fastapi.testclient import TestClient

    from foreland.web import create_app, pages

    ws = tiny(ROWS)
    drawn: list[str] = []
    page = pages.question_page
    monkeypatch.setattr(pages, "question_page", lambda *given: drawn.append("") or page(*given))
    app = create_app(ws.path)
    client = TestClient(app, base_url="http://127.0.0.1:8321", headers={"accept-language": "en"})
    address = "/capability/specialisation?region=a"
    first = client.get(address)
    assert first.headers["content-encoding"] == "gzip"
    plain = client.get(address, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == first.text == client.get(address).text
    assert int(plain.headers["content-length"]) == len(plain.content)
    assert plain.headers["etag"] == first.headers["etag"]
    assert client.head(address).status_code == 200
    drawn_once = len(drawn)
    # Another language and another host are other pages.
    assert client.get(address, headers={"accept-language": "zh"}).text != first.text
    elsewhere = client.get(address, headers={"host": "localhost:8321"})
    assert "127.0.0.1" not in elsewhere.text
    assert len(drawn) == drawn_once + 2
    land(ws, "a plan", document=[DOCUMENT])
    again = client.get(address)
    assert len(drawn) == drawn_once + 3
    assert again.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    ("path", "status"), [("/delphi", 200), ("/capability/specialisation?region=nowhere", 404), ("/no-such-room", 404)]
)
def test_what_may_change_without_a_load_and_errors_are_not_kept(tiny: Tiny, path: str, status: int):
    from fastapi.testclient import TestClient

    from foreland.web import create_app

    app = create_app(tiny(ROWS).path)
    client = TestClient(app, base_url="http://127.0.0.1:8321", headers={"accept-language": "en"})
    assert client.get(path).status_code == status
    assert len(app.state.site._pages) == 0
    assert client.get("/sources").status_code == 200
    assert len(app.state.site._pages) == 1
