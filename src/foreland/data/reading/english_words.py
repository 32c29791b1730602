"""The words English text hangs numbers on: units, comparators, years, aims and results, and what is no quantity."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

from foreland.data.reading.english_numbers import FRACTION, NUMBER, ORDINALS, SMALL

_I = re.IGNORECASE
_MONTH = r"(?:Jan|Febr?|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"

# What looks like a quantity and is none: covered with \x01 of the same length before numbers are sought.
NOT = re.compile(
    "|".join(
        [
            r"<sup>.*?</sup>|\^?\[[\d,;\s–-]+\]|https?://\S+|\S+@\S+|\bdoi\S*",  # marks of reference, addresses
            r"\bpp?\.\s*\d[\d–-]*|\b\d{4}[,.]?\s*\d*\s*\(\d+\)|\b(?:vol|no|nos)\.\s*\d{2,}[\d,\s–-]*",
            rf"\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?!\s*(?:percent|%))|\b\d{{1,2}}\s+{_MONTH}(?=[\s,.]|$)",
            r"\b(?:Article|Articles|Section|Sections|Chapter|Part|Figure|Fig\.?|Table|Page|Item|Annex|Appendix|Column"
            r"|Phase|Stage|Volume|Step|Tier|Level|Group|Class|Category|Type|Model|Industry|Web|Document|Decree|Order)"
            r"\s+(?:No\.?\s*)?\d[\d.,–-]*(?:\s+and\s+\d+)?(?!\s*(?:percent|%|\w*illion))",
            r"\A[\s#*]*\d{1,2}(?:\.\d{1,2})+\.?(?=\s+\**[A-Z])",  # a heading's number
            r"\b(?:two|three|four|five)\s+\w+(?=\s+and\s+one\b)",
            r"\bgrants?\s+(?:numbers?|nos?\.?)[^\].]*|\[\d{4}\]\s*No\.?\s*\d+",
            r"\bMade in China 2025\b|\b[A-Za-z]+-\d+[A-Za-z]?\b(?!\s*(?:percent|%))|\bG\d{1,2}\b",
            r"\b\d+\s*\+\s*\d+(?:\s*[+>=]\s*\w+)*|\b\d+\s*[:：]\s*\d+\b|\b24/7\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b",
            r"\bfrom\s+(?:zero|0|one|1)\s+to\s+(?:one|1|100|N)\b[”\"']?(?!\s*(?:percent|%|\w*illion))",
            r"\b(?:the\s+)?(?:first|last|past|previous|next|coming|following|final)\s+(?:half|three quarters"
            r"|two quarters"
            rf"|(?:{NUMBER})\s+(?:or\s+\w+\s+)?(?:years?|months?|quarters?|decades?|days?|weeks?))\b",
            rf"\bper\s+(?:{NUMBER})(?:\s+\w+)?|\bevery\s+(?:{NUMBER})\b|\bout of (?:{NUMBER})\b",
            rf"\b(?:{NUMBER})[\s-](?:years?|months?|days?|hours?|minutes?|weeks?|decades?|centur(?:y|ies))"
            r"(?:['’]s?)?(?![a-z])",
            rf"\b(?:aged?|ages|over the age of|older than|younger than)\s+(?:{NUMBER})(?:\s*(?:to|-|–|and)\s*\d+)?",
            r"\b(?:19|20)\d\d\s*[-–—]\s*(?:(?:19|20)?\d\d)\b(?!\s*(?:percent|%))",
            r"\btop[\s-]\d+\b|\bone of\b|\bno one\b|\bone another\b|\bone (?:by|after) one\b|\bday one\b",
            r"\b\d+(?:st|nd|rd|th)\b",
        ]
    ),
    _I | re.DOTALL,
)


@cache
def units() -> dict[str, dict[str, tuple[str, float]]]:
    rows: dict[str, dict[str, tuple[str, float]]] = {"prefix": {}, "suffix": {}, "noun": {}, "small": {}, "skip": {}}
    with (Path(__file__).parent / "english_units.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            for kind in ("prefix", "suffix") if row["kind"] == "both" else (row["kind"],):
                rows[kind][row["word"].lower()] = (row["unit"], float(row["factor"]))
    return rows


def _words(kind: str) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"[\s-]+") for word in sorted(units()[kind], key=len, reverse=True))


@cache
def number_pattern() -> re.Pattern[str]:
    signs = [word for word in units()["prefix"] if not word[-1].isalpha()]
    prefix = "|".join(re.escape(sign) for sign in sorted(signs, key=len, reverse=True))
    named = "|".join(word for word in units()["prefix"] if word[-1].isalpha())
    suffix = "|".join(rf"{word}(?![A-Za-z0-9])" if word[-1].isalpha() else word for word in _words("suffix").split("|"))
    return re.compile(
        rf"(?:(?P<sign>\\?(?:{prefix})\s?|\b(?:{named})\s?)|(?<![A-Za-z0-9.,/\x01]))"
        rf"(?:(?P<fraction>{FRACTION})|(?P<number>{NUMBER}))"
        rf"(?P<high>(?<!\b19\d\d)(?<!\b20\d\d)\s?(?P<joint>[-–—~]|to"
        rf"|and)\s?(?:(?:{prefix})\s?)?(?P<top>{NUMBER})(?=(?:\s+|-)?(?:{suffix})))?"
        rf"(?P<plus>\+)?(?:(?:\s+|-)?(?P<suffix>{suffix})|(?![A-Za-z0-9/\x01]|[-.,]\d|-[A-Za-z]))",
        _I,
    )


TIMES = re.compile(
    r"(?P<two>\b(?:doubl(?:ed|ing)\b|double(?=\s+(?:that|the|its|their|in|by|from|over|between|within|compared|what)\b)"
    r"|(?<=to )double\b|(?<=will )double\b|(?<=than )doubles?\b|(?<=nearly )double\b|twofold|twice(?=\s+(?:the"
    r"|that|as)\b)))"
    r"|(?P<three>\b(?:tripl(?:ed|ing|e(?=\s+(?:that|the|its|in|by|from|over)\b))|threefold|trebled)\b)"
    r"|(?P<four>\b(?:quadrupl(?:ed|ing|e)|fourfold)\b)|(?P<five>\b(?:quintupled|fivefold)\b)|(?P<ten>\btenfold\b)",
    _I,
)
HOW_MANY_TIMES = {"two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "ten": 10.0}
_ORDINAL = "|".join(ORDINALS)
RANK = re.compile(
    rf"\brank(?:s|ed|ing)?\s+(?:at\s+|as\s+|in\s+)?(?:the\s+)?(?P<word>{_ORDINAL})\b"
    r"|\brank(?:s|ed|ing)?\s+(?:at\s+|in\s+)?(?:the\s+)?(?P<nth>\d+)(?:st|nd|rd|th)\b"
    r"|\b(?:No\.\s?|number\s)(?P<no>\d{1,2}|one)(?=\s+(?:in\b|position|place|spot|among|globally|worldwide"
    r"|nationwide|by\b))"
    rf"|\b(?:came|coming|comes|placed|standing|stood)\s+(?:in\s+)?(?P<came>{_ORDINAL})\b"
    r"|\b(?:among|in|into|within|enter(?:ed|ing)?|join(?:ed"
    r"|ing)?)\s+(?:the\s+)?(?:\w+['’]s\s+)?top[\s-](?P<top>\d+|three|five|ten)"
    r"(?=\s+(?:in\b|of\b|list\b|nationwide|globally|worldwide|provinces\b|cities\b|countries\b|places\b|regions\b)"
    r"|[.,;])",
    _I,
)

_LINK = r"(?:\s|\\|by|to|at|of|the|a|an|another|further|only|just|roughly|total)*"
GE = re.compile(
    r"\b(?:(?:more|greater|higher|larger|longer) than|over|at least|(?:no|not) (?:less|fewer|lower) than|above"
    r"|exceed(?:s|ed|ing)?"
    rf"|surpass(?:es|ed|ing)?|top(?:s|ped|ping)|in excess of|upwards of|beyond|a minimum of|passed){_LINK}$",
    _I,
)
LE = re.compile(
    r"\b(?:up to|at most|(?:no|not) (?:more|greater|higher) than|(?:less|fewer|lower) than|under|below|within"
    rf"|not (?:to )?exceed(?:ing)?|a maximum of|capped at){_LINK}$",
    _I,
)
ABOUT = re.compile(
    r"(?:\b(?:about|around|approximately|roughly|nearly|almost|close to|approaching|an estimated|some|circa"
    r"|an average of about)|~)"
    rf"{_LINK}$",
    _I,
)
AFTER_GE = re.compile(r"\s*(?:(?:or|and) (?:more|above|higher|over|greater)\b|plus\b|\+)", _I)
AFTER_LE = re.compile(r"\s*or (?:less|below|under|fewer|lower)\b", _I)
AFTER_ABOUT = re.compile(r"\s*or (?:so|thereabouts)\b", _I)

AIM = re.compile(
    r"\b(?:will|shall|should|must|would|aim(?:s|ed|ing)?|striv(?:e|es|ing)|endeavou?r|plan(?:s|ned|ning)?\s+to"
    r"|target(?:s|ing)?\b"
    r"|goals?|propos(?:e|es|ed|ing)\b|intend(?:s|ed)?|expect(?:s|ed)?\s+to|expected|projected|projecting|budgeted"
    r"|forecast(?:ed)?|set\s+at|predict(?:s|ed)?"
    r"|seek(?:s|ing)?|need(?:s)?\s+to|going\s+to|(?:is|are)\s+(?:set|to\s+be)|ensure|have\s+set|commit(?:s"
    r"|ted)?\s+to|pledge[sd]?)\b",
    _I,
)
DONE = re.compile(
    r"(?<!\bbe )(?<!\bto )\b(?:was|were|has|have|had|rose|grew|fell|reached|exceeded|surpassed|total+ed|increased"
    r"|decreased|declined"
    r"|dropped|rebounded|accounted|accounts|contributed|attracted|launched|completed|built|created|added|achieved"
    r"|established"
    r"|granted|invested|included|became|ranked|stood|came|made|gained|helped|boasts|represents|registered an?|hit)\b"
    r"(?! (?:(?:been )?set|to be|expected|projected|aim|plan|target))",
    _I,
)
YEAR = re.compile(
    r"(?P<ref>\b(?:over|than|than in|than that (?:in|of|for)|that (?:in|of)|compared (?:with|to)(?: that (?:in"
    r"|of))?(?: in)?|from"
    rf"|since|starting from|on|against|versus|relative to|up from|level(?:s)? of"
    rf"|level(?:s)? in)\s+(?:the\s+)?(?:{_MONTH}\s+)?)?"
    r"(?P<by>\b(?:by|before|until|through to|to)\s+(?:the\s+)?(?:end\s+of\s+)?(?:the\s+)?(?:year\s+)?)?"
    r"(?:(?P<made>\b(?:released|issued|published|adopted|revised|announced)\s+in\s+)|(?P<open>\())?"
    r"(?:\bFY\s?)?(?<![\d,.$€£¥])(?:(?:19|20)\d\d\s*[-–—]\s*)?(?P<year>(?:19|20)\d\d|(?<=by )[23]\d{3})\b"
    r"(?![,.]\d|-?\d|\s*(?:percent|%|yuan|million|billion|trillion|people|enterprises))"
    r"(?P<title>\s+(?:[A-Z]\w+\s+)*(?:Report|Edition|rankings?|list|Yearbook|Index|Survey|government work report"
    r"|budget)|\s+Edition)?"
)
PLAN = re.compile(
    r"\b(?P<n>\d{1,2})(?:st|nd|rd|th)[\s-]+Five-Year|\b(?P<word>\w+teenth|twelfth|eleventh|tenth)[\s-]+Five-Year", _I
)
NTH = {"tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16}
RELATIVE = re.compile(
    r"(?<!over )(?<!than )(?<!than in )(?<!than that of )(?<!from )(?<!that of )(?<!with )\b(?:"
    r"(?P<now>this year(?!['’]s (?:plan|goal))|the current year)|"
    r"(?P<past>last year|the past year|(?:over|in|during) the (?:past|last|previous) \w+ years"
    r"|over the five-year period|the (?:past|last) five years)|(?P<next>next year)"
    r"|(?P<plan>(?:over|in|during|within) the (?:next|coming) five years|five years from now))\b",
    _I,
)
WE = re.compile(r"\b(?:we|our)\b", _I)
STOP = frozenset({
    "a", "about", "above", "across", "after", "against", "along", "among", "an", "annually", "as", "at", "because",
    "before", "below", "between", "but", "by", "during", "each", "for", "from", "had", "has", "have", "higher",
    "if", "in", "including", "into", "is", "issued", "it", "its", "less", "like", "lower", "made", "more",
    "nationwide", "nor", "of", "off", "on", "once", "or", "over", "own", "per", "respectively", "since", "so",
    "such", "than", "that", "the", "their", "then", "there", "these", "they", "this", "those", "through",
    "throughout", "to", "toward", "towards", "under", "until", "up", "upon", "via", "was", "we", "were", "when",
    "where", "whether", "which", "while", "who", "whose", "will", "with", "within", "without", "worth",
})  # fmt: skip
DEFINITE = re.compile(r"\b(?:the|these|those|all|both|our|its|their|other|this)\s+(?:other\s+|top\s+|first\s+)?$", _I)
WORD = re.compile(r"[\s*“”\"'‘’]*([A-Za-z][A-Za-z'’/-]*)(?=[\s,.;:)(”\"’]|$)[”\"’]?")
SUBJECT = (
    (re.compile(r"\b(?:number|population|shortage|demand|headcount)s?\b", _I), None),
    (re.compile(r"\b(?:personnel|workforce|enrol+ments?|talents?)\b", _I), "person"),
    (re.compile(r"\b(?:ind(?:ex|ices|exes)|score)\b", _I), "other"),
)
VERB = re.compile(
    r"\b(?:was|were|is|are|be|been|reach(?:ed|es|ing)?|exceed(?:ed|s|ing)?|total(?:ed|led|ing)?|to|at|by"
    r"|surpass(?:ed|es)?|of|hit|than|over"
    r"|stood|as high as|from|above|nearly|about|around)\s*$",
    _I,
)
ANAPHORA = re.compile(
    r"^[\s,;]*(?:and\s+|while\s+)?(?:the|this|that|its?)\s*(?:growth(?:\s+rate)?|figure|increase|rate|number|total"
    r"|amount)?\s*$",
    _I,
)
SAME_SUBJECT = re.compile(
    r"^[\s,)(]*(?:and\s+|or\s+|thus\s+)?(?:$|(?:which|that|accounting|representing|an? (?:increase|decrease|drop"
    r"|rise|year|growth)|up|down"
    r"|contribut\w+|greater than|it |with an?|or |equal|compared|making up|YoY)\b)",
    _I,
)
LIST = re.compile(r"^\s*(?:[a-z]+-[a-z]+\s+)?(?:,|and|,\s*and|or|to|,\s*or)\s*(?:(?:about|over|nearly)\s*)?$", _I)
PIECE = re.compile(r",\s*(?:and\s+)?")
PIECE_AND = re.compile(r",\s*(?:and\s+)?|\s+and\s+")


# The gate: a lower-case sentence without any of these has no quantity ("one" alone is none either).
SPELT = re.compile(
    rf"\d|\b(?:(?:{'|'.join(word for word in SMALL if word not in ('zero', 'one'))}|half|twice|ranks?|ranked|ranking)\b"
    r"|doubl|tripl|trebl|quadrupl|quintupl|(?:came|coming) (?:first|second|third)|number one)"
    r"|dozen|hundred|thousand|million|billion|trillion|fold\b"
    r"|(?:one|an?)[\s-](?:third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth)"
)

# What links a subject to its figure, cut from the end of an indicator; what opens a sentence, cut from its start.
TRIM = re.compile(
    r"^[\s,;:)(.“”\"'*]+|^(?:and|or|with|that|while|thus|also|to|of)\s+|^(?:In|During|By|As of|Among them|Moreover"
    r"|Of this)\b[^,]{0,60},\s*"
    r"|[\s,;:(“”\"'*\\~]+$|\s+(?:by|to|at|of|was|were|is|are|be|been|about|around|approximately|roughly|nearly"
    r"|almost|some|over|above|than|more"
    r"|less|least|no|not|a|an|the|another|as|high|reach(?:ed|es|ing)?|exceed(?:ed|s|ing)?|surpass(?:ed|es)?"
    r"|total(?:ed|led|ing)?|will|should|shall|worth"
    r"|an average annual rate of|respectively|stood|set|only|just|up|from|between)$",
    _I,
)
FRAGMENT = re.compile(r"\s*(?:(?!We\b|I\b|It\b|The\b|This\b|They\b|China\b)[A-Z][\w-]*|[a-z])")
NOMINAL = re.compile(
    r"\s*[-–—•*]*\s*(?:an?\s+)?(?!We\b|I\b|It\b|This\b|They\b)[\w/-]+(?:\s+[\w/-]+){0,8}?\s+(?:of|in|by|at|within"
    r"|above|below)\s"
    r"(?!.*\b(?:is|are|was|were|has|have|had|rose|fell|grew|reached)\b)",
    _I | re.DOTALL,
)
NOW = re.compile(r"\bthis year(?!['’]s\s+(?:first|second))", _I)
