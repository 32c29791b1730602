"""Standard streams of every kind: closed, full, in ASCII."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Cli

COMMAND = f'"{sys.executable}" -m foreland.cli packs --lang zh'


def _shell(command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    import os

    return subprocess.run(["bash", "-c", command], capture_output=True, env={**os.environ, **environment}, check=False)


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"LC_ALL": "xx_YY.none"},
    ],
    ids=str,
)
def test_chinese_is_written_whatever_the_locale(environment: dict[str, str]) -> None:
    done = _shell(COMMAND, **environment)
    assert done.returncode == 0
    assert "中国各省" in done.stdout.decode("utf-8")


def test_an_encoding_that_has_chinese_is_kept() -> None:
    assert "中国各省" in _shell(COMMAND, PYTHONIOENCODING="gb18030").stdout.decode("gb18030")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams(closed: str) -> None:
    done = _shell(f"{COMMAND} {closed}")
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_a_full_disk_behind_stdout() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    done = _shell(f"{COMMAND} > /dev/full")
    assert done.returncode == 1
    assert "系统拒绝" in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_what_the_system_refuses_is_no_fault_of_ours(cli: Cli) -> None:
    for words in (("sources", "-w", "n" * 300), ("sources", "-w", "/dev/null"), ("init", "n" * 300)):
        done = cli(*words, "--lang", "en")
        assert done.code == 1
        assert "inside Foreland" not in done.err
        assert len(done.err.splitlines()) >= 2
