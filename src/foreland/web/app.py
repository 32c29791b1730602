"""The application: addresses to pages, twins and API."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

import foreland
from foreland.charts.pictures import permalink
from foreland.charts.theme import Size
from foreland.core.address import AddressLike
from foreland.core.errors import ForelandError, UsageError
from foreland.core.registry import Question, exporter, find_question, questions, rooms
from foreland.data.workspace import open_workspace
from foreland.i18n import t
from foreland.web import delphi, documents, library, openapi, pages, reader
from foreland.web.compare import compare
from foreland.web.errors import status_of
from foreland.web.evidence import evidence_page
from foreland.web.security import SecurityHeaders, brief_policy
from foreland.web.site import Site, json_response, redirect
from foreland.web.state import State, place_id
from foreland.web.twins import SUFFIXES, parted, twin

LOOPBACK = ("127.0.0.1", "localhost", "::1")
BRIEFS = {
    "html": ("render_html", "text/html; charset=utf-8"),
    "md": ("render_markdown", openapi.FORMATS["md"]),
    "docx": ("render_word", openapi.FORMATS["docx"]),
}


def create_app(workspace: AddressLike, *, hosts: Sequence[str] | None = None) -> FastAPI:
    """The application over a workspace.

    Parameters
    ----------
    workspace
        Address of an existing workspace.
    hosts
        Names the application may be addressed by; any, where none are given.

    Raises
    ------
    WorkspaceError
        If there is no workspace there.
    """
    site = Site(open_workspace(workspace, create=False))

    @asynccontextmanager
    async def lifespan(_: FastAPI):  # type: ignore[no-untyped-def]
        site.pool.submit(_warm, site)
        yield
        # Threads end, and close their database connections, while the interpreter still stands.
        site.closing = True
        site.pool.shutdown()

    app = FastAPI(title="Foreland", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.site = site
    if hosts is not None:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.add_middleware(GZipMiddleware, minimum_size=800, compresslevel=6)
    app.add_middleware(SecurityHeaders)

    def route(path: str, build: Callable[[Site, Request], Response]) -> None:
        async def endpoint(request: Request) -> Response:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(site.pool, site.handle, request, partial(build, site))

        app.add_api_route(path, endpoint, methods=["GET", "HEAD"], include_in_schema=False)

    delphi.add(app, site)
    for path, build in ROUTES:
        route(path, build)

    @app.exception_handler(HTTPException)
    async def missing(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            return site.failed(request, UsageError("web.error.only_get", method=request.method), 405)
        return site.failed(request, UsageError("web.error.no_page", path=request.url.path), error.status_code)

    return app


def serve(workspace: AddressLike, host: str = "127.0.0.1", port: int = 8321) -> None:
    """Serve a workspace until interrupted."""
    import uvicorn

    hosts = (*LOOPBACK, "[::1]") if host in LOOPBACK else None
    uvicorn.run(create_app(workspace, hosts=hosts), host=host, port=port, log_level="warning", server_header=False)


# Pages ------------------------------------------------------------------------------------------


def home(site: Site, request: Request) -> Response:
    state = site.state(request)
    region = state.arguments.get("region")
    if region:
        return redirect(state.elsewhere(f"/region/{place_id(region)}"))
    context = pages.home_page(site.answers, state)
    _, suffix = parted(request.url.path)
    if suffix:
        about = {"version": foreland.__version__, "data": site.ws.content_hash, **context["counts"]}
        found = twin(suffix, t("web.home.title", state.language), _listed(questions().values(), state), about)
        return _settled(found, ())
    held = site.ws.rows("document")
    response = site.html("home.html", state, places=_grouped(site, state), documents=held, **context)
    return _settled(response, context["cards"])


def region(site: Site, request: Request) -> Response:
    state = site.state(request)
    name, suffix = parted(request.path_params["region"])
    found = place_id(name)
    if found != name:
        return redirect(state.elsewhere(f"/region/{found}{f'.{suffix}' if suffix else ''}"))
    context = pages.region_page(site.answers, found, state, patient=bool(suffix))
    if suffix:
        about = {key: context[key] for key in ("region", "name", "level")}
        rows = [
            {
                "question": card.question.id,
                "text": card.question.text[state.language],
                "headline": card.headline,
                "benchmark": card.benchmark,
                "url": card.url,
            }
            for card in context["cards"]
        ]
        return twin(suffix, context["name"], rows, about)
    brief = _brief() is not None
    held = library.of_place(site.ws, found)
    return _settled(site.html("region.html", state, brief=brief, documents=held, **context), context["cards"])


def room(site: Site, request: Request) -> Response:
    name, suffix = parted(request.path_params["room"])
    if name not in rooms():
        raise UsageError("web.error.no_page", path=request.url.path)
    state = site.state(request)
    listed = list(questions(name).values())
    if suffix:
        return twin(suffix, t(f"core.room.{name}.question", state.language), _listed(listed, state))
    return site.html("room.html", state, room=name, questions=listed)


def _listed(found: Iterable[Question], state: State) -> list[dict[str, str]]:
    """Questions as rows: what they ask, and where the answer to their example stands."""
    return [
        {
            "room": q.room,
            "question": q.id,
            "text": q.text[state.language],
            "how_to_read": q.how(state.language),
            "url": state.elsewhere(f"/{q.room}/{q.name}", **q.example),
        }
        for q in found
    ]


def question(site: Site, request: Request) -> Response:
    name, _, suffix = request.path_params["question"].partition(".")
    asked = find_question(f"{request.path_params['room']}.{name}")
    state = site.state(request, asked)
    canonical = state.url()
    if request.url.query != canonical.partition("?")[2]:
        return redirect(canonical)
    if suffix:
        return _twin(site, asked, state, suffix)
    context = pages.question_page(site.answers, asked, state)
    status = status_of(context["error"]) if context["error"] else 200
    link = permalink(context["finding"], state.language) if context["finding"] else ""
    response = site.html("question.html", state, permalink=link, formats=list(openapi.FORMATS), **context)
    response.status_code = status
    return response


def _twin(site: Site, asked: Question, state: State, suffix: str) -> Response:
    if suffix == "vega":
        return _figure(site, asked, state)
    if suffix not in openapi.FORMATS:
        raise UsageError("core.error.unknown_format", name=suffix, known=", ".join(openapi.FORMATS))
    finding = site.answers.ask(asked, state.arguments)
    chart = state.shown.get("chart")
    if suffix in ("svg", "png") and not finding.charts:
        raise UsageError("core.error.unknown_chart", name=chart or "", question=asked.id, known="")
    content = exporter(suffix)(finding, chart, state.language)
    focus = f"-{finding.scope.focus}" if finding.scope.focus else ""
    file = f"foreland-{asked.room}-{asked.name}{focus}-{finding.id[:8]}.{suffix}"
    file = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in file)
    how = "attachment" if suffix in ("csv", "parquet", "docx") else "inline"
    return Response(
        content,
        headers={"Content-Disposition": f'{how}; filename="{file}"'},
        media_type=openapi.FORMATS[suffix],
    )


def _figure(site: Site, asked: Question, state: State) -> Response:
    """The specification of a chart, for the script that brings it to life."""
    finding = site.answers.ask(asked, state.arguments)
    chart = state.shown.get("chart") or finding.charts[0]
    size: Size = "narrow" if state.shown.get("view") == "narrow" else "wide"
    figure = site.answers.figure(finding, chart, size, state.language)
    return Response(figure.spec, media_type="application/json")


def evidence(site: Site, request: Request) -> Response:
    asked = find_question(f"{request.path_params['room']}.{request.path_params['question']}")
    state = site.state(request, asked)
    return site.html("evidence.html", state, **evidence_page(site.answers, asked, state))


def sources(site: Site, request: Request) -> Response:
    state = site.state(request)
    context = pages.sources_page(site.ws)
    _, suffix = parted(request.url.path)
    if suffix:
        return twin(suffix, t("web.sources.title", state.language), context["sources"])
    return site.html("sources.html", state, **context)


def data(site: Site, request: Request) -> Response:
    state = site.state(request)
    context = pages.data_page(site.ws, state.language)
    _, suffix = parted(request.url.path)
    if suffix:
        return twin(suffix, t("web.data.title", state.language), context["rows"])
    return site.html("data.html", state, **context)


def search(site: Site, request: Request) -> Response:
    state = site.state(request)
    text = request.query_params.get("q", "")[:200]
    context = pages.search_page(site.ws, text, state)
    if context["exact"] and not context["questions"]:
        return redirect(state.elsewhere(f"/region/{context['exact']}"))
    titled, total = documents.of_title(site.ws, text.strip(), state) if text.strip() else ([], 0)
    plain = State("/search", state.language, {}, {}, state.said_language)
    of_name = _brief("fields_called")
    found = of_name(site.ws, text, state.language) if of_name is not None else []
    return site.html("search.html", plain, documents=titled, documents_total=total, fields=found, **context)


def brief(site: Site, request: Request) -> Response:
    state = site.state(request)
    name = request.path_params["region"]
    stem, _, suffix = name.rpartition(".")
    kind, region_id = (suffix, stem) if suffix in BRIEFS else ("html", name)
    verb, media_type = BRIEFS[kind]
    render = _brief(verb)
    if render is None:
        raise UsageError("web.error.no_page", path=request.url.path)
    headers = {"Content-Security-Policy": brief_policy()}
    if kind == "docx":
        file = "".join(c if c.isascii() and c.isalnum() else "-" for c in region_id)
        headers["Content-Disposition"] = f'attachment; filename="foreland-brief-{file}.docx"'
    return Response(render(site.ws, place_id(region_id), state.language), headers=headers, media_type=media_type)


def api_page(site: Site, request: Request) -> Response:
    state = site.state(request)
    listed = [(room, list(questions(room).values())) for room in rooms()]
    return site.html("api.html", state, rooms=listed, formats=openapi.FORMATS)


# API --------------------------------------------------------------------------------------------


def api_answer(site: Site, request: Request) -> Response:
    asked = find_question(f"{request.path_params['room']}.{request.path_params['question']}")
    state = site.state(request, asked)
    return json_response(site.answers.ask(asked, state.arguments).to_dict(state.language))


def api_headline(site: Site, request: Request) -> Response:
    asked = find_question(f"{request.path_params['room']}.{request.path_params['question']}")
    state = site.state(request, asked)
    try:
        finding = site.answers.ask(asked, state.arguments)
    except ForelandError:
        # A page asks this of every question; that one can not be asked of a place is no failure of the page.
        return Response(status_code=204)
    return json_response({"headline": finding.headline[state.language], "benchmark": finding.benchmark[state.language]})


def api_index(site: Site, request: Request) -> Response:
    state = site.state(request)
    return json_response(
        {
            "version": foreland.__version__,
            "data": site.ws.content_hash,
            "questions": [
                {
                    "id": q.id,
                    "text": q.text[state.language],
                    "url": f"/api/v1/{q.room}/{q.name}",
                    "uses": q.uses,
                    "needs": q.needs,
                    "parameters": [parameter.name for parameter in q.parameters],
                    "example": dict(q.example),
                }
                for q in questions().values()
            ],
        }
    )


def openapi_json(site: Site, request: Request) -> Response:
    return json_response(openapi.document(site.state(request).language))


def static(site: Site, request: Request) -> Response:
    asset = site.assets.get(request.path_params["name"])
    if asset is None:
        raise UsageError("web.error.no_page", path=request.url.path)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    content = asset.content
    if "gzip" in request.headers.get("accept-encoding", ""):
        content = asset.packed
        headers["Content-Encoding"] = "gzip"
    return Response(content, headers=headers, media_type=asset.media_type)


def icon(site: Site, request: Request) -> Response:
    return redirect(site.assets.url("icon.svg"))


LISTS = {"index": home, "sources": sources, "data": data, "documents": documents.listing, "compare": compare}
"""Pages with twins at addresses of their own; those of rooms and regions come with their routes."""
ROUTES: tuple[tuple[str, Callable[[Site, Request], Response]], ...] = (
    ("/", home),
    ("/static/{version}/{name}", static),
    ("/favicon.ico", icon),
    ("/openapi.json", openapi_json),
    ("/api", api_page),
    ("/api/v1", api_index),
    ("/api/v1/headline/{room}/{question}", api_headline),
    ("/api/v1/{room}/{question}", api_answer),
    ("/sources", sources),
    ("/data", data),
    ("/documents", documents.listing),
    ("/compare", compare),
    ("/documents/{document:path}", reader.reader),
    *((f"/{name}.{suffix}", page) for name, page in LISTS.items() for suffix in SUFFIXES),
    ("/search", search),
    ("/region/{region:path}", region),
    ("/brief/{region:path}", brief),
    ("/{room}", room),
    ("/{room}/{question}", question),
    ("/{room}/{question}/evidence", evidence),
)


def _settled(response: Response, cards: Sequence[pages.Card]) -> Response:
    """A page that still waits for headlines must not be kept."""
    if any(card.pending for card in cards):
        response.headers["Cache-Control"] = "no-store"
    return response


def _grouped(site: Site, state: State) -> list[tuple[str, list[tuple[str, str]]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for level, place, label in pages.places(site.ws, state.language):
        found.setdefault(pages.level_label(level, state.language), []).append((place, label))
    return list(found.items())


def _brief(verb: str = "render_html") -> Callable[..., object] | None:
    """How briefs are rendered, or what they are of is found, where the package that does it is there."""
    try:
        return getattr(importlib.import_module("foreland.brief"), verb, None)
    except ImportError:
        return None


def _warm(site: Site) -> None:
    """Get slow starters going before the first reader comes: the renderer, what the data cover, every question once."""
    import contextlib

    from foreland.charts.pictures import chart_svg

    for question in sorted(questions().values(), key=lambda q: q.name != next(iter(questions(q.room).values())).name):
        # The first question of each room stands on the home page.
        if site.closing:
            return
        with contextlib.suppress(Exception):
            site.answers.ask(question, {name: str(value) for name, value in question.example.items()})
    with contextlib.suppress(Exception):
        chart_svg({"data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a", "type": "ordinal"}}})
        site.assets.get("vega.js")
