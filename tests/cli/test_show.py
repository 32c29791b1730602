"""What a terminal is shown of texts that came from files."""

from __future__ import annotations

import pytest

from foreland.cli.show import MAX_LINE, harmless, talk


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("浙江 Zhejiang\n\tR&D [bold]", "浙江 Zhejiang\n\tR&D [bold]"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("over\rwritten", "over\\rwritten"),
        ("\u202eynamreG\u202c", "\\u202eynamreG\\u202c"),
        ("F\u200bR \u009b2J", "F\\u200bR \\x9b2J"),
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_what_steers_a_terminal_is_spelled_out(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_long_lines_are_cut_and_others_kept() -> None:
    first, second = harmless("a" * 3 * MAX_LINE + "\nb").split("\n")
    assert (len(first), first[-1], second) == (MAX_LINE, "…", "b")


def test_everything_said_goes_through_it(capsys: pytest.CaptureFixture[str]) -> None:
    talk().print("\x1b]0;title\x07", style="bold")
    assert capsys.readouterr().err == "\\x1b]0;title\\x07\n"
