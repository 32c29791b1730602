"""The palette can be read by everybody, and lines break where they may."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from foreland.charts.theme import (
    KINDS,
    PALETTE,
    config,
    css_variables,
    recolour,
    shorten,
    text_width,
    wrap,
)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_text_and_marks_stand_out() -> None:
    for side in (0, 1):
        tone = {token: pair[side] for token, pair in PALETTE.items()}
        for text in ("ink", "muted", "focus", "bench"):
            assert contrast(tone[text], tone["surface"]) >= 4.5, (text, side)
        for ground in ("seq1", "seq2", "seq3", "div2", "div3", "div4", "div5"):
            assert contrast(tone["on_pale"], tone[ground]) >= 4.5 or contrast(tone["on_strong"], tone[ground]) >= 4.5
        for token in KINDS:
            assert contrast(tone[token], tone["surface"]) >= 3, (token, side)
        steps = [luminance(tone[f"seq{i}"]) for i in range(1, 6)]
        assert steps in (sorted(steps), sorted(steps, reverse=True)), "low to high is pale to strong, hue or no hue"


def test_names_on_tiles_can_be_read() -> None:
    strong = {"seq4", "seq5", "div1", "div6"}
    for side in (0, 1):
        tone = {token: pair[side] for token, pair in PALETTE.items()}
        for token in (*(f"seq{i}" for i in range(1, 6)), *(f"div{i}" for i in range(1, 7))):
            ink = tone["on_strong" if token in strong else "on_pale"]
            assert contrast(ink, tone[token]) >= 4.5, (token, side)


def test_every_colour_is_told_from_every_other() -> None:
    light = [pair[0] for pair in PALETTE.values()]
    assert len(set(light)) == len(light), "a light colour stands for one token"
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for pair in PALETTE.values() for colour in pair)


def test_recolouring_swaps_everything() -> None:
    spec = json.dumps(config())
    used = set(re.findall("#[0-9a-f]{6}", spec))
    assert used <= {pair[0] for pair in PALETTE.values()}
    assert not re.search("#[0-9a-f]{6}", recolour(spec, "css"))
    assert set(re.findall("#[0-9a-f]{6}", recolour(spec, "dark"))) <= {pair[1] for pair in PALETTE.values()}
    assert recolour(spec, "light") == spec
    named = set(re.findall(r"var\((--[a-z0-9-]+)\)", recolour(spec, "css")))
    assert all(f"{name}:" in css_variables("dark") for name in named)


TEXT = st.text(alphabet="ab cde，。量子科技产业 0123456789", max_size=80)


@given(TEXT, st.integers(60, 400))
def test_wrapping_loses_nothing(text: str, pixels: int) -> None:
    lines = wrap(text, pixels)
    assert "".join("".join(lines).split()) == "".join(text.split())
    if not re.search(r"\s[，。]", text):
        assert not any(line.startswith(("，", "。")) for line in lines[1:])


@given(TEXT, st.integers(20, 400))
def test_shortening_fits(text: str, pixels: int) -> None:
    short = shorten(text, pixels)
    assert text_width(short) <= max(pixels, text_width("…"))
    assert short == text or short.endswith("…")


def test_chinese_breaks_anywhere_but_before_a_comma() -> None:
    assert wrap("浙江在量子科技领域，居全国第二位", 110) == ["浙江在量子科技领", "域，居全国第二位"]
    assert wrap("high-tech revenue of Zhejiang", 95) == ["high-tech", "revenue of", "Zhejiang"]


def test_an_address_breaks_rather_than_run_off_the_edge() -> None:
    link = "http://127.0.0.1:8321/capability/specialisation?region=CN-ZJ&level=province&scheme=iotf&lang=zh"
    lines = wrap(link, 312, 10.5)
    assert "".join(lines) == link
    assert all(text_width(line, 10.5) <= 312 for line in lines)
    assert all(line[-1] in "/?&,=:_-" for line in lines[:-1]), "after a sign, so that it can be put together again"
    assert "".join(wrap("a" * 200, 60)) == "a" * 200


def test_a_dot_between_names_takes_the_room_chinese_faces_give_it() -> None:
    assert text_width("中国·日本") >= text_width("中国国日本")
