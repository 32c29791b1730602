"""The files of a survey: whole or not at all, lines added and never changed, one writer at a time."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from foreland.core.errors import Where, WorkspaceError
from foreland.data.surveys.model import Answers

PATIENCE = 20.0
"""Seconds to wait for others who write; a save takes milliseconds."""


@dataclass(frozen=True)
class Participant:
    """Somebody who answers: a number, the hash of a link or code, and how they answer. No name."""

    number: str
    secret: str
    kind: str


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def locked(folder: Path) -> Iterator[Path]:
    from filelock import FileLock, Timeout

    lock = FileLock(folder / "lock")
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout as error:
        raise WorkspaceError("data.error.survey_busy", name=folder.name) from error
    except OSError as error:
        raise WorkspaceError("core.error.cannot_write", where=Where(folder), detail=error.strerror) from error
    try:
        yield folder
    except OSError as error:
        raise WorkspaceError("core.error.cannot_write", where=Where(folder), detail=error.strerror) from error
    finally:
        lock.release()


def append(path: Path, lines: Sequence[tuple[str, Answers]]) -> None:
    """Add lines and wait until they are on disk. The lock is held."""
    at = now()
    text = "".join(
        json.dumps(
            {"participant": who, "at": at, "answers": {topic: each.to_dict() for topic, each in answers.items()}},
            ensure_ascii=False,
        )
        + "\n"
        for who, answers in lines
    )
    with path.open("ab+") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                # A process was killed within a line: it must not swallow this one.
                text = "\n" + text
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def participants(folder: Path) -> list[Participant]:
    try:
        text = (folder / "participants.csv").read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [Participant(row["number"], row["secret"], row["kind"]) for row in rows]


def enrol(folder: Path, survey_id: str, words: list[str], kind: str) -> None:
    """Write further participants down. The lock is held."""
    known = participants(folder)
    known += [Participant(f"p{i:03d}", hashed(survey_id, word), kind) for i, word in enumerate(words, len(known) + 1)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["number", "secret", "kind"])
    writer.writerows((each.number, each.secret, each.kind) for each in known)
    write(folder / "participants.csv", text.getvalue())


def hashed(survey_id: str, word: str) -> str:
    return hashlib.sha256(f"{survey_id}\n{word}".encode()).hexdigest()


def write(path: Path, text: str) -> None:
    """Write a file whole: readers see the old text or the new one."""
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
