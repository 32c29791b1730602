"""Surveys on the web: two browsers at once lose nothing, links are secrets, other sites can't write."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.data.surveys.made import answers, fill, moonlamp

from foreland.data.surveys import store
from foreland.data.surveys.model import Answer
from foreland.data.workspace import Workspace, open_workspace
from screenshots import served

OURS = {"origin": "http://127.0.0.1:8321", "accept-language": "en"}
FORM = {**OURS, "content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "ws")


@pytest.fixture
def asked(ws: Workspace):  # type: ignore[no-untyped-def]
    """A survey in its second round: a client, its workspace, and two fresh links."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient

    from foreland.web import create_app

    fill(ws, rounds=1)
    store.open_round(ws, "moonlamp")
    links = [f"/delphi/moonlamp/answer/{token}" for token in store.invite(ws, "moonlamp", 2)]
    return (
        TestClient(create_app(ws.path), base_url="http://127.0.0.1:8321", headers={"accept-language": "en"}),
        ws,
        links,
    )


def sent(client, link: str, seen: int = 0, number: int = 2, **fields: str):  # type: ignore[no-untyped-def]
    said = {"round": number, "seen": seen, **{name.replace("_", "."): value for name, value in fields.items()}}
    return client.post(link, content=urlencode(said), headers=FORM, follow_redirects=False)


def mine(ws: Workspace, number: int = 2) -> dict[str, dict[str, Answer]]:
    return {who: dict(version.answers) for who, version in store.log(ws, "moonlamp", number).latest.items()}


def test_a_form_is_saved_and_comes_back(asked) -> None:  # type: ignore[no-untyped-def]
    client, ws, (link, _) = asked
    done = sent(client, link, lamp_importance="4", lamp_year="2031", ice_never="1", ice_comment="<b>dust</b>\r\n=1",
                lamp_obstacles="funding")  # fmt: skip
    assert done.status_code == 303
    assert mine(ws)["p009"] == {
        "lamp": Answer(4, 2031, None, None, ("funding",)), "ice": Answer(year="never", comment="<b>dust</b>\n=1"),
    }  # fmt: skip
    page = client.get(done.headers["location"].partition("#")[0])
    assert "Your answers are saved." in page.text
    assert "&lt;b&gt;dust&lt;/b&gt;" in page.text
    assert re.search(r'name="lamp.year"[^>]*value="2031"', page.text)
    assert page.headers["cache-control"] == "no-store"
    again = sent(client, link, seen=1, lamp_importance="2")
    assert "replace the earlier" in client.get(again.headers["location"].partition("#")[0]).text
    assert mine(ws)["p009"] == {"lamp": Answer(importance=2)}
    assert "You saved these answers on" in client.get(link).text


def test_two_tabs_of_one_link_are_put_together_and_told(asked) -> None:  # type: ignore[no-untyped-def]
    client, ws, (link, _) = asked
    sent(client, link, lamp_importance="4")
    done = sent(client, link, ice_year="2040", lamp_importance="")
    assert "merged=lamp" in done.headers["location"]
    assert mine(ws)["p009"] == {"lamp": Answer(importance=4), "ice": Answer(year=2040)}
    assert "both were put together" in client.get(done.headers["location"].partition("#")[0]).text.lower()


def test_what_can_not_be_taken_is_said_and_kept_on_the_page(asked) -> None:  # type: ignore[no-untyped-def]
    client, ws, (link, _) = asked
    done = sent(client, link, lamp_year="soon", lamp_comment="kept words", ice_importance="3")
    assert done.status_code == 422
    assert "“soon” is no year from 2026 to 2075" in done.text
    assert "kept words" in done.text
    assert 'value="soon" aria-invalid="true"' in done.text
    assert re.search(r'name="ice.importance".*?value="3" selected', done.text, re.S)
    assert "p009" not in mine(ws)


def test_a_round_that_closed_meanwhile_loses_no_words(asked) -> None:  # type: ignore[no-untyped-def]
    client, ws, (link, _) = asked
    store.save(ws, "moonlamp", 2, "p001", answers(0, 2), 0)
    store.close_round(ws, "moonlamp")
    done = sent(client, link, lamp_comment="late words", lamp_importance="5")
    assert done.status_code == 409
    assert "late words" in done.text
    assert "frozen" in done.text
    assert "p009" not in mine(ws)
    page = client.get(link)
    assert "No round is open now" in page.text
    assert 'type="submit">Save' not in page.text


