"""The register: parameters, their parsing, what is unknown, and every choice of every parameter asked once."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import Annotated, Literal

import pytest

from foreland.core.errors import ForelandError, UsageError
from foreland.core.registry import AtLeast, Parameter, Question, find_question, questions, rooms
from foreland.core.scope import SCOPE_FIELDS, Scope
from foreland.data.workspace import Workspace
from foreland.i18n import catalogue, has

CHOICES = [
    (key, parameter.name, choice)
    for key, question in questions().items()
    for parameter in question.parameters
    for choice in parameter.choices
]


def test_rooms_are_named_without_importing_them():
    code = (
        "import sys; from foreland.core.registry import room_names; print(*room_names());"
        "sys.exit(any(name.endswith('.questions') or name == 'ibis' for name in sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert tuple(told.stdout.split()) == rooms()


@pytest.mark.parametrize(("key", "name", "choice"), CHOICES)
def test_every_choice_answers_or_says_why_not(packed: Workspace, key: str, name: str, choice: str):
    question = questions()[key]
    refused: ForelandError | None = None
    try:
        finding = question(packed, **question.example, **{name: choice})
    except ForelandError as error:
        refused = error
    if refused is not None:
        for language in ("en", "zh"):
            assert "{" not in refused.text(language)
            assert refused.cure(language)
        return
    assert finding.provenance.parameters[name] == choice
    for language in ("en", "zh"):
        for text in (*finding.provenance.steps, *finding.caveats):
            assert "{" not in text.text(language)
        finding.written(language)


@pytest.mark.parametrize("key", list(questions()))
def test_every_part_of_a_question_has_its_texts(key: str):
    question = questions()[key]
    assert question.text["en"].endswith("?")
    assert question.text["zh"].endswith("？")
    assert set(question.uses) <= set(SCOPE_FIELDS)
    assert set(question.needs) <= set(question.uses)
    assert has(f"{key}.how")
    # One headline, or one for each of its cases.
    assert [text for text in catalogue(question.room) if f"{text}.".startswith(f"{key}.headline.")]
    for parameter in question.parameters:
        assert has(f"core.parameter.{parameter.name}")
        assert has(f"core.parameter.{parameter.name}.help")
        for choice in parameter.choices:
            assert has(f"core.parameter.{parameter.name}.{choice}")


class TestUnknown:
    def test_question(self):
        with pytest.raises(UsageError) as caught:
            find_question("capability.specialization")
        assert "capability.specialisation" in caught.value.text("en")
        assert "您是否要找" in caught.value.text("zh")

    def test_room(self):
        with pytest.raises(UsageError):
            find_question("kitchen.cook")

    def test_parameter(self, packed: Workspace):
        with pytest.raises(UsageError) as caught:
            packed.ask("capability.specialisation", region="CN-ZJ", measur="lq")
        assert "measure" in caught.value.text("en")
        assert "window" in caught.value.cure("zh")

    def test_choice(self, packed: Workspace):
        with pytest.raises(UsageError) as caught:
            packed.ask("capability.specialisation", region="CN-ZJ", measure="rca")
        assert "lq" in caught.value.cure("en")

    def test_too_small(self, packed: Workspace):
        with pytest.raises(UsageError) as caught:
            packed.ask("capability.specialisation", region="CN-ZJ", window=0)
        assert caught.value.key == "core.error.too_small"

    def test_rooms_in_the_planners_order(self):
        assert rooms() == tuple(room for room in ("foresight", "policy", "capability", "chains") if room in rooms())


class TestParameter:
    @pytest.mark.parametrize(("text", "value"), [("1", True), ("TRUE", True), ("off", False), ("", False)])
    def test_flag(self, text: str, value: bool):
        assert Parameter("x", bool, False).parse(text) is value

    @pytest.mark.parametrize("text", ["perhaps", "2"])
    def test_no_flag(self, text: str):
        with pytest.raises(UsageError):
            Parameter("x", bool, False).parse(text)

    def test_number(self):
        assert Parameter("x", int, 1).parse("12") == 12
        assert Parameter("x", float, 1.0).parse("1e-3") == 0.001
        for text in ("nan", "inf", "-inf", "1e999", "one", ""):
            with pytest.raises(UsageError):
                Parameter("x", float, 1.0).parse(text)

    def test_minimum_is_included(self):
        parameter = Parameter("x", int, 1, minimum=2)
        assert parameter.parse(2) == 2
        with pytest.raises(UsageError):
            parameter.parse(1)


@dataclass(frozen=True)
class Choices:
    kind: Literal["a", "b"] = "a"
    size: Annotated[int, AtLeast(1)] = 3


def _answer(ws: object, scope: Scope, choices: Choices = Choices(), top: int = 5) -> tuple[Choices, int, Scope]:
    return choices, top, scope


class TestQuestion:
    question = Question("room.name", {"en": "?", "zh": "？"}, _answer, {}, ("region",))  # type: ignore[arg-type]

    def test_a_dataclass_stands_for_its_fields(self):
        found = {p.name: p for p in self.question.parameters}
        assert list(found) == ["kind", "size", "top"]
        assert found["kind"].choices == ("a", "b")
        assert (found["size"].minimum, found["size"].default, found["size"].group) == (1, 3, "choices")

    def test_and_is_put_together_again(self):
        choices, top, scope = self.question(None, kind="b", top="7", region="CN-ZJ, CN-JS")  # type: ignore[misc, arg-type]
        assert choices == Choices("b", 3)
        assert top == 7
        assert scope.region == ("CN-ZJ", "CN-JS")

    def test_parts_replace_those_of_the_scope(self):
        _, _, scope = self.question(None, Scope(region=("CN",), level="country"), region="KR")  # type: ignore[misc, arg-type]
        assert (scope.region, scope.level) == (("KR",), "country")
