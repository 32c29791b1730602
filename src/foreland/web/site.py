"""A workspace with everything that pages need, and how requests are answered from it."""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

import foreland
from foreland.charts.pictures import use_address
from foreland.charts.records import finite
from foreland.core.errors import ForelandError
from foreland.core.registry import Question
from foreland.data.workspace import Workspace
from foreland.i18n import LANGUAGES, Language, use_language
from foreland.web.answers import Answers, Kept
from foreland.web.assets import Assets
from foreland.web.errors import as_dict, status_of
from foreland.web.render import Renderer
from foreland.web.state import State, preferred, read_state

MANIFEST = "manifest.json"
THREADS = 6
"""Requests worked on at once; each thread keeps a database connection of its own."""


PAGES, PAGE_BYTES, LARGEST_PAGE = 1024, 128_000_000, 4_000_000
"""Most finished pages that are kept, most memory they may take, and the largest of them in bytes."""
SMALLEST_PACKED = 800
"""A page of fewer bytes is sent as it is."""


@dataclass(frozen=True)
class Page:
    """A finished page: as it is, and packed for sending."""

    status: int
    headers: dict[str, str]
    body: bytes
    packed: bytes

    @classmethod
    def of(cls, response: Response) -> Page:
        body = bytes(response.body)
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        packed = gzip.compress(body, 6, mtime=0) if len(body) >= SMALLEST_PACKED else b""
        return cls(response.status_code, headers, body, packed)

    def response(self, packed: bool) -> Response:
        """The page for a reader who takes packed ones, or not."""
        if packed and self.packed:
            return Response(self.packed, self.status, {**self.headers, "Content-Encoding": "gzip"})
        return Response(self.body, self.status, self.headers)


class Site:
    """A workspace with everything that pages need."""

    def __init__(self, ws: Workspace) -> None:
        self.ws = ws
        self.answers = Answers(ws)
        self.assets = Assets()
        self.renderer = Renderer(self.assets)
        self.pool = ThreadPoolExecutor(THREADS, "foreland")
        self.closing = False
        self._pages = Kept(PAGES, PAGE_BYTES, lambda page: len(page.body) + len(page.packed))
        self._written: tuple[int, int, int] | None = None

    def handle(self, request: Request, build: Callable[[Request], Response]) -> Response:
        """Answer a request; turn what goes wrong into a page or JSON that says so."""
        try:
            self._look()
            tag = self._tag(request)
            if request.headers.get("if-none-match") == tag:
                return Response(status_code=304, headers={"ETag": tag, "Cache-Control": "no-cache"})
            packed = "gzip" in request.headers.get("accept-encoding", "")
            page: Page | None = self._pages.find(tag) if request.method == "GET" else None
            if page is not None:
                return page.response(packed)
            with use_address(str(request.base_url)), use_language(self._language(request)):
                response = build(request)
            if response.status_code == 200 and "cache-control" not in response.headers:
                response.headers["ETag"] = tag
                response.headers["Cache-Control"] = "no-cache"
                response.headers["Vary"] = "Accept-Language, Accept-Encoding"
                # Not where a load landed meanwhile: the page may be of after it.
                if request.method == "GET" and len(response.body) <= LARGEST_PAGE and self._tag(request) == tag:
                    page = Page.of(response)
                    self._pages.put(tag, page)
                    return page.response(packed)
            return response
        except ForelandError as error:
            return self.failed(request, error)
        except Exception as error:  # a defect of ours: the log has it, the reader gets a page
            logging.getLogger("foreland.web").exception("failed: %s", request.url.path)
            return self.failed(request, ForelandError("web.error.internal", kind=type(error).__name__))

    def _look(self) -> None:
        """See what other processes have loaded; the manifest is read only where it was written anew."""
        found = (self.ws.path / MANIFEST).stat()
        written = (found.st_mtime_ns, found.st_ino, found.st_size)
        if written != self._written:
            self.ws.refresh()
            self._written = written

    def failed(self, request: Request, error: ForelandError, status: int | None = None) -> Response:
        """An error as the page or JSON that was asked for."""
        language = self._language(request)
        status = status or status_of(error)
        path = request.url.path
        headers = {"Cache-Control": "no-store"}
        with use_language(language):
            if path.startswith("/api/") or path.endswith(".json"):
                return json_response(as_dict(error, language), status, headers)
            state = State(path, language, {}, {}, "lang" in request.query_params)
            page = self.renderer.page("error.html", state, error=error, status=status)
        return Response(page, status, headers, "text/html; charset=utf-8")

    def _language(self, request: Request) -> Language:
        named = request.query_params.get("lang")
        if named in LANGUAGES:
            return named
        return preferred(request.headers.get("accept-language", ""))

    def _tag(self, request: Request) -> str:
        parts = (
            foreland.__version__, self.ws.content_hash, self.assets.version, self._language(request),
            str(request.url),
        )  # fmt: skip
        return f'W/"{hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]}"'

    def state(self, request: Request, question: Question | None = None) -> State:
        accepts = request.headers.get("accept-language", "")
        return read_state(request.url.path, request.query_params.multi_items(), accepts, question)

    def html(self, template: str, state: State, **context: Any) -> Response:
        return Response(self.renderer.page(template, state, **context), media_type="text/html; charset=utf-8")


def json_response(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(finite(content), ensure_ascii=False, default=str).encode()
    return Response(body, status, headers, "application/json")


def redirect(url: str) -> Response:
    """Lead to the one address of a page. Never to another host."""
    url = "/" + url.lstrip("/\\")
    return Response(status_code=307, headers={"Location": url, "Cache-Control": "no-store"})
