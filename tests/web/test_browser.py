"""Pages in a real Chromium: nothing fails, nothing leaves the machine, state is the address, all can use them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from foreland.core.registry import questions

pytestmark = pytest.mark.browser

QUESTIONS = [question for question in questions().values() if not question.beyond_packs]
"""Those that the bundled figures answer; texts come with nobody's package."""
PLAIN = [
    "/",
    "/region/CN-ZJ",
    "/capability",
    "/documents",
    "/data",
    "/sources",
    "/api",
    "/search?q=Zhejang",
    "/nothing",
]
HEAVIEST = 600_000
JUDGED = """async o => (await axe.run({exclude: ['tbody tr:nth-child(n+4)', 'svg g > :nth-child(n+9)']},
    {resultTypes: ['violations'], ...o})).violations"""
"""Rows and marks are alike: the first of each are judged for all."""
SEEN = """() => [...document.querySelectorAll('.drawing svg')].some(svg => {
    const box = svg.getBoundingClientRect(); return box.width > 200 && box.height > 80; })"""


def address(question, lang: str = "", path: str = "", **more: object) -> str:
    lang = {"lang": lang} if lang else {}
    return f"/{question.room}/{question.name}{path}?{urlencode({**question.example, **more, **lang}, safe=',:')}"


def in_language(path: str, lang: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={lang}"


@contextmanager
def opened(browser, **options: object) -> Iterator[tuple[object, list[str]]]:
    """A page, and the list of what goes wrong on it."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    page = context.new_page()
    page.set_default_timeout(20_000)
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(f"{m.type}: {m.text}") if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on(
        "requestfailed",
        lambda r: wrong.append(f"failed: {r.url} {r.failure}") if "ABORTED" not in str(r.failure) else None,
    )
    page.on("request", lambda r: wrong.append(f"left: {r.url}") if not local(r.url) else None)
    try:
        yield page, wrong
    finally:
        context.close()


def local(url: str) -> bool:
    return url.startswith(("data:", "blob:", "about:")) or urlsplit(url).hostname == "127.0.0.1"


def alive(page) -> None:
    """Wait until the figure that is seen has come to life."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('.drawing')].some(d => d.offsetParent && d.dataset.alive === 'yes')"
    )


def test_every_page_runs_clean(server: str, browser) -> None:
    """No error, no blocked script or style, no request beyond the loopback; figures come to life.

    Questions take languages by turns, narrow pages (below) the other ones.
    """
    with opened(browser) as (page, wrong):
        for path in (in_language(path, lang) for path in PLAIN for lang in ("zh", "en")):
            page.goto(server + path)
            page.wait_for_function("() => !document.querySelector('[data-pending]')", timeout=60_000)
        wrong[:] = [w for w in wrong if "404" not in w]  # the browser reports the page that is not there
        assert not wrong, wrong
        for i, question in enumerate(QUESTIONS):
            page.goto(server + address(question, ("en", "zh")[i % 2]))
            alive(page)
            assert not wrong, (question.id, wrong)
            assert page.locator(".drawing.wide svg text").count() > 3
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
                f"{question.id} scrolls sideways"
            )
        assert not wrong, wrong


def test_narrow_pages_do_not_scroll_sideways(server: str, browser) -> None:
    with opened(browser, viewport={"width": 360, "height": 740}, color_scheme="dark") as (page, wrong):
        for i, question in enumerate(QUESTIONS):
            page.goto(server + address(question, ("zh", "en")[i % 2]), wait_until="domcontentloaded")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), question.id
            assert page.evaluate(SEEN), f"{question.id}: the narrow figure is seen"
        for path in PLAIN[:-1]:
            page.goto(server + in_language(path, "en"), wait_until="domcontentloaded")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert not wrong, wrong


