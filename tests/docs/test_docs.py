"""What the documentation says holds: its commands run, its names exist, it builds."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyalex
import pytest
from tests.data.records.openalex_api import serving
from tests.engines.conftest import server  # noqa: F401 - a fixture

import foreland
from foreland.cli.app import command
from foreland.cli.run import run
from foreland.core import registry
from foreland.core.tables import TABLES, table_spec
from foreland.data.packs import install, packs
from foreland.data.reading.definitions import attributes
from foreland.data.reading.measures import measures
from foreland.data.reading.model import INSTRUMENTS
from foreland.data.reading.plausibility import CODES, CONFLICT
from foreland.data.reading.stages import DOMAINS, STAGES
from foreland.data.workspace import open_workspace
from foreland.i18n import LANGUAGES
from foreland.i18n.bundled import bundled_rows

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "README.zh.md",
    "docs/quickstart.md",
    "docs/quickstart.zh.md",
    "docs/loading.md",
    "docs/loading.zh.md",
    "docs/documents.md",
    "docs/documents.zh.md",
    "docs/chains.md",
    "docs/chains.zh.md",
    "docs/foresight.md",
    "docs/foresight.zh.md",
    "docs/cluster.md",
    "docs/cluster.zh.md",
)
CLUSTER = "spark://head:15002/mnt/share"
"""What the pages call a cluster and a folder that it sees."""
LINKS = ("input", "type_of", "supply", "flow", "flow_domestic", "flow_imported", "make", "trade")
LINKS_OF_RECORDS = ("cites", "classified", "speaks_of", "mentions", "assigned")
NOT_RUN = ("foreland demo", "foreland serve")
"""Tested on their own in ``tests/cli``; here they would not end."""


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


def commands(page: str) -> Iterator[str]:
    """What a page runs; the brief, which takes longest and is the same everywhere, of one page."""
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = re.sub(r"\s+#.*", "", line).strip()
            again = words.startswith("foreland brief ") and page != "README.md"
            if words.startswith("foreland ") and not words.startswith(NOT_RUN) and not again:
                yield words


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a reader of the pages has it: the demo's workspace, one of their own, and tables to load."""
    folder = tmp_path_factory.mktemp("docs")
    for place in ("demo/workspace", "foreland-workspace"):
        ws = open_workspace(folder / place)
        for name in packs():
            install(ws, name)
    rows = "CHN,7611,100\nKOR,7611,50\nDEU,0011,20\n"
    (folder / "exports.csv").write_text("iso3,sitc,usd\n" + rows, encoding="utf-8")
    write_plans(folder)
    write_tables(folder)
    (folder / "出口.csv").write_text("省份,行业代码,出口额\n浙江,C39,100\n江苏,C39,50\n", encoding="gb18030")
    _excel(folder / "出口.xlsx", [["省份", "行业", "出口额（亿元）"], ["浙江", "电子", 100], ["江苏", "电子", 50]])
    wide = [
        ["R&D"],
        [],
        ["省份", "2019", "2020", "2021", "2022", "2023"],
        ["浙江", 1, 2, 3, 4, 5],
        ["江苏", 1, 2, 3, 4, 5],
    ]
    _excel(folder / "rd.xlsx", wide)
    _excel(folder / "研发经费.xlsx", wide)
    for page, name in (("docs/loading.md", "rd.toml"), ("docs/loading.zh.md", "研发经费.toml")):
        [mapping] = blocks(page, "toml")
        (folder / name).write_text(mapping, encoding="utf-8")
    works = (ROOT / "tests" / "library" / "papers.jsonl").read_bytes()
    (folder / "works.jsonl.gz").write_bytes(gzip.compress(works))
    return folder


SHOWN = {
    "docs/chains.md": ("island.csv", "camera/edges.csv", "camera/supply.csv", "trades.csv"),
    "docs/chains.zh.md": ("海岛.csv", "相机/关系.csv", "相机/供给.csv", "供应商.csv"),
    "docs/foresight.md": ("papers.csv", "topics.csv", "round1.csv", "round2.csv"),
    "docs/foresight.zh.md": ("论文.csv", "课题.csv", "第一轮.csv", "第二轮.csv"),
}
"""Page → names of the files it shows, in their order; each page names the file above it."""


