"""Put a finding together: names for ids, texts in both languages, provenance."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Input, Provenance, Step
from foreland.core.reads import noting
from foreland.core.scope import Scope
from foreland.data.coverage import definitions
from foreland.i18n import LANGUAGES, Language, has, t

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace


def names(ws: Workspace, identifiers: Iterable[str | None]) -> dict[str, Text]:
    """Id → name in each language, for regions, fields, indicators and sources the workspace knows, and for
    measures, instruments and marks of definitions."""
    from foreland.data.indicators import bundled_indicators
    from foreland.data.reading.definitions import attributes
    from foreland.data.reading.measures import measures
    from foreland.data.reading.stages import instrument_types
    from foreland.data.taxonomy.regions import regions

    def read() -> dict[str, Text]:
        known: dict[str, Text] = {
            place.id: {"en": place.short("en"), "zh": place.short("zh")} for place in regions().values()
        }
        for table in ("region", "field", "indicator"):
            for row in definitions(ws, table).select([f"{table}_id", "name_en", "name_zh"]).to_pylist():
                # The gazetteer's short names come before those of the tables.
                known.setdefault(row[f"{table}_id"], _called(row["name_en"], row["name_zh"], row[f"{table}_id"]))
        # A question may speak of an indicator that no loaded source has: a use that a table doesn't divide.
        for code, indicator in bundled_indicators().items():
            known.setdefault(code, {"en": indicator.name_en, "zh": indicator.name_zh})
        for code, measure in measures().items():
            known.setdefault(code, {"en": measure.name_en, "zh": measure.name_zh})
        for code, instrument in instrument_types().items():
            known.setdefault(code, {"en": instrument.name_en, "zh": instrument.name_zh})
        for code, mark in attributes().items():
            known.setdefault(code, {"en": mark.name_en, "zh": mark.name_zh})
        return known

    known: dict[str, Text] = ws.cache.remember("names", read)
    found = {}
    for identifier in sorted({i for i in identifiers if i is not None}):
        if (called := known.get(identifier) or _source_called(ws, identifier)) is not None:
            found[identifier] = called
    return found


def _source_called(ws: Workspace, identifier: str) -> Text | None:
    if identifier not in ws.sources:
        return None
    # Other sources may come and go, and what this one is called stays.
    with noting(hand_on=False):
        row = ws.source_table.get(identifier)
    return None if row is None else _called(row["title_en"], row["title_zh"], identifier)


def _called(en: str | None, zh: str | None, identifier: str) -> Text:
    either = en or zh or identifier
    return {"en": en or either, "zh": zh or either}


def name(ws: Workspace, identifier: str | None) -> Text:
    """The name of one id in each language; the id itself where it has none."""
    return names(ws, [identifier]).get(identifier or "", {"en": identifier or "—", "zh": identifier or "—"})


def within(ws: Workspace, identifier: str | None) -> Text:
    """The name of an indicator as it stands within a sentence: in English with a small letter, unless its first
    word is an abbreviation or names a place or people."""
    from foreland.data.taxonomy.regions import resolve

    found = name(ws, identifier)
    word = re.match("[A-Z][a-z]+(?![A-Za-z&])", found["en"])
    if word is None or PEOPLE.search(word[0]) or resolve(word[0]):
        return found
    return {**found, "en": found["en"][0].lower() + found["en"][1:]}


PEOPLE = re.compile("(ese|ish|ian|ean|can|man|ench)$")
"""How adjectives of countries end."""
SCHEMES = (
    (r"cnio(?P<sectors>\d+)_(?P<year>\d{4})", "data.scheme.cnio"),
    (r"terms-(?P<source>.+)", "data.scheme.terms"),
    (r"topics-(?P<source>.+)@(?P<year>\d{4})", "data.scheme.topics_as_of"),
    (r"topics-(?P<source>.+)", "data.scheme.topics"),
    (r"delphi-(?P<source>.+)", "data.scheme.delphi"),
)
"""Classifications of which there are many, and what they are called."""


def scheme_name(scheme: str) -> Text:
    """The name of a classification; one of the user's own keeps its code."""
    from foreland.data.taxonomy.fields import schemes

    if known := schemes().get(scheme):
        return {"en": known.name_en, "zh": known.name_zh}
    if has(f"data.scheme.{scheme}"):
        return both(f"data.scheme.{scheme}")
    for pattern, key in SCHEMES:
        if found := re.fullmatch(pattern, scheme):
            return both(key, **found.groupdict())
    return {"en": scheme, "zh": scheme}


