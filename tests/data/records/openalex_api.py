"""A server on this machine that answers as the OpenAlex API does, with the made-up papers (SYNTHETIC) behind it.

What it knows of the API is what fetching uses: cursors, page sizes, selected fields, search and a few filters, errors
as JSON objects with ``error`` and ``message``.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests import made_papers

Answer = tuple[int, dict[str, str], bytes]
MOST_OF_A_PAGE = 100


@dataclass
class Api:
    """What was asked, and what goes wrong: an action by the number of the request, from 0.

    An action gives an answer of its own, or None to answer as always; ``drop`` ends the connection amid the answer.
    """

    works: list[dict[str, Any]] = field(default_factory=made_papers.papers)
    asked: list[tuple[dict[str, str], dict[str, str]]] = field(default_factory=list)
    actions: dict[int, Callable[[], Answer | None]] = field(default_factory=dict)
    drops: set[int] = field(default_factory=set)
    endless: bool = False
    url: str = ""
    close: Callable[[], None] = lambda: None

    def answer(self, query: dict[str, str]) -> Answer:
        found = self.works
        if "search" in query:
            found = [work for work in found if query["search"].lower() in work["display_name"].lower()]
        for part in filter(None, query.get("filter", "").split(",")):
            name, _, value = part.partition(":")
            match name:
                case "from_publication_date":
                    found = [work for work in found if work["publication_date"] >= value]
                case "to_publication_date":
                    found = [work for work in found if work["publication_date"] <= value]
                case "authorships.countries":
                    found = [work for work in found if set(value.split("|")) & countries(work)]
                case _:
                    return refusal(400, "Invalid query parameters error.", f"{name} is not a valid field.")
        size = int(query["per-page"])
        if not 1 <= size <= MOST_OF_A_PAGE:
            return refusal(400, "Invalid query parameters error.", "per-page parameter must be between 1 and 100")
        start = 0 if query["cursor"] == "*" else int(base64.b64decode(query["cursor"]))
        page = [{name: work.get(name) for name in query["select"].split(",")} for work in found[start : start + size]]
        following = base64.b64encode(str(start + size).encode()).decode() if page or self.endless else None
        meta = {"count": len(found), "db_response_time_ms": 3, "page": None, "per_page": size, "next_cursor": following}
        return 200, {}, json.dumps({"meta": meta, "results": page, "group_by": []}).encode()


def countries(work: dict[str, Any]) -> set[str]:
    return {each["country_code"] for author in work["authorships"] for each in author["institutions"]}


def refusal(status: int, error: str, message: str, **headers: str) -> Answer:
    """A refusal as the API words it; underscores in the names of headers stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, named, json.dumps({"error": error, "message": message}).encode()


@contextmanager
def serving() -> Iterator[Api]:
    """The API while it runs."""
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            number = len(api.asked)
            api.asked.append((query, dict(self.headers)))
            told = api.actions[number]() if number in api.actions else None
            status, headers, body = told or api.answer(query) if address.path == "/works" else refusal(404, "", "")
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.close_connection = number in api.drops
            self.wfile.write(body[: len(body) // 2] if self.close_connection else body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    closed = threading.Event()

    def close() -> None:
        if not closed.is_set():
            closed.set()
            server.shutdown()
            server.server_close()

    api.url, api.close = f"http://127.0.0.1:{server.server_port}", close
    try:
        yield api
    finally:
        close()
