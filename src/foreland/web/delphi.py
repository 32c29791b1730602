"""Delphi surveys: the list, what a survey has come to, and the form that people answer. The only pages that write.

What is written is checked to come from a page of ours (``same_origin``), and a form is known by the secret word in its
address alone: there is no cookie that another site could make use of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import FastAPI, Request, Response

from foreland.core.errors import ForelandError, UsageError
from foreland.core.registry import find_question
from foreland.data.surveys import store
from foreland.data.surveys.model import EXPERTISE, OBSTACLES, PARTS, STEPS, Answer, Survey, obstacle_name, parse
from foreland.i18n import t
from foreland.web.delphi_words import (
    QUESTION,
    commands_of,
    comments_of,
    feedback_of,
    own_words,
    results,
    texts_of,
    topics_named,
)
from foreland.web.site import Site
from foreland.web.state import State
from foreland.web.twins import SUFFIXES, parted, twin

if TYPE_CHECKING:
    from foreland.data.surveys.model import Answers, Fault

LARGEST = 2_000_000
"""Most bytes of a form; a survey of 200 topics with long comments has fewer."""
MOST_FIELDS = 20_000
REFUSED = {"web.error.other_origin": 403, "web.error.no_form": 415}
"""Status of a form that is not read; the others are too large."""
NO_STORE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def add(app: FastAPI, site: Site) -> None:
    """Give the application the addresses of surveys."""

    def reads(path: str, build: Callable[[Site, Request], Response]) -> None:
        async def endpoint(request: Request) -> Response:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(site.pool, site.handle, request, partial(build, site))

        app.add_api_route(path, endpoint, methods=["GET", "HEAD"], include_in_schema=False)

    async def writes(request: Request) -> Response:
        loop = asyncio.get_running_loop()
        try:
            same_origin(request)
            said = _said(await _body(request))
        except ForelandError as error:
            status = REFUSED.get(error.key, 413)
            return await loop.run_in_executor(site.pool, partial(site.failed, request, error, status))
        return await loop.run_in_executor(site.pool, site.handle, request, partial(saved, site, said=said))

    for path in ("/delphi", *(f"/delphi.{suffix}" for suffix in SUFFIXES)):
        reads(path, listing)
    reads("/delphi/{survey}", organiser)
    reads("/delphi/{survey}/answer/{token}", form)
    app.add_api_route("/delphi/{survey}/answer/{token}", writes, methods=["POST"], include_in_schema=False)


# Who may write ------------------------------------------------------------------------------------


def same_origin(request: Request) -> None:
    """Refuse what another site makes a browser send.

    Raises
    ------
    UsageError
        If neither ``Origin`` nor ``Sec-Fetch-Site`` says that the request comes from a page of ours.
    """
    origin, fetched = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    ours = origin is not None and urlsplit(origin).netloc == request.headers.get("host", "")
    if fetched not in (None, "same-origin") or not (ours or (origin is None and fetched == "same-origin")):
        raise UsageError("web.error.other_origin")


async def _body(request: Request) -> bytes:
    """The body of a form, as far as one is read."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise UsageError("web.error.no_form")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise UsageError("web.error.form_too_large", most=f"{LARGEST:,}")
    return body


# Pages --------------------------------------------------------------------------------------------


def listing(site: Site, request: Request) -> Response:
    """``/delphi``: the surveys of the workspace."""
    state = site.state(request)
    rows = []
    for survey_id in store.survey_ids(site.ws):
        survey = store.read(site.ws, survey_id)
        rows.append(
            {
                "survey": survey_id,
                "title": survey.title(state.language),
                "topics": len(survey.topics),
                "rounds_closed": sum(each.state == "closed" for each in survey.rounds),
                "open_round": survey.open_round.number if survey.open_round else None,
                "url": state.elsewhere(f"/delphi/{survey_id}"),
            }
        )
    _, suffix = parted(request.url.path)
    if suffix:
        response = twin(suffix, t("web.delphi.title", state.language), rows)
    else:
        response = site.html("delphi.html", state, rows=rows)
    response.headers.update(NO_STORE)
    return response


