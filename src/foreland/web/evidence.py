"""The rows behind one number: figures as a table, passages in their sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from foreland.core.columns import column, unit_label
from foreland.core.errors import UsageError
from foreland.core.registry import Question
from foreland.core.tables import ColumnSpec, table_spec
from foreland.data.answer import names
from foreland.data.coverage import coverage
from foreland.i18n import Language, has, t
from foreland.web.library import short
from foreland.web.marking import kind_of, readable
from foreland.web.pages import label_columns
from foreland.web.vocabulary import doubts, rule, said
from foreland.web.why import what

if TYPE_CHECKING:
    from foreland.core.provenance import Input
    from foreland.data.workspace import Workspace
    from foreland.web.answers import Answers
    from foreland.web.state import State


def evidence_page(answers: Answers, question: Question, state: State) -> dict[str, Any]:
    """The rows behind one number."""
    finding = answers.ask(question, state.arguments)
    asked = state.shown.get("row", "0")
    if not asked.isascii() or not asked.isdigit():
        raise UsageError("core.error.bad_parameter", name="row", value=asked, type="int")
    row = int(asked)
    evidence = finding.evidence(row)
    language = state.language
    every = finding.written(language)
    lead = [k for k in label_columns(finding.columns) if len({each[k] for each in every}) > 1] or [0]
    written = every[row]
    return {
        "question": question,
        "finding": finding,
        "row": row,
        "name": " · ".join(written[k] for k in lead if written[k] != "—") or str(row + 1),
        "values": list(zip(finding.columns, written, strict=True)),
        "inputs": [_evidence_table(answers.ws, item, rows, state) for item, rows in evidence.tables],
        "steps": [step.text(language) for step in finding.provenance.steps],
        "sources": finding.source_rows(),
        "compare": _beside(evidence.row, state),
        "back": state.url(f"/{question.room}/{question.name}", row=None),
    }


def _evidence_table(ws: Workspace, item: Input, rows: Any, state: State) -> dict[str, Any]:
    language = state.language
    spec = table_spec(item.table)
    content = rows.to_pylist()
    about = {
        "table": item.table,
        "total": item.rows,
        "filter": item.filter,
        "sources": [
            (source, str(names(ws, [source]).get(source, {language: source})[language])) for source in item.sources
        ],
        "cut": len(content) >= 200,
        "passages": [],
    }
    if item.table == "passage":
        return {**about, "columns": [], "rows": content, "passages": [_passage(ws, row, state) for row in content]}
    shown = [c for c in spec.columns if any(row.get(c.name) is not None for row in content)]
    identifiers = {row[c.name] for row in content for c in shown if c.name.endswith("_id")}
    called = names(ws, identifiers)
    units = {entry.indicator_id: entry.unit for entry in coverage(ws)}

    def write(column_spec: ColumnSpec, row: Mapping[str, Any]) -> str:
        value = row[column_spec.name]
        if value is None:
            return "—"
        if column_spec.name.endswith("_id"):
            return str(called[value][language]) if value in called else str(value)
        if column_spec.name == "value":
            unit = unit_label(units.get(row.get("indicator_id", ""), ""), language)
            return f"{value:,.10g} {unit}".strip()
        if isinstance(value, float):
            return f"{value:,.6g}"
        if column_spec.name == "status":
            return t(f"web.status.{value}", language)
        return str(value)

    return {
        **about,
        "columns": [(heading(c.name, c, language), c.type != "string") for c in shown],
        "rows": [[write(c, row) for c in shown] for row in content],
        "documents": [_document_url(row, state) for row in content],
    }


def heading(name: str, spec: ColumnSpec, language: Language) -> str:
    """A short heading of a table's column: the finding's where it has one."""
    if has(f"web.column.{name}"):
        return t(f"web.column.{name}", language)
    try:
        return column(name).label(language)
    except KeyError:
        text = spec.zh if language == "zh" else spec.en
        return text.partition(":")[0].partition("：")[0].partition("（")[0].partition(" (")[0]


def _passage(ws: Workspace, row: Mapping[str, Any], state: State) -> dict[str, Any]:
    """A passage in its sentence, with a way to where it stands."""
    language = state.language
    called = names(ws, [row["field_id"], row.get("region_id")])
    words, before, behind = row["text"] or "", "", ""
    if row.get("sentence") and row["sentence_start"] is not None:
        at, to = row["start"] - row["sentence_start"], row["end"] - row["sentence_start"]
        before, words, behind = row["sentence"][:at], row["sentence"][at:to], row["sentence"][to:]
    region = row.get("region_id")
    place = called[region][language] if region in called else region or ""
    url = (
        state.elsewhere(f"/documents/{row['document_id']}", mark=short(row["document_id"], row["passage_id"])) + "#mark"
    )
    return {
        "kind": kind_of(row["kind"]),
        "name": said("web.kind", row["kind"], language),
        "before": readable(before),
        "words": readable(words),
        "behind": readable(behind),
        "what": what(row, called, language),
        "document": row.get("title") or row["document_id"],
        "about": " · ".join(each for each in (place, row.get("date") or "") if each),
        "rule": rule(row["method"], row["kind"], language),
        "method": row["method"],
        "year": row["year"],
        "reported": said("web.reported", row["status"], language) if row["status"] else "",
        "doubt": doubts(row["doubt"], language) if row["doubt"] else "",
        "url": url,
    }


def _beside(row: Mapping[str, Any], state: State) -> str:
    """Where the two documents of a row stand side by side."""
    left, right = row.get("document_id"), row.get("other_document_id")
    return state.elsewhere("/compare", left=left, right=right) if left and right else ""


def _document_url(row: Mapping[str, Any], state: State) -> str:
    return state.elsewhere(f"/documents/{row['document_id']}") if "document_id" in row else ""
