"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import foreland

if TYPE_CHECKING:
    import pandas as pd

    from foreland.data.workspace import Workspace


sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

# How long an example takes says more of the machine's other work than of the code.
# The same examples every time: a landing must not hang on the draw. Explore with HYPOTHESIS_PROFILE=explore.
settings.register_profile("foreland", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "foreland"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and oracles beside the project; skips the test where it is absent."""
    folder = Path(os.environ.get("FORELAND_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "oracles").is_dir():
        pytest.skip(f"needs the shared data and oracles folder (not found beside the project: {folder.name})")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A real Chromium. One for all tests of a process: Playwright can't be started twice."""
    from screenshots import FLAGS, browser_path

    path = browser_path()
    if path is None:
        reason = "needs Chromium (none found; name one in CHROMIUM)"
        if os.environ.get("FORELAND_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with every bundled pack; tests only read it. Each worker of a parallel run has its own."""
    from foreland.data.packs import install, packs
    from foreland.data.workspace import open_workspace

    opened = open_workspace(tmp_path_factory.mktemp("packed") / "workspace")
    for name in packs():
        install(opened, name)
    return opened


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The bundled packs and, with their texts, the made-up policy documents of ``tests/library``; only to be read.

    Beside them stands the made-up product chain of ``tests/library/chain``: moon lamps, 24 products, 8 countries.

    Six provinces and the centre in two years, in Chinese, and three countries in English. Zhejiang and Anhui share a
    passage in 2026, as do Hunan and Sichuan.
    """
    from foreland.data.documents.land import load_documents
    from foreland.data.documents.options import DocumentOptions
    from foreland.data.packs import install, packs
    from foreland.data.workspace import open_workspace

    opened = open_workspace(tmp_path_factory.mktemp("library") / "workspace")
    for name in packs():
        install(opened, name)
    options = DocumentOptions.from_options(
        source_id="made-up-library",
        title="Made-up policy documents (SYNTHETIC)",
        title_zh="虚构政策文件（仅供测试）",
        licence="CC0-1.0",
    )
    load_documents(opened, Path(__file__).parent / "library", options=options)
    load_moonlamp(opened)
    load_suppliers(opened)
    load_works(opened)
    load_survey(opened)
    load_papers(opened)
    return opened


def load_papers(ws: Workspace) -> None:
    """Load the made-up (SYNTHETIC) papers of ``tests/data/papers``, which cite each other."""
    from tests.data.papers.made import fill

    fill(ws)


def load_works(ws: Workspace) -> None:
    """Load the made-up papers of ``tests/library/papers.jsonl``; ``tests/made_papers.py`` says what is planted."""
    from foreland.data.mapping import Mapping
    from foreland.data.records.land import load_records
    from foreland.data.records.record import RecordOptions

    table = Mapping.from_options(
        source_id="made-up-works",
        title="Made-up works (SYNTHETIC)",
        title_zh="虚构学术成果（仅供测试）",
        licence="CC0-1.0",
    )
    load_records(ws, Path(__file__).parent / "library" / "papers.jsonl", options=RecordOptions(table=table))


def load_survey(ws: Workspace) -> None:
    """Hold two rounds of the made-up (SYNTHETIC) survey of ``tests/data/surveys``: five topics, eight people."""
    from tests.data.surveys.made import fill

    fill(ws)


def load_suppliers(ws: Workspace) -> None:
    """Load the made-up supplier network of ``tests/library/suppliers``: 26 firms in eight sectors."""
    from foreland.data.chains.options import EdgeOptions
    from foreland.data.load import load

    edges = EdgeOptions.from_options(
        "suppliers",
        scheme="moonfirms",
        period="2024",
        source_id="made-up-suppliers",
        title="Made-up supplier network (SYNTHETIC)",
        title_zh="虚构供应网络（仅供测试）",
        licence="CC0-1.0",
    )
    load(ws, Path(__file__).parent / "library" / "suppliers", layout="suppliers", edges=edges)


def load_moonlamp(ws: Workspace) -> None:
    """Load the made-up product chain."""
    from foreland.data.chains.options import EdgeOptions
    from foreland.data.load import load

    edges = EdgeOptions.from_options(
        "chain",
        scheme="moonlamp",
        source_id="made-up-moonlamp",
        title="Made-up chain of moon lamps (SYNTHETIC)",
        title_zh="虚构月灯产业链（仅供测试）",
        licence="CC0-1.0",
    )
    load(ws, Path(__file__).parent / "library" / "chain", layout="chain", edges=edges)


@pytest.fixture(scope="session")
def moonlamp(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with the made-up product chain alone; only to be read."""
    from foreland.data.workspace import open_workspace

    opened = open_workspace(tmp_path_factory.mktemp("moonlamp") / "workspace")
    load_moonlamp(opened)
    return opened


@pytest.fixture(scope="session")
def figures() -> pd.DataFrame:
    """The packs' observations straight from their files, with the scheme of the field; nothing of ours in between."""
    import pandas as pd

    files = sorted((Path(foreland.__file__).parent / "data" / "packs").glob("*/*/observation.parquet"))
    rows = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    rows["scheme"] = rows.field_id.str.split(":").str[0]
    return rows


Tiny = Callable[..., "Workspace"]


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    """Make a small workspace from rows ``(region, field, period, value)``; a value of None is suppressed.

    ``level`` and ``parents`` describe the places and fields; the rest is the indicator.
    """

    def make(
        rows: Iterable[tuple[str, str, str, float | None]],
        *,
        level: str = "country",
        levels: Mapping[str, str] | None = None,
        parents: Mapping[str, str] | None = None,
        names: Mapping[str, str] | None = None,
        **indicator: str,
    ) -> Workspace:
        import pyarrow as pa

        from foreland.core.tables import table_spec
        from foreland.data.workspace import open_workspace

        rows = list(rows)
        what = {"indicator_id": "things", "unit": "count", "kind": "flow", "aggregation": "sum", **indicator}
        called = dict(names or {})
        tables = {
            "region": [
                {"region_id": r, "level": (levels or {}).get(r, level), **_named(called.get(r, r))}
                for r in sorted({row[0] for row in rows} | set(levels or {}))
            ],
            "field": [
                {
                    "field_id": f,
                    "scheme": f.split(":")[0],
                    "code": f.split(":")[1],
                    "parent_id": (parents or {}).get(f),
                    **_named(called.get(f, f)),
                }
                for f in sorted({row[1] for row in rows})
            ],
            "indicator": [{**what, **_named(called.get(what["indicator_id"], what["indicator_id"]))}],
            "observation": [
                {
                    "region_id": r,
                    "field_id": f,
                    "indicator_id": what["indicator_id"],
                    "period": p,
                    "value": v,
                    "status": "suppressed" if v is None else "observed",
                }
                for r, f, p, v in rows
            ],
            "source": [{"title_en": "Tiny", "title_zh": "微型", "content_hash": "0" * 64}],
        }
        source = f"tiny-{what['indicator_id']}"
        ws = open_workspace(tmp_path / "tiny")
        with ws.staging() as staging:
            for table, content in tables.items():
                schema = table_spec(table).arrow_schema()
                full = [{name: {"source_id": source, **row}.get(name) for name in schema.names} for row in content]
                staging.write(table, pa.Table.from_pylist(full, schema=schema))
            staging.commit(source, "0" * 64)
        return ws

    return make


def _named(name: str) -> dict[str, str]:
    return {"name_en": name, "name_zh": name}
