"""Shares of supply that the person asking knows or supposes where the source has none."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from foreland.chains.errors import ChainError
from foreland.chains.product_chain import ROUNDING
from foreland.chains.questions.product_chains import Chain
from foreland.chains.questions.tables import told
from foreland.core.errors import UsageError
from foreland.core.finding import Text
from foreland.core.provenance import Caveat
from foreland.data.answer import name
from foreland.data.taxonomy.regions import regions
from foreland.i18n import LANGUAGES

SHARE = re.compile(r"^(?P<place>.+?)\s*[=\s]\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<percent>[%％]?)$")
YEAR = "—"
"""Period of a share that is nobody's figure."""


def assume(chain: Chain, words: str) -> tuple[Chain, list[Caveat]]:
    """The chain with shares of supply put in place of those of the source.

    Parameters
    ----------
    chain
        As it was read.
    words
        ``Photoresists: JP 87%, US 8%; N31: KR 0.05``: products by id, code or name, places by id or name, shares as
        parts of 1 or in percent. What is left of a product's supply is nobody's.

    Raises
    ------
    UsageError
        If the words can't be read, a product or place is not known, or the shares of a product pass 1.
    """
    parts = [part.strip() for part in re.split(r"[;；]", words) if part.strip()]
    if not parts:
        return chain, []
    places, rows, said = list(chain.places), {}, []
    for part in parts:
        product, given = _read(chain, part)
        for place in given:
            if place not in places:
                places.append(place)
        rows[product] = given
        said.append(_said(chain, chain.products[product], given))
    shares = np.zeros((len(chain.products), len(places)))
    shares[:, : len(chain.places)] = chain.system.shares
    years = list(chain.years)
    for product, given in rows.items():
        shares[product] = 0.0
        for place, share in given.items():
            shares[product, places.index(place)] = share
        years[product] = YEAR
    try:
        system = replace(chain.system, shares=shares)
    except ChainError as error:
        raise told(error, chain.products, chain.ws) from error
    # Places keep their numbers: new ones come last. One asked for may only now have a column.
    new = [places.index(place) for place in chain.absent if place in places]
    changed = replace(
        chain,
        system=system,
        places=tuple(places),
        years=tuple(years),
        asking=(*chain.asking, *new),
        absent=tuple(place for place in chain.absent if place not in places),
    )
    shown = {language: "; ".join(text[language] for text in said) for language in LANGUAGES}
    return changed, [Caveat("chains.caveat.assumed", "serious", {"shares": shown})]


def _read(chain: Chain, part: str) -> tuple[int, dict[str, float]]:
    product, colon, rest = part.rpartition(":") if "：" not in part else part.rpartition("：")
    if not colon or not product.strip():
        raise UsageError("chains.error.assume", part=part)
    given: dict[str, float] = {}
    for item in re.split(r"[,，、]", rest):
        found = SHARE.match(item.strip())
        if found is None:
            raise UsageError("chains.error.assume", part=item.strip() or part)
        share = float(found["number"]) / (100 if found["percent"] else 1)
        place = _place(chain, found["place"].strip())
        given[place] = given.get(place, 0.0) + share
    if sum(given.values()) > ROUNDING:
        raise UsageError("chains.error.assume_above", part=part, total=f"{sum(given.values()):.0%}")
    return _product(chain, product.strip()), given


def _product(chain: Chain, wanted: str) -> int:
    for k, product in enumerate(chain.products):
        called = {product, product.partition(":")[2], *name(chain.ws, product).values()}
        if wanted.casefold() in map(str.casefold, called):
            return k
    return chain.index(wanted)


def _place(chain: Chain, wanted: str) -> str:
    known = {**regions(), **dict.fromkeys(chain.places)}
    if wanted.upper() in known:
        return wanted.upper()
    for place in known:
        if wanted.casefold() in map(str.casefold, name(chain.ws, place).values()):
            return place
    raise UsageError("chains.error.assume_place", name=wanted)


def _said(chain: Chain, product: str, given: dict[str, float]) -> Text:
    called = name(chain.ws, product)
    found = {}
    for language in LANGUAGES:
        shares = [f"{name(chain.ws, place)[language]} {share:.0%}" for place, share in given.items()]
        found[language] = f"{called[language]}{': ' if language == 'en' else '：'}{', '.join(shares)}"
    return found
