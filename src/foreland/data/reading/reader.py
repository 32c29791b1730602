"""Read documents: the fields, quantities and instruments of each sentence."""

from __future__ import annotations

import re
from functools import cache

from foreland.data.reading import chinese_quantities, english_quantities, instruments
from foreland.data.reading.chinese_parts import parts
from foreland.data.reading.chinese_time import PlacedContext
from foreland.data.reading.model import Context, Mention, Reading, Sentence
from foreland.data.reading.sentences import split
from foreland.data.taxonomy.tagger import Tagger

BEFORE = 100
"""How many characters in front of a sentence its context holds."""

_CJK = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]+")
_REVIEW = re.compile(r"过去[一五]年|[一五]年来|回顾|上年工作|去年工作|工作总结|20\d\d年(?:主要)?工作(?:回顾|情况)")
_QUANTITIES = {"zh": chinese_quantities.find, "en": english_quantities.find}


class Reader:
    """Reads sentences of one language.

    Parameters
    ----------
    language
        ``zh`` or ``en``.

    Raises
    ------
    ValueError
        For another language.
    """

    def __init__(self, language: str) -> None:
        if language not in _QUANTITIES:
            raise ValueError(f"policy text is read in zh and en, not in {language!r}")
        self.language = language
        self._tagger = _tagger()
        self._quantities = _QUANTITIES[language]

    def mentions(self, sentence: str) -> list[Mention]:
        """The fields `sentence` speaks of, in order."""
        return [
            Mention(span.start, span.end, span.text, span.field_id.partition(":")[2], span.term)
            for span in self._tagger.tag(sentence)
        ]

    def read(self, sentence: str, context: Context | None = None) -> Reading:
        """All that is read in `sentence`; offsets are within it."""
        mentions = self.mentions(sentence)
        return Reading(
            mentions,
            self._quantities(sentence, mentions, context or Context()),
            instruments.find(sentence, mentions, self.language),
        )


def detect(text: str) -> str:
    """The language of `text`: ``zh`` where its Chinese characters outnumber its Latin words, else ``en``."""
    sample = text[:20000]
    return "zh" if len(_CJK.findall(sample)) > len(_LATIN.findall(sample)) else "en"


def read_document(
    text: str, language: str | None = None, year: int | None = None
) -> tuple[list[Sentence], list[Reading]]:
    """Cut a document into sentences and read each.

    Parameters
    ----------
    text
        The document.
    language
        ``zh`` or ``en``; None to see from the text.
    year
        The year of the document; without it, years that no sentence states stay None.

    Returns
    -------
    tuple
        The sentences, with offsets in `text`, and the reading of each, with offsets in its sentence.
    """
    language = language or detect(text)
    reader = Reader(language)
    sentences = split(text, language)
    places = parts(sentences, year) if language == "zh" else [None] * len(sentences)
    length = len(text) if language == "en" or any(places) or _REVIEW.search(text, 0, len(text) // 2) else 0
    readings = [
        reader.read(
            sentence.text,
            PlacedContext(
                text[max(0, sentence.start - BEFORE) : sentence.start],
                # Only in a report that looks back before it plans does the place tell results from aims.
                sentence.start / length if length else None,
                year,
                part,
            ),
        )
        for sentence, part in zip(sentences, places, strict=True)
    ]
    return sentences, readings


@cache
def _tagger() -> Tagger:
    return Tagger("iotf")
