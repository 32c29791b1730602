"""Build the data packs that come with the package from the shared data folder.

usage: python tools/build_packs.py [PACK ...] [--data FOLDER] [--out FOLDER]

A pack holds figures, what was read in documents and where, and their sources; no sentences, no names of people. The
same input gives the same bytes. The report that is printed says what was compared with what; a pack that fails a check
is not written.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "packs"))

import checks  # noqa: E402
import input_output  # noqa: E402
import projects  # noqa: E402
import work_reports  # noqa: E402
import world_technology  # noqa: E402
import yearbooks  # noqa: E402
from figures import Figures  # noqa: E402
from institutions import shared_data  # noqa: E402

OUT = HERE.parent / "src" / "foreland" / "data" / "packs"


@dataclass(frozen=True)
class Recipe:
    """How a pack is made and what is said about its figures."""

    build: Callable[[Path], list[Figures]]
    report: Callable[[list[Figures], Path], list[str]]


def china_provinces(data: Path) -> list[Figures]:
    """The sources of the pack ``china-provinces``."""
    counted = [projects.state_key_labs(data), projects.key_projects(data)]
    return [*yearbooks.build(data), *counted, *work_reports.build(data)]


def report_china(sources: list[Figures], data: Path) -> list[str]:
    """Lines on units, national rows, what was read in the reports, its fixtures, and the quantum gap."""
    lines = [f"unit of the collection not believed: {line}" for line in yearbooks.mislabelled(data)]
    lines += yearbooks.report([s for s in sources if s.source_id not in checks.COUNTED])
    lines += [*checks.report_readings(sources), *checks.report_words(sources, data)]
    return [*lines, *checks.report_gap(sources, data)]


RECIPES = {
    "world-technology": Recipe(world_technology.build, lambda sources, data: world_technology.report(sources)),
    "china-provinces": Recipe(china_provinces, report_china),
    "us-input-output": Recipe(input_output.build, lambda sources, data: input_output.report(sources)),
}


def write_pack(name: str, sources: list[Figures], out: Path) -> int:
    """Write a pack; returns its size in bytes."""
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with (HERE / "packs" / "packs.toml").open(encoding="utf-8") as file:
        (folder / "pack.toml").write_text(pack_text(name, file.read(), sources), encoding="utf-8")
    for figures in sources:
        figures.write(folder / figures.source_id)
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def pack_text(name: str, told: str, sources: list[Figures]) -> str:
    """``pack.toml``: what ``packs.toml`` says of the pack, and its sources with their hashes and rows."""
    start = told.index(f"[{name}]")
    rest = told[start:].splitlines()[1:]
    end = next((i for i, line in enumerate(rest) if line.startswith("[")), len(rest))
    lines = [f'name = "{name}"', *rest[:end]]
    while lines and not lines[-1]:
        lines.pop()
    for figures in sources:
        lines += [
            "",
            "[[source]]",
            f'id = "{figures.source_id}"',
            f'content_hash = "{figures.content_hash()}"',
            f"rows = {figures.count}",
        ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Build, check, report and write; the exit code is 3 where a check fails."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("packs", nargs="*", default=[*RECIPES])
    parser.add_argument("--data", type=Path, default=shared_data())
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    failed = 0
    for name in asked.packs:
        recipe = RECIPES[name]
        sources = recipe.build(asked.data)
        print(f"== {name}: {sum(s.count for s in sources):,} figures and readings of {len(sources)} sources")
        for line in recipe.report(sources, asked.data):
            print(line)
        problems = [problem for figures in sources for problem in checks.problems(figures)]
        for problem in problems:
            print(f"FAILED {problem}", file=sys.stderr)
        failed += len(problems)
        if not problems:
            print(f"{write_pack(name, sources, asked.out):,} bytes written")
    return 3 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
