"""Every question on figures of odd shapes: an answer or a reason with a cure, in both languages, never a fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from foreland.core.errors import DataError, ForelandError
from foreland.core.registry import questions
from foreland.data.load import load
from foreland.data.mapping import Mapping
from foreland.data.workspace import Workspace, open_workspace

PLACES, FIELDS, YEARS = ["DE", "FR", "IT", "ES", "PL"], ["a", "b", "c", "d"], [str(year) for year in range(2015, 2021)]
Figures = Callable[[int, int, int], object]
SHAPES: dict[str, tuple[int, int, int, Figures]] = {
    # places, fields, years, and the figure of each
    "one cell": (1, 1, 1, lambda i, j, k: 1),
    "one place": (1, 4, 6, lambda i, j, k: j + k + 1),
    "one field": (5, 1, 6, lambda i, j, k: i + k + 1),
    "one year": (5, 4, 1, lambda i, j, k: (i * 3 + j * 7) % 5),
    "nothing": (5, 4, 6, lambda i, j, k: 0),
    "an empty field": (5, 4, 6, lambda i, j, k: 0 if j == 0 else (i * j + k) % 7),
    "an empty place": (5, 4, 6, lambda i, j, k: 0 if i == 0 else (i * j + k) % 7 + 1),
    "all alike": (5, 4, 6, lambda i, j, k: 5),
    "two halves": (5, 4, 6, lambda i, j, k: 9 if i % 2 == j % 2 else 0),
    "every other missing": (5, 4, 6, lambda i, j, k: ".." if (i + j + k) % 2 else 3),
    "all missing": (5, 4, 6, lambda i, j, k: ".."),
    "below zero": (5, 4, 6, lambda i, j, k: (i - j) * (k + 1)),
    "very small": (5, 4, 6, lambda i, j, k: f"{(i + 1) * (j + 2)}e-300"),
    "very large": (5, 4, 6, lambda i, j, k: f"{(i + 1) * (j + 2)}e97"),
}


def _workspace(folder: Path, shape: str) -> Workspace:
    places, fields, years, figure = SHAPES[shape]
    path = folder / "t.csv"
    path.write_text(
        "geo,field,year,value\n"
        + "".join(
            f"{place},{field},{year},{figure(i, j, k)}\n"
            for i, place in enumerate(PLACES[:places])
            for j, field in enumerate(FIELDS[:fields])
            for k, year in enumerate(YEARS[-years:])
        )
    )
    ws = open_workspace(folder / "w")
    load(ws, path, mapping=Mapping.from_options(indicator="x", unit="EUR", scheme="mine", signed=True))
    return ws


@pytest.mark.parametrize("shape", SHAPES)
def test_every_question_answers_or_says_why_not(tmp_path: Path, shape: str) -> None:
    ws = _workspace(tmp_path, shape)
    for question in questions().values():
        for asked in ({"region": "DE"}, {}, {"region": "DE", "field": "mine:a"}):
            try:
                finding = question(ws, **asked)
                assert finding.headline["en"]
                assert finding.headline["zh"]
                reason = None
            except ForelandError as error:
                reason = error
            if reason is not None:
                assert all(reason.what(language) and reason.cure(language) for language in ("en", "zh")), reason.key


@pytest.mark.parametrize("question", ["capability.specialisation", "foresight.catch_up"])
def test_values_below_zero_have_no_shares(tmp_path: Path, question: str) -> None:
    with pytest.raises(DataError) as caught:
        _workspace(tmp_path, "below zero").ask(question, region="DE")
    assert "below zero" in caught.value.text("en")
    assert "负值" in caught.value.text("zh")


def test_there_is_no_catching_up_alone(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        _workspace(tmp_path, "one place").ask("foresight.catch_up", region="DE")
    assert caught.value.key == "foresight.error.one_country"


def test_numbers_that_measure_nothing_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SHAPES, "too large", (5, 4, 6, lambda i, j, k: "-1.7e308" if i else "1e100"))
    with pytest.raises(DataError) as caught:
        _workspace(tmp_path, "too large")
    assert "is no number" in caught.value.text("en")
