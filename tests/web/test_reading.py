"""Reading documents in a real Chromium: from the keyboard, by pointer, without scripts, in both themes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from made_documents import EVIL_ID, LONG, PLAN, make_documents
from test_browser import opened

from screenshots import served

pytestmark = pytest.mark.browser

FIELD = f"doc:plan:{PLAN.index('量子科技')}:field"
QUANTITY = f"doc:plan:{PLAN.index('100亿元')}:quantity"
EVIL = f"/documents/{quote(EVIL_ID, safe=':')}"
PAGES = [
    "/documents", "/documents/doc:plan", f"/documents/doc:plan?mark={QUANTITY}", "/documents/doc:closed",
    "/documents/doc:closed?mark=closed:4", EVIL, "/documents/doc:long?page=2", "/documents/doc:report",
    f"/documents/doc:plan?mark={FIELD}&part=why", "/compare", "/compare?left=doc:plan&right=doc:recast&pair=1",
    "/search?q=虚构", "/policy/coverage/evidence?region=CN-ZJ&row=0",
]  # fmt: skip
SEEN = """(() => { const box = document.querySelector('#mark').getBoundingClientRect();
    return box.top > 0 && box.bottom < innerHeight; })()"""
FOCUS = (
    "() => document.activeElement.closest('mark[data-n]') && document.activeElement.closest('mark[data-n]').textContent"
)


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path: Path = tmp_path_factory.mktemp("reading") / "workspace"
    make_documents(path)
    with served(path) as base:
        yield base


def panel_says(page, words: str) -> None:
    page.wait_for_function(
        "words => { const m = document.querySelector('#why .why-words mark'); return m && m.textContent === words; }",
        arg=words,
    )


@pytest.mark.parametrize(("width", "lang"), [(1280, "zh"), (390, "en")])
def test_pages_run_clean_and_fit(reading: str, browser, width: int, lang: str) -> None:
    with opened(browser, viewport={"width": width, "height": 800}) as (page, wrong):
        for path in PAGES:
            page.goto(f"{reading}{path}{'&' if '?' in path else '?'}lang={lang}")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert not wrong, wrong


def test_keys_walk_the_marks_and_open_the_panel(reading: str, browser) -> None:
    """Next and previous, by kind, panel and back, with characters of two UTF-16 units in front of all of them."""
    with opened(browser) as (page, wrong):
        page.goto(f"{reading}/documents/doc:plan?lang=en")
        page.keyboard.press("j")
        assert page.evaluate(FOCUS) == "建设量子科技先导区"
        panel_says(page, "建设量子科技先导区")
        page.keyboard.press("j")
        assert page.evaluate(FOCUS) == "量子科技"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", "the focus is seen"
        page.keyboard.press("n")
        assert page.evaluate(FOCUS) == "人工智能", "the next field, past what else is marked"
        page.keyboard.press("n")
        page.keyboard.press("p")
        page.keyboard.press("k")
        assert page.evaluate(FOCUS) == "100亿元以上"
        panel_says(page, "100亿元以上")
        assert parse_qs(urlsplit(page.url).query) == {"lang": ["en"], "mark": [QUANTITY.removeprefix("doc:plan")]}
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.activeElement.id === 'why-title'")
        page.keyboard.press("Escape")
        assert page.evaluate(FOCUS) == "100亿元以上", "the focus comes back"
        assert page.locator("#why .why-inner").count() == 0
        assert "mark=" not in page.url
        page.keyboard.press("ArrowDown")
        assert page.evaluate(FOCUS) == "人工智能"
        page.keyboard.press("?")
        assert page.locator("#keys[open]").is_visible()
        page.keyboard.press("Escape")
        assert page.locator("#keys[open]").count() == 0
        assert not wrong, wrong


def test_keys_reach_marks_that_others_cover(reading: str, browser) -> None:
    """Field and instrument on the same words: the outer one has no words of its own, and is reached and explained."""
    with opened(browser) as (page, wrong):
        page.goto(f"{reading}/documents/doc:plan?lang=zh")
        seen = []
        for _ in range(9):
            page.keyboard.press("j")
            seen.append(page.evaluate("document.activeElement.closest('mark[data-n]').className.match(/k-(\\w+)/)[1]"))
        assert sorted(seen) == ["definition", "field", "field", "field", "field", "instrument", "instrument", "other",
                                "quantity"]  # fmt: skip
        page.wait_for_selector("#why .why-inner")
        assert not wrong, wrong


def test_single_keys_can_be_turned_off(reading: str, browser) -> None:
    with opened(browser) as (page, _):
        page.goto(f"{reading}/documents/doc:plan")
        page.locator("[data-keys]").click()
        page.locator("[data-keys-on]").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        assert page.evaluate(FOCUS) is None
        page.locator("#text mark a").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("#why .why-inner")


def test_pointer_opens_follows_and_copies(reading: str, browser) -> None:
    with opened(browser) as (page, wrong):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{reading}/documents/doc:plan?lang=zh")
        page.locator("#text mark.k-quantity a").first.click()
        panel_says(page, "100亿元以上")
        page.locator("#why [data-copy]").click()
        page.wait_for_function("() => document.querySelector('#why [data-copy]').textContent === '已复制'")
        assert "100亿元以上" in page.evaluate("navigator.clipboard.readText()")
        page.locator("#why .why-step a").last.click()
        panel_says(page, "人工智能")
        assert page.evaluate(FOCUS) == "人工智能"
        page.locator(".strips a").last.click()
        page.wait_for_function("() => document.querySelector('#text mark.chosen')")
        address = page.url
        page.goto(address)
        assert page.locator("#why .why-inner").count() == 1, "the address says what is open"
        assert not wrong, wrong


def test_kinds_switch_at_once_and_stay_in_the_address(reading: str, browser) -> None:
    with opened(browser) as (page, wrong):
        page.goto(f"{reading}/documents/doc:plan?lang=en")
        line = "getComputedStyle(document.querySelector('#text mark.k-instrument')).textDecorationLine"
        assert page.evaluate(line) == "underline"
        page.locator("#legend input[value=instrument]").uncheck()
        assert page.evaluate(line) == "none"
        assert parse_qs(urlsplit(page.url).query)["kinds"] == ["field,quantity,definition,other"]
        page.keyboard.press("j")
        assert page.evaluate(FOCUS) == "量子科技", "what is not shown is not walked"
        panel_says(page, "量子科技")
        assert "kinds=" in page.url
        page.reload()
        assert page.evaluate(line) == "none"
        assert not page.locator("#legend input[value=instrument]").is_checked()
        page.locator("#legend input[value=instrument]").check()
        assert "kinds=" not in page.url
        assert not wrong, wrong


def test_keys_turn_the_page(reading: str, browser) -> None:
    """Behind the last mark of a page comes the first of the next one."""
    with opened(browser) as (page, wrong):
        page.goto(f"{reading}/documents/doc:long?lang=en")
        last = page.locator("#text mark a").last
        last.focus()
        page.keyboard.press("j")
        page.wait_for_url("**mark=long:**")
        page.wait_for_selector("#mark")
        assert "Page 2 of" in page.locator(".pager").first.inner_text()
        assert page.evaluate(SEEN)
        page.keyboard.press("k")
        page.wait_for_function("() => document.querySelector('.pager span').textContent.startsWith('Page 1 ')")
        assert not wrong, wrong


def test_an_address_scrolls_to_its_passage(reading: str, browser) -> None:
    mark = LONG.count("人工智能") - 1
    for options in ({}, {"java_script_enabled": False}, {"viewport": {"width": 390, "height": 700}}):
        with opened(browser, **options) as (page, wrong):
            page.goto(f"{reading}/documents/doc:long?mark=long:{mark}#mark")
            if options.get("java_script_enabled", True):
                page.wait_for_function(f"() => {SEEN}")
            else:
                box = page.locator("#mark").bounding_box()
                assert 0 < box["y"] < 900
            assert page.locator("#why .why-inner").is_visible()
            assert not wrong, wrong


def test_reads_without_scripts(reading: str, browser) -> None:
    with opened(browser, java_script_enabled=False) as (page, wrong):
        page.goto(f"{reading}/documents?lang=en")
        page.fill("#c-q", "改写")
        page.locator("button[data-without-script]").click()
        page.locator(".doc-list h2 a").first.click()
        page.locator("#text mark.k-quantity a").first.click()
        assert page.locator("#why .why-words mark").inner_text() == "100亿元以上"
        page.locator("#legend input[value=field]").uncheck()
        page.locator("#legend button[data-without-script]").click()
        assert "hide-field" in page.locator("#reader").get_attribute("class")
        assert "mark=" in page.url
        page.locator(".why-close").click()
        assert page.locator("#why .why-inner").count() == 0
        page.goto(f"{reading}/compare?lang=en")
        page.select_option("#c-left", "doc:plan")
        page.select_option("#c-right", "doc:recast")
        page.locator(".controls button").click()
        page.locator("#pane-left mark.k-shared a").first.click()
        assert "pair=1" in page.url
        assert page.url.endswith("#r1")
        assert not wrong, wrong


def test_side_by_side_a_passage_brings_its_partner(reading: str, browser) -> None:
    with opened(browser, viewport={"width": 390, "height": 700}) as (page, wrong):
        page.goto(f"{reading}/compare?left=doc:long&right=doc:long&lang=en")
        page.goto(f"{reading}/compare?left=doc:plan&right=doc:recast&lang=en")
        page.locator("#pane-left mark.k-shared a").first.click()
        page.wait_for_url("**pair=1")
        assert page.locator("#panes mark.chosen").count() >= 2
        assert page.evaluate("(() => { const m = document.querySelector('#r1').getBoundingClientRect();"
                             "const p = document.querySelector('#pane-right').getBoundingClientRect();"
                             "return m.top >= p.top && m.top < p.bottom; })()")  # fmt: skip
        assert not wrong, wrong


def test_no_serious_finding_of_axe(reading: str, browser) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe().axe_script
    judged = (
        "async o => (await axe.run({exclude: ['#text p:nth-of-type(n+9)', 'tbody tr:nth-child(n+4)']},"
        "{resultTypes: ['violations'], ...o})).violations"
    )
    with opened(browser, bypass_csp=True) as (page, _):
        for i, path in enumerate(PAGES):
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                page.goto(f"{reading}{path}{'&' if '?' in path else '?'}lang={('zh', 'en')[i % 2]}")
                page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
                page.evaluate(axe)
                found = page.evaluate(judged, {} if theme == "light" else {"runOnly": ["color-contrast"]})
                serious = [(v["id"], v["help"], [node["html"][:160] for node in v["nodes"][:3]]) for v in found
                           if v["impact"] in ("serious", "critical")]  # fmt: skip
                assert not serious, (path, theme, serious)


def test_prints_text_and_panel(reading: str, browser) -> None:
    with opened(browser) as (page, _):
        page.goto(f"{reading}/documents/doc:plan?mark={QUANTITY}&lang=en")
        page.emulate_media(media="print")
        assert page.locator("#text").is_visible()
        assert page.locator("#why .why-facts").is_visible()
        assert not page.locator(".pager, .doc-correct, #legend button").first.is_visible()
