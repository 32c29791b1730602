"""The front page of a brief, printed, is one sheet."""

from __future__ import annotations

import io
import sys
import unicodedata
from pathlib import Path

import pytest

from foreland.brief import compose, render_html
from foreland.data.workspace import Workspace
from foreland.i18n import LANGUAGES

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
from screenshots import FLAGS, browser_path

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("subject", ["CN-ZJ", "US", "iotf:hydrogen", "iotf:semiconductors"])
def test_front_page_is_one_sheet(packed: Workspace, subject: str, language) -> None:
    path = browser_path()
    if path is None:
        pytest.skip("needs Chromium (none found; name one in CHROMIUM)")
    from playwright.sync_api import sync_playwright
    from pypdf import PdfReader

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page()
        page.set_content(render_html(packed, subject, language))
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        browser.close()
    # What does not fit on the first sheet would stand before the first section. Fonts draw some characters by radicals.
    second = unicodedata.normalize("NFKC", PdfReader(io.BytesIO(printed)).pages[1].extract_text())
    title = compose(packed, subject).sections[0].title(language)
    assert "".join(second.split()).startswith("".join(title.split()))
