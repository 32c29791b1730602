"""The front page of a brief, printed, is one sheet."""

from __future__ import annotations

import io
import unicodedata

import pytest

from foreland.brief import compose, render_html
from foreland.data.workspace import Workspace
from foreland.i18n import LANGUAGES

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("subject", ["CN-ZJ", "US", "iotf:hydrogen", "iotf:semiconductors"])
def test_front_page_is_one_sheet(packed: Workspace, browser, subject: str, language) -> None:
    from pypdf import PdfReader

    page = browser.new_page()
    page.set_content(render_html(packed, subject, language))
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    # What does not fit on the first sheet would stand before the first section. Fonts draw some characters by radicals.
    second = unicodedata.normalize("NFKC", PdfReader(io.BytesIO(printed)).pages[1].extract_text())
    title = compose(packed, subject).sections[0].title(language)
    assert "".join(second.split()).startswith("".join(title.split()))
