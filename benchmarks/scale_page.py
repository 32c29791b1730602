"""Write ``docs/scale.md``, ``docs/scale.zh.md`` and their pictures from ``scale.json``; no number is typed by hand.

usage: python benchmarks/scale_page.py [--price 0.40] [--cores 8] [--efficiency 0.5]

The prose stands in ``scale_page.en.md`` and ``scale_page.zh.md``; what is in braces is filled in here. Price, cores and
efficiency are those of a node, for the arithmetic to the whole of OpenAlex.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import scale_bars

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
TASKS = ("load", "cube", "matrix", "regions", "institutions", "titles")
ASKED = ("matrix", "regions", "institutions")
PARALLEL = {"load": 1.6, "titles": 1.0}
"""Cores that tasks of our own process kept busy on the two of the machine; titles are tagged by one."""
WORDS = {
    "en": {
        "load": "load", "cube": "matrix, from the yearly figures", "matrix": "matrix, from the documents",
        "regions": "pairs of regions", "institutions": "pairs of institutions", "titles": "tagging of titles",
        "sizes": "| participations | works | wall s | CPU s | CPU µs a participation | peak MB | spill MB "
        "| rows out |",
        "growth": "| task | sizes | exponent | most per row from one size to the next | at | linear within 15 % |",
        "engines": "| participations | task | engine | wall s | CPU s | peak MB of all its processes "
        "| spill and shuffle MB | rows and sums as on DuckDB |",
        "full": "| task | measured at | CPU s per million there | exponent taken | core-hours | one node | 4 nodes "
        "| 16 nodes | USD |",
        "of": "{task}, {engine}", "yes": "yes", "no": "**no**", "hours": "h",
        "axis": "CPU seconds", "size": "participations",
        "title": "CPU seconds by task; grey: strictly linear",
    },
    "zh": {
        "load": "加载", "cube": "矩阵（取自年度数据）", "matrix": "矩阵（取自文献）",
        "regions": "地区合作对", "institutions": "机构合作对", "titles": "标题标注",
        "sizes": "| 参与记录 | 论文 | 墙钟秒 | CPU 秒 | 每条参与记录 CPU 微秒 | 内存峰值 MB | 溢写 MB "
        "| 输出行数 |",
        "growth": "| 任务 | 规模 | 指数 | 相邻规模间每行最多增加 | 出现于 | 15 % 以内为线性 |",
        "engines": "| 参与记录 | 任务 | 引擎 | 墙钟秒 | CPU 秒 | 全部进程内存峰值 MB | 溢写与混洗 MB "
        "| 行数与总和同 DuckDB |",
        "full": "| 任务 | 实测规模 | 该规模每百万条 CPU 秒 | 所用指数 | 核时 | 1 个节点 | 4 个节点 "
        "| 16 个节点 | 美元 |",
        "of": "{task}，{engine}", "yes": "是", "no": "**否**", "hours": "小时", "axis": "CPU 秒", "size": "参与记录",
        "title": "各任务的 CPU 秒；灰线为严格线性",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Whole:
    """OpenAlex as a whole, and a node to work on it. Sizes are rounded from what OpenAlex says of itself."""

    works: float = 270e6
    participations: float = 890e6
    citations: float = 2.9e9
    gz_gb: float = 330
    plain_gb: float = 1600
    cpu_per_gb: float = 41
    """CPU seconds of loading a gigabyte of works with abstracts and twelve links each: ``benchmarks/README.md``, a
    million of them in 3.0 GB."""
    price: float = 0.40
    cores: int = 8
    efficiency: float = 0.5
    """How much of the cores' time goes into the work; the rest is waiting for disks, shuffles and the last task."""

    def hours(self, core_hours: float, nodes: int, most: float = float("inf")) -> float:
        """Hours on some nodes, of which a task uses `most` cores at once."""
        return core_hours / min(nodes * self.cores * self.efficiency, most)

    def cost(self, hours: float, nodes: int = 1) -> float:
        """What nodes cost for some hours."""
        return hours * nodes * self.price


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}" if value >= 1 else f"{value:.2f}"


def table(head: str, rows: list[list[str]]) -> str:
    """A table in Markdown; what begins with a digit stands to the right."""
    columns = head.count("|") - 1
    right = [bool(rows) and all(re.match(r"[\d<–+-]", row[at]) for row in rows) for at in range(columns)]
    rule = "|" + "|".join("--:" if each else "---" for each in right) + "|"
    return "\n".join([head, rule, *(f"| {' | '.join(row)} |" for row in rows)])


