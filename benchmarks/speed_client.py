"""Readers of pages: so many at once, each asking for one page after the other, and how long each page took."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

TIMEOUT = 600.0
"""Seconds a reader waits for one page: the first answer over a hundred million rows is among them."""


@dataclass
class Heard:
    """What readers got: seconds by page, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    wall: float = 0.0

    def quantile(self, q: float, page: str | None = None) -> float:
        """A quantile of the seconds of a page, or of all."""
        found = sorted(s for name, each in self.seconds.items() if page in (None, name) for s in each)
        return found[min(int(q * len(found)), len(found) - 1)] if found else float("nan")

    @property
    def count(self) -> int:
        return sum(map(len, self.seconds.values()))


def get(port: int, path: str, connection: http.client.HTTPConnection | None = None) -> tuple[float, int, int]:
    """Fetch a page: seconds until its last byte, status, bytes."""
    connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    began = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip", "Accept-Language": "en"})
    response = connection.getresponse()
    body = response.read()
    return time.perf_counter() - began, response.status, len(body)


def read(port: int, pages: list[str], readers: int, rounds: int, most_seconds: float) -> Heard:
    """So many readers at once, each reading every page in an order of its own, again and again."""
    heard, lock = Heard(), threading.Lock()
    until = time.perf_counter() + most_seconds

    def one(seed: int) -> None:
        order = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        for _ in range(rounds):
            for page in order.sample(pages, len(pages)):
                if time.perf_counter() > until:
                    return
                try:
                    took, status, size = get(port, page, connection)
                except OSError as error:
                    with lock:
                        heard.errors.append(f"{page}: {error!r}")
                    connection.close()
                    continue
                with lock:
                    heard.seconds[page].append(took)
                    if status != 200 or not size:
                        heard.errors.append(f"{page}: {status}, {size} bytes")

    began = time.perf_counter()
    threads = [threading.Thread(target=one, args=(seed,)) for seed in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    heard.wall = time.perf_counter() - began
    return heard
