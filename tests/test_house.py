"""The rules of the house: every question complete, every text in both languages, nothing heavy, nothing fetched."""

from __future__ import annotations

import ast
import csv
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

from foreland.core import registry
from foreland.core.columns import column
from foreland.core.registry import Question
from foreland.data.workspace import Workspace
from foreland.i18n import LANGUAGES, has, t

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "foreland"
MODULES = sorted(SOURCE.glob("**/*.py"))
QUESTIONS = registry.questions()
HEAVY = ("pandas", "numpy", "scipy", "duckdb", "ibis", "altair", "pyarrow", "fastapi", "typer", "rich")


@pytest.fixture
def ws(request: pytest.FixtureRequest, question: Question) -> Workspace:
    """The bundled packs; for a question that reads texts, which they don't hold, the made-up library as well."""
    found: Workspace = request.getfixturevalue("library" if question.beyond_packs else "packed")
    return found


# Questions -------------------------------------------------------------------------------------


def test_there_are_questions_in_every_room_that_is_built() -> None:
    assert set(registry.rooms()) >= {"capability", "policy", "foresight"}
    for room in registry.rooms():
        assert registry.questions(room), room


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_question_has_its_texts(question: Question) -> None:
    for language in LANGUAGES:
        assert question.text[language].strip()
        assert len(question.how(language)) > 20, f"{question.id} does not say how to read it"
        assert t(f"core.room.{question.room}", language)
        for name in question.uses:
            assert t(f"core.scope.{name}", language)
            assert t(f"core.scope.{name}.help", language)
        for parameter in question.parameters:
            assert parameter.label(language), parameter.name
            assert parameter.help(language), parameter.name
            for choice in parameter.choices:
                assert parameter.choice_label(choice, language), f"{parameter.name}={choice}"
    assert re.search(r"[一-鿿]", question.text["zh"])
    assert not re.search(r"[一-鿿]", question.text["en"])


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_question_answers_its_example(question: Question, ws: Workspace) -> None:
    for language in LANGUAGES:
        finding = question(ws, **question.example, language=language)
        assert len(finding) > 0
        assert finding.headline[language].strip()
        assert finding.benchmark[language].strip()
        assert len(finding.written(language)) == len(finding)
        assert question.how(language) in finding.explain(language)
        assert finding.id in finding.cite(language)
        for caveat in finding.caveats:
            assert caveat.text(language).strip()
            assert caveat.label(language).strip()
    assert finding.provenance.inputs
    assert set(finding.provenance.sources) <= set(ws.sources)
    assert any(rows.num_rows for _, rows in finding.evidence(0).tables), "no evidence behind the first row"
    assert question(ws, **question.example).id == finding.id, "the same question has another id"


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_question_has_charts_that_draw(question: Question, ws: Workspace) -> None:
    names = registry.chart_names(question.id)
    assert names, f"{question.id} has no chart"
    finding = question(ws, **question.example)
    for name in names:
        for language in LANGUAGES:
            assert t(f"{question.id}.chart.{name}", language)
            assert finding.chart(name, language).to_dict()
    assert set(registry._charts[question.id]) == set(names), "a chart without a title is never shown"


# Texts and columns -----------------------------------------------------------------------------


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


TEXT_FILES = sorted(SOURCE.glob("*/texts.csv"))


@pytest.mark.parametrize("file", TEXT_FILES, ids=lambda file: file.parent.name)
def test_texts_are_whole_in_both_languages(file: Path) -> None:
    rows = list(csv.DictReader(file.open(encoding="utf-8", newline="")))
    keys = [row["key"] for row in rows]
    assert len(keys) == len(set(keys)), sorted(key for key in keys if keys.count(key) > 1)
    for row in rows:
        assert set(row) == {"key", "en", "zh"}, row
        assert row["key"].split(".")[0] == file.parent.name, row["key"]
        assert row["en"].strip(), row["key"]
        assert row["zh"].strip(), row["key"]
        assert placeholders(row["en"]) == placeholders(row["zh"]), row["key"]


@pytest.mark.parametrize("file", sorted(SOURCE.glob("*/columns.csv")), ids=lambda file: file.parent.name)
def test_columns_are_described(file: Path) -> None:
    for row in csv.DictReader(file.open(encoding="utf-8", newline="")):
        spec = column(row["column"], file.parent.name)  # raises on a format there is not
        assert spec.en.strip(), spec.name
        assert spec.zh.strip(), spec.name


def test_texts_named_in_the_code_exist() -> None:
    """Caveats, steps and errors are worded only when they happen, so their keys are checked here."""
    checked, missing = 0, []
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            key = node.args[0].value
            if not isinstance(key, str) or not (name in {"t", "both", "Caveat", "Step"} or name.endswith("Error")):
                continue
            if not re.fullmatch(r"[a-z]+\.[\w.]+", key):
                continue
            checked += 1
            wanted = [key, f"{key}.label"] if name == "Caveat" else [key]
            missing += [f"{module.name}:{node.lineno} {each}" for each in wanted if not has(each)]
    assert checked > 100
    assert missing == []


# Weight ----------------------------------------------------------------------------------------


def test_importing_costs_next_to_nothing() -> None:
    program = "import time; began = time.perf_counter(); import foreland; print(time.perf_counter() - began)"
    seconds = [
        float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)
        for _ in range(5)
    ]
    assert min(seconds) < 0.3


@pytest.mark.parametrize("module", ["foreland", "foreland.i18n", "foreland.core.errors", "foreland.cli"])
def test_importing_brings_no_heavy_library(module: str) -> None:
    program = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_module_is_not_too_long(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400


# Nothing is fetched ----------------------------------------------------------------------------

# Written in pieces, so that this file does not hold what it looks for.
FORBIDDEN = (
    "cdn." + "jsdelivr", "un" + "pkg.com", "cdn" + "js.", "fonts.google" + "apis", "ajax.google" + "apis",
    "pypi.org/" + "simple", "--index" + "-url", "extra-index" + "-url", "tuna.tsing" + "hua", "mirrors.ali" + "yun",
)  # fmt: skip


def test_no_address_of_a_registry_or_content_network_stands_in_the_tree() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = [name for name in listed.stdout.split("\0") if name]
    if listed.returncode:
        pytest.skip("not a git checkout")
    found = []
    for name in names:
        path = ROOT / name
        if not path.is_file() or path.suffix in {".parquet", ".png", ".xlsx", ".docx"}:
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        found += [f"{name}: {word}" for word in FORBIDDEN if word in text]
    assert found == []