def test_the_panel_before_and_ones_own_answer_stand_beside(asked) -> None:  # type: ignore[no-untyped-def]
    client, ws, _ = asked
    token = store.invite(ws, "moonlamp", 1)[0]
    # Somebody who answered the first round: given a link of which we know the word.
    secret = "a-word-that-we-know"
    path = ws.path / "surveys" / "moonlamp" / "participants.csv"
    from foreland.data.surveys.files import hashed

    lines = path.read_text().splitlines()
    lines[1] = f"p001,{hashed('moonlamp', secret)},link"
    path.write_text("\n".join(lines) + "\n")
    page = client.get(f"/delphi/moonlamp/answer/{secret}").text
    found = client.get("/api/v1/foresight/delphi?survey=moonlamp").json()
    row = next(row for row in found["rows"] if row["field_id"].endswith(":lamp"))
    assert f"<strong>{row['year_median']}</strong> ({row['year_low']}–{row['year_high']})" in page
    said = answers(0, 1)["lamp"]
    assert f"importance {said.importance} of 5, year {said.year}" in page
    assert "Dust, says 1." in page, "comments of others are shown"
    other = client.get(f"/delphi/moonlamp/answer/{token}").text
    assert "You said" not in other


def test_of_two_nobody_sees_the_other(ws: Workspace) -> None:
    from fastapi.testclient import TestClient

    from foreland.web import create_app

    fill(ws, moonlamp("pair"), people=2, rounds=1)
    store.open_round(ws, "pair")
    client = TestClient(create_app(ws.path), base_url="http://127.0.0.1:8321")
    page = client.get(f"/delphi/pair/answer/{store.invite(ws, 'pair', 1)[0]}?lang=en").text
    assert "Dust" not in page
    assert "median (middle half)" not in page


def test_other_sites_can_not_write(asked) -> None:  # type: ignore[no-untyped-def]
    client, ws, (link, _) = asked
    body = urlencode({"round": 2, "seen": 0, "lamp.importance": 5})
    for headers in (
        {},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "http://127.0.0.1:8321", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        kind = {"content-type": "application/x-www-form-urlencoded"}
        found = client.post(link, content=body, headers={**kind, **headers}, follow_redirects=False)
        assert found.status_code == 403, headers
    assert client.post(link, content=b"{}", headers={**OURS, "content-type": "application/json"}).status_code == 415
    assert client.post(link, content=b"a" * 2_100_000, headers=FORM).status_code == 413
    assert "p009" not in mine(ws)
    assert client.post("/delphi/moonlamp", content=body, headers=FORM).status_code == 405


def test_hostile_forms_and_addresses(asked) -> None:  # type: ignore[no-untyped-def]
    client, ws, (link, _) = asked
    assert client.get("/delphi/moonlamp/answer/guessed").status_code == 404
    assert client.get("/delphi/nowhere").status_code == 404
    assert client.get("/delphi/..%2f..%2fetc/answer/x").status_code == 404
    assert sent(client, "/delphi/moonlamp/answer/guessed", lamp_importance="5").status_code == 404
    assert sent(client, link, seen=-3, lamp_importance="5").status_code == 303
    assert sent(client, link, number=1, lamp_importance="1").status_code == 409
    assert sent(client, link, number="x", lamp_importance="1").status_code == 409
    strange = client.post(link, content=b"round=2&seen=9999999&%ff%fe=1&lamp.comment=%00%1b[31mred&nope.year=2030",
                          headers=FORM, follow_redirects=False)  # fmt: skip
    assert strange.status_code == 303
    assert mine(ws)["p009"] == {"lamp": Answer(comment="[31mred")}
    many = client.post(link, content=b"a=1&" * 30_000, headers=FORM, follow_redirects=False)
    assert many.status_code == 413
    assert "more than 20,000 fields" in many.text


def test_pages_in_both_languages_and_their_twins(asked) -> None:  # type: ignore[no-untyped-def]
    client, _, _ = asked
    for lang, word in (("en", "Delphi surveys"), ("zh", "德尔菲调查")):
        assert word in client.get(f"/delphi?lang={lang}").text
        page = client.get(f"/delphi/moonlamp?lang={lang}").text
        assert page.count("<svg") >= 6
    assert client.get("/delphi.json").json()[0]["open_round"] == 2
    assert client.get("/delphi.csv").status_code == 200
    assert "Dust, says 1." in page
    # What is said in the open round is in nobody's sight.
    ws = open_workspace(client.app.state.site.ws.path)
    store.save(ws, "moonlamp", 2, "p001", {"lamp": Answer(importance=1, comment="unseen words")}, 0)
    assert "unseen words" not in client.get("/delphi/moonlamp?lang=en").text
    assert "1 / 10" in client.get("/delphi/moonlamp?lang=en").text


def test_forms_sent_at_once_are_all_kept(asked) -> None:  # type: ignore[no-untyped-def]
    client, ws, _ = asked
    links = [f"/delphi/moonlamp/answer/{token}" for token in store.invite(ws, "moonlamp", 6)]

    def fill_in(person: int) -> list[int]:
        return [
            sent(client, links[person], seen=n, lamp_year=str(2030 + n), ice_importance="3").status_code
            for n in range(4)
        ]

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(fill_in, range(6))) == [[303] * 4] * 6
    found = store.log(ws, "moonlamp", 2)
    assert found.damaged == 0
    assert [len(found.versions[f"p{n:03d}"]) for n in range(11, 17)] == [4] * 6
    assert all(version.answers["lamp"].year == 2033 for version in found.latest.values())


