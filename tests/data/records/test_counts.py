"""Counting rules against counts by hand and by brute force."""

from __future__ import annotations

from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreland.data.indicators import bundled_indicators
from foreland.data.records.counts import TOTAL, WORLD, count_rows, indicators

Documents = list[tuple[int, int, int | None]]
Places = list[tuple[int, str | None, float | None]]
Units = list[tuple[int, str]]


def counted(documents: Documents, places: Places, units: Units, kind="paper") -> dict[tuple[str, ...], float]:
    def table(rows, **columns):
        types = {"doc": pa.int64(), "year": pa.int64(), "citations": pa.int64(), "share": pa.float64()}
        return pa.table(
            {name: pa.array([row[i] for row in rows], types.get(name, pa.string())) for i, name in enumerate(columns)}
        )

    rows = count_rows(
        table(documents, doc=1, year=1, citations=1),
        table(places, doc=1, region_id=1, share=1),
        table(units, doc=1, field_id=1),
        source_id="made-up",
        kind=kind,
    ).to_pylist()
    assert all(row["source_id"] == "made-up" and row["status"] == "observed" for row in rows)
    keys = [(row["indicator_id"], row["field_id"], row["region_id"], row["period"]) for row in rows]
    assert keys == sorted(set(keys)), "rows come once and in order"
    return dict(zip(keys, [row["value"] for row in rows], strict=True))


def test_whole_and_fractional_counts_by_hand() -> None:
    documents: Documents = [(1, 2020, 4), (2, 2020, 0), (3, 2021, None)]
    places: Places = [
        (1, "CN", 0.5),
        (1, "CN", 0.25),
        (1, "DE", 0.25),
        (2, "DE", None),
        (2, "FR", None),
        (2, "FR", None),
    ]
    units: Units = [(1, "x:a"), (1, "x:a"), (1, "x:b"), (2, "x:a")]
    got = counted(documents, places, units)
    assert got["papers", "x:a", "CN", "2020"] == 1
    assert got["papers", "x:a", "DE", "2020"] == 2
    assert got["papers_fractional", "x:a", "CN", "2020"] == 0.75
    assert got["papers_fractional", "x:a", "DE", "2020"] == 0.75
    assert got["papers_fractional", TOTAL, "FR", "2020"] == 0.5
    assert got["papers", "x:a", WORLD, "2020"] == got["papers_fractional", "x:a", WORLD, "2020"] == 2
    assert got["papers", "x:b", WORLD, "2020"] == 1
    assert got["citations_received", "x:a", WORLD, "2020"] == 4
    # A document of no known place and unit is in the total of the world, and nowhere else.
    assert got["papers", TOTAL, WORLD, "2021"] == 1
    assert [key for key in got if key[3] == "2021"] == [
        ("papers", TOTAL, WORLD, "2021"),
        ("papers_fractional", TOTAL, WORLD, "2021"),
    ]


def test_ties_at_the_border_share_what_is_left_of_the_tenth() -> None:
    # Of 20 documents two are the tenth: one with 9 citations is in it whole, four with 5 share the second place.
    cites = [9, 5, 5, 5, 5, *[1] * 15]
    documents: Documents = [(n, 2020, c) for n, c in enumerate(cites)]
    units: Units = [(n, f"x:{c}") for n, c in enumerate(cites)]
    got = counted(documents, [], units)
    top = {field: value for (indicator, field, _, _), value in got.items() if indicator == "top_cited_papers"}
    assert top == {TOTAL: pytest.approx(2), "x:9": 1, "x:5": pytest.approx(1), "x:1": 0}


def test_projects_have_no_citations_and_patents_their_own_names() -> None:
    rows: Documents = [(1, 2020, 3)]
    assert {key[0] for key in counted(rows, [], [], "project")} == {"projects", "projects_fractional"}
    assert {key[0] for key in counted(rows, [], [], "patent")} == set(indicators("patent"))


@pytest.mark.parametrize("kind", ["paper", "patent", "project"])
def test_every_indicator_is_defined(kind) -> None:
    for indicator in indicators(kind):
        assert bundled_indicators()[indicator].unit == "count"


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(2019, 2021),
            st.none() | st.integers(0, 4),
            st.dictionaries(st.sampled_from(["CN", "DE", "FR"]), st.integers(1, 4), max_size=3),
            st.sets(st.sampled_from(["x:a", "x:b"])),
        ),
        max_size=25,
    )
)
def test_counts_are_those_of_brute_force(rows) -> None:
    documents: Documents = [(n, year, cites) for n, (year, cites, _, _) in enumerate(rows)]
    places: Places = [(n, r, w / sum(p.values())) for n, (_, _, p, _) in enumerate(rows) for r, w in p.items()]
    units: Units = [(n, unit) for n, row in enumerate(rows) for unit in row[3]]
    expected: dict[tuple[str, ...], Fraction] = {}
    for year, cites, where, what in rows:
        peers = [c for y, c, _, _ in rows if y == year and c is not None]
        top = None
        if cites is not None:
            above, same = sum(c > cites for c in peers), peers.count(cites)
            top = min(Fraction(1), max(Fraction(0), (Fraction(len(peers), 10) - above) / same))
        for unit in (*what, TOTAL):
            for region, weight in [
                (WORLD, Fraction(1)),
                *((r, Fraction(w, sum(where.values()))) for r, w in where.items()),
            ]:
                values = {
                    "papers": 1,
                    "papers_fractional": weight,
                    "top_cited_papers": top,
                    "citations_received": cites,
                }
                for indicator, value in values.items():
                    if value is not None:
                        key = (indicator, unit, region, str(year))
                        expected[key] = expected.get(key, Fraction(0)) + value
    got = counted(documents, places, units)
    assert got.keys() == expected.keys()
    for key, value in expected.items():
        assert got[key] == pytest.approx(float(value), abs=1e-12), key
    for year in {row[0] for row in rows if row[1] is not None}:
        known = sum(1 for row in rows if row[0] == year and row[1] is not None)
        assert got["top_cited_papers", TOTAL, WORLD, str(year)] == pytest.approx(known / 10)
