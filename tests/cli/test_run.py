"""Faults, interrupts and pipes: never a traceback, always the right exit code."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from foreland.cli import data, publish
from foreland.cli.run import take_language

from .conftest import Cli


def test_fault_is_told_without_a_traceback(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("worn out")

    monkeypatch.setattr(data, "open_existing", broken)
    for language, cure in (("en", "FORELAND_DEBUG=1"), ("zh", "在命令前加 FORELAND_DEBUG=1")):
        done = cli("sources", "--lang", language)
        assert done.code == 1
        assert "worn out" in done.err
        assert cure in done.err
        assert "Traceback" not in done.err
    monkeypatch.setenv("FORELAND_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli("sources")


def test_interrupt_ends_with_130(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "open_existing", interrupted)
    done = cli("sources")
    assert done.code == 130
    assert "Traceback" not in done.err


def test_broken_pipe_is_quiet(workspace: Path) -> None:
    command = f'"{sys.executable}" -m foreland.cli ask capability.ranking -q -w "{workspace}" --top 31 | head -n 1'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_unknown_command_is_answered_with_near_ones(cli: Cli) -> None:
    for language in ("en", "zh"):
        done = cli("brif", "--lang", language)
        assert done.code == 2
        assert "brief" in done.err


def test_version(cli: Cli) -> None:
    import foreland

    assert cli("--version").out.strip() == foreland.__version__


@pytest.mark.parametrize(
    ("words", "language", "rest"),
    [
        (["ask", "--lang", "zh", "x"], "zh", ["ask", "x"]),
        (["--lang=en", "ask"], "en", ["ask"]),
        (["ask", "--", "--lang", "zh"], None, ["ask", "--", "--lang", "zh"]),
        (["ask"], None, ["ask"]),
    ],
)
def test_language_is_taken_out(words: list[str], language: str | None, rest: list[str]) -> None:
    assert take_language(words) == (language, rest)


def test_brief_is_written_by_name(cli: Cli, workspace: Path) -> None:
    done = cli("brief", "浙江", "--lang", "zh", "--out", "zj.md", "-w", workspace)
    assert done.code == 0, done.err
    assert "浙江" in Path("zj.md").read_text(encoding="utf-8")
    assert cli("brief", "浙江", "--out", "zj.pdf", "-w", workspace).code == 2
    assert cli("brief", "Zhejang", "-w", workspace).code == 2


def test_brief_of_a_field_is_written_by_name(cli: Cli, workspace: Path) -> None:
    done = cli("brief", "氢能", "--lang", "zh", "--out", "h2.md", "-w", workspace)
    assert done.code == 0
    assert Path("h2.md").read_text(encoding="utf-8").startswith("# 氢能")
    for unknown in ("iotf:hydrogn", "hydrogen enrgy"):
        done = cli("brief", unknown, "-w", workspace)
        assert done.code == 2
        assert "iotf:hydrogen" in done.err


def test_busy_port_names_a_free_one(cli: Cli, workspace: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not publish.is_free("127.0.0.1", port)
        free = publish.free_port("127.0.0.1", port)
        assert free != port
        assert publish.is_free("127.0.0.1", free)
        done = cli("serve", "--port", port, "-w", workspace)
    assert done.code == 1
    assert f"--port {free}" in done.err


def test_dashboard_is_served_and_ends_on_interrupt(workspace: Path) -> None:
    port = publish.free_port("127.0.0.1", 18321)
    process = subprocess.Popen(
        [sys.executable, "-m", "foreland.cli", "serve", "--port", str(port), "-w", str(workspace)],
        stderr=subprocess.PIPE, text=True, env=os.environ.copy(),
    )  # fmt: skip
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
                    assert page.status == 200
                    break
            except OSError:
                time.sleep(0.1)
        else:
            pytest.fail("the dashboard did not come up")
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode in (0, 130)
    assert f"http://127.0.0.1:{port}" in told
    assert "Traceback" not in told


def test_demo_ends_with_findings_briefs_and_the_next_command(cli: Cli, tmp_path: Path) -> None:
    done = cli("demo", "--dir", tmp_path / "demo", "--no-serve")
    assert done.code == 0, done.err
    lines = done.err.splitlines()
    found = [line for line in lines if line[:4] in {f"  {n}." for n in range(1, 6)}]
    assert len(found) == 5
    assert all(any(character.isdigit() for character in line[5:]) for line in found)
    for language in ("zh", "en"):
        page = tmp_path / "demo" / f"zhejiang.{language}.html"
        assert page.stat().st_size > 10_000
        assert str(page) in done.err
    assert "http://127.0.0.1:8321" in done.err
    assert lines[-1].startswith("Next: foreland ask")