def organiser(site: Site, request: Request) -> Response:
    """``/delphi/<id>``: progress of the open round, and results of the closed ones."""
    state = site.state(request)
    survey = _survey(site, request)
    people = store.participants(site.ws, survey.survey_id)
    logs = {each.number: store.log(site.ws, survey.survey_id, each.number) for each in survey.rounds}
    rounds = [
        {
            "number": each.number, "state": each.state, "opened": each.opened[:10], "closed": each.closed[:10],
            "people": sum(bool(version.answers) for version in logs[each.number].latest.values()),
            "damaged": logs[each.number].damaged,
        }
        for each in survey.rounds
    ]  # fmt: skip
    current = survey.open_round
    answered: dict[str, int] = {}
    if current:
        for version in logs[current.number].latest.values():
            for topic in version.answers:
                answered[topic] = answered.get(topic, 0) + 1
    finding = results(site, survey)
    figures = {
        chart: [site.answers.figure(finding, chart, size, state.language) for size in ("wide", "narrow")]  # type: ignore[arg-type]
        for chart in (finding.charts if finding else ())
    }
    closed = [each.number for each in survey.rounds if each.state == "closed"]
    response = site.html(
        "delphi_survey.html",
        state,
        survey=survey,
        invited=len(people),
        on_paper=sum(each.kind == "paper" for each in people),
        rounds=rounds,
        current=current,
        answered=answered,
        finding=finding,
        figures=figures,
        question=find_question(QUESTION) if finding else None,
        details=state.elsewhere("/foresight/delphi", survey=survey.survey_id),
        comments=comments_of(survey, logs[closed[-1]], "") if closed else {},
        commands=commands_of(survey),
    )
    response.headers.update(NO_STORE)
    return response


def form(site: Site, request: Request) -> Response:
    """``/delphi/<id>/answer/<secret>``: the form, with what its owner has answered so far."""
    survey, who = _survey(site, request), _participant(site, request)
    done = {name: request.query_params.get(name, "") for name in ("saved", "merged", "overruled")}
    # What a save did is told once; it is no part of the state of the page.
    state = _plain(site.state(request))
    current = survey.open_round
    if current is None:
        closed = [each for each in survey.rounds if each.state == "closed"]
        mine = store.log(site.ws, survey.survey_id, closed[-1].number).latest.get(who) if closed else None
        return _form_page(site, state, survey, mine.answers if mine else {}, shown=closed[-1].number if closed else 0)
    versions = store.log(site.ws, survey.survey_id, current.number).versions.get(who, ())
    answers = versions[-1].answers if versions else store.earlier(site.ws, survey, current.number, who)
    return _form_page(
        site, state, survey, answers, shown=current.number, who=who, seen=len(versions),
        saved_at=versions[-1].at if versions else "", done=done,
    )  # fmt: skip


def saved(site: Site, request: Request, *, said: Mapping[str, str]) -> Response:
    """Take a form: save what it says and lead back to it, or show it again with what can't be taken."""
    survey, who = _survey(site, request), _participant(site, request)
    state = _plain(site.state(request))
    number, seen = (_number(said.get(name, "")) for name in ("round", "seen"))
    answers: dict[str, Answer] = {}
    faults: dict[str, list[Fault]] = {}
    texts: dict[str, dict[str, str]] = {}
    for topic in survey.topics:
        texts[topic.topic_id] = {part: said.get(f"{topic.topic_id}.{part}", "") for part in PARTS}
        typed = texts[topic.topic_id]
        never = said.get(f"{topic.topic_id}.never") == "1"
        answer, wrong = parse(survey, {**typed, **({"year": "never"} if never else {})})
        answers[topic.topic_id] = answer
        texts[topic.topic_id]["never"] = "1" if never else ""
        if wrong:
            faults[topic.topic_id] = wrong
    frozen: UsageError | None = None
    if not faults:
        try:
            done = store.save(site.ws, survey.survey_id, number, who, answers, seen)
        except UsageError as error:
            frozen = error
        else:
            told = {
                "saved": "again" if done.replaced else "first",
                "merged": ",".join(done.merged), "overruled": ",".join(done.overruled),
            }  # fmt: skip
            url = state.elsewhere(request.url.path, **{name: value for name, value in told.items() if value})
            return Response(status_code=303, headers={"Location": f"{url}#told", **NO_STORE})
    page = _form_page(
        site, state, survey, answers, shown=number, who=who, seen=seen, faults=faults, texts=texts, frozen=frozen
    )
    page.status_code = 409 if frozen else 422
    return page


