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


def test_the_most_cited_of_field_and_year_by_hand() -> None:
    # Field a in 2020: 25 documents with 40, 30, 20, 20, 20 and 20 × 1 citations, of which the tenth is 2.5: 40 and 30
    # are in it whole, the three with 20 share half a place, a sixth each. The hundredth is a quarter of the first.
    # Field b: 4 documents cited far less, all alike: a tenth of each. In 2021, a single document of a: a tenth of it.
    cites = [40, 30, 20, 20, 20, *[1] * 20]
    documents: Documents = [(n, 2020, c) for n, c in enumerate(cites)]
    documents += [(100 + n, 2020, 2) for n in range(4)] + [(200, 2021, 0), (201, 2020, None)]
    units: Units = [(doc, "x:b" if 100 <= doc < 200 else "x:a") for doc, _, _ in documents]
    places: Places = [(0, "CN", None), (2, "CN", 0.25), (2, "DE", 0.75), (3, "DE", None), (6, "FR", None)]
    places += [(100, "FR", None), (101, "FR", 0.5), (200, "FR", None), (201, "CN", None)]
    got = counted(documents, places, units)
    top = {
        key[0].replace("_papers", "") + " " + key[2]: value
        for key, value in got.items()
        if key[1:4:2] == ("x:a", "2020")
    }
    assert top["top10 CN"] == pytest.approx(1 + 1 / 6)
    assert top["top10_fractional CN"] == pytest.approx(1 + 1 / 24)
    assert top["top10 DE"] == pytest.approx(2 / 6)
    assert top["top10_fractional DE"] == pytest.approx(1 / 8 + 1 / 6)
    assert top["top1 CN"] == top["top1_fractional CN"] == pytest.approx(1 / 4)
    assert top["top10 agg:world"] == top["top10_fractional agg:world"] == pytest.approx(2.5)
    assert top["top1 agg:world"] == pytest.approx(0.25)
    # What has none has no row: the document of France in field a is not among them, nor is one of unknown citations.
    assert not {"top10 FR", "top1 DE", "top1 FR"} & set(top)
    assert got["top10_papers", "x:b", "FR", "2020"] == pytest.approx(0.2)
    assert got["top10_papers_fractional", "x:b", "FR", "2020"] == pytest.approx(0.15)
    assert got["top10_papers", "x:a", "FR", "2021"] == pytest.approx(0.1)
    # By the year alone nothing of the field that is cited less would be there.
    assert got["top_cited_papers", "x:b", WORLD, "2020"] == 0


def test_projects_have_no_citations_and_patents_their_own_names() -> None:
    rows: Documents = [(1, 2020, 3)]
    assert {key[0] for key in counted(rows, [], [], "project")} == {"projects", "projects_fractional"}
    assert {key[0] for key in counted(rows, [], [], "patent")} == set(indicators("patent"))


@pytest.mark.parametrize("kind", ["paper", "patent", "project"])
def test_every_indicator_is_defined(kind) -> None:
    for indicator in indicators(kind):
        assert bundled_indicators()[indicator].unit == "count"


def most_cited(peers: list[int], cites: int | None, weight: Fraction) -> dict[str, Fraction]:
    """The share of a document in the top p of its peers: Waltman and Schreiber's, from the ranks it could take.

    The documents as often cited take ranks one after another, each equally often. The rank r covers the stretch from
    (r − 1) / N to r / N of the distribution; what of it lies below p is in.
    """
    if cites is None:
        return {}
    ranks = [r for r, c in enumerate(sorted(peers, reverse=True), start=1) if c == cites]
    found = {}
    for name, p in (("top10", Fraction(1, 10)), ("top1", Fraction(1, 100))):
        size = Fraction(1, len(peers))
        inside = sum((max(Fraction(0), min(r * size, p) - (r - 1) * size) / size for r in ranks), Fraction(0)) / len(
            ranks
        )
        if inside:
            found |= {f"{name}_papers": inside, f"{name}_papers_fractional": inside * weight}
    return found


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
        fields = {
            unit: [c for y, c, _, units in rows if y == year and c is not None and unit in (*units, TOTAL)]
            for unit in (*what, TOTAL)
        }
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
                    "papers_with_citations": None if cites is None else 1,
                    "papers_with_citations_fractional": None if cites is None else weight,
                    **most_cited(fields[unit], cites, weight),
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
    # Every field and year of the world has exactly its tenth and its hundredth.
    for unit, year in {(unit, row[0]) for row in rows if row[1] is not None for unit in (*row[3], TOTAL)}:
        known = sum(row[0] == year and row[1] is not None and unit in (*row[3], TOTAL) for row in rows)
        for name, of in (("top10", 10), ("top1", 100)):
            for counting in ("", "_fractional"):
                assert got[f"{name}_papers{counting}", unit, WORLD, str(year)] == pytest.approx(known / of)
