"""What all charts share: rows with names and written values, axes, titles."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from foreland.charts.labels import measured
from foreland.charts.theme import BOLD, colour, config, is_narrow, shorten, width, wrap
from foreland.core.columns import Column, column
from foreland.core.finding import Finding
from foreland.i18n import current_language, t

Rows = Sequence[Mapping[str, Any]]

alt.data_transformers.disable_max_rows()


def spec_of(finding: Finding, name: str) -> Column:
    """How a column is called and written; a column of a further table counts too."""
    return column(name, finding.room)


def plain(value: Any) -> Any:
    """A value Vega can take: ``None`` for what is missing."""
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def prepared(finding: Finding, rows: Rows, label: str, told: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Rows to draw: plain values, ``name`` (told apart where two are called the same), written values.

    Written values stand under ``t_<column>`` and are what tooltips show, so that a number reads the
    same on the chart and in the table.
    """
    columns = [label, *dict.fromkeys(c for c in told if c != label)]
    specs = {name: spec_of(finding, name) for name in columns}
    called: dict[str, str] = {}
    found = []
    for row in rows:
        values = {key: plain(value) for key, value in row.items()}
        name = finding.write(specs[label], values[label])
        if called.setdefault(name, values[label]) != values[label]:
            name = f"{name} ({values[label]})"
        found.append(
            {
                **values,
                "name": name,
                **{f"t_{c}": finding.write(specs[c], values.get(c)) for c in columns},
            }
        )
    return found


def tooltip(finding: Finding, label: str, told: Iterable[str]) -> list[alt.Tooltip]:
    """What a mark tells when pointed at."""
    names = [label, *dict.fromkeys(c for c in told if c != label)]
    return [alt.Tooltip(f"t_{name}:N", title=heading(finding, name)) for name in names]


def heading(finding: Finding, name: str) -> str:
    """What an axis, legend or tooltip calls a column: figures by their indicator and unit."""
    return measured(finding, spec_of(finding, name))


def in_focus(finding: Finding, focus: str | Collection[str] | None) -> set[str]:
    """The ids in focus; by default the places of the scope."""
    if focus is None:
        return {*finding.scope.region, *finding.scope.field}
    return {focus} if isinstance(focus, str) else set(focus)


def number_format(spec: Column) -> dict[str, Any]:
    """How an axis or a legend writes numbers of a column."""
    match spec.format:
        case "percent":
            return {"format": "~%"}
        case "points":
            return {"labelExpr": "format(100 * datum.value, '+~g')"}
        case "count" | "rank":
            return {"format": ",d"}
        case "amount":
            steps = (
                ((1e12, "万亿"), (1e8, "亿"), (1e4, "万"))
                if current_language() == "zh"
                else ((1e12, " tn"), (1e9, " bn"), (1e6, " m"), (1e3, " k"))
            )
            written = "format(datum.value, ',~g')"
            for size, word in reversed(steps):
                written = (
                    f"abs(datum.value) >= {size:.0f} ? format(datum.value / {size:.0f}, ',~g') + '{word}' : {written}"
                )
            return {"labelExpr": written}
        case _:
            # Not g: Vega cuts it to the digits that tell ticks apart, and 10 in one digit is 1e+1.
            return {"format": ",~r"}


def axis(finding: Finding, name: str, **options: Any) -> alt.Axis:
    """A quantitative axis of a column."""
    spec = spec_of(finding, name)
    title = options.pop("title", heading(finding, name))
    return alt.Axis(title=title, tickCount=options.pop("tickCount", 5), **number_format(spec), **options)


def up_axis(finding: Finding, name: str, **options: Any) -> alt.Axis:
    """A quantitative axis at the side, its title lying flat above it: turned text is hard to read."""
    return axis(
        finding, name, titleAngle=0, titleAlign="left", titleBaseline="bottom", titleX=-44, titleY=-12, **options
    )


class _Drawn(alt.InlineData):
    """Rows that are shared, not copied and checked again, by all layers and steps of a chart."""

    _class_is_valid_at_instantiation = False

    def __deepcopy__(self, _: Any) -> _Drawn:
        return self


def chart_of(rows: Rows) -> alt.Chart:
    """An empty chart of rows; the finished chart holds them once, however many layers draw them."""
    return alt.Chart(_Drawn(values=[dict(row) for row in rows]))


def bold_where(names: Collection[str]) -> Any:
    """Font weight of axis labels: those in focus are bold."""
    import json

    if not names:
        return 400
    test = f"indexof({json.dumps(sorted(names), ensure_ascii=False)}, datum.value) >= 0"
    return {"condition": {"test": test, "value": 700}, "value": 400}


def ink_where(names: Collection[str]) -> Any:
    """Colour of axis labels: those in focus stand out."""
    import json

    if not names:
        return colour("ink")
    test = f"indexof({json.dumps(sorted(names), ensure_ascii=False)}, datum.value) >= 0"
    return {"condition": {"test": test, "value": colour("focus")}, "value": colour("ink")}


def finished(chart: Any, finding: Finding) -> Any:
    """Give a chart its theme and a title that states the finding and the benchmark."""
    language = current_language()
    size, small = (14, 11) if is_narrow() else (17, 12)
    benchmark = f"{t('core.benchmark', language)}{t('charts.colon', language)}{finding.benchmark[language]}"
    title = alt.TitleParams(
        text=wrap(finding.headline[language], (width() - 12) / BOLD, size),
        subtitle=wrap(benchmark, width() - 12, small),
    )
    described = chart.properties(title=title, description=finding.headline[language])
    return described.configure(**config(), aria=False, autosize=alt.AutoSizeParams(type="pad"))


def nothing_to_draw(finding: Finding) -> Any:
    """A chart that says that there is nothing to draw: better than an empty frame."""
    text = chart_of([{"text": t("charts.nothing", current_language())}]).mark_text(
        align="left", x=0, color=colour("muted")
    )
    return finished(text.encode(text="text:N").properties(width=width() - 20, height=60), finding)


def cut(text: str, pixels: float) -> str:
    return shorten(text, pixels, 11 if is_narrow() else 12)
