"""``foreland fetch`` against a server on this machine with made-up papers (SYNTHETIC) behind it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyalex
import pytest
from tests.data.records.openalex_api import Api, refusal, serving

from foreland.data.records import formats, openalex_pages

from .conftest import Cli


@pytest.fixture(autouse=True)
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "OPENALEX_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as found:
        monkeypatch.setitem(pyalex.config, "openalex_url", found.url)
        monkeypatch.setattr(openalex_pages, "PAGE", 20)
        yield found


def test_words_reach_the_api_and_the_next_command_loads_the_file(
    cli: Cli, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENALEX_API_KEY", "made-up-key")
    done = cli("fetch", "openalex", "works.jsonl.gz", "--from", "2015", "--to", "2018", "--mail", "me@example.org",
               "--filter", "authorships.countries = CN", "--most", "3")  # fmt: skip
    assert done.code == 0, done.err
    asked, headers = api.asked[0]
    assert asked["filter"].split(",") == [
        "authorships.countries:CN", "from_publication_date:2015-01-01", "to_publication_date:2018-12-31"
    ]  # fmt: skip
    assert headers["Authorization"] == "Bearer made-up-key"
    assert "3 of " in done.err
    assert done.err.rstrip().endswith("foreland load works.jsonl.gz")
    assert formats.detect(Path("works.jsonl.gz")) == "openalex"


def test_interrupted_it_keeps_the_part_and_goes_on(cli: Cli, api: Api, tmp_path: Path) -> None:
    over = threading.Event()

    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        over.wait(10)

    words = ("fetch", "openalex", "works.jsonl.gz", "--from", "2000")
    api.actions = {3: interrupt}
    done = cli(*words)
    over.set()
    assert done.code == 130
    assert "60 papers are kept in works.jsonl.gz.part" in done.err
    assert not Path("works.jsonl.gz").exists()
    api.actions = {}
    done = cli(*words, "--lang", "zh")
    assert done.code == 0, done.err
    assert "其中 60 篇为此前已获取" in done.err
    assert f"共 {len(api.works)} 篇" in done.err
    assert [item.name for item in tmp_path.iterdir()] == ["works.jsonl.gz"]


def test_without_pyalex_it_says_how_to_get_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyalex", None)
    for language in ("en", "zh"):
        done = cli("fetch", "openalex", "works.jsonl.gz", "--search", "robots", "--lang", language)
        assert done.code == 1
        assert "pip install 'foreland[connect]'" in done.err


@pytest.mark.parametrize(("language", "said"), [("en", "can't be reached"), ("zh", "无法连接")])
def test_without_a_network_it_says_so(cli: Cli, api: Api, language: str, said: str, tmp_path: Path) -> None:
    api.close()
    done = cli("fetch", "openalex", "works.jsonl.gz", "--search", "robots", "--lang", language)
    assert done.code == 1
    assert said in done.err
    assert "Traceback" not in done.err
    assert "HTTPConnectionPool" not in done.err
    assert not list(tmp_path.iterdir())


def test_wrong_words_and_refusals(cli: Cli, api: Api) -> None:
    for words, said, code in (
        (("--filter", "countries"), "NAME=VALUE", 2),
        (("--filter", "a,b=c"), "NAME=VALUE", 2),
        (("--search", "x", "--mail", "nobody"), "nobody", 2),
        (("--search", "x", "--mail", "a@b\nX: y"), "mail", 2),
        ((), "snapshot", 2),
        (("--from", "2020", "--to", "2010"), "2020 to 2010", 2),
        (("--most", "0", "--search", "x"), "--most", 2),
        (("--filter", "colour=red"), "colour is not a valid field", 1),
        (("--search", "no paper bears such a title"), "no such papers", 3),
    ):
        done = cli("fetch", "openalex", "works.jsonl.gz", *words)
        assert (done.code, said in done.err) == (code, True), (words, done.err)
    api.asked.clear()
    api.actions = {1: lambda: refusal(403, "Forbidden", "Not with this key")}
    done = cli("fetch", "openalex", "works.jsonl.gz", "--from", "2000", "--lang", "zh")
    assert done.code == 1
    assert "Not with this key" in done.err
    assert "已获取的 20 篇保留在 works.jsonl.gz.part" in done.err


def test_alone_it_lists_what_can_be_fetched(cli: Cli) -> None:
    done = cli("fetch")
    assert done.code == 0
    assert "openalex" in done.out
