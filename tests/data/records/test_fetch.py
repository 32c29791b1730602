"""Works fetched from a server that answers as OpenAlex does (SYNTHETIC): whole, once each, on from where it broke."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pyalex
import pytest
from tests import made_papers

from foreland.core.errors import DataError, ForelandError, UsageError, WorkspaceError
from foreland.data.records import openalex, openalex_pages
from foreland.data.records.fetch import fetch_openalex, kept, part_of
from foreland.data.records.openalex_pages import Query
from foreland.data.records.record import Chunk

from .openalex_api import Api, countries, refusal, serving

ALL = Query(first=1900)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as found:
        monkeypatch.setitem(pyalex.config, "openalex_url", found.url)
        monkeypatch.setattr(openalex_pages, "PAGE", 40)
        yield found


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits that would have been."""
    waits: list[float] = []
    monkeypatch.setattr(openalex_pages, "sleep", waits.append)
    return waits


def read(path: Path) -> list[dict[str, Any]]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in raw.splitlines()]


def ids(works: list[dict[str, Any]]) -> list[str]:
    return [work["id"] for work in works]


def test_all_pages_come_and_the_reader_finds_in_them_what_is_in_the_whole_works(api: Api, tmp_path: Path) -> None:
    path = tmp_path / "works.jsonl.gz"
    seen: list[float] = []
    done = fetch_openalex(path, ALL, progress=lambda text, share: seen.append(share))
    assert done == (len(api.works), len(api.works), 0)
    assert ids(read(path)) == ids(api.works)
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert sorted(tmp_path.iterdir()) == [path], "nothing is left beside it"

    def records(raw: bytes) -> tuple[list[Any], dict[str, Any]]:
        fields: dict[str, Any] = {}
        return list(openalex.parse(Chunk(0, 1, raw, len(raw), {}), fields)), fields

    fetched = gzip.decompress(path.read_bytes())
    assert openalex.detect(path, fetched[:4096])
    assert records(fetched) == records(made_papers.TARGET.read_bytes())


def test_every_condition_reaches_the_api(api: Api, tmp_path: Path) -> None:
    word = api.works[0]["display_name"].split()[0]
    query = Query(word, (("authorships.countries", "CN|US"), ("authorships.countries", "JP|CN")), 2010, 2019)
    path = tmp_path / "works.jsonl"
    done = fetch_openalex(path, query)
    expected = [
        work
        for work in api.works
        if word.lower() in work["display_name"].lower()
        and countries(work) & {"CN", "US"}
        and countries(work) & {"JP", "CN"}
        and 2010 <= work["publication_year"] <= 2019
    ]
    assert 0 < len(expected) < len(api.works)
    assert ids(read(path)) == ids(expected)
    assert done.total == len(expected)