def sizes(results: dict[str, Any], words: dict[str, str]) -> str:
    """A table for each task: every size on DuckDB."""
    works = {size: load["tables"]["document"] for size, load in scale_bars.runs(results, "load")}
    found = []
    for task in TASKS:
        rows = []
        for size, run in scale_bars.runs(results, task):
            times = (run["wall"], run["cpu"], run["cpu"] / size * 1e6)
            counts = (f"{run[name]:,}" for name in ("peak_mb", "spill_mb", "rows"))
            rows.append([f"{size:,}", f"{works[size]:,}", *map(number, times), *counts])
        found.append(f"### {words[task][0].upper()}{words[task][1:]}\n\n{table(words['sizes'], rows)}")
    return "\n\n".join(found)


def growths(results: dict[str, Any], words: dict[str, str]) -> str:
    """How each task grows on DuckDB."""
    rows = []
    for task in TASKS:
        points = [(size, run["cpu"]) for size, run in scale_bars.runs(results, task)]
        points = [(size, cpu) for size, cpu in points if cpu >= scale_bars.SMALLEST]
        found = scale_bars.growth(points)
        if found is not None and task != "cube":
            rows.append([
                words[task], f"{points[0][0]:,} – {points[-1][0]:,}", f"{found.slope:.2f}", f"{found.worst:+.0%}",
                f"{found.at:,}", words["yes" if found.worst <= scale_bars.LINEAR else "no"],
            ])  # fmt: skip
    return table(words["growth"], rows)


def engines(results: dict[str, Any], words: dict[str, str]) -> str:
    """The relational tasks on each engine, where more than one ran."""
    rows = []
    for told in results["sizes"].values():
        if len(told["engines"]) < 2:
            continue
        size = told["engines"]["duckdb"]["load"]["tables"]["participation"]
        for task in ASKED:
            own = told["engines"]["duckdb"].get(task)
            for engine, runs in told["engines"].items():
                if task in runs:
                    run = runs[task]
                    same = "–" if engine == "duckdb" else words["yes" if own and scale_bars.same(run, own) else "no"]
                    rows.append([
                        f"{size:,}", words[task], {"duckdb": "DuckDB", "sail": "Sail", "spark": "Spark"}[engine],
                        number(run["wall"]), number(run["cpu"]), f"{run['peak_mb']:,}", f"{run['spill_mb']:,}", same,
                    ])  # fmt: skip
    return table(words["engines"], rows)


def largest(results: dict[str, Any], task: str, engine: str) -> tuple[int, dict[str, Any]] | None:
    """The largest size that a task was measured at."""
    runs = scale_bars.runs(results, task, engine)
    return runs[-1] if runs else None


def full(results: dict[str, Any], whole: Whole, words: dict[str, str]) -> Iterator[list[str]]:
    """The arithmetic to the whole of OpenAlex, task by task and engine by engine."""
    names = {"duckdb": "DuckDB", "sail": "Sail", "spark": "Spark"}
    for task in ("load", *ASKED, "titles"):
        for engine in names:
            found = largest(results, task, engine)
            if found is None:
                continue
            size, run = found
            grown = scale_bars.growth([(n, r["cpu"]) for n, r in scale_bars.runs(results, task)])
            # What grows slower than the work is start-up that small sizes bear; it is not hoped for further on.
            slope = 1.0 if grown is None else grown.last if engine == "duckdb" else grown.slope
            exponent = max(1.0, slope)
            seconds = run["cpu"] * (whole.participations / size) ** exponent
            most = PARALLEL.get(task, float("inf"))
            nodes = (1, 4, 16) if engine == "spark" else (1,)
            hours = [whole.hours(seconds / 3600, count, most) for count in nodes]
            shown = [f"{number(each) if each >= 0.1 else '< 0.1'} {words['hours']}" for each in hours]
            shown += ["–"] * (3 - len(nodes))
            yield [
                words["of"].format(task=words[task], engine=names[engine]), f"{size:,}",
                number(run["cpu"] / size * 1e6), f"{exponent:.2f}", number(seconds / 3600), *shown,
                number(whole.cost(hours[0])),
            ]  # fmt: skip


