"""What is loaded through either engine is the same: tables, rejects, checks, hashes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import load_moonlamp, load_papers, load_survey, load_works

from foreland.core.errors import DataError
from foreland.core.settings import Settings
from foreland.core.tables import TABLES
from foreland.data.checks import check
from foreland.data.documents.land import load_documents
from foreland.data.documents.options import DocumentOptions
from foreland.data.load import load
from foreland.data.mapping import Mapping
from foreland.data.packs import install
from foreland.data.workspace import Workspace, open_workspace

FIGURES = """region,field,period,value
浙江,iotf:quantum,2023,3
Zhejiang,iotf:quantum,2024,5
CN-AH,iotf:quantum,2023,4
CN-AH,iotf:quantum,2024,six
Atlantis,iotf:quantum,2024,1
"""
"""Made up (SYNTHETIC); two rows can't be read: a value that is none, and a place there is not."""


@pytest.fixture
def embedded(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "embedded")


@pytest.fixture
def cluster(tmp_path: Path, server: str) -> Workspace:
    return open_workspace(f"spark://{server}{tmp_path / 'cluster'}")


def assert_same_tables(one: Workspace, other: Workspace) -> None:
    assert _hashes(one) == _hashes(other)
    for table in TABLES:
        ours, theirs = (
            sorted(map(repr, ws.to_arrow(ws.table(table).drop(*_clock(table))).to_pylist())) for ws in (one, other)
        )
        assert ours == theirs, table


def _clock(table: str) -> tuple[str, ...]:
    """Columns that say when it was loaded."""
    return ("retrieved", "content_hash") if table == "source" else ()


def _hashes(ws: Workspace) -> dict[str, str]:
    """What the sources hold; a round of a survey holds when it was answered."""
    return {key: source.content_hash for key, source in ws.sources.items() if not key.startswith("survey:")}


def test_figures_with_rows_that_fail(embedded: Workspace, cluster: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    file.write_text(FIGURES, encoding="utf-8")
    mapping = Mapping.from_options(
        source_id="made-up", title="Made-up figures (SYNTHETIC)", licence="CC0-1.0", indicator="papers"
    )
    for ws in (embedded, cluster):
        with pytest.raises(DataError):
            load(ws, file, mapping=mapping)
        assert "made-up" not in ws.sources
        Settings(reject_share=0.5).write(ws.path / "settings.toml")
    embedded, cluster = open_workspace(embedded.address), open_workspace(cluster.address)
    for ws in (embedded, cluster):
        report = load(ws, file, mapping=mapping)
        assert (report.rows["observation"], report.rejected) == (3, 2)
    assert_same_tables(embedded, cluster)
    assert check(embedded) == check(cluster)


def test_packs_documents_records_chains_and_surveys(embedded: Workspace, cluster: Workspace) -> None:
    library = Path(__file__).parents[1] / "library"
    options = DocumentOptions.from_options(
        source_id="made-up-library", title="Made-up policy documents (SYNTHETIC)", licence="CC0-1.0"
    )
    for ws in (embedded, cluster):
        install(ws, "china-provinces")
        load_documents(ws, library, options=options)
        load_moonlamp(ws)
        load_works(ws)
        load_papers(ws)
        load_survey(ws)
    assert_same_tables(embedded, cluster)
    assert [problem.text("en") for problem in check(embedded)] == [problem.text("en") for problem in check(cluster)]
    for ws in (embedded, cluster):
        ws.remove("made-up-works")
    assert_same_tables(embedded, cluster)


def test_a_folder_loaded_by_one_engine_is_read_by_the_other(cluster: Workspace) -> None:
    install(cluster, "us-input-output")
    beside = open_workspace(cluster.path)
    assert beside.ask("chains.linkages").id == cluster.ask("chains.linkages").id
    assert beside.content_hash == cluster.content_hash