@pytest.mark.parametrize("most", [1, 40, 63])
def test_no_more_than_wanted(api: Api, tmp_path: Path, most: int) -> None:
    path = tmp_path / "works.jsonl.gz"
    done = fetch_openalex(path, Query(first=1900, most=most))
    assert done == (most, len(api.works), 0)
    assert ids(read(path)) == ids(api.works)[:most]
    assert len(api.asked) == -(-most // 40)


def test_cut_short_anywhere_it_goes_on_and_ends_alike(api: Api, slept: list[float], tmp_path: Path) -> None:
    whole = tmp_path / "whole.jsonl.gz"
    fetch_openalex(whole, ALL)
    requests = len(api.asked)
    assert requests == -(-len(api.works) // 40) + 1
    for number in range(1, requests):
        path = tmp_path / f"{number}.jsonl.gz"
        api.asked.clear()
        api.drops = set(range(number, number + 5))
        with pytest.raises(ForelandError) as caught:
            fetch_openalex(path, ALL)
        assert caught.value.key == "data.error.fetch_unreachable"
        assert not path.exists()
        assert kept(path) == min(40 * number, len(api.works))
        with part_of(path).open("ab") as part:
            part.write(b"half a page")
        api.asked.clear()
        api.drops = set()
        done = fetch_openalex(path, ALL)
        assert done.before == min(40 * number, len(api.works))
        assert len(api.asked) == requests - number, "no page is asked for twice"
        assert path.read_bytes() == whole.read_bytes()
    assert slept == [1, 2, 4, 8] * (requests - 1)


def test_one_dropped_connection_does_not_end_it(api: Api, slept: list[float], tmp_path: Path) -> None:
    api.drops = {2}
    fetch_openalex(tmp_path / "works.jsonl", ALL)
    assert ids(read(tmp_path / "works.jsonl")) == ids(api.works)
    assert slept == [1]


def test_a_part_that_lost_bytes_or_its_state_is_begun_again(api: Api, slept: list[float], tmp_path: Path) -> None:
    path = tmp_path / "works.jsonl.gz"
    for harm in ("data", "state", "gone"):
        api.asked.clear()
        api.drops = set(range(3, 8))
        with pytest.raises(ForelandError):
            fetch_openalex(path, ALL)
        state = tmp_path / "works.jsonl.gz.part.state"
        match harm:
            case "data":
                part_of(path).write_bytes(part_of(path).read_bytes()[:-1])
            case "state":
                state.write_text('{"asked": ')
            case "gone":
                part_of(path).unlink()
        api.drops = set()
        assert fetch_openalex(path, ALL).before == 0
        assert ids(read(path)) == ids(api.works)
        path.unlink()


def test_another_question_does_not_go_on_with_a_part(api: Api, slept: list[float], tmp_path: Path) -> None:
    path = tmp_path / "works.jsonl.gz"
    api.drops = set(range(2, 7))
    with pytest.raises(ForelandError):
        fetch_openalex(path, ALL)
    held = part_of(path).read_bytes()
    for other in (Query(first=1901), Query(first=1900, last=2020), Query("x", first=1900), Query(first=1900, most=9)):
        with pytest.raises(UsageError) as caught:
            fetch_openalex(path, other)
        assert caught.value.key == "data.error.fetch_other_part"
    assert part_of(path).read_bytes() == held


def test_waits_as_long_as_asked(api: Api, slept: list[float], tmp_path: Path) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    api.actions = {
        0: lambda: refusal(429, "Rate limit exceeded", "Slow down", Retry_After="7"),
        2: lambda: refusal(429, "Rate limit exceeded", "Slow down", Retry_After="0"),
        4: lambda: refusal(503, "Unavailable", "Back soon", Retry_After=soon),
        6: lambda: refusal(500, "Server error", "Oops"),
        7: lambda: refusal(500, "Server error", "Oops"),
    }
    told: list[str] = []
    done = fetch_openalex(tmp_path / "works.jsonl", ALL, progress=lambda text, share: told.append(text))
    assert done.works == len(api.works)
    assert ids(read(tmp_path / "works.jsonl")) == ids(api.works)
    assert slept[:2] == [7, 0]
    assert 20 < slept[2] <= 30
    assert slept[3:] == [1, 2]
    assert sum(" 7 s" in text for text in told) == 1


@pytest.mark.parametrize(
    ("answer", "key", "tries"),
    [
        (refusal(429, "Rate limit exceeded", "Daily budget spent", Retry_After="43200"), "fetch_later", 1),
        (refusal(429, "Rate limit exceeded", "Daily budget spent"), "fetch_limit", 5),
        (refusal(502, "Bad gateway", "Daily budget spent"), "fetch_down", 5),
        (refusal(403, "Forbidden", "Daily budget spent"), "fetch_forbidden", 1),
        (refusal(401, "Invalid API key", "Daily budget spent"), "fetch_forbidden", 1),
        (refusal(404, "Not found", "Daily budget spent"), "fetch_refused", 1),
        (refusal(400, "Invalid query parameters error.", "Daily budget spent"), "fetch_refused", 1),
        ((400, {}, b"<html>Daily budget spent</html>"), "fetch_refused", 1),
        ((200, {}, b"<html>Log in to the Wi-Fi</html>"), "fetch_strange", 1),
        ((200, {}, b'{"results": []}'), "fetch_strange", 1),
        ((200, {}, b'{"results": [], "meta": {"count": "many"}}'), "fetch_strange", 1),
        ((200, {}, b'{"results": [3], "meta": {"count": 1}}'), "fetch_strange", 1),
        ((200, {}, b'{"id": 3}'), "fetch_strange", 1),
        ((200, {}, b"[1]"), "fetch_strange", 1),
    ],
)
def test_refusals_say_why_and_keep_what_there_is(
    api: Api, slept: list[float], tmp_path: Path, answer: Any, key: str, tries: int
) -> None:
    path = tmp_path / "works.jsonl.gz"
    for first in (0, 2):
        api.asked.clear()
        api.actions = dict.fromkeys(range(first, first + 9), lambda: answer)
        with pytest.raises(ForelandError) as caught:
            fetch_openalex(path, ALL)
        assert caught.value.key == f"data.error.{key}"
        assert len(api.asked) == first + tries
        for language in ("en", "zh"):
            text = caught.value.text(language)  # type: ignore[arg-type]
            assert caught.value.cure(language)  # type: ignore[arg-type]
            if key != "fetch_strange" and b"<html>" not in answer[2]:
                assert "Daily budget spent" in text
        assert kept(path) == 40 * first
        assert sorted(item.name for item in tmp_path.iterdir()) == (
            ["works.jsonl.gz.part", "works.jsonl.gz.part.state"] if first else []
        )


def test_no_network_is_said_at_once(api: Api, slept: list[float], tmp_path: Path) -> None:
    api.close()
    with pytest.raises(ForelandError) as caught:
        fetch_openalex(tmp_path / "works.jsonl", ALL)
    assert caught.value.key == "data.error.fetch_unreachable"
    assert "refused" in caught.value.what("en")
    assert "/works" not in caught.value.what("en")
    assert slept == []
    assert not list(tmp_path.iterdir())


def test_nothing_found_leaves_nothing(api: Api, tmp_path: Path) -> None:
    for api.endless in (False, True):
        with pytest.raises(DataError) as caught:
            fetch_openalex(tmp_path / "works.jsonl", Query("no paper bears such a title"))
        assert caught.value.key == "data.error.fetch_empty"
        assert not list(tmp_path.iterdir())
    fetch_openalex(tmp_path / "works.jsonl", ALL)
    assert len(read(tmp_path / "works.jsonl")) == len(api.works), "cursors without end come to an end"


def test_who_asks_is_told_to_the_api_and_to_no_file(api: Api, slept: list[float], tmp_path: Path) -> None:
    before = dict(pyalex.config)
    path = tmp_path / "works.jsonl"
    api.drops = set(range(1, 6))
    with pytest.raises(ForelandError):
        fetch_openalex(path, ALL, mail="someone@example.org", key=" made-up-key \n")
    headers = api.asked[0][1]
    assert headers["Authorization"] == "Bearer made-up-key"
    assert headers["From"] == "someone@example.org"
    assert headers["User-Agent"].startswith("foreland/")
    assert dict(pyalex.config) == before
    for file in tmp_path.iterdir():
        assert b"made-up-key" not in file.read_bytes()
        assert b"someone@example.org" not in file.read_bytes()
    api.drops = set()
    fetch_openalex(path, ALL)
    assert "Authorization" not in api.asked[-1][1]


def test_half_a_character_is_no_obstacle(api: Api, tmp_path: Path) -> None:
    api.works[0]["display_name"] = "\ud800 robots"
    fetch_openalex(tmp_path / "works.jsonl", ALL)
    assert read(tmp_path / "works.jsonl")[0]["display_name"] == "? robots"


def test_what_can_not_be_meant_is_refused_before_anything_is_asked(api: Api, tmp_path: Path) -> None:
    there = tmp_path / "there.jsonl"
    there.write_text("mine")
    for path, query, key in (
        (tmp_path / "a.jsonl", Query(), "fetch_everything"),
        (tmp_path / "a.jsonl", Query("  ", most=5), "fetch_everything"),
        (tmp_path / "a.jsonl", Query(first=2020, last=2010), "fetch_years"),
        (there, ALL, "fetch_there"),
    ):
        with pytest.raises(UsageError) as caught:
            fetch_openalex(path, query)
        assert caught.value.key == f"data.error.{key}"
    assert there.read_text() == "mine"
    assert api.asked == []


def test_one_fetch_at_a_time_into_a_file(api: Api, tmp_path: Path) -> None:
    path = tmp_path / "works.jsonl"
    caught: list[str] = []

    def again() -> None:
        try:
            fetch_openalex(path, ALL)
        except WorkspaceError as error:
            caught.append(error.key)

    api.actions = {1: again}
    assert fetch_openalex(path, ALL).works == len(api.works)
    assert caught == ["data.error.fetch_busy"]


def test_nothing_of_the_network_is_imported_before_a_fetch() -> None:
    program = (
        "import sys, foreland.cli.app, foreland.cli.fetch, foreland.data.records.fetch;"
        "print([name for name in ('pyalex', 'requests') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
