"""English words and what each may be in a noun phrase: rules of endings, and lists for what breaks them."""

from __future__ import annotations

import re
from functools import cache

from foreland.i18n.bundled import bundled_rows

IN, LEAD, HEAD, SINGLE = 1, 2, 4, 8
"""A word may stand within a term, begin it, end it, be one alone."""
NOUN = IN | LEAD | HEAD | SINGLE
MODIFIER = IN | LEAD
WEAK = IN | LEAD | HEAD

WORDS = re.compile(
    r"[^\W\d_]+-\d+(?:\.\d+)*(?![\w.-])"  # GPT-4, COVID-19
    r"|(?:\d+(?=[^\W\d_]))?[^\W\d_][^\W_]*(?:['’]s\b)?(?:-(?=[^\W_]))?"  # robots, 3D, Newton's, multi-
    r"|\d+-(?=[A-Za-z])"  # 3-D
    r"|\d[\d.,]*|[^\s\w]|_"
)
"""The tokens of a text. A word that a hyphen binds to the next keeps the hyphen."""

_MODIFIER_ENDINGS = (
    "ed", "ent", "al", "ic", "ive", "ous", "able", "ible", "ful", "less", "ary", "ular", "esque", "ish", "ward", "wise",
    "est",
)  # fmt: skip
_NOUNS_ALL_THE_SAME = (
    "ment", "material", "ritual", "pixel", "library", "summary", "boundary", "forest", "test", "interest", "dictionary",
    "vocabulary", "cellular", "secretary", "harvest", "request", "quest", "contest", "nest", "dish", "fish", "brush",
)  # fmt: skip
_IRREGULAR = {
    "axes": "axis", "matrices": "matrix", "vertices": "vertex", "indices": "index", "analyses": "analysis",
    "hypotheses": "hypothesis", "syntheses": "synthesis", "theses": "thesis", "bases": "base", "crises": "crisis",
    "criteria": "criterion", "phenomena": "phenomenon", "automata": "automaton", "manifolds": "manifold",
    "buses": "bus", "lenses": "lens", "gases": "gas", "biases": "bias", "viruses": "virus", "apparatuses": "apparatus",
    "campuses": "campus", "corpora": "corpus", "nuclei": "nucleus", "radii": "radius", "stimuli": "stimulus",
    "leaves": "leaf", "lives": "life", "halves": "half", "knives": "knife", "shelves": "shelf", "wolves": "wolf",
    "children": "child", "women": "woman", "men": "man", "people": "people", "feet": "foot", "teeth": "tooth",
    "mice": "mouse", "movies": "movie", "cookies": "cookie", "ties": "tie", "pies": "pie", "lies": "lie",
    "calories": "calorie", "selfies": "selfie", "statuses": "status", "bonuses": "bonus", "potatoes": "potato",
    "tomatoes": "tomato", "heroes": "hero", "behaviours": "behavior", "behaviour": "behavior", "modelling": "modeling",
    "neighbours": "neighbor", "neighbour": "neighbor", "colours": "color", "colour": "color", "fibre": "fiber",
    "fibres": "fiber", "labelling": "labeling", "optimisation": "optimization", "localisation": "localization",
    "organisation": "organization", "visualisation": "visualization", "generalisation": "generalization",
    "tyres": "tire", "tyre": "tire", "centre": "center", "centres": "center", "aluminium": "aluminum",
    "aeroplane": "airplane", "metre": "meter", "metres": "meter", "signalling": "signaling",
}  # fmt: skip
_BOUND_FIRST = frozenset({
    "one", "two", "three", "four", "five", "six", "seven", "few", "many", "no", "all", "any", "in", "on", "off", "over",
    "under", "open", "first", "second",
})  # fmt: skip
"""Words of grammar that begin a term where a hyphen binds them: few-shot, two-dimensional."""
_SINGULAR_IN_S = frozenset({
    "gas", "bus", "bias", "lens", "chaos", "species", "series", "news", "means", "atlas", "canvas", "alias", "always",
    "perhaps", "bayes", "gps", "aws", "ros", "plus", "thus", "this", "dbs", "css",
})  # fmt: skip


@cache
def lists() -> dict[str, str]:
    """Words of ``stop_en.csv`` and the inflections of its verbs → kind; what breaks a phrase goes before the rest."""
    rows = bundled_rows("data", "discovery", "stop_en.csv")
    found: dict[str, str] = {}
    for kind in ("base", "verb", "weak", "empty", "modifier", "noun", "break"):
        for row in rows:
            if row["kind"] == kind:
                forms = inflections(row["word"], kind == "verb") if kind in ("base", "verb") else [row["word"]]
                found |= dict.fromkeys(forms, kind)
    return found


