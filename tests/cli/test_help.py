"""Help in both languages, and quickly."""

from __future__ import annotations

import re
import resource
import subprocess
import sys

import pytest

from foreland.cli.app import command
from foreland.core import registry
from foreland.i18n import LANGUAGES, t, use_language

from .conftest import Cli

COMMANDS = (
    "ask",
    "brief",
    "check",
    "correct",
    "delphi",
    "demo",
    "discover",
    "doctor",
    "documents",
    "extract",
    "fetch",
    "init",
    "load",
    "packs",
    "serve",
    "sources",
)
SURVEYS = [("delphi", name) for name in ("new", "open", "invite", "close", "list", "import", "export")]
SECOND = [("packs", "install"), ("fetch", "openalex")]
ENGLISH = ("Usage:", "Options", "Show this message", "[default", "[env var")


def test_all_commands_are_there() -> None:
    assert tuple(sorted(command().commands)) == COMMANDS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", [(), *((name,) for name in COMMANDS), *SECOND, *SURVEYS], ids=" ".join)
def test_help_is_in_the_language(cli: Cli, words: tuple[str, ...], language: str) -> None:
    done = cli(*words, "--help", "--lang", language)
    assert done.code == 0, done.err
    key = "cli." + "_".join(words) if words else "cli"
    shown = re.sub(r"\s+", "", done.out)
    assert re.sub(r"\s+", "", t(key, language))[:30] in shown  # type: ignore[arg-type]
    if language == "zh":
        assert not [word for word in ENGLISH if word in done.out]
        assert "…" not in done.out.replace("……", ""), "a text was cut off"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("identifier", registry.questions())
def test_question_help_shows_parameters_example_and_how_to_read(cli: Cli, identifier: str, language: str) -> None:
    question = registry.find_question(identifier)
    done = cli("ask", identifier, "--help", "--lang", language)
    assert done.code == 0, done.err
    shown = re.sub(r"[\s│]+", "", done.out)
    assert re.sub(r"\s+", "", question.text[language]) in shown  # type: ignore[index]
    assert re.sub(r"\s+", "", question.how(language))[:40] in shown  # type: ignore[arg-type]
    assert f"forelandask{identifier}" in shown
    for parameter in question.parameters:
        assert f"--{parameter.name.replace('_', '-')}" in shown


def test_every_option_has_a_text_in_both_languages() -> None:
    def texts(group: object, path: str) -> dict[str, str]:
        found = {f"{path} {p.name}": p.help for p in group.params if p.name != "help"}  # type: ignore[attr-defined]
        for name, sub in getattr(group, "commands", {}).items():
            found |= texts(sub, f"{path} {name}")
        return found

    seen = {}
    for language in LANGUAGES:
        with use_language(language):
            seen[language] = texts(command(), "foreland")
    assert seen["zh"].keys() == seen["en"].keys()
    for key, text in seen["zh"].items():
        assert text, key
        assert re.search(r"[一-鿿]", text) or text.startswith("URL"), key
        assert seen["en"][key] != text


@pytest.mark.parametrize(("words", "limit"), [(["--help"], 0.5), (["ask"], 1.5)])
def test_starts_quickly(words: list[str], limit: float) -> None:
    def once() -> float:
        """Processor time, which other work on the machine does not lengthen."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "foreland.cli", *words], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(once() for _ in range(5)) < limit


def test_language_may_stand_anywhere_and_is_checked(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "用法" in cli("--lang", "zh", "load", "--help").out
    assert "用法" in cli("load", "--lang=zh", "--help").out
    monkeypatch.setenv("FORELAND_LANG", "zh")
    assert "用法" in cli("load", "--help").out
    assert "Usage" in cli("load", "--help", "--lang", "en").out
    for kind in ("policy", "chain", "suppliers", "matrix"):
        assert f"--as {kind}" in " ".join(cli("load", "--help").out.replace("│", "").split())
    wrong = cli("--lang", "fr", "ask")
    assert wrong.code == 2
    assert "fr" in wrong.err
