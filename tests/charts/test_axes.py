"""Numbers along axes, as the renderer writes them."""

from __future__ import annotations

import re

import altair as alt
import pytest
import vl_convert

from foreland.charts.common import number_format
from foreland.core.columns import column


def ticks(name: str, most: float) -> list[str]:
    """What stands at the ticks of an axis from zero to a value."""
    chart = alt.Chart(alt.Data(values=[{"x": 0}, {"x": most}])).mark_point()
    spec = number_format(column(name, "chains"))
    drawn = chart.encode(x=alt.X("x:Q", axis=alt.Axis(title=None, tickCount=5, **spec)))
    return re.findall(r"<text[^>]*>([^<]+)</text>", vl_convert.vegalite_to_svg(drawn.to_dict()))


@pytest.mark.parametrize(
    ("most", "expected"),
    [(50, ["0", "10", "20", "30", "40", "50"]), (5000, ["0", "1,000"]), (1, ["0.0", "0.2"]), (0.05, ["0.01"])],
)
def test_decimals_are_written_out(most: float, expected: list[str]) -> None:
    found = ticks("amplification", most)
    assert not [text for text in found if "e" in text]
    assert {text.rstrip("0").rstrip(".") if "." in text else text for text in expected} <= set(found)
