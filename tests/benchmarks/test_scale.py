"""The works that ``make bench-scale`` makes up are what they are said to be, and growth is measured right."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import scale_bars
import scale_measure
import scale_works
from foreland.data.records import formats
from foreland.data.records.openalex import parse
from foreland.data.records.record import Chunk, Record
from foreland.data.taxonomy.tagger import Tagger


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Twenty thousand works, as they are written."""
    folder = tmp_path_factory.mktemp("works")
    assert scale_works.write(folder, 66_000) == 20_000
    [file] = folder.rglob("*.gz")
    assert formats.detect(file) == "openalex"
    assert "SYNTHETIC" in (folder / "SYNTHETIC.txt").read_text()
    return gzip.decompress(file.read_bytes())


@pytest.fixture(scope="module")
def records(made: bytes) -> list[Record]:
    items = list(parse(Chunk(0, 1, made, len(made), {"document": False}), {}))
    left = [item for item in items if not isinstance(item, Record)]
    assert len(items) == 20_000
    assert len(left) < 0.02 * len(items), "data sets, which are no works of research"
    return [item for item in items if isinstance(item, Record)]


def test_works_have_the_organisations_years_and_words_they_are_said_to_have(records: list[Record]) -> None:
    sizes = [len(record.participants) for record in records]
    assert np.mean(sizes) == pytest.approx(scale_works.PER_WORK, rel=0.03)
    assert max(sizes) <= scale_works.MOST
    places = [person.region_id for record in records for person in record.participants]
    assert None not in places
    assert places.count("CN") / len(places) == pytest.approx(0.19, abs=0.02)
    years = [record.year for record in records]
    assert {min(years), max(years)} == {scale_works.FIRST, scale_works.LAST}
    assert years.count(2025) / years.count(2000) == pytest.approx(1.04**25, rel=0.2)
    tagger = Tagger()
    spoken = sum(bool(tagger.count(record.title)) for record in records) / len(records)
    assert spoken == pytest.approx(scale_works.SPEAKING, abs=0.01)
    assert all("SYNTHETIC" in record.title for record in records)
    assert all(person.name.startswith(("SYNTHETIC", "ror:")) or not person.name
               for record in records for person in record.participants)  # fmt: skip


def test_references_go_back_only_and_mostly_to_works_of_the_set(records: list[Record]) -> None:
    own = {record.native for record in records}
    cited = [(record.native, target) for record in records for target in record.references]
    assert all(int(target.removeprefix("openalex:W")) <= int(native.removeprefix("openalex:W")) + 1
               for native, target in cited)  # fmt: skip
    assert sum(target in own for _, target in cited) / len(cited) == pytest.approx(0.7, abs=0.03)


def test_a_smaller_set_is_the_beginning_of_a_larger_one_and_a_seed_is_a_world_of_its_own(made: bytes) -> None:
    fewer = b"".join(scale_works.lines(0, 300, 7))
    assert made[: len(fewer)] == fewer
    assert fewer.count(b"\n") == 300
    other = b"".join(scale_works.lines(0, 300, 8))
    assert other != fewer
    titles = [[json.loads(line)["title"] for line in lines.splitlines()] for lines in (fewer, other)]
    assert not set(titles[0]) & set(titles[1])


def test_growth_is_the_exponent_and_the_worst_step() -> None:
    sizes = [1_000_000, 10_000_000, 100_000_000]
    linear = scale_bars.growth([(size, size / 1e5) for size in sizes])
    assert linear is not None
    assert linear.slope == pytest.approx(1)
    assert linear.worst == pytest.approx(0, abs=1e-12)
    square = scale_bars.growth([(size, (size / 1e6) ** 2) for size in sizes])
    assert square is not None
    assert (square.slope, square.worst) == (pytest.approx(2), pytest.approx(9))
    bent = scale_bars.growth([(sizes[0], 10), (sizes[1], 100), (sizes[2], 1300)])
    assert bent is not None
    assert (bent.worst, bent.at) == (pytest.approx(0.3), sizes[2])
    assert scale_bars.growth([(sizes[0], 0.1), (sizes[1], 5)]) is None, "start-up alone says nothing"


def test_memory_cpu_and_spill_of_a_program_are_its_own(tmp_path: Path) -> None:
    (tmp_path / "load" / "spill").mkdir(parents=True)
    (tmp_path / "load" / "part").write_bytes(b"x" * 3_000_000)
    spilled = tmp_path / "load" / "spill" / "file"
    program = (
        "import json, pathlib, time; held = bytearray(200_000_000); start = time.process_time()\n"
        "while time.process_time() - start < 0.5: pass\n"
        f"pathlib.Path({str(spilled)!r}).write_bytes(b'x' * 5_000_000); time.sleep(1.5)\n"
        "print(json.dumps({'cpu': time.process_time() - start, 'peak_mb': 0}))"
    )
    told = scale_measure.measured(["-c", program], [(tmp_path, "spill")])
    assert 200 < told["peak_mb"] < 300
    assert told["cpu"] == pytest.approx(0.5, abs=0.2)
    assert told["spill_mb"] == 5
