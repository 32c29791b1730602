"""The ladder from follower to leader, against hand-computed answers and brute force, and on the bundled figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from foreland.core.errors import ForelandError
from foreland.data.packs import install
from foreland.data.workspace import Workspace, open_workspace
from foreland.foresight.ladder import FOLLOWER, LEADER, RIVAL, ladder, moving_sum, since

PANELS = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=3, max_dims=3, min_side=2, max_side=5),
    elements=st.integers(0, 20).map(float),
)


class TestMovingSum:
    def test_hand_computed(self):
        values = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0]])
        assert moving_sum(values, 3)[:, 0].tolist() == [1, 3, 6, 9]
        assert moving_sum(values, 3)[:, 1].tolist() == [10, 30, 60, 90]
        assert moving_sum(values, 1).tolist() == values.tolist()
        assert moving_sum(values, 9)[:, 0].tolist() == [1, 3, 6, 10]

    @given(PANELS, st.integers(1, 7))
    def test_brute_force(self, values: np.ndarray, window: int):
        expected = np.array([values[max(0, t - window + 1) : t + 1].sum(axis=0) for t in range(len(values))])
        np.testing.assert_allclose(moving_sum(values, window), expected, atol=1e-9)

    def test_leaves_its_input_and_refuses_an_empty_window(self):
        values = np.ones((4, 1))
        moving_sum(values, 2)
        assert values.tolist() == np.ones((4, 1)).tolist()
        with pytest.raises(ValueError, match="window"):
            moving_sum(values, 0)


class TestLadder:
    def test_hand_computed(self):
        # Places A, B, C; one field, three years. A: 10 of 40, 15 of 50, 30 of 70.
        output = np.array([[[10.0], [25.0], [5.0]], [[15.0], [20.0], [10.0]], [[30.0], [20.0], [15.0]]])
        world = np.array([[40.0], [50.0], [70.0]])
        found = ladder(output, world, place=0)
        np.testing.assert_allclose(found.share[:, 0], [0.25, 0.3, 3 / 7])
        np.testing.assert_allclose(found.ratio[:, 0], [0.4, 0.75, 1.5])
        assert found.stage[:, 0].tolist() == [FOLLOWER, RIVAL, LEADER]
        assert found.rank[:, 0].tolist() == [2, 2, 1]
        assert found.leader[:, 0].tolist() == [1, 1, 0]
        np.testing.assert_allclose(found.lead[:, 0], [2.5, 20 / 15, 1.5])

    def test_level_is_no_lead_and_too_little_no_stage(self):
        output = np.array([[[9.0, 5.0, 10.0], [9.0, 1.0, 1.0]]])
        found = ladder(output, output.sum(axis=1), 0, least=6)
        assert found.stage.tolist() == [[RIVAL, -1, LEADER]]
        assert found.leader.tolist() == [[0, -1, 0]]
        np.testing.assert_array_equal(found.ratio, [[1, np.nan, 10]])
        np.testing.assert_array_equal(found.lead, [[1, np.nan, 10]])
        np.testing.assert_allclose(found.share, [[0.5, 5 / 6, 10 / 11]])

    def test_a_field_without_output_has_no_stage(self):
        found = ladder(np.zeros((1, 2, 1)), np.zeros((1, 1)), 0)
        assert found.stage.item() == found.leader.item() == -1
        assert np.isnan([found.share.item(), found.ratio.item(), found.lead.item()]).all()

    def test_alone_in_a_field_the_ratio_has_no_bound(self):
        found = ladder(np.array([[[3.0], [0.0]]]), np.array([[3.0]]), 0)
        assert found.ratio.item() == found.lead.item() == np.inf
        assert found.stage.item() == LEADER

    def test_ties_have_a_total_order(self):
        output = np.full((1, 3, 1), 5.0)
        ranks = [ladder(output, np.array([[15.0]]), place).rank.item() for place in range(3)]
        assert ranks == [1, 2, 3]
        assert ladder(output, np.array([[15.0]]), 2).leader.item() == 0

    @given(PANELS, st.data())
    def test_brute_force(self, output: np.ndarray, data: st.DataObject):
        periods, places, fields = output.shape
        place = data.draw(st.integers(0, places - 1))
        found = ladder(output, output.sum(axis=1), place)
        for t in range(periods):
            for f in range(fields):
                cell = output[t, :, f].tolist()
                if sum(cell) == 0:
                    assert found.stage[t, f] == -1
                    continue
                order = sorted(range(places), key=lambda r: (-cell[r], r))
                best = max(cell[r] for r in range(places) if r != place)
                assert found.rank[t, f] == order.index(place) + 1
                assert found.leader[t, f] == order[0]
                assert found.share[t, f] == pytest.approx(cell[place] / sum(cell))
                expected = LEADER if cell[place] > best else RIVAL if 2 * cell[place] >= best else FOLLOWER
                assert found.stage[t, f] == expected

    @given(PANELS)
    def test_shares_of_all_places_add_up(self, output: np.ndarray):
        world = output.sum(axis=1)
        total = sum(np.nan_to_num(ladder(output, world, place).share) for place in range(output.shape[1]))
        np.testing.assert_allclose(total, (world > 0).astype(float), atol=1e-12)

    @given(PANELS, st.sampled_from([0.001, 3.0, 1e6]))
    def test_units_do_not_matter(self, output: np.ndarray, factor: float):
        one = ladder(output, output.sum(axis=1), 0)
        other = ladder(output * factor, output.sum(axis=1) * factor, 0)
        np.testing.assert_allclose(one.share, other.share)
        assert one.rank.tolist() == other.rank.tolist()
        assert one.leader.tolist() == other.leader.tolist()

    def test_refuses_a_world_smaller_than_its_parts_and_a_single_place(self):
        with pytest.raises(ValueError, match="smaller"):
            ladder(np.ones((1, 2, 1)), np.ones((1, 1)), 0)
        with pytest.raises(ValueError, match="two places"):
            ladder(np.ones((1, 1, 1)), np.ones((1, 1)), 0)


class TestSince:
    def test_hand_computed(self):
        stage = np.array([[0, 2, 2, 0, 1], [1, 2, 0, 0, 2], [2, 2, 2, 0, 1]])
        assert since(stage, LEADER).tolist() == [2, 0, 2, -1, -1]
        assert since(stage, RIVAL).tolist() == [1, 0, 2, -1, 0]

    @given(hnp.arrays(np.int64, st.tuples(st.integers(1, 8), st.integers(1, 4)), elements=st.integers(-1, 2)))
    def test_brute_force(self, stage: np.ndarray):
        for level in (RIVAL, LEADER):
            for column, found in zip(stage.T.tolist(), since(stage, level).tolist(), strict=True):
                start = len(column)
                while start and column[start - 1] >= level:
                    start -= 1
                assert found == (start if start < len(column) else -1)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = open_workspace(Path(tmp_path_factory.mktemp("world")) / "ws")
    install(workspace, "world-technology")
    return workspace


class TestQuestion:
    def test_shares_are_those_of_the_publisher(self, ws: Workspace):
        finding = ws.ask("foresight.catch_up", region="CN", indicator="uspto_patents", scheme="wipo35")
        assert len(finding) == 35
        rows = ws.to_arrow(ws.table("observation")).to_pylist()
        years = {"2018", "2019", "2020"}
        for row in finding.rows()[:5]:
            wanted = (row["field_id"], "uspto_patents")
            counts: dict[str, float] = {}
            for cell in rows:
                if (cell["field_id"], cell["indicator_id"]) == wanted and cell["period"] in years:
                    counts[cell["region_id"]] = counts.get(cell["region_id"], 0) + cell["value"]
            assert row["count"] == counts["CN"]
            assert row["share"] == pytest.approx(counts["CN"] / counts["agg:world"])
            others = {place: n for place, n in counts.items() if not place.startswith("agg:") and place != "CN"}
            assert row["lead_ratio"] == pytest.approx(counts["CN"] / max(others.values()))

    def test_rows_are_in_order_and_groups_of_countries_never_lead(self, ws: Workspace):
        finding = ws.ask("foresight.catch_up", region="JP")
        ratios = [row["lead_ratio"] for row in finding.rows()]
        assert ratios == sorted(ratios, reverse=True)
        assert all(len(row["leader_id"]) == 2 for row in finding.rows())

    def test_stage_follows_the_rule_that_is_stated(self, ws: Workspace):
        for row in ws.ask("foresight.catch_up", region="CN", rival_at=0.4).rows():
            ratio = row["lead_ratio"]
            assert row["stage"] == ("leader" if ratio > 1 else "rival" if ratio >= 0.4 else "follower")

    def test_the_same_call_gives_the_same_id_and_another_one_another(self, ws: Workspace):
        first, second = (ws.ask("foresight.catch_up", region="KR") for _ in range(2))
        assert first.id == second.id
        assert first.to_arrow().equals(second.to_arrow())
        assert first.id != ws.ask("foresight.catch_up", region="KR", window=5).id
        assert first.id != ws.ask("foresight.catch_up", region="JP").id

    def test_evidence_is_the_figures_of_the_field(self, ws: Workspace):
        finding = ws.ask("foresight.catch_up", region="CN", indicator="uspto_patents", scheme="wipo35")
        row = finding.rows()[0]
        tables = finding.evidence(0, limit=100_000).tables
        assert all(set(item.sources) == {"ncses-patents"} and len(table) for item, table in tables)
        cells = tables[0][1].to_pylist()
        assert {cell["field_id"] for cell in cells} == {row["field_id"]}
        assert {cell["source_id"] for cell in cells} == {"ncses-patents"}
        recent = [c for c in cells if c["region_id"] == "CN" and c["period"] in ("2018", "2019", "2020")]
        assert sum(cell["value"] for cell in recent) == row["count"]

    def test_texts_in_both_languages(self, ws: Workspace):
        finding = ws.ask("foresight.catch_up", region="CN")
        assert "中国" in finding.headline["zh"]
        assert "China" in finding.headline["en"]
        assert all(caveat.text(language) for caveat in finding.caveats for language in ("zh", "en"))

    def test_a_place_without_figures_is_an_error_that_says_so(self, ws: Workspace):
        with pytest.raises(ForelandError) as caught:
            ws.ask("foresight.catch_up", region="CN-ZJ")
        assert caught.value.text("zh")
        assert caught.value.text("en")
