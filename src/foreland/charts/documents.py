"""A finding as Markdown, HTML and Word: headline, picture, table, and what a reader must know."""

from __future__ import annotations

import io
from collections.abc import Sequence

from markupsafe import Markup, escape

from foreland.charts.pictures import bare, chart_svg, permalink, picture_png
from foreland.charts.theme import FONT, PALETTE, use_size
from foreland.core.finding import Finding
from foreland.i18n import Language, t, use_language

LONGEST = 500
"""Most rows of a table in a document; data files hold them all."""


def headings(finding: Finding, language: Language) -> list[str]:
    return [finding.columns[k].label(language) for k in finding.shown]


def markdown(finding: Finding, language: Language) -> str:
    """Headline, table, benchmark, caveats and sources."""
    colon = t("charts.colon", language)
    lines = [f"# {_flat(finding.headline[language])}", "", f"*{finding.registered.text[language]}*", ""]
    lines += [f"{t('core.benchmark', language)}{colon}{_flat(finding.benchmark[language])}", ""]
    lines.append("| " + " | ".join(_cell(text) for text in headings(finding, language)) + " |")
    lines.append("|" + "|".join("---:" if finding.columns[k].numeric else "---" for k in finding.shown) + "|")
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in shown_cells(finding, language, LONGEST)]
    if len(finding) > LONGEST:
        lines += ["", t("charts.rows_cut", language, shown=LONGEST, rows=len(finding))]
    lines += ["", f"## {t('core.how_to_read', language)}", "", finding.registered.how(language)]
    if finding.caveats:
        lines += ["", f"## {t('core.caveats', language)}", ""]
        lines += [f"- **{c.label(language)}**{colon}{_flat(c.text(language))}" for c in finding.caveats]
    lines += ["", f"## {t('charts.sources', language)}", "", *[f"- {_flat(s)}" for s in sources(finding, language)]]
    lines += ["", _flat(finding.cite(language)), "", f"<{permalink(finding, language)}>", ""]
    return "\n".join(lines)


def sources(finding: Finding, language: Language) -> list[str]:
    """Each source in a line: title, publisher, licence."""
    lines = []
    for row in finding.source_rows():
        parts = [row[f"title_{language}"], row.get("publisher"), row.get("licence"), row.get("published")]
        lines.append((", " if language == "en" else "，").join(str(part) for part in parts if part))
    return lines or list(finding.provenance.sources)


def fragment(finding: Finding, chart: str | None, language: Language, rows: int = 12) -> Markup:
    """The finding as a piece of HTML, for a notebook."""
    return Markup('<div class="foreland-finding">{}</div>').format(_body(finding, chart, language, rows))


def page(finding: Finding, chart: str | None, language: Language) -> str:
    """A whole page that needs nothing beside it."""
    side = {name: pair[0] for name, pair in PALETTE.items()}
    style = (
        f"body{{font:16px/1.6 {FONT};color:{side['ink']};background:{side['surface']};max-width:800px;"
        "margin:40px auto;padding:0 20px}h1{font-size:26px;line-height:1.25}h2{font-size:17px;margin-top:32px}"
        f"table{{border-collapse:collapse;width:100%;font-size:14px}}th,td{{padding:6px 8px;text-align:left;"
        f"border-bottom:1px solid {side['grid']}}}th{{color:{side['muted']};font-weight:500}}"
        f".n{{text-align:right;font-variant-numeric:tabular-nums}}.q,.b{{color:{side['muted']};margin:4px 0}}"
        "svg{max-width:100%;height:auto}"
    )
    return str(
        Markup(
            '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title>'
            '<meta name="viewport" content="width=device-width,initial-scale=1"><style>{}</style></head>'
            "<body><main>{}</main></body></html>"
        ).format(
            "zh-CN" if language == "zh" else "en",
            finding.headline[language],
            Markup(style),
            _body(finding, chart, language, LONGEST),
        )
    )