def picture(results: dict[str, Any], words: dict[str, str]) -> str:
    """CPU seconds against participations, both on log axes, as SVG."""
    import altair as alt
    import vl_convert

    from foreland.charts.theme import FONT, PALETTE

    rows, linear = [], []
    for task in TASKS:
        runs = [(size, run["cpu"]) for size, run in scale_bars.runs(results, task)]
        rows += [{"task": words[task], "size": size, "cpu": cpu} for size, cpu in runs]
        if runs and task != "cube":
            last, cpu = runs[-1]
            linear += [{"task": words[task], "size": size, "cpu": cpu * size / last} for size, _ in (runs[0], runs[-1])]
    kinds = [PALETTE[f"kind{n}"][0] for n in range(1, len(TASKS) + 1)]
    log = alt.Scale(type="log", nice=False, domainMax=1.05 * max(row["size"] for row in rows))
    sizes, seconds = (
        alt.Axis(format="~s", values=[1e6, 1e7, 1e8]),
        alt.Axis(format=",~r", values=[0.1, 1, 10, 100, 1000]),
    )
    across = alt.X("size:Q", scale=log, title=words["size"], axis=sizes)
    up = alt.Y("cpu:Q", scale=alt.Scale(type="log"), title=words["axis"], axis=seconds)
    order = [words[task] for task in TASKS]
    colour = alt.Color("task:N", scale=alt.Scale(domain=order, range=kinds), title=None)
    shape = alt.Shape("task:N", scale=alt.Scale(domain=order), title=None)
    base = alt.Chart(alt.InlineData(rows)).encode(x=across, y=up, color=colour)
    straight = alt.Chart(alt.InlineData(linear)).mark_line(strokeDash=[2, 3], color=PALETTE["rest"][0])
    chart = alt.layer(
        straight.encode(x=across, y=up, detail="task:N"),
        base.mark_line(),
        base.mark_point(filled=True, size=60, opacity=1).encode(shape=shape),
    ).properties(width=560, height=340, title=alt.Title(words["title"], anchor="start"))
    chart = chart.configure(font=FONT, background=PALETTE["surface"][0]).configure_view(stroke=None)
    svg: str = vl_convert.vegalite_to_svg(chart.to_json())
    return svg


def write(results: dict[str, Any], whole: Whole) -> None:
    """Write pages and pictures."""
    for language, suffix in (("en", ""), ("zh", ".zh")):
        words = WORDS[language]
        template = (HERE / f"scale_page.{language}.md").read_text(encoding="utf-8")
        first = next(iter(results["sizes"].values()))["engines"]["duckdb"]["load"]
        slim = largest(results, "load", "duckdb")
        assert slim is not None
        works = slim[1]["tables"]["document"]
        rows = list(full(results, whole, words))
        whole_load = whole.cpu_per_gb * whole.plain_gb / 3600
        filled = template.format(
            machine=first["machine"], memory=results["memory_gb"], engine=results["engine_gb"], seed=results["seed"],
            sizes=sizes(results, words), growth=growths(results, words), engines=engines(results, words),
            full=table(words["full"], rows),
            works=f"{whole.works / 1e6:,.0f}", participations=f"{whole.participations / 1e6:,.0f}",
            works_zh=f"{whole.works / 1e8:.1f}", participations_zh=f"{whole.participations / 1e8:.1f}",
            citations=f"{whole.citations / 1e9:.1f}", citations_zh=f"{whole.citations / 1e8:.0f}",
            gz=f"{whole.gz_gb:,.0f}", plain=f"{whole.plain_gb / 1e3:.1f}", price=f"{whole.price:.2f}",
            cores=whole.cores, efficiency=whole.efficiency, parallel=PARALLEL["load"],
            cpu_per_gb=f"{whole.cpu_per_gb:,.0f}", whole_hours=number(whole_load),
            whole_wall=number(whole_load / PARALLEL["load"]),
            whole_cost=number(whole.cost(whole_load / PARALLEL["load"])),
            tables_gb=f"{slim[1]['tables_mb'] / slim[0] * whole.participations / 1e3:,.0f}",
            biggest=f"{slim[0]:,}", biggest_works=f"{works:,}",
        )  # fmt: skip
        (DOCS / f"scale{suffix}.md").write_text(filled, encoding="utf-8")
        (DOCS / "images" / f"scale{suffix}.svg").write_text(picture(results, words), encoding="utf-8")


def main() -> None:
    """Write them with the prices given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=HERE / "scale.json")
    for name in ("price", "cores", "efficiency"):
        parser.add_argument(f"--{name}", type=type(getattr(Whole, name)), default=getattr(Whole, name))
    asked = vars(parser.parse_args())
    results = json.loads(asked.pop("results").read_text(encoding="utf-8"))
    write(results, Whole(**asked))


if __name__ == "__main__":
    main()
