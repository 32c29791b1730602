"""A workspace with the bundled packs, and two ways to run the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from foreland.cli.run import run
from foreland.data.packs import install, packs
from foreland.data.workspace import open_workspace


class Result(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Cli = Callable[..., Result]


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with all bundled packs; tests only read it."""
    path = tmp_path_factory.mktemp("cli") / "workspace"
    opened = open_workspace(path)
    for name in packs():
        install(opened, name)
    return path


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "FORELAND_LANG",
        "FORELAND_WORKSPACE",
        "FORELAND_DEBUG",
        "FORELAND_DEMO_SERVE",
        "NO_COLOR",
        "FORCE_COLOR",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FORELAND_LANG", "en")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command in this process."""

    def call(*words: object) -> Result:
        code = run([str(word) for word in words])
        return Result(code, *capsys.readouterr())

    return call


@pytest.fixture
def shell() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run a command in a process of its own."""

    def call(*words: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "foreland.cli", *map(str, words)]
        return subprocess.run(command, capture_output=True, env={**os.environ, **environment}, check=False, timeout=120)

    return call