def _body(finding: Finding, chart: str | None, language: Language, rows: int) -> Markup:
    parts = [
        Markup('<p class="q">{}</p><h1>{}</h1>').format(finding.registered.text[language], finding.headline[language]),
        Markup('<p class="b">{}{}{}</p>').format(
            t("core.benchmark", language), t("charts.colon", language), finding.benchmark[language]
        ),
    ]
    if finding.charts:
        with use_language(language):
            # Written by the renderer, which escapes the texts in it.
            svg = chart_svg(bare(finding.chart(chart, language).to_dict()))
        parts.append(Markup(svg))
    parts.append(_table(finding, language, rows))
    if len(finding) > rows:
        parts.append(Markup("<p>{}</p>").format(t("charts.rows_cut", language, shown=rows, rows=len(finding))))
    parts.append(_section(t("core.how_to_read", language), [finding.registered.how(language)]))
    if finding.caveats:
        texts = [f"{c.label(language)}{t('charts.colon', language)}{c.text(language)}" for c in finding.caveats]
        parts.append(_section(t("core.caveats", language), texts))
    parts.append(_section(t("charts.sources", language), sources(finding, language)))
    parts.append(Markup("<p>{}</p><p>{}</p>").format(finding.cite(language), permalink(finding, language)))
    return Markup("").join(parts)


def shown_cells(finding: Finding, language: Language, rows: int) -> list[list[str]]:
    """The first rows as a person reads them, without keys."""
    return [[row[k] for k in finding.shown] for row in finding.written(language)[:rows]]


def _section(title: str, texts: Sequence[str]) -> Markup:
    if len(texts) == 1:
        return Markup("<h2>{}</h2><p>{}</p>").format(title, texts[0])
    items = Markup("").join(Markup("<li>{}</li>").format(text) for text in texts)
    return Markup("<h2>{}</h2><ul>{}</ul>").format(title, items)


def _table(finding: Finding, language: Language, rows: int) -> Markup:
    numeric = [' class="n"' if finding.columns[k].numeric else "" for k in finding.shown]
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(Markup(mark), text)
        for mark, text in zip(numeric, headings(finding, language), strict=True)
    )
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup("<td{}>{}</td>").format(Markup(mark), cell) for mark, cell in zip(numeric, row, strict=True)
            )
        )
        for row in shown_cells(finding, language, rows)
    )
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, body)


def word(finding: Finding, chart: str | None, language: Language) -> bytes:
    """A Word document."""
    from docx import Document
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "Microsoft YaHei")
    for level in ("Title", "Heading 1", "Heading 2"):
        fonts = document.styles[level].element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), "Microsoft YaHei")
    colon = t("charts.colon", language)
    document.add_heading(_printable(finding.headline[language]), 1)
    document.add_paragraph(finding.registered.text[language]).runs[0].italic = True
    document.add_paragraph(f"{t('core.benchmark', language)}{colon}{_printable(finding.benchmark[language])}")
    if finding.charts:
        with use_size("wide"):
            document.add_picture(io.BytesIO(picture_png(finding, chart, language)), width=Cm(15.5))
    rows = shown_cells(finding, language, LONGEST)
    table = document.add_table(rows=1, cols=len(finding.shown), style="Light List Accent 1")
    for cell, text in zip(table.rows[0].cells, headings(finding, language), strict=True):
        cell.text = text
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = _printable(text)
    if len(finding) > LONGEST:
        document.add_paragraph(t("charts.rows_cut", language, shown=LONGEST, rows=len(finding)))
    document.add_heading(t("core.how_to_read", language), 2)
    document.add_paragraph(finding.registered.how(language))
    if finding.caveats:
        document.add_heading(t("core.caveats", language), 2)
        for caveat in finding.caveats:
            text = f"{caveat.label(language)}{colon}{caveat.text(language)}"
            document.add_paragraph(_printable(text), style="List Bullet")
    document.add_heading(t("charts.sources", language), 2)
    for line in sources(finding, language):
        document.add_paragraph(_printable(line), style="List Bullet")
    document.add_paragraph(_printable(finding.cite(language)))
    document.add_paragraph(permalink(finding, language))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _printable(text: str) -> str:
    """The text without the control characters that XML has no place for."""
    return "".join(c for c in text if c in "\t\n" or ord(c) >= 32)


def _flat(text: str) -> str:
    return str(escape(" ".join(text.split())))


def _cell(text: str) -> str:
    return _flat(text).replace("|", "\\|").replace("[", "\\[").replace("`", "\\`")
