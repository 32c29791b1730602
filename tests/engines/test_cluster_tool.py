"""``tools/spark_cluster.py`` says what it lacks; and what it starts, it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.engines.servers import SERVER

import spark_cluster
from spark_cluster import ClusterError

TOOL = Path(spark_cluster.__file__)


def java(folder: Path, version: str) -> Path:
    """A program that says it is Java."""
    program = folder / "jdk" / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    return program.parents[1]


def test_without_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert spark_cluster.main(["--find-java"]) == 1
    assert "apt-get install openjdk-17-jre-headless" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("version", "fits"), [("1.8.0_402", False), ("11.0.22", False), ("17.0.15", True), ("21", True)]
)
def test_versions_of_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, fits: bool) -> None:
    home = java(tmp_path, version)
    monkeypatch.setenv("JAVA_HOME", str(home))
    if fits:
        assert spark_cluster.java_home() == home.resolve()
        return
    with pytest.raises(ClusterError, match=r"(?s)needs Java 17.*Cure"):
        spark_cluster.java_home()


def test_without_spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client of Spark is not Spark."""
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    monkeypatch.setattr(spark_cluster, "PROJECT", tmp_path)
    with pytest.raises(ClusterError, match="make test-spark"):
        spark_cluster.spark_home()


def test_a_part_that_does_not_start_is_shown_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(java(tmp_path, "17")))
    script = tmp_path / "spark" / "bin" / "spark-class"
    script.parent.mkdir(parents=True)
    script.write_text("#!/bin/sh\necho no such main class\nexit 3\n", encoding="utf-8")
    script.chmod(0o755)
    cluster = spark_cluster.SparkCluster(home=tmp_path / "spark")
    with pytest.raises(ClusterError, match=r"(?s)no such main class.*master did not start"):
        cluster.start()
    assert not cluster.folder.exists()


def test_ends_what_it_started() -> None:
    """Started as a person would, asked to end, and gone: processes, port and folder."""
    if not SERVER:
        pytest.skip("needs Spark itself: make test-spark")
    with subprocess.Popen(
        [sys.executable, str(TOOL), "--workers", "1", "--worker-memory", "512m"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as tool:  # fmt: skip
        assert tool.stdout is not None
        host, _, port = tool.stdout.readline().strip().partition(":")
        assert host == "127.0.0.1"
        with socket.create_connection((host, int(port)), timeout=5):
            pass
        tool.send_signal(signal.SIGTERM)
        _, said = tool.communicate(timeout=60)
    assert tool.returncode == 0
    started = [line.split() for line in said.splitlines() if ": process " in line]
    assert [words[0] for words in started] == ["master:", "worker-1:", "connect:"]
    assert not Path(started[0][-1]).parents[1].exists()
    for words in started:
        with pytest.raises(ProcessLookupError):
            os.kill(int(words[2].rstrip(",")), 0)
    time.sleep(0.5)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)
