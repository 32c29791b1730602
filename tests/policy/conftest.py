"""Documents straight from the files of a workspace, and workspaces made of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from foreland.data.workspace import Workspace

Rows = Iterable[dict[str, Any]]


@dataclass(frozen=True)
class Plain:
    """Policy documents with ``year``, each text of a place once, and the passages in them with place and year."""

    documents: pd.DataFrame
    passages: pd.DataFrame

    def of(self, level: str, language: str = "zh", years: range | None = None) -> Plain:
        held = self.documents
        held = held[(held.level == level) & (held.language == language)]
        if years is not None:
            held = held[held.year.isin(years)]
        return Plain(held, self.passages[self.passages.document_id.isin(held.document_id)])

    def newest(self) -> Plain:
        held = self.documents[self.documents.year == self.documents.year.max()]
        return Plain(held, self.passages[self.passages.document_id.isin(held.document_id)])

    @property
    def characters(self) -> pd.Series:
        """By place."""
        return self.documents.groupby("region_id").characters.sum()

    def counts(self, kind: str = "field", by: str = "field_id") -> pd.DataFrame:
        """Places × codes."""
        rows = self.passages[self.passages.kind == kind]
        found = pd.crosstab(rows.region_id, rows[by])
        return found.reindex(sorted(set(self.documents.region_id)), fill_value=0)

    def sentences(self, field: str) -> set[tuple[str, int]]:
        rows = self.passages[(self.passages.kind == "field") & (self.passages.field_id == field)]
        return set(zip(rows.document_id, rows.sentence_start, strict=True))


def straight(ws: Workspace) -> Plain:
    """Read the workspace's files with pandas; nothing of ours in between."""
    documents, passages = (
        pd.concat([pd.read_parquet(file) for file in sorted((ws.path / "tables" / table).glob("*.parquet"))])
        for table in ("document", "passage")
    )
    documents = documents[(documents.kind == "policy") & documents.date.notna() & documents.region_id.notna()]
    documents = documents.assign(year=documents.date.str[:4].astype(int))
    documents = documents[documents.duplicate_of.isna()].drop_duplicates(["content_hash", "region_id"])
    about = documents[["document_id", "region_id", "year", "level", "language"]]
    about = about.rename(columns={"year": "document_year"})
    return Plain(documents, passages.drop(columns="source_id").merge(about, on="document_id"))


@pytest.fixture(scope="session")
def plain(packed: Workspace) -> Plain:
    return straight(packed)


@pytest.fixture(scope="session")
def shelf(library: Workspace) -> Plain:
    return straight(library)


Made = Callable[..., Workspace]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Make a workspace of documents and passages; what a row leaves out is plain: a Chinese report of a province."""
    return lambda documents, passages=(): write(tmp_path / "made", documents, passages)


def write(folder: Path, documents: Rows, passages: Rows, source: str = "made-up") -> Workspace:
    """Write rows into a workspace as one source."""
    import pyarrow as pa

    from foreland.core.tables import table_spec
    from foreland.data.workspace import open_workspace

    usual = {
        "kind": "policy", "date": "2026-01-15", "language": "zh", "level": "province", "characters": 10_000,
        "source_id": source,
    }  # fmt: skip
    held = [{**usual, "title": row["document_id"], "content_hash": row["document_id"], **row} for row in documents]
    read = []
    for number, row in enumerate(passages):
        start = row.get("start", 10 * number)
        place = {"start": start, "end": start + 2, "sentence_start": start, "sentence_end": start + 9}
        what = {"passage_id": f"{row['document_id']}:{number}", "method": "rule", "confidence": 1.0}
        read.append({**what, **place, "source_id": source, **row})
    about = {"source_id": source, "title_en": "Made up", "title_zh": "虚构", "content_hash": "0" * 64}
    ws = open_workspace(folder)
    with ws.staging() as staging:
        for table, rows in (("document", held), ("passage", read), ("source", [about])):
            schema = table_spec(table).arrow_schema()
            full = [{name: row.get(name) for name in schema.names} for row in rows]
            staging.write(table, pa.Table.from_pylist(full, schema=schema))
        staging.commit(source, "0" * 64)
    return ws


def said(document: str, field: str, times: int = 1, **more: Any) -> list[dict[str, Any]]:
    """Mentions of a field in a document."""
    return [{"document_id": document, "kind": "field", "field_id": field, **more} for _ in range(times)]