def test_state_is_the_address(server: str, browser) -> None:
    """A changed control changes the address; the address alone gives the same page; back goes back."""
    with opened(browser) as (page, wrong):
        page.goto(f"{server}/capability/specialisation?region=CN-ZJ&lang=en")
        before = page.locator("h1").inner_text()
        page.select_option("#c-region", "CN-GD")
        page.wait_for_url("**/capability/specialisation?region=CN-GD&lang=en")
        assert "Guangdong" in page.locator("h1").inner_text()
        page.locator("#more > summary").click()
        page.fill("#c-window", "1")
        page.locator("#c-window").press("Enter")
        page.wait_for_url("**window=1**")
        page.locator("#tab-table").click()
        page.wait_for_url("**view=table**")
        page.locator("#sort-value").click()
        page.wait_for_url("**sort=-value**")
        asked = parse_qs(urlsplit(page.url).query)
        assert asked == {
            "region": ["CN-GD"], "window": ["1"], "view": ["table"], "sort": ["-value"], "lang": ["en"]
        }  # fmt: skip
        state = "() => [document.querySelector('#main').innerText, document.querySelector('#c-region').value]"
        shown = page.evaluate(state)
        page.reload()
        assert page.evaluate(state) == shown
        page.locator(".language").click()
        page.wait_for_url("**lang=zh")
        assert page.input_value("#c-region") == "CN-GD"
        assert page.locator("html").get_attribute("lang") == "zh-CN"
        for _ in range(5):
            page.go_back()
            page.wait_for_timeout(150)
        page.wait_for_function("text => document.querySelector('h1').innerText === text", arg=before)
        assert page.url == f"{server}/capability/specialisation?region=CN-ZJ&lang=en"
        assert not wrong, wrong


def test_evidence_opens_in_a_drawer(server: str, browser) -> None:
    """From the keyboard: opens, keeps the focus inside, closes with Esc, gives the focus back."""
    with opened(browser) as (page, wrong):
        page.goto(f"{server}/capability/specialisation?region=CN-ZJ&lang=zh")
        first = page.locator("a[data-evidence]").first
        first.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("#drawer[open] table")
        for _ in range(12):
            page.keyboard.press("Tab")
            inside = page.evaluate(
                "document.activeElement.closest('#drawer') !== null || document.activeElement === document.body"
            )
            assert inside, "the focus stays in the drawer"
        page.keyboard.press("Escape")
        assert page.locator("#drawer[open]").count() == 0
        assert page.evaluate("document.activeElement.matches('a[data-evidence]')")
        page.locator("#data tbody td.n").first.click()
        page.wait_for_selector("#drawer[open] table")
        assert not wrong, wrong


def test_keyboard_reaches_the_content(server: str, browser) -> None:
    with opened(browser) as (page, _):
        page.goto(server + address(QUESTIONS[0], "en"))
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        # The browser moves the focus a moment after the key.
        page.wait_for_function("() => document.activeElement.id === 'main'", timeout=5_000)
        page.keyboard.press("Tab")
        page.wait_for_function("() => document.activeElement.id !== 'main'")
        assert page.evaluate("document.activeElement.closest('main') !== null")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", "the focus is seen"


