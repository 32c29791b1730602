"""Scopes: parsing, ranges, what is set and what is not."""

from __future__ import annotations

import pytest

from foreland.core.errors import UsageError
from foreland.core.scope import Scope


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ()),
        ("", ()),
        (" , ", ()),
        ("CN-ZJ", ("CN-ZJ",)),
        ("CN-ZJ, CN-JS,", ("CN-ZJ", "CN-JS")),
        (["CN-ZJ", "CN-JS"], ("CN-ZJ", "CN-JS")),
    ],
)
def test_places(given, expected):
    assert Scope.of(region=given).region == expected
    assert Scope.of(field=given).field == expected


def test_empty_texts_are_not_set():
    assert Scope.of(level="", indicator="", period="") == Scope()


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (None, None),
        ("2020", ("2020", "2020")),
        ("2016:2020", ("2016", "2020")),
        ("2020Q1:2020Q3", ("2020Q1", "2020Q3")),
    ],
)
def test_period(period, expected):
    assert Scope.of(period=period).period_range == expected


def test_backwards():
    with pytest.raises(UsageError) as caught:
        Scope.of(period="2020:2016")
    assert "2016:2020" in caught.value.cure("en")
    assert "2020:2016" in caught.value.what("zh")


def test_language():
    assert Scope.of(language="zh").language == "zh"
    with pytest.raises(UsageError) as caught:
        Scope.of(language="fr")
    assert "fr" in caught.value.text("zh")


def test_to_dict_holds_what_was_set_without_the_language():
    scope = Scope.of(region="CN-ZJ,CN-JS", period="2020", language="en")
    assert scope.to_dict() == {"region": "CN-ZJ,CN-JS", "period": "2020"}
    assert scope.focus == "CN-ZJ"
    assert Scope().focus is None
    assert Scope.of(**scope.to_dict()) == scope.replace(language=None)