@pytest.mark.browser
def test_two_browsers_fill_in_a_round_without_scripts(browser, ws: Workspace) -> None:  # type: ignore[no-untyped-def]
    store.create(ws, moonlamp())
    store.open_round(ws, "moonlamp")
    tokens = store.invite(ws, "moonlamp", 2)
    with served(ws.path) as base:
        contexts = [
            browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=False, locale="zh-CN"),
            browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB"),
        ]
        pages = [context.new_page() for context in contexts]
        wrong: list[str] = []
        pages[1].on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
        for page, token in zip(pages, tokens, strict=True):
            page.goto(f"{base}/delphi/moonlamp/answer/{token}")
        # Both have the form open; they type in turns and save one after the other.
        for turn, topic in enumerate(("lamp", "ice", "clock")):
            for who, page in enumerate(pages):
                page.select_option(f'[name="{topic}.importance"]', str(5 - turn - who))
                page.fill(f'[name="{topic}.year"]', str(2031 + 10 * turn + who))
        pages[0].check('[name="moth.never"]')
        pages[1].fill('[name="moth.comment"]', "Moths <script>alert(1)</script>")
        pages[1].check('[name="store.obstacles"][value="market"]')
        for page in pages:
            page.click("button[type=submit].strong")
            page.wait_for_url("**saved=first**")
        assert "已保存" in pages[0].inner_text("#told")
        assert "saved" in pages[1].inner_text("#told")
        # One comes back in another browser, and finds what was answered.
        back = browser.new_context(viewport={"width": 390, "height": 800}).new_page()
        back.goto(f"{base}/delphi/moonlamp/answer/{tokens[0]}")
        assert back.input_value('[name="lamp.year"]') == "2031"
        assert back.is_checked('[name="moth.never"]')
        assert not back.evaluate("document.documentElement.scrollWidth > innerWidth")
        unlabelled = back.evaluate(
            "[...document.querySelectorAll('.delphi-form input:not([type=hidden]),select,textarea')]"
            ".filter(e => !e.labels || !e.labels.length).map(e => e.name)"
        )
        assert unlabelled == []
        small = back.evaluate(
            "[...document.querySelectorAll('.delphi-tick,.delphi-form select,.delphi-form .control input[type=text]')]"
            ".filter(e => e.getBoundingClientRect().height < 40).length"
        )
        assert small == 0
        assert wrong == []
        for context in (*contexts, back.context):
            context.close()
    assert {who: dict(version.answers) for who, version in store.log(ws, "moonlamp", 1).latest.items()} == {
        "p001": {"lamp": Answer(5, 2031), "ice": Answer(4, 2041), "clock": Answer(3, 2051),
                 "moth": Answer(year="never")},
        "p002": {
            "lamp": Answer(4, 2032), "ice": Answer(3, 2042), "clock": Answer(2, 2052),
            "moth": Answer(comment="Moths <script>alert(1)</script>"), "store": Answer(obstacles=("market",)),
        },
    }  # fmt: skip