def _form_page(
    site: Site,
    state: State,
    survey: Survey,
    answers: Answers,
    *,
    shown: int,
    who: str = "",
    **more: Any,
) -> Response:
    """The form filled in with answers, beside each topic what the round before came to."""
    language = state.language
    before = shown - 1 if survey.open_round else 0
    earlier = store.earlier(site.ws, survey, shown, who) if before and who else {}
    feedback = feedback_of(site, survey, before)
    comments = comments_of(survey, store.log(site.ws, survey.survey_id, before), who) if before else {}
    typed = more.get("texts") or {}
    faults: Mapping[str, list[Fault]] = more.get("faults") or {}
    topics = [
        {
            "topic": topic,
            "text": topic.text(language),
            "values": typed.get(topic.topic_id) or texts_of(answers.get(topic.topic_id, Answer())),
            "chosen": answers.get(topic.topic_id, Answer()),
            "faults": {fault.part: fault.text(language) for fault in faults.get(topic.topic_id, ())},
            "own": own_words(earlier.get(topic.topic_id), language),
            "feedback": feedback.get(topic.topic_id),
            "comments": comments.get(topic.topic_id, []),
        }
        for topic in survey.topics
    ]
    done = more.get("done") or {}
    response = site.html(
        "delphi_form.html",
        state,
        survey=survey,
        current=survey.open_round,
        shown=shown,
        topics=topics,
        seen=more.get("seen", 0),
        saved_at=more.get("saved_at", ""),
        again=bool(earlier),
        told=done.get("saved", ""),
        merged=topics_named(survey, done.get("merged", ""), state),
        overruled=topics_named(survey, done.get("overruled", ""), state),
        frozen=more.get("frozen"),
        wrong=[(each["topic"], each["faults"]) for each in topics if each["faults"]],
        steps=range(STEPS, 0, -1),
        expertise=range(EXPERTISE, 0, -1),
        obstacles=[(code, obstacle_name(code, language)) for code in OBSTACLES],
        results=state.elsewhere(f"/delphi/{survey.survey_id}"),
    )
    response.headers.update(NO_STORE)
    return response


# Requests -----------------------------------------------------------------------------------------


def _survey(site: Site, request: Request) -> Survey:
    name = request.path_params["survey"]
    if name not in store.survey_ids(site.ws):
        raise UsageError("web.error.no_page", path=request.url.path)
    return store.read(site.ws, name)


def _participant(site: Site, request: Request) -> str:
    found = store.participant_of(site.ws, request.path_params["survey"], request.path_params["token"])
    if found is None:
        raise UsageError("web.error.no_invitation")
    return found.number


def _plain(state: State) -> State:
    for name in list({**state.arguments, **state.shown}):
        state = state.put(name, None)
    return state


def _said(body: bytes) -> dict[str, str]:
    """Fields of a form; what stands several times is joined, as boxes that are ticked are.

    Raises
    ------
    UsageError
        If it has more fields than any form of ours.
    """
    found: dict[str, str] = {}
    try:
        fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise UsageError("web.error.form_fields", most=f"{MOST_FIELDS:,}") from error
    for name, value in fields:
        found[name] = f"{found[name]};{value}" if name in found else value
    return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
