"""A finding: what every question returns. A tidy table with its evidence, by composition."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.core.columns import Column, column
from foreland.core.errors import UsageError
from foreland.core.provenance import Caveat, Input, Provenance
from foreland.core.scope import Scope
from foreland.i18n import Language, current_language, t

if TYPE_CHECKING:
    import altair as alt
    import ibis.expr.types as ir
    import pandas as pd
    import pyarrow as pa

    from foreland.core.registry import Question
    from foreland.data.workspace import Workspace

Text = Mapping[Language, str]


@dataclass(frozen=True)
class Evidence:
    """The input rows behind one row of a finding: one table an input."""

    row: Mapping[str, Any]
    tables: tuple[tuple[Input, pa.Table], ...]


@dataclass(frozen=True, eq=False)
class Finding:
    """The answer to a question.

    Parameters
    ----------
    question
        Id of the question, as ``capability.specialisation``.
    scope
        What was looked at, defaults filled in.
    table
        The answer, one row a thing, in a total order.
    headline
        One sentence in each language that states the finding.
    benchmark
        Compared with whom, in each language.
    provenance
        Where it came from.
    caveats
        What a reader must know.
    labels
        Id → name in each language, for every region, field, indicator and source in the table.
    tables
        Further tables that the charts draw: links of a network, series behind a trend.
    workspace
        The workspace it came from, for :meth:`evidence`.
    offered
        Names of the charts that say something of their own for this scope; all the question has where none are named.
    """

    question: str
    scope: Scope
    table: pa.Table
    headline: Text
    benchmark: Text
    provenance: Provenance
    caveats: tuple[Caveat, ...] = ()
    labels: Mapping[str, Text] = field(default_factory=dict)
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    workspace: Workspace | None = field(default=None, repr=False)
    offered: tuple[str, ...] = ()

    # What it is --------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self.provenance.id

    @property
    def room(self) -> str:
        return self.question.partition(".")[0]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the table with unit, format and label."""
        return tuple(column(name, self.room) for name in self.table.column_names)

    @property
    def shown(self) -> tuple[int, ...]:
        """Positions of the columns that a person reads: all but keys."""
        return tuple(i for i, spec in enumerate(self.columns) if spec.format != "key")

    @property
    def units(self) -> dict[str, str]:
        return {spec.name: spec.unit for spec in self.columns if spec.unit}

    @property
    def charts(self) -> tuple[str, ...]:
        """Names of the charts that draw it; the first is the one to show."""
        from foreland.core.registry import chart_names

        return self.offered or chart_names(self.question)

    def offering(self, *charts: str) -> Finding:
        """The same finding with only these charts offered; without names, all its question has."""
        return replace(self, offered=charts)

    def __len__(self) -> int:
        return self.table.num_rows

    # The table ---------------------------------------------------------------------------------

    def to_arrow(self) -> pa.Table:
        return self.table

    def to_pandas(self) -> pd.DataFrame:
        return self.table.to_pandas()

    def rows(self) -> list[dict[str, Any]]:
        """The table as plain values, ``None`` for what is missing or beyond measure (so many times nothing)."""
        return [
            {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
            for row in self.table.to_pylist()
        ]

    def name(self, identifier: str | None, language: Language | None = None) -> str:
        """The name of a region, field, indicator or source; its id where it has none."""
        if identifier is None:
            return "—"
        label = self.labels.get(identifier)
        return label[language or current_language()] if label else identifier

    def written(self, language: Language | None = None) -> list[list[str]]:
        """The table as a person reads it: names for ids, numbers with their digits."""
        specs = self.columns
        return [[self.write(spec, row[spec.name], language, row) for spec in specs] for row in self.rows()]

    def write(
        self, spec: Column, value: Any, language: Language | None = None, row: Mapping[str, Any] | None = None
    ) -> str:
        """One value as a person reads it. The row says the unit where it differs from row to row."""
        if spec.format in {"region", "field", "indicator", "source"}:
            return self.name(value, language)
        if spec.format == "amount" and row is not None and row.get("unit") == "share" and value is not None:
            return f"{100 * value:,.2f}%"
        return spec.write(value, language)

    # Where it comes from -----------------------------------------------------------------------

    def evidence(self, row: int | Mapping[str, Any], limit: int = 200) -> Evidence:
        """The input rows behind one row of the table.

        Parameters
        ----------
        row
            Index of the row, or the row itself.
        limit
            At most this many rows of each input.
        """
        if self.workspace is None:
            raise UsageError("core.error.finding_detached")
        chosen = self._row(row) if isinstance(row, int) else row
        concerned = (item for item in self.provenance.inputs if item.concerns(chosen))
        tables = ((item, self._evidence_of(item, chosen, limit)) for item in concerned)
        return Evidence(chosen, tuple(tables))

    def _row(self, index: int) -> dict[str, Any]:
        if not 0 <= index < len(self):
            raise UsageError("core.error.no_such_row", row=index, rows=len(self))
        row: dict[str, Any] = self.table.slice(index, 1).to_pylist()[0]
        return row

    def _evidence_of(self, item: Input, row: Mapping[str, Any], limit: int) -> pa.Table:
        from foreland.core.tables import table_spec

        assert self.workspace is not None
        rows = of_documents(self.workspace, item.table)
        conditions = {**item.filter, **item.within}
        for own, theirs in item.match.items():
            if row.get(own) is not None:
                conditions[theirs] = row[own]
        for name, value in conditions.items():
            rows = rows.filter(condition(rows[name], value))
        as_read = [name for name in ("document_id", "start") if name in rows.columns]
        order = list(dict.fromkeys([*as_read, *table_spec(item.table).key]))
        return self.workspace.to_arrow(rows.order_by(order).limit(limit))

    def explain(self, language: Language | None = None) -> str:
        """What was asked, of which data, what was done and how to read it, as Markdown."""
        language = language or current_language()
        question = self.registered
        lines = [f"# {question.text[language]}", "", f"**{self.headline[language]}**", ""]
        lines += [f"{t('core.benchmark', language)}: {self.benchmark[language]}", ""]
        lines += [f"## {t('core.how_to_read', language)}", "", question.how(language), ""]
        lines += [f"## {t('core.steps', language)}", ""]
        lines += [f"{i}. {step.text(language)}" for i, step in enumerate(self.provenance.steps, 1)]
        lines += ["", f"## {t('core.inputs', language)}", ""]
        lines += [f"- {line}" for line in self.input_lines(language)]
        if self.caveats:
            lines += ["", f"## {t('core.caveats', language)}", ""]
            lines += [f"- **{c.label(language)}** {c.text(language)}" for c in self.caveats]
        lines += ["", self.cite(language)]
        return "\n".join(lines)

    def input_lines(self, language: Language | None = None) -> list[str]:
        """Each input in a line: table, rows, sources."""
        return [
            t(
                "core.input_line",
                language,
                table=item.table,
                rows=f"{item.rows:,}",
                sources="; ".join(self.name(source, language) for source in item.sources),
            )
            for item in self.provenance.inputs
        ]

    def source_rows(self) -> list[dict[str, Any]]:
        """The ``source`` rows of everything that went in."""
        known = self.workspace.source_table if self.workspace is not None else {}
        return [known[source] for source in self.provenance.sources if source in known]

    def source_line(self, language: Language | None = None) -> str:
        """The sources in one line: publisher, title, licence."""
        zh = (language or current_language()) == "zh"
        parts = []
        for row in self.source_rows():
            named = f"{row['publisher']}, " if row["publisher"] else ""
            licence = f" ({row['licence']})" if row["licence"] else ""
            parts.append(f"{named}{row['title_zh' if zh else 'title_en']}{licence}")
        return ("；" if zh else "; ").join(parts)

    def cite(self, language: Language | None = None) -> str:
        """How to cite the finding."""
        language = language or current_language()
        return t(
            "core.cite",
            language,
            headline=self.headline[language],
            question=self.question,
            id=self.id,
            version=self.provenance.version,
            sources=self.source_line(language),
        )

    @property
    def registered(self) -> Question:
        """The question it answers."""
        from foreland.core.registry import find_question

        return find_question(self.question)

    # Showing it --------------------------------------------------------------------------------

    def chart(self, name: str | None = None, language: Language | None = None) -> alt.TopLevelMixin:
        """An Altair chart of the finding; the first one where no name is given."""
        from foreland.core.registry import draw

        return draw(self, name, language)

    def save(self, path: str | Path, *, chart: str | None = None, language: Language | None = None) -> Path:
        """Write it as ``.csv .json .parquet .md .html .docx``, or a chart of it as ``.svg .png``.

        Every format carries benchmark, sources, caveats and the finding's id.
        """
        from foreland.core.registry import exporter

        path = Path(path)
        content = exporter(path.suffix.lstrip(".").lower())(self, chart, language or current_language())
        path.write_bytes(content)
        return path

    def to_dict(self, language: Language | None = None) -> dict[str, Any]:
        """Everything, as plain values for JSON."""
        language = language or current_language()
        return {
            "id": self.id,
            "question": self.question,
            "text": self.registered.text[language],
            "headline": self.headline[language],
            "benchmark": self.benchmark[language],
            "scope": self.scope.to_dict(),
            "columns": [
                {"name": c.name, "unit": c.unit_in(language), "format": c.format, "label": c.label(language)}
                for c in self.columns
            ],
            "rows": self.rows(),
            "labels": {key: label[language] for key, label in sorted(self.labels.items())},
            "caveats": [caveat.to_dict(language) for caveat in self.caveats],
            "provenance": self.provenance.to_dict(),
            "sources": self.source_rows(),
            "charts": list(self.charts),
            "how_to_read": self.registered.how(language),
            "citation": self.cite(language),
        }

    def _repr_html_(self) -> str:
        from foreland.core.registry import exporter

        return exporter("fragment")(self, None, current_language()).decode()


def of_documents(ws: Workspace, table: str) -> ir.Table:
    """The rows of a table; what stands in a document comes with who issued it, when, and the sentence itself."""
    rows = ws.table(table)
    document = ws.table("document")
    if table == "document":
        return rows.mutate(year=rows.date.left(4).try_cast("int64")).drop("text")
    if "document_id" not in rows.columns:
        return rows
    about = document.select(
        "document_id", "source_id", "title", "date", "region_id", "level", "language",
        year=document.date.left(4).try_cast("int64"), document_text=document.text,
    )  # fmt: skip
    if "year" in rows.columns:
        about = about.rename(document_year="year")
    # Two sources may hold one paper; a row belongs to the document of its own.
    rows = rows.left_join(about, ["document_id", "source_id"]).drop("document_id_right", "source_id_right")
    if "sentence_start" not in rows.columns:
        return rows.drop("document_text")
    length = rows.sentence_end - rows.sentence_start
    return rows.mutate(sentence=rows.document_text.substr(rows.sentence_start, length)).drop("document_text")


def condition(expression: Any, value: Any) -> Any:
    """The Ibis condition that a column has a value, one of several, a prefix, or lies in a range.

    A range is written ``{"from": first, "to": last}`` with both ends, a prefix ``{"prefix": text}``.
    """
    if isinstance(value, Mapping):
        if "prefix" in value:
            return expression.startswith(value["prefix"])
        return expression.between(value["from"], value["to"])
    if isinstance(value, (list, tuple)):
        return expression.isin(list(value))
    return expression == value
