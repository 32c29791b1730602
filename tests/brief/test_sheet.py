"""The front page of a brief, printed, is one sheet."""

from __future__ import annotations

import io
import unicodedata

import pytest

from foreland.brief import compose, render_html
from foreland.data.workspace import Workspace

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("subject", "language"),
    [("CN-ZJ", "zh"), ("CN-ZJ", "en"), ("US", "en"), ("iotf:hydrogen", "zh"), ("iotf:semiconductors", "en")],
)
def test_front_page_is_one_sheet(packed: Workspace, browser, subject: str, language: str) -> None:
    from pypdf import PdfReader

    page = browser.new_page()
    page.set_content(render_html(packed, subject, language))
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    # What does not fit on the first sheet would stand before the first section. Fonts draw some characters by radicals.
    second = unicodedata.normalize("NFKC", PdfReader(io.BytesIO(printed)).pages[1].extract_text())
    title = compose(packed, subject).sections[0].title(language)
    assert "".join(second.split()).startswith("".join(title.split()))