def test_no_serious_finding_of_axe(server: str, browser) -> None:
    """On no page: questions by turns in either theme, other pages in one and their contrasts in the other too."""
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe().axe_script
    some = [address(question, ("zh", "en")[i // 2 % 2]) for i, question in enumerate(QUESTIONS)]
    some += [in_language(path, "en") for path in PLAIN]
    some += [address(QUESTIONS[0], "zh", "/evidence", row=0), address(QUESTIONS[1], "en", view="table"), "/?lang=zh"]
    with opened(browser, bypass_csp=True) as (page, _):
        for i, path in enumerate(some):
            themes = ("light", "dark") if i % 2 else ("dark", "light")
            page.emulate_media(color_scheme=themes[0])
            page.goto(server + path, wait_until="domcontentloaded")
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
            page.evaluate(axe)
            found = page.evaluate(JUDGED, {})
            if i >= len(QUESTIONS):
                page.emulate_media(color_scheme=themes[1])
                found += page.evaluate(JUDGED, {"runOnly": ["color-contrast"]})
            serious = [
                (v["id"], v["help"], [node["html"][:160] for node in v["nodes"][:3]])
                for v in found
                if v["impact"] in ("serious", "critical")
            ]
            assert not serious, (path, themes, serious)


def test_theme_is_a_choice_that_stays(server: str, browser) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    bar = "getComputedStyle(document.querySelector('.drawing.wide svg text')).fill"
    with opened(browser, color_scheme="light") as (page, wrong):
        page.goto(server + address(QUESTIONS[0], "en"))
        light, ink = page.evaluate(ground), page.evaluate(bar)
        page.locator("[data-theme-toggle]").click()
        dark = page.evaluate(ground)
        assert dark != light
        assert page.evaluate(bar) != ink, "figures follow without being drawn again"
        page.reload()
        assert page.evaluate(ground) == dark
        assert not wrong, wrong


def test_works_without_scripts(server: str, browser) -> None:
    with opened(browser, java_script_enabled=False) as (page, wrong):
        page.goto(f"{server}/capability/specialisation?region=CN-ZJ&lang=en")
        assert page.locator(".drawing.wide svg").is_visible()
        assert page.locator("#data tbody tr").count() > 5
        page.select_option("#c-region", "CN-JS")
        page.locator("button[data-without-script]").click()
        page.wait_for_load_state()
        assert parse_qs(urlsplit(page.url).query) == {"region": ["CN-JS"], "lang": ["en"]}
        assert "Jiangsu" in page.locator("h1").inner_text()
        page.locator("#tab-table").click()
        assert "view=table" in page.url
        page.locator("a[data-evidence]").first.click()
        assert "/evidence?" in page.url
        assert page.locator("table").count() >= 1
        page.goto(f"{server}/?lang=zh")
        page.select_option("#pick", "CN-ZJ")
        page.locator(".pick button").click()
        assert page.url == f"{server}/region/CN-ZJ?lang=zh"
        assert not wrong, wrong


def test_a_missing_script_breaks_nothing(server: str, browser) -> None:
    with opened(browser) as (page, _):
        page.route("**/vega.js", lambda route: route.abort())
        page.goto(server + address(QUESTIONS[0], "en"))
        page.wait_for_function("() => [...document.querySelectorAll('.drawing')].some(d => d.dataset.alive === 'no')")
        assert page.evaluate(SEEN)
        page.locator("a[data-evidence]").first.click()
        page.wait_for_selector("#drawer[open]")


def _weigh(weight: list[float], event: dict[str, float]) -> None:
    weight.append(event["encodedDataLength"])


def test_weight_and_first_figure(server: str, browser) -> None:
    """Under 600 kB as transferred, chart library included; the first figure in under a second once warm.

    Scripts and styles are the same for all pages, so the three heaviest pages stand for the others.
    """
    from urllib.request import Request, urlopen

    def packed(question) -> int:
        asked = Request(server + address(question, "zh"), headers={"accept-encoding": "gzip"})
        return len(urlopen(asked).read())

    slow, heavy = {}, {}
    for question in sorted(QUESTIONS, key=packed)[-3:]:
        with opened(browser) as (page, _):
            network = page.context.new_cdp_session(page)
            network.send("Network.enable")
            weight: list[float] = []
            network.on("Network.loadingFinished", partial(_weigh, weight))
            started = time.monotonic()
            page.goto(server + address(question, "zh"), wait_until="commit")
            page.wait_for_function(SEEN)
            slow[question.id] = time.monotonic() - started
            alive(page)
            page.wait_for_load_state("networkidle")
            heavy[question.id] = sum(weight)
    assert max(heavy.values()) < HEAVIEST, heavy
    assert min(heavy.values()) > 100_000, "the weight was measured"
    assert max(slow.values()) < 1, slow


def test_tooltips_are_written_like_the_table(server: str, browser) -> None:
    with opened(browser) as (page, wrong):
        page.goto(f"{server}/capability/specialisation?region=CN-ZJ&lang=zh")
        alive(page)
        page.locator(".drawing.wide .mark-rect path").first.hover(position={"x": 6, "y": 3})
        page.wait_for_selector(".vg-tooltip.visible")
        told = page.locator(".vg-tooltip td.value").all_inner_texts()
        cells = page.locator("#data tbody tr").first.locator("td, th").all_inner_texts()
        assert set(told) <= {cell.strip() for cell in cells}
        assert not wrong, wrong