MARKS: dict[Language, tuple[re.Pattern[str], str, str]] = {
    "en": (re.compile("[,;]"), "“{}”", ", "),
    "zh": (re.compile("[、，；,;]"), "“{}”", "、"),
}
"""By language: marks that part the names of a row, how a name that holds one is quoted, and what joins names."""


def set_off(called: Text) -> Text:
    """A name as it stands within a sentence: quoted where it holds marks that would make it read like several."""
    return {language: joined_names([called[language]], language) for language in LANGUAGES}


def joined_names(called: Iterable[str], language: Language) -> str:
    """Names of one language in a row, those quoted that hold marks as stand between them."""
    marks, quoted, joint = MARKS[language]
    return joint.join(quoted.format(text) if marks.search(text) else text for text in called)


def said(ws: Workspace, identifier: str | None) -> Text:
    """The name of one id within a sentence."""
    return set_off(name(ws, identifier))


def listed(ws: Workspace, identifiers: Iterable[str | None]) -> Text:
    """Names in a row within a sentence, as each language lists them."""
    known = [name(ws, identifier) for identifier in identifiers]
    return {language: joined_names([text[language] for text in known], language) for language in LANGUAGES}


def span(first: str | int, last: str | int) -> Text:
    """Years from the first to the last, with the dash of each language; one year where they are the same."""
    if first == last:
        return {"en": f"{first}", "zh": f"{first}"}
    return {"en": f"{first}–{last}", "zh": f"{first}—{last}"}


def both(key: str, /, **parameters: Any) -> Text:
    """A text in every language. A parameter may itself be a text in every language."""
    return {
        language: t(
            key,
            language,
            **{k: v[language] if isinstance(v, Mapping) else v for k, v in parameters.items()},
        )
        for language in LANGUAGES
    }


def answer(
    ws: Workspace,
    question: str,
    scope: Scope,
    rows: pa.Table | Sequence[Mapping[str, Any]],
    *,
    headline: Text,
    benchmark: Text,
    inputs: Sequence[Input],
    steps: Sequence[Step],
    caveats: Sequence[Caveat] = (),
    parameters: Mapping[str, Any] | None = None,
    tables: Mapping[str, pa.Table] | None = None,
) -> Finding:
    """A finding from its parts.

    Parameters
    ----------
    rows
        The answer: an Arrow table, or rows that all have the same keys, in a total order.
    parameters
        The question's own parameters as they were used.
    tables
        Further tables the charts draw.
    """
    import pyarrow as pa

    import foreland

    table = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist([dict(row) for row in rows])
    ids: set[str | None] = {*scope.region, *scope.field, scope.indicator, scope.source, scope.benchmark}
    for each in (table, *(tables or {}).values()):
        for column in each.column_names:
            if column.endswith("_id"):
                ids.update(each[column].unique().to_pylist())
    ids.update(source for item in inputs for source in item.sources)
    return Finding(
        question=question,
        scope=scope,
        table=table,
        headline=headline,
        benchmark=benchmark,
        provenance=Provenance(
            question=question,
            parameters={**scope.to_dict(), **(parameters or {})},
            inputs=tuple(inputs),
            steps=tuple(steps),
            version=foreland.__version__,
        ),
        caveats=tuple(caveats),
        labels=names(ws, ids),
        tables=tables or {},
        workspace=ws,
    )
