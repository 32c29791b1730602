"""Chunks are read by two processes: this one, and a worker that is given what this one has no time for.

The worker is this module run as a program, so that it needs nothing of the caller's program; it is sent chunks and
answers with what their markers say.
"""

from __future__ import annotations

import json
import os
import pickle
import struct
import sys
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from foreland.data.records.record import Chunk
from foreland.data.records.stage import digest, make, stored
from foreland.data.worker import Worker

AHEAD = 2
"""Chunks that wait at the worker: one in its hands, one on the way."""

Told = dict[int, dict[str, Any]]


def read_all(folder: Path, layout: str, chunks: Iterable[Chunk], *, abstracts: bool, threads: int = 0) -> Told:
    """Make the part of every chunk that has none yet; gives what all markers say, by number.

    Parameters
    ----------
    folder
        Where the parts are kept.
    layout
        Name of the format.
    chunks
        The records as they come, a few at a time.
    abstracts
        Whether texts are kept.
    threads
        1 for this process alone.
    """
    told: Told = {}
    pending: deque[tuple[Chunk, str, Future[dict[str, Any] | None]]] = deque()
    worker = _Worker(folder, layout, abstracts)
    alone = threads == 1 or (os.cpu_count() or 1) < 2
    pool = ThreadPoolExecutor(1, thread_name_prefix="records")

    def reap(all_of_them: bool = False) -> None:
        while pending and (all_of_them or pending[0][2].done()):
            chunk, known, future = pending.popleft()
            answer = future.result()
            # A worker that ended, for want of memory perhaps, leaves its chunk to this process.
            told[chunk.number] = answer if answer is not None else make(folder, layout, chunk, known, abstracts)

    try:
        for chunk in chunks:
            known = digest(chunk)
            done = stored(folder, chunk, known)
            reap()
            if done is not None:
                told[chunk.number] = done
            elif told and not alone and len(pending) < AHEAD and not worker.failed:
                pending.append((chunk, known, pool.submit(worker.make, chunk, known)))
            else:
                told[chunk.number] = make(folder, layout, chunk, known, abstracts)
        reap(all_of_them=True)
    finally:
        worker.end(at_once=bool(pending))
        pool.shutdown(wait=True, cancel_futures=True)
    return dict(sorted(told.items()))


class _Worker(Worker):
    """A process that makes parts, until one can't be made there."""

    def __init__(self, folder: Path, layout: str, abstracts: bool) -> None:
        super().__init__("foreland.data.records.pool", str(folder), layout, str(int(abstracts)))
        self.failed = False

    def make(self, chunk: Chunk, known: str) -> dict[str, Any] | None:
        if self.failed:
            return None
        message = pickle.dumps((chunk, known), protocol=5)
        line = self.ask(struct.pack("<q", len(message)) + message)
        answer: dict[str, Any] = json.loads(line) if line else {"error": "ended"}
        if "error" in answer:
            self.failed = True  # made again here, where the error can be told
            return None
        return answer


def main(folder: str, layout: str, abstracts: str) -> None:
    """Make parts of the chunks on stdin until there are no more."""
    while head := sys.stdin.buffer.read(8):
        chunk, known = pickle.loads(sys.stdin.buffer.read(struct.unpack("<q", head)[0]))
        try:
            answer = make(Path(folder), layout, chunk, known, abstracts == "1")
        except Exception as error:  # whatever it is, the parent makes the part again and tells of it
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