@cache
def phrases() -> tuple[tuple[str, ...], ...]:
    """Set phrases that are no terms and no part of one, folded."""
    rows = bundled_rows("data", "discovery", "stop_en.csv")
    return tuple(tuple(map(fold, row["word"].split())) for row in rows if row["kind"] == "phrase")


def inflections(verb: str, participles: bool) -> list[str]:
    """A regular verb with its third person and, where asked for, its participles."""
    if verb.endswith("y") and verb[-2] not in "aeiou":
        third, stem = verb[:-1] + "ies", verb[:-1] + "i"
    else:
        third = verb + ("es" if verb.endswith(("s", "x", "ch", "sh", "z", "o")) else "s")
        stem = verb[:-1] if verb.endswith("e") else verb
    if not participles:
        return [verb, third]
    continuous = (verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb) + "ing"
    past = stem + "ed"
    double = verb + verb[-1] if re.fullmatch(r".*[^aeiou][aeiou][bdglmnprt]", verb) else ""
    irregular = _PAST.get(verb, "").split()
    return [verb, third, continuous, past, *irregular, *([double + "ed", double + "ing"] if double else [])]


_PAST = {
    "show": "shown", "make": "made", "take": "took taken", "get": "got", "give": "gave given", "become": "became",
    "hold": "held", "keep": "kept", "lead": "led", "build": "built", "find": "found", "choose": "chose chosen",
    "know": "knew known", "understand": "understood", "think": "thought", "see": "saw seen", "arise": "arose arisen",
    "begin": "began begun", "go": "went gone", "come": "came", "put": "put", "bring": "brought", "fall": "fell fallen",
    "rise": "rose risen", "meet": "met", "lose": "lost", "win": "won", "send": "sent", "draw": "drew drawn",
    "undergo": "underwent undergone", "undertake": "undertook undertaken", "overcome": "overcame", "say": "said",
    "tell": "told", "deal": "dealt", "try": "tried", "spread": "spread", "sense": "sensed",
}  # fmt: skip


@cache
def fold(word: str) -> str:
    """A word in lower case and the singular, without hyphen and genitive: what it is compared by.

    Purely by rule and a list of exceptions, never by what else a corpus has: a term must be the same whatever year the
    corpus ends in.
    """
    low = word.rstrip("-").removesuffix("'s").removesuffix("’s")
    if len(low) > 2 and low[:-1].isupper() and low.endswith("s"):  # CNNs, MASs
        return low[:-1].lower()
    low = low.lower()
    if low in _IRREGULAR:
        return _IRREGULAR[low]
    if len(low) < 4 or not low.endswith("s") or low in _SINGULAR_IN_S:
        return low
    if low.endswith(("ss", "us", "is", "ics", "ous")) and not low.endswith(("menus", "gnus", "cpus", "gpus")):
        return low
    if low.endswith("ies"):
        return low[:-3] + "y" if len(low) > 5 else low[:-1]
    if low.endswith(("ches", "shes", "sses", "xes", "zzes")) and low not in ("caches", "headaches", "niches"):
        return low[:-2]
    return low[:-1]


@cache
def flags(word: str) -> int:
    """What a token may be in a term: a sum of :data:`IN`, :data:`LEAD`, :data:`HEAD` and :data:`SINGLE`; 0 breaks."""
    bound = word.endswith("-")
    low = word.lower().rstrip("-")
    low = low.removesuffix("'s").removesuffix("’s")
    if not low or not (low[0].isalpha() or (low[-1].isalpha() and low[0].isdigit())):
        return MODIFIER if bound and low.isdigit() and len(low) < 3 else 0
    listed = lists()
    kind = listed.get(low) or listed.get(fold(low), "")
    if kind in ("break", "verb", "base"):
        return (MODIFIER if low in _BOUND_FIRST else IN) if bound else 0
    if kind in ("weak", "empty"):
        return WEAK if kind == "weak" else IN
    if kind == "noun":
        return NOUN
    if kind == "modifier":
        return MODIFIER
    if (low.endswith("ly") and len(low) > 4) or (low.endswith(("ize", "ify", "izes", "ifies")) and len(low) > 6):
        return 0
    if low[0].isdigit():
        return MODIFIER
    if word[:1].isupper() and word[1:2].isupper():  # an acronym is a noun whatever it ends in
        return NOUN if len(low) > 1 else WEAK
    if len(low) < 2:
        return WEAK
    if low.endswith(_MODIFIER_ENDINGS) and len(low) > 4 and not low.endswith(_NOUNS_ALL_THE_SAME):
        return MODIFIER
    # A word in -ing or -ate is as often a verb: it may end a term, but is none alone unless listed.
    return NOUN if len(low) > 2 and not low.endswith(("ing", "ate")) else WEAK
