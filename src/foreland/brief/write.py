"""Write a brief as HTML, Word or Markdown. Every number leads to its evidence in the same file."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.brief.compose import compose
from foreland.brief.evidence import behind, told
from foreland.brief.model import Brief, Claim, Figure, Source, Target, Targets
from foreland.core.errors import ForelandError, UsageError, Where
from foreland.core.finding import Finding
from foreland.i18n import Language, current_language, t, use_language

if TYPE_CHECKING:
    from jinja2 import Environment

    from foreland.data.workspace import Workspace


def write_brief(ws: Workspace, subject: str, path: str | Path, language: Language | None = None) -> Path:
    """Write the brief of a place or a field; the file's ending chooses the format.

    Raises
    ------
    UsageError
        If the ending is none of ``.html .docx .md``, or the place or field is unknown.
    DataError
        If no question can be answered for it.
    ForelandError
        If the file can't be written.
    """
    path = Path(path)
    writers = {".html": _html_bytes, ".htm": _html_bytes, ".docx": _word_bytes, ".md": _markdown_bytes}
    if path.suffix.lower() not in writers:
        raise UsageError("brief.error.format", name=path.suffix or path.name)
    content = writers[path.suffix.lower()](compose(ws, subject), language or current_language())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise ForelandError("core.error.cannot_write", where=Where(path), detail=error.strerror) from error
    return path


def render_html(ws: Workspace, subject: str, language: Language | None = None) -> str:
    """The brief of a place or a field as one HTML page that needs nothing beside it."""
    return _html(compose(ws, subject), language or current_language())


def render_markdown(ws: Workspace, subject: str, language: Language | None = None) -> str:
    """The brief of a place or a field as Markdown with the evidence as footnotes."""
    return _markdown(compose(ws, subject), language or current_language())


def render_word(ws: Workspace, subject: str, language: Language | None = None) -> bytes:
    """The brief of a place or a field as a Word document."""
    return _word(compose(ws, subject), language or current_language())


def _html_bytes(brief: Brief, language: Language) -> bytes:
    return _html(brief, language).encode()


def _markdown_bytes(brief: Brief, language: Language) -> bytes:
    return _markdown(brief, language).encode()


def _word_bytes(brief: Brief, language: Language) -> bytes:
    return _word(brief, language)


# HTML ------------------------------------------------------------------------------------------------


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("foreland.brief"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _html(brief: Brief, language: Language) -> str:
    numbers = brief.evidence(language)
    clips = itertools.count()
    with use_language(language):
        return (
            _environment()
            .get_template("brief.html")
            .render(
                brief=brief,
                language=language,
                t=lambda key, **values: t(key, language, **values),
                numbers=numbers,
                pieces=lambda claim: _pieces(claim, numbers, language),
                drawn=lambda figure: _drawn(figure, language, clips),
                evidence=[(numbers[source.key], source, behind(source, language)) for source in brief.cited(language)],
                shown=_shown,
                told=lambda source: told(source.finding, source.row, language),
                targets_foot=lambda targets: _targets_foot(targets, language),
                methods=list({finding.question: finding for finding in reversed(brief.findings)}.values())[::-1],
                caveats=_caveats(brief, language),
                sources=_sources(brief, language),
                version=_version(),
            )
        )


def _pieces(
    claim: Claim, numbers: dict[tuple[str, int | None], int], language: Language
) -> Iterator[tuple[str, int | None]]:
    for text, source in claim.pieces(language):
        yield text, numbers[source.key] if source is not None else None


def _once(pieces: Iterable[tuple[str, int | None]]) -> Iterator[tuple[str, int | None]]:
    """Pieces of a sentence in which each evidence is named where it is first used."""
    seen: set[int | None] = set()
    for text, number in pieces:
        yield text, None if number in seen else number
        seen.add(number)


def _drawn(figure: Figure, language: Language, clips: Iterator[int]) -> Any:
    """A chart as inline SVG without its title, which the page gives as a caption."""
    from markupsafe import Markup

    from foreland.charts.pictures import bare, chart_svg

    svg = chart_svg(bare(figure.finding.chart(figure.chart, language).to_dict()))
    # The renderer numbers its clips over all it has ever drawn; numbered by page, the same brief is the same file.
    clip = re.compile(r'(?<=id="clip)\d+|(?<=url\(#clip)\d+')
    own = {number: str(next(clips)) for number in dict.fromkeys(clip.findall(svg))}
    svg = clip.sub(lambda found: own[found[0]], svg)
    # Written by the renderer, which escapes the texts in it.
    return Markup(svg)


COLUMNS = 11
"""Most columns a printed page has room for; the first ones say most, all are in the data file."""


def _shown(finding: Finding) -> list[int]:
    """Columns worth a place in a narrow table: a place or field that is the same in every row is not, nor are keys."""
    named = {name for name in ("region_id", "field_id") if name in finding.table.column_names}
    same = {name for name in named if len(finding.table[name].unique()) == 1} if len(finding) > 1 else set()
    return [i for i in finding.shown if finding.columns[i].name not in same][:COLUMNS]


def _caveats(brief: Brief, language: Language) -> list[tuple[str, str, str]]:
    """Every caveat of every finding once, at its gravest: severity, label, text; the serious ones first."""
    order = {"serious": 0, "warning": 1, "note": 2}
    found: dict[tuple[str, str], str] = {}
    for caveat in (caveat for finding in brief.findings for caveat in finding.caveats):
        key = (caveat.label(language), caveat.text(language))
        found[key] = min(found.get(key, caveat.severity), caveat.severity, key=order.__getitem__)
    return sorted(((severity, *key) for key, severity in found.items()), key=lambda row: (order[row[0]], *row[1:]))


def _sources(brief: Brief, language: Language) -> list[dict[str, Any]]:
    rows = {row["source_id"]: row for finding in brief.findings for row in finding.source_rows()}
    return [
        {**row, "title": row[f"title_{language}"], "note": row[f"note_{language}"] or ""}
        for _, row in sorted(rows.items())
    ]


def _version() -> str:
    import foreland

    return foreland.__version__


# Markdown --------------------------------------------------------------------------------------------


def _markdown(brief: Brief, language: Language) -> str:
    numbers = brief.evidence(language)

    def sentence(claim: Claim) -> str:
        return "".join(
            _escaped(text) + (f"[^{number}]" if number else "")
            for text, number in _once(_pieces(claim, numbers, language))
        )

    lines = [f"# {_flat(brief.title(language))}", "", _imprint(brief, language), ""]
    colon, comma = ("：", "，") if language == "zh" else (": ", ", ")
    for tile in brief.tiles:
        value = f"{tile.value.text(language)}[^{numbers[tile.value.source.key]}]"
        lines.append(f"- **{_flat(tile.label[language])}**{colon}{value}{comma}{sentence(tile.note)}")
    lines += ["", f"## {t('brief.section.messages', language)}", ""]
    lines += [f"- {sentence(claim)}" for claim in brief.messages]
    for section in brief.sections:
        lines += ["", f"## {section.title(language)}", "", *[f"- {sentence(claim)}" for claim in section.claims]]
        if section.targets.rows:
            lines += ["", *_target_lines(section.targets, numbers, language)]
        if section.table is not None:
            lines += ["", *_table_lines(section.table, section.rows, language)]
    lines += ["", f"## {t('brief.section.caveats', language)}", ""]
    lines += [f"- **{_flat(label)}** {_flat(text)}" for _, label, text in _caveats(brief, language)]
    if brief.missing:
        lines += ["", _missing(brief, language)]
    lines += ["", f"## {t('brief.section.sources', language)}", ""]
    lines += [
        "- " + ". ".join(_flat(row[name] or "") for name in ("title", "publisher", "licence", "url"))
        for row in _sources(brief, language)
    ]
    lines += ["", f"## {t('brief.section.evidence', language)}", ""]
    for source in brief.cited(language):
        lines.append(f"[^{numbers[source.key]}]: {_flat(_evidence_line(source, language))}")
    return "\n".join(lines) + "\n"


def _table_lines(finding: Finding, rows: int, language: Language) -> list[str]:
    specs = [finding.columns[i] for i in finding.shown]
    lines = [_table_row(spec.label(language) for spec in specs)]
    lines.append("|" + "|".join("---:" if spec.numeric else "---" for spec in specs) + "|")
    lines += [_table_row(row[i] for i in finding.shown) for row in finding.written(language)[:rows]]
    if len(finding) > rows:
        lines += ["", t("brief.see_table", language, shown=rows, rows=len(finding))]
    return lines


def _target_lines(targets: Targets, numbers: dict[tuple[str, int | None], int], language: Language) -> list[str]:
    lines = [_table_row(_target_heads(targets, language)), "|---|---:|---|---|" + ("---|" if targets.quoted else "")]
    for target in targets.rows:
        what, amount, *rest = _target_cells(target, targets, language)
        marked = f"{_cell(amount)}[^{numbers[target.amount.source.key]}]"
        lines.append("| " + " | ".join([_cell(what), marked, *map(_cell, rest)]) + " |")
    return [*lines, "", *(_flat(line) for line in _targets_foot(targets, language))]


def _table_row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    return _flat(text).replace("|", "\\|")


def _evidence_line(source: Source, language: Language) -> str:
    """Evidence in one line: the finding's row and the input rows behind it."""
    finding = source.finding
    parts = [t("brief.evidence.finding", language, question=finding.question, id=finding.id)]
    if source.row is None:
        parts.append(finding.headline[language])
    else:
        parts.append("; ".join(f"{label} {cell}" for label, cell in told(finding, source.row, language)))
    found = behind(source, language)
    parts += [*found.lines, found.sources]
    return " — ".join(part for part in parts if part)


