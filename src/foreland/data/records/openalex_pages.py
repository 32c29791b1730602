"""Pages of works from the API of OpenAlex, through pyalex.

pyalex is an extra of its own (``pip install 'foreland[connect]'``) and is imported only when works are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import sleep
from typing import Any, NamedTuple

from foreland.core.errors import ForelandError, UsageError
from foreland.data.records.openalex import FIELDS

PAGE = 100
"""Works of a page: the most that the API gives."""
TIMEOUT = (15.0, 120.0)
"""Seconds to wait for a connection and for the next bytes of an answer."""
WAITS = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each new try of a page, where the API does not say how long to wait."""
LONGEST_WAIT = 120.0
"""Seconds above which a wait that the API asks for ends the fetch: it can go on later."""
PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Answers that another try may change."""
SHOWN = 300


@dataclass(frozen=True)
class Query:
    """What is asked of OpenAlex.

    Parameters
    ----------
    search
        Words searched for in titles, abstracts and full texts.
    filters
        Names and values of the API's filters (``authorships.countries``, ``CN|US``). One that stands twice
        has to hold for every value.
    first, last
        First and last year of publication.
    most
        At most so many works.
    """

    search: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    first: int | None = None
    last: int | None = None
    most: int | None = None

    def all_filters(self) -> list[str]:
        """Filters as the API words them, years among them."""
        years = (("from_publication_date", self.first, "01-01"), ("to_publication_date", self.last, "12-31"))
        found = [f"{name}:{value}" for name, value in self.filters]
        return found + [f"{name}:{year:04d}-{day}" for name, year, day in years if year is not None]

    def check(self) -> None:
        """Refuse what can't be meant.

        Raises
        ------
        UsageError
            If nothing narrows the works down, or the years are the wrong way round.
        """
        if not self.search.strip() and not self.all_filters():
            raise UsageError("data.error.fetch_everything")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise UsageError("data.error.fetch_years", first=self.first, last=self.last)


class Page(NamedTuple):
    """Works, how many there are in all, and where the next page begins."""

    works: list[dict[str, Any]]
    total: int
    cursor: str | None


@contextmanager
def configured(mail: str, key: str) -> Iterator[None]:
    """Tell pyalex who asks, and leave tries to us, who can show the wait and end it."""
    try:
        import pyalex
    except ImportError as error:
        raise ForelandError("data.error.no_pyalex") from error
    import foreland

    before = dict(pyalex.config)
    mail, key = mail or before.get("email") or "", key.strip() or before.get("api_key") or ""
    agent = f"foreland/{foreland.__version__} pyalex/{pyalex.__version__}" + (f" (mailto:{mail})" if mail else "")
    told = {"email": mail or None, "api_key": key or None, "user_agent": agent}
    pyalex.config.update(told, max_retries=0, retry_http_codes=[])
    try:
        yield
    finally:
        pyalex.config.clear()
        pyalex.config.update(before)


def _works(asked: dict[str, Any]) -> Any:
    """Works of pyalex with what it lacks: a time-out, the address of its own configuration, one kind of refusal."""
    import pyalex
    import requests

    class Session(requests.Session):
        def request(self, *args: Any, **options: Any) -> Any:
            options["timeout"] = TIMEOUT
            response = super().request(*args, **options)
            response.raise_for_status()
            return response

    session = Session()

    class Works(pyalex.Works):
        @property
        def url(self) -> str:
            return str(super().url).replace("https://api.openalex.org", pyalex.config.openalex_url.rstrip("/"), 1)

        def _get_from_url(self, url: str, _: Any = None) -> Any:
            return super()._get_from_url(url, session)

    return Works(asked)


def pages(query: Query, cursor: str, waiting: Callable[[float], None]) -> Iterator[Page]:
    """Pages from a cursor on, to the last or to as many works as are wanted."""
    asked = {"select": list(FIELDS), "search": query.search.strip() or None, "filter": query.all_filters() or None}
    answers = _works(asked).paginate(method="cursor", cursor=cursor, per_page=min(PAGE, query.most or PAGE), n_max=None)
    answered = False
    while True:
        page = _ask(answers, answered, waiting)
        if page is None:
            return
        answered = True
        yield page


def _ask(answers: Iterator[Any], answered: bool, waiting: Callable[[float], None]) -> Page | None:
    """The next page, tried again where that may help; None behind the last.

    A first request that gets no answer at all is not tried again: then there is no network.
    """
    import requests

    for wait in (*WAITS, None):
        try:
            answer = next(answers, None)
            return None if answer is None else _page(answer)
        except requests.HTTPError as error:
            problem, asked = _refusal(error.response)
            patience = None if asked is None or wait is None else wait if asked < 0 else asked
        except requests.exceptions.JSONDecodeError as error:
            raise ForelandError("data.error.fetch_strange", detail=str(error)[:SHOWN]) from error
        except requests.RequestException as error:
            problem = ForelandError("data.error.fetch_unreachable", host=_host(), detail=_cause(error))
            patience = wait if answered else None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ForelandError("data.error.fetch_strange", detail=str(error)[:SHOWN]) from error
        if patience is None:
            raise problem
        waiting(patience)
        sleep(patience)
    raise AssertionError("the last try returns or raises")


def _page(answer: Any) -> Page:
    """Works, their total and the next cursor; an error that says what is wrong where an answer is none."""
    total, cursor = answer.meta["count"], answer.meta.get("next_cursor")
    if not isinstance(total, int) or not isinstance(cursor, str | None):
        raise ValueError(f"meta: {answer.meta!r}")
    return Page([dict(work) for work in answer], total, cursor)


def _refusal(response: Any) -> tuple[ForelandError, float | None]:
    """The error of a refusal, and the seconds to wait: below 0 if the API does not say, None if waiting is no use."""
    status, message = response.status_code, _message(response)
    asked = _seconds(response.headers.get("Retry-After", ""))
    if asked is not None and asked > LONGEST_WAIT:
        return ForelandError("data.error.fetch_later", status=status, message=message, seconds=f"{asked:,.0f}"), None
    wait = -1.0 if asked is None else asked
    if status == 429:
        return ForelandError("data.error.fetch_limit", message=message), wait
    if status in PASSING or asked is not None:
        return ForelandError("data.error.fetch_down", status=status, message=message), wait
    kind = "forbidden" if status in (401, 403) else "refused"
    return ForelandError(f"data.error.fetch_{kind}", status=status, message=message), None


def _seconds(text: str) -> float | None:
    """Seconds that a header Retry-After asks for, in seconds or as a date (RFC 9110, 10.2.3)."""
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    if re.fullmatch(r"\s*[0-9]{1,9}\s*", text):
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _message(response: Any) -> str:
    """What the API says of a refusal, or the name of its status."""
    try:
        body = response.json()
    except ValueError:
        body = None
    said = [body.get(name) for name in ("error", "message")] if isinstance(body, dict) else []
    parts = dict.fromkeys(each.strip() for each in said if isinstance(each, str) and each.strip())
    return " · ".join(parts)[:SHOWN] or response.reason or "—"


def _host() -> str:
    import pyalex

    return str(pyalex.config.openalex_url).partition("://")[2] or str(pyalex.config.openalex_url)


def _cause(error: BaseException) -> str:
    """What is at the bottom of an error of the network, without the addresses that stand above it."""
    root = error
    while (deeper := root.__cause__ or root.__context__) is not None:
        root = deeper
    return (getattr(root, "strerror", None) or str(root) or type(root).__name__)[:SHOWN]
