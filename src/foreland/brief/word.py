"""What Word needs: fonts for both scripts, and numbers that say which evidence they have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def prepare(document: Any) -> None:
    """Set A4, margins and a Chinese font beside the Latin one."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2)
    for name in ("Normal", "Title", "Heading 1", "List Bullet"):
        style = document.styles[name]
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "Microsoft YaHei")
    document.styles["Normal"].font.size = Pt(10.5)


def add_sentence(paragraph: Any, pieces: Iterable[tuple[str, int | None]]) -> None:
    """Write a sentence; a number is followed by the number of its evidence, raised."""
    for text, number in pieces:
        run = paragraph.add_run(text)
        if number is not None:
            run.underline = True
            mark = paragraph.add_run(f"[{number}]")
            mark.font.superscript = True


def add_table(document: Any, heads: Iterable[str], rows: Iterable[Iterable[tuple[str, int | None]]]) -> None:
    """Write a table whose cells may have the number of their evidence."""
    from docx.shared import Pt

    heads = list(heads)
    table = document.add_table(rows=1, cols=len(heads), style="Light List")
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        cell.text = head
    for row in rows:
        for cell, piece in zip(table.add_row().cells, row, strict=True):
            add_sentence(cell.paragraphs[0], [piece])
    for cell in (cell for row in table.rows for cell in row.cells):
        for run in (run for paragraph in cell.paragraphs for run in paragraph.runs):
            run.font.size = Pt(9)
