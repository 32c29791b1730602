"""Shares that the person asking puts in place of the source's."""

from __future__ import annotations

import pytest

from foreland.core.errors import UsageError


@pytest.fixture(scope="module")
def plain(library):  # type: ignore[no-untyped-def]
    return {row["field_id"]: row for row in library.ask("chains.chokepoints", region="CN", scheme="moonlamp").rows()}


def _ask(library, words: str):  # type: ignore[no-untyped-def]
    return library.ask("chains.chokepoints", region="CN", scheme="moonlamp", assume=words)


def test_an_assumed_share_ranks_what_had_no_score(library, plain) -> None:  # type: ignore[no-untyped-def]
    unscored = next(key for key, row in plain.items() if row["chokepoint"] is None)
    finding = _ask(library, f"{unscored}: JP 90%, US 0.1")
    row = next(row for row in finding.rows() if row["field_id"] == unscored)
    assert row["chokepoint"] is not None
    assert row["hhi"] == pytest.approx(8200)
    assert (row["leader_id"], row["leader_share"]) == ("JP", pytest.approx(0.9))
    assert row["share_period"] == "—"
    caveat = next(c for c in finding.caveats if c.code == "assumed")
    assert "Japan 90%" in caveat.text("en")
    assert "日本 90%" in caveat.text("zh")
    assert finding.id != library.ask("chains.chokepoints", region="CN", scheme="moonlamp").id


def test_names_in_both_languages_and_several_products(library, plain) -> None:  # type: ignore[no-untyped-def]
    one, two = list(plain)[:2]
    name = library.ask("chains.chokepoints", region="CN", scheme="moonlamp").labels[one]["en"]
    rows = {row["field_id"]: row for row in _ask(library, f"{name}: 日本 50%；{two}: germany=1").rows()}
    assert (rows[one]["leader_id"], rows[two]["leader_id"]) == ("JP", "DE")


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("Photoresists", "assume"),
        ("X: JP", "assume"),
        ("X: JP much", "assume"),
        ("nothing at all: JP 0.5", "unknown_product"),
        ("{0}: Atlantis 0.5", "assume_place"),
        ("{0}: JP 0.8, US 40%", "assume_above"),
    ],
)
def test_words_that_say_nothing(library, plain, words: str, key: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError) as caught:
        _ask(library, words.format(next(iter(plain))))
    assert caught.value.key == f"chains.error.{key}"
    assert caught.value.cure("zh")
