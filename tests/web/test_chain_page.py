"""The picture of a chain in a real Chromium: searched, enlarged, followed; and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from foreland.data.workspace import Workspace
from screenshots import served

pytestmark = pytest.mark.browser

DIMMED = """() => [...document.querySelectorAll('.drawing.%s .alive .mark-text text')]
    .filter(text => Number(text.getAttribute('opacity') || 1) < 0.5).map(text => text.textContent)"""


@pytest.fixture(scope="module")
def site(moonlamp: Workspace) -> Iterator[str]:
    with served(moonlamp.path) as base:
        yield base


@contextmanager
def page_of(browser, address: str, **options: object) -> Iterator[object]:  # type: ignore[no-untyped-def]
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 1400}, **options})
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    try:
        page.goto(address)
        yield page
        assert wrong == []
    finally:
        context.close()


@pytest.mark.parametrize(("width", "drawing"), [(1280, "wide"), (390, "narrow")])
def test_a_search_dims_what_it_is_not(site: str, browser, width: int, drawing: str) -> None:  # type: ignore[no-untyped-def]
    view = {"width": width, "height": 1400}
    with page_of(browser, f"{site}/chains/map?region=CN&lang=zh", viewport=view) as page:
        find = page.locator(f".drawing.{drawing} .vega-bindings input[type=search]")
        find.wait_for(timeout=20_000)
        assert page.evaluate(DIMMED % drawing) == []
        find.fill("resist")  # the names stand there in Chinese; either language finds them
        page.wait_for_timeout(300)
        dimmed = page.evaluate(DIMMED % drawing)
        assert "月壳玻璃" in dimmed
        assert "暮光胶" not in dimmed
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_is_enlarged_and_moved_and_a_name_leads_to_its_page(site: str, browser) -> None:  # type: ignore[no-untyped-def]
    with page_of(browser, f"{site}/chains/map?region=CN&lang=en") as page:
        name = page.locator(".drawing.wide .alive").get_by_text("Dusk resist", exact=True).last
        name.wait_for(timeout=20_000)
        other = page.locator(".drawing.wide .alive").get_by_text("Plating bench", exact=True).last

        def apart() -> float:
            return float(other.bounding_box()["x"] - name.bounding_box()["x"])

        before, box = apart(), name.bounding_box()
        page.mouse.move(box["x"] + 2, box["y"] + 60)
        page.mouse.wheel(0, -200)  # the wheel alone scrolls the page
        page.wait_for_timeout(300)
        assert apart() == pytest.approx(before)
        page.evaluate("scrollTo(0, 0)")
        box = name.bounding_box()
        page.mouse.move(box["x"] + 2, box["y"] + 60)
        page.keyboard.down("Control")
        page.mouse.wheel(0, -200)
        page.keyboard.up("Control")
        page.wait_for_timeout(300)
        assert apart() > 1.1 * before
        name.click()
        page.wait_for_url("**/chains/node?**field=moonlamp:dusk**")
        assert "Dusk resist" in page.locator("h1").inner_text()


def test_without_scripts_the_picture_is_whole_and_its_names_are_links(site: str, browser) -> None:  # type: ignore[no-untyped-def]
    view = {"width": 390, "height": 900}
    with page_of(browser, f"{site}/chains/map?lang=en", viewport=view, java_script_enabled=False) as page:
        picture = page.locator(".drawing.narrow svg")
        assert picture.get_by_text("Testing step", exact=True).count() > 0
        picture.get_by_text("Dusk resist", exact=True).last.click()
        page.wait_for_url("**/chains/node?**")
        assert "Dusk resist" in page.locator("h1").inner_text()