# Word ------------------------------------------------------------------------------------------------


def _word(brief: Brief, language: Language) -> bytes:
    from docx import Document
    from docx.shared import Cm

    from foreland.brief.word import add_sentence, prepare

    numbers = brief.evidence(language)
    document = Document()
    prepare(document)
    document.add_heading(brief.title(language), 0)
    document.add_paragraph(_imprint(brief, language))
    if brief.tiles:
        table = document.add_table(rows=0, cols=3, style="Light List")
        for tile in brief.tiles:
            cells = table.add_row().cells
            cells[0].text = tile.label[language]
            add_sentence(cells[1].paragraphs[0], [(tile.value.text(language), numbers[tile.value.source.key])])
            add_sentence(cells[2].paragraphs[0], _once(_pieces(tile.note, numbers, language)))
    document.add_heading(t("brief.section.messages", language), 1)
    for claim in brief.messages:
        add_sentence(document.add_paragraph(style="List Bullet"), _once(_pieces(claim, numbers, language)))
    if brief.lead is not None:
        _add_figure(document, brief.lead, language, Cm(15))
    document.add_page_break()
    for section in brief.sections:
        document.add_heading(section.title(language), 1)
        for claim in section.claims:
            add_sentence(document.add_paragraph(style="List Bullet"), _once(_pieces(claim, numbers, language)))
        if section.targets.rows:
            _add_targets(document, section.targets, numbers, language)
        if section.figure is not None and section.figure != brief.lead:
            _add_figure(document, section.figure, language, Cm(15))
    document.add_heading(t("brief.section.caveats", language), 1)
    for _, label, text in _caveats(brief, language):
        paragraph = document.add_paragraph(style="List Bullet")
        paragraph.add_run(f"{label} ").bold = True
        paragraph.add_run(text)
    if brief.missing:
        document.add_paragraph(_missing(brief, language))
    document.add_heading(t("brief.section.sources", language), 1)
    for row in _sources(brief, language):
        parts = (row["title"], row["publisher"], row["licence"], row["url"], row["note"])
        document.add_paragraph(". ".join(part for part in parts if part), style="List Bullet")
    document.add_heading(t("brief.section.evidence", language), 1)
    for source in brief.cited(language):
        document.add_paragraph(f"[{numbers[source.key]}] {_evidence_line(source, language)}")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _add_targets(
    document: Any, targets: Targets, numbers: dict[tuple[str, int | None], int], language: Language
) -> None:
    from foreland.brief.word import add_table

    rows = [
        [(cell, numbers[target.amount.source.key] if i == 1 else None) for i, cell in enumerate(cells)]
        for target in targets.rows
        for cells in [_target_cells(target, targets, language)]
    ]
    add_table(document, _target_heads(targets, language), rows)
    for line in _targets_foot(targets, language):
        document.add_paragraph(line)


