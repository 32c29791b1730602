"""Read documents in worker processes, a few at a time, each result kept as soon as it is there.

A worker is this module run as a program: it is sent a document a line, writes what it read into the cache of the
workspace, and answers with a line. If one ends (out of memory), its document is refused and another worker started.
"""

from __future__ import annotations

import json
import os
import queue
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from foreland.data.documents.passages import MarkSpan, read_into_cache
from foreland.data.worker import Worker

WORTH_PROCESSES = 400_000
"""Characters from which on starting processes costs less than it saves."""
MOST_PROCESSES = 8


class Job(NamedTuple):
    """A document to be read: where its reading is kept, and what reading it takes."""

    key: str
    text: str
    marks: list[MarkSpan]
    language: str | None
    year: int | None


class Outcome(NamedTuple):
    """Key of a document, and the reason why it was not read, empty if it was."""

    key: str
    reason: str = ""
    detail: str = ""


def read_all(
    workspace: Path, jobs: Iterator[Job], characters: int, done: Callable[[Outcome], None], processes: int = 0
) -> None:
    """Read all documents into the cache of a workspace.

    Parameters
    ----------
    workspace
        Folder of the workspace.
    jobs
        The documents, taken a few at a time.
    characters
        How much there is to read, to choose whether processes are worth while.
    done
        Called with the outcome for each document, in order.
    processes
        How many to use; 0 for one a core.
    """
    processes = processes or min(os.cpu_count() or 1, MOST_PROCESSES)
    if characters < WORTH_PROCESSES or processes < 2:
        for job in jobs:
            done(_read(workspace, job))
        return
    workers = [_Worker(workspace) for _ in range(processes)]
    idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def one(job: Job) -> Outcome:
        worker = idle.get()
        try:
            return worker.read(job)
        finally:
            idle.put(worker)

    pending: deque[Future[Outcome]] = deque()
    pool = ThreadPoolExecutor(processes, thread_name_prefix="read")
    try:
        for job in jobs:
            pending.append(pool.submit(one, job))
            while len(pending) >= 3 * processes:
                done(pending.popleft().result())
        while pending:
            done(pending.popleft().result())
    finally:
        # Left early, by an error or by Ctrl-C: nobody waits for what is being read.
        for future in pending:
            future.cancel()
        for worker in workers:
            worker.end(at_once=bool(pending))
        pool.shutdown(wait=True, cancel_futures=True)


def _read(workspace: Path, job: Job) -> Outcome:
    try:
        return Outcome(read_into_cache(str(workspace), job.key, job[1:]))
    except OSError:
        raise  # the disk, not the document
    except Exception as error:
        # One text that trips the reader must not take thousands of others with it; the report names it.
        return Outcome(job.key, "reading_failed", f"{type(error).__name__}: {error}"[:200])


class _Worker(Worker):
    """A process that reads."""

    def __init__(self, workspace: Path) -> None:
        super().__init__("foreland.data.documents.pool", str(workspace))
        self.workspace = workspace

    def read(self, job: Job) -> Outcome:
        line = self.ask(json.dumps(job).encode() + b"\n")
        if line is None:
            return Outcome(job.key, "memory", f"exit {self.end()}")
        answer = Outcome(*json.loads(line))
        if answer.reason == "disk":
            raise OSError(int(answer.detail), os.strerror(int(answer.detail)), str(self.workspace))
        return answer


def main(workspace: str) -> None:
    """Read documents from stdin, a line each, until there are no more."""
    for line in sys.stdin.buffer:
        key, text, marks, language, year = json.loads(line)
        job = Job(key, text, [tuple(mark) for mark in marks], language, year)
        try:
            answer = _read(Path(workspace), job)
        except OSError as error:
            answer = Outcome(key, "disk", str(error.errno or 5))
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1])