def write_tables(folder: Path) -> None:
    for page, names in SHOWN.items():
        for name, text in zip(names, blocks(page, "csv"), strict=True):
            assert f"`{name}`" in (ROOT / page).read_text(encoding="utf-8")
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")


SHARED = "加强产学研合作，让量子技术走出实验室、走向产业。"
BODIES = {
    "浙江2025.txt": "浙江省未来产业报告\n2025年1月15日\n到2027年，量子信息产业规模达到300亿元以上。",
    "浙江2026.txt": "浙江省未来产业报告\n2026年1月15日\n培育量子信息、人形机器人等未来产业。"
    f"到2030年，量子信息产业规模达到500亿元以上。{SHARED}建设中试平台。",
    "安徽2026.md": f"# 安徽省未来产业方案\n\n2026年2月1日\n\n{SHARED}开展揭榜挂帅。",
    "uk-2025.txt": "UK Plan\n3 March 2025\nWe will support at least 200 companies in artificial intelligence by 2030.",
    "notes.txt": "Quantum technologies and hydrogen are promising. At least 40 firms work on them.",
}
"""Made up, as all sentences of the documentation are."""


def write_plans(folder: Path) -> None:
    (folder / "plans").mkdir()
    for name, body in BODIES.items():
        (folder / "plans" / name).write_text(body + "\n", encoding="utf-8")
    rows = ("地区,日期,正文", "江苏,2026-01-10,建设生物制造先导区。", "山东,2026-01-20,开展海洋氢能示范应用。")
    (folder / "各省规划.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    sentence = {"id": "s1", "sentence": "到2030年，量子信息产业规模达到500亿元以上。"}
    (folder / "sentences.jsonl").write_text(json.dumps(sentence) + "\n", encoding="utf-8")


def _excel(path: Path, rows: list[list[object]]) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


@pytest.fixture(scope="module")
def openalex_address() -> Iterator[str]:
    """A server on this machine with made-up papers (SYNTHETIC), which stands for OpenAlex."""
    with serving() as api:
        yield api.url


@pytest.mark.parametrize(("page", "words"), [(page, words) for page in PAGES for words in commands(page)])
def test_command_of_the_documentation_runs(
    page: str,
    words: str,
    surroundings: Path,
    openalex_address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.chdir(surroundings)
    if CLUSTER in words:
        words = words.replace(CLUSTER, f"spark://{request.getfixturevalue('server')}{surroundings}/share")
    monkeypatch.setitem(pyalex.config, "openalex_url", openalex_address)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("FORELAND_WORKSPACE", raising=False)
    assert run(shlex.split(words)[1:]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("page", ["README.md", "README.zh.md", "docs/python.md"])
def test_python_of_the_documentation_runs(page: str, surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(surroundings)
    [program] = blocks(page, "python")
    exec(compile(program, page, "exec"), {})


def test_public_names_are_documented() -> None:
    told = (ROOT / "docs/python.md").read_text(encoding="utf-8")
    for name in set(foreland.__all__) - {"__version__", *registry.rooms()}:
        assert re.search(rf"\b{name}\b", told), name


def generated() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: "\n".join(lines) for name, lines in module.every_page()}


def test_reference_pages_hold_every_question_table_method_and_command() -> None:
    pages = generated()
    for question in registry.questions().values():
        for language, suffix in zip(LANGUAGES, (".zh", ""), strict=True):
            page = pages[f"questions/{question.room}{suffix}.md"]
            assert question.text[language] in page
            assert question.how(language) in page
            assert f"foreland ask {question.id}" in page
            for parameter in question.parameters:
                assert f"| `{parameter.name}` |" in page
    for table in TABLES:
        assert f"## `{table}`" in pages["tables.md"]
        for spec in table_spec(table).columns:
            assert spec.zh in pages["tables.md"]
    for name in command().commands:
        assert f"## `foreland {name}`" in pages["commands.md"]
    for name in packs():
        assert f"## `{name}`" in pages["packs.md"]
    assert {"methods/policy.promise.md", "methods/capability.specialisation.md"} <= set(pages)


def test_reference_pages_hold_what_reads_text() -> None:
    pages = generated()
    for library in ("reading", "documents"):
        folder = ROOT / "src/foreland/data" / library
        for module in folder.glob("[!_]*.py"):
            assert f"automodule:: foreland.data.{library}.{module.stem}\n" in pages[f"{library}.md"]
    words = pages["vocabularies.md"]
    assert all(f"| `{code}` |" in words for code in (*INSTRUMENTS, *STAGES, *DOMAINS, *attributes(), *CODES, CONFLICT))
    listed = {name.removesuffix("_new").removesuffix("_average") for name in measures()}
    assert all(f"| `{name}` |" in words for name in listed)


def test_reference_pages_hold_what_reads_chains() -> None:
    pages = generated()
    for module in (ROOT / "src/foreland/data/chains").glob("[!_]*.py"):
        assert f"automodule:: foreland.data.chains.{module.stem}\n" in pages["chains.md"]
    told = pages["makers.md"]
    for name, column in (("pull_fields", "maker"), ("pull_sectors", "codes")):
        rows = bundled_rows("chains", f"{name}.csv")
        assert rows
        assert all(entry[column] in told for entry in rows)
    ways = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    assert all(f"`{kind}`" in ways for kind in LINKS)


def test_reference_pages_hold_what_makes_units_of_foresight() -> None:
    pages = generated()
    for library in ("records", "discovery", "surveys"):
        for module in (ROOT / "src/foreland/data" / library).glob("[!_]*.py"):
            assert f"automodule:: foreland.data.{library}.{module.stem}\n" in pages[f"{library}.md"]
    ways = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    assert all(f"`{kind}`" in ways for kind in LINKS_OF_RECORDS)


@pytest.mark.parametrize("room", ["chains", "foresight"])
def test_pages_of_a_room_hold_every_question(room: str) -> None:
    asked = registry.questions(room)
    assert asked
    for page in ("README.md", "README.zh.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert [name for name in asked if f"`{name}`" not in text] == [], page
    for page, language in ((f"docs/{room}.md", "en"), (f"docs/{room}.zh.md", "zh")):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert [name for name in asked if f"| `{name}` | {asked[name].text[language]} |" not in text] == [], page


def test_every_public_method_has_a_docstring() -> None:
    """The methods' pages are made of docstrings; one without would be a blank."""
    import ast

    missing = []
    for module in sorted((ROOT / "src/foreland").glob("*/*.py")):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        if module.parent.name not in registry.rooms() or module.name == "__init__.py":
            continue
        assert ast.get_docstring(tree), module
        public = (n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_"))
        missing += [f"{module.parent.name}/{module.name}:{n.name}" for n in public if not ast.get_docstring(n)]
    assert missing == []


def test_links_between_files_lead_somewhere() -> None:
    broken = []
    for page in (
        "README.md",
        "README.zh.md",
        "CONTRIBUTING.md",
        *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")),
    ):
        text = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            if target.startswith("reference/"):
                continue
            if not (ROOT / page).parent.joinpath(target).exists():
                broken.append(f"{page}: {target}")
    assert broken == []


@pytest.mark.slow
def test_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    if importlib.util.find_spec("sphinx") is None or importlib.util.find_spec("furo") is None:
        pytest.skip("needs the docs extra")
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("_build", "reference"))
    sphinx = [sys.executable, "-m", "sphinx", "-q", "-d", "read"]
    # Every page is read and every link in it followed; only one is written, as pages are alike.
    for words in (
        ["-W", "--keep-going", "-b", "dummy", "docs", "dummy"],
        ["-b", "html", "docs", "html", "docs/index.md"],
    ):
        done = subprocess.run([*sphinx, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    page = (tmp_path / "html" / "index.html").read_text(encoding="utf-8")
    assert not re.findall(r'<(?:script|link)[^>]+(?:src|href)="https?://[^"]+\.(?:js|css)', page)