def _add_figure(document: Any, figure: Figure, language: Language, width: Any) -> None:
    from foreland.charts.pictures import picture_png

    document.add_picture(io.BytesIO(picture_png(figure.finding, figure.chart, language)), width=width)


# Shared ----------------------------------------------------------------------------------------------


def _imprint(brief: Brief, language: Language) -> str:
    joint = "　" if language == "zh" else " · "
    return joint.join(
        [
            t("brief.data_period", language, period=brief.period),
            t("brief.version", language, version=_version()),
            t("brief.subtitle", language),
        ]
    )


def _target_heads(targets: Targets, language: Language) -> list[str]:
    heads = ["what", "amount", "by", "rank", *(["passage"] if targets.quoted else [])]
    return [t(f"brief.targets.{head}", language) for head in heads]


def _target_cells(target: Target, targets: Targets, language: Language) -> list[str]:
    """A target in the columns of the table, as text."""
    colon = "：" if language == "zh" else ": "
    what = target.what(language)
    about = f"{target.heading[language]}{colon}{what}" if target.heading is not None else what
    cells = [about, target.amount.text(language), target.year or "—", target.rank or "—"]
    if targets.quoted:
        where = target.quote.where if len(targets.documents) > 1 else ""
        cells.append(" ".join(part for part in (target.quote.text and f"“{target.quote.text}”", where) if part))
    return cells


def _targets_foot(targets: Targets, language: Language) -> list[str]:
    """What the table leaves out, and where its passages stand."""
    doubtful = t("brief.targets.doubtful", language, count=targets.doubtful) if targets.doubtful else ""
    joint = "" if language == "zh" else " "
    shown = t("brief.targets.shown", language, shown=len(targets.rows), of=targets.standing)
    lines = [joint.join(part for part in (shown, doubtful, t("brief.targets.rank.how", language)) if part)]
    if not targets.quoted or len(targets.documents) == 1:
        key = "brief.targets.from" if targets.quoted else "brief.targets.from.no_text"
        lines.append(t(key, language, documents="; ".join(targets.documents)))
    return lines


def _missing(brief: Brief, language: Language) -> str:
    asked = [text[language] for text in brief.missing]
    questions = "".join(f"“{text}”" for text in asked) if language == "zh" else " ".join(asked)
    return t("brief.missing.field" if brief.of_field else "brief.missing", language, questions=questions)


def _flat(text: str) -> str:
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    """Text that stays text in Markdown: no tags, no marks, no code."""
    return re.sub(r"([<`\[])", r"\\\1", text.replace("\n", " "))
