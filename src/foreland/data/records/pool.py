"""Chunks are read by several processes: this one, and workers that are given what this one has no time for.

A worker is this module run as a program, so that it needs nothing of the caller's program; it is sent chunks and
answers with what their markers say.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import struct
import sys
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from foreland.data.records.record import Chunk
from foreland.data.records.stage import digest, make, stored
from foreland.data.worker import Worker

AHEAD = 2
"""Chunks that wait at a worker: one in its hands, one on the way."""
MOST_PROCESSES = 8
"""More are not kept busy by the one that unpacks the files and cuts them."""
MEMORY = 500_000_000
"""Bytes that a process takes while it reads a chunk."""

Told = dict[int, dict[str, Any]]


def read_all(folder: Path, layout: str, chunks: Iterable[Chunk], *, abstracts: bool, processes: int = 1) -> Told:
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
    processes
        How many read, this one among them.
    """
    told: Told = {}
    pending: dict[Future[dict[str, Any] | None], tuple[Chunk, str]] = {}
    workers = [_Worker(folder, layout, abstracts) for _ in range(processes - 1)]
    idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def one(chunk: Chunk, known: str) -> dict[str, Any] | None:
        worker = idle.get()
        try:
            return worker.make(chunk, known)
        finally:
            idle.put(worker)

    def reap(all_of_them: bool = False) -> None:
        for future in [each for each in pending if all_of_them or each.done()]:
            answer = future.result()
            chunk, known = pending.pop(future)
            # A worker that ended, for want of memory perhaps, leaves its chunk to this process.
            told[chunk.number] = answer if answer is not None else make(folder, layout, chunk, known, abstracts)

    pool = ThreadPoolExecutor(max(1, len(workers)), thread_name_prefix="records")
    try:
        for chunk in chunks:
            known = digest(chunk)
            done = stored(folder, chunk, known)
            reap()
            if done is not None:
                told[chunk.number] = done
            elif told and len(pending) < AHEAD * len(workers) and not any(worker.failed for worker in workers):
                pending[pool.submit(one, chunk, known)] = chunk, known
            else:
                told[chunk.number] = make(folder, layout, chunk, known, abstracts)
        reap(all_of_them=True)
    finally:
        for worker in workers:
            worker.end(at_once=bool(pending))
        pool.shutdown(wait=True, cancel_futures=True)
    return dict(sorted(told.items()))


def processes_for(threads: int, memory: int) -> int:
    """How many processes may read.

    Parameters
    ----------
    threads
        Cores that may be used, 0 for all.
    memory
        Bytes that may be used, 0 for as many as two processes take.
    """
    most = max(1, memory // MEMORY) if memory else 2
    return min(threads or os.cpu_count() or 1, MOST_PROCESSES, most)


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
