"""A program beside this one: lines for messages, its end, and a new start after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreland.data.worker import Worker

ECHO = """
import sys
for line in sys.stdin.buffer:
    if line == b"end\\n":
        sys.exit(7)
    sys.stdout.buffer.write(sys.argv[1].encode() + b" " + line)
    sys.stdout.buffer.flush()
"""


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worker:
    (tmp_path / "echo_made_up.py").write_text(ECHO, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return Worker("echo_made_up", "you said")


def test_answers_and_starts_again_after_each_end(worker: Worker) -> None:
    assert worker.process is None, "nothing runs before it is asked"
    assert worker.ask(b"a\n") == b"you said a\n"
    first = worker.process
    assert worker.ask(b"b\n") == b"you said b\n"
    assert worker.process is first
    assert worker.ask(b"end\n") is None
    assert worker.end() == 7
    assert worker.end() is None
    assert worker.ask(b"c\n") == b"you said c\n"
    assert worker.process is not first
    assert worker.end() == 0


def test_is_ended_at_once(worker: Worker) -> None:
    worker.ask(b"a\n")
    process = worker.process
    assert process is not None
    assert worker.end(at_once=True) != 0
    assert process.poll() is not None
