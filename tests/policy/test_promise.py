"""Promise against backing: numerics against hand-computed answers and scipy, the question on the bundled figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import binomtest

from foreland.core.errors import ForelandError
from foreland.core.intervals import clopper_pearson
from foreland.data.packs import install
from foreland.data.workspace import Workspace, open_workspace
from foreland.policy.promise import BACKED, OVER_PROMISED, QUIET, QUIET_STRENGTH, STANCES, TOO_FEW, promise

COUNTS = hnp.arrays(np.float64, (5, 3), elements=st.integers(0, 30).map(float))
DENSITIES = hnp.arrays(np.float64, (5, 3), elements=st.integers(0, 8).map(float))


class TestClopperPearson:
    @given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
    def test_equals_scipy(self, count: int, more: int, level: float):
        total = count + more
        low, high = clopper_pearson(count, total, level)
        if total == 0:
            assert (low, high) == (0, 1)
            return
        expected = binomtest(count, total).proportion_ci(level, method="exact")
        assert low == pytest.approx(expected.low, abs=1e-10)
        assert high == pytest.approx(expected.high, abs=1e-10)

    def test_hand_computed(self):
        """No success in n trials: the upper end solves (1 - p)^n = tail."""
        low, high = clopper_pearson(0, 46, 0.9)
        assert low == 0
        assert high == pytest.approx(1 - 0.05 ** (1 / 46))


class TestPromise:
    def test_hand_computed(self):
        # Two places, two fields of 40 projects each: expected 20 each.
        density = np.array([[3.0, 0.5], [1.0, 1.5]])
        count = np.array([[5.0, 38.0], [35.0, 2.0]])
        found = promise(density, count)
        np.testing.assert_allclose(found.attention, [[1.5, 0.5], [0.5, 1.5]])
        np.testing.assert_allclose(found.backing, [[0.25, 1.9], [1.75, 0.1]])
        assert found.stance.tolist() == [[OVER_PROMISED, QUIET_STRENGTH], [QUIET_STRENGTH, OVER_PROMISED]]
        assert found.clear.all()

    def test_the_four_stances(self):
        density = np.array([[2.0], [2.0], [0.0], [0.0]])
        count = np.array([[20.0], [0.0], [20.0], [0.0]])
        assert promise(density, count).stance[:, 0].tolist() == [BACKED, OVER_PROMISED, QUIET_STRENGTH, QUIET]

    def test_having_none_of_few_says_nothing(self):
        """None of 46 where 1.5 are expected may be chance; none of 229 where 7.4 are expected may not."""
        count = np.zeros((31, 2))
        count[1:, 0] = 46 / 30
        count[1:, 1] = 229 / 30
        found = promise(np.ones((31, 2)), np.round(count * 2) / 2)
        assert not found.clear[0, 0]
        assert found.clear[0, 1]

    def test_fields_with_too_little_are_not_judged(self):
        found = promise(np.array([[2.0], [0.0]]), np.array([[1.0], [2.0]]), min_total=10)
        assert found.stance[:, 0].tolist() == [TOO_FEW, TOO_FEW]
        assert not found.clear.any()

    def test_what_nobody_has_or_nobody_mentions_has_no_stance(self):
        found = promise(np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([[9.0, 0.0], [9.0, 0.0]]))
        assert found.stance.tolist() == [[None, None], [None, None]]

    def test_a_larger_place_is_expected_to_have_more(self):
        count = np.array([[30.0], [10.0]])
        found = promise(np.ones((2, 1)), count, size=np.array([3.0, 1.0]))
        np.testing.assert_allclose(found.backing[:, 0], [1, 1])
        assert not found.clear.any()

    @given(DENSITIES, COUNTS)
    def test_expected_numbers_add_up(self, density: np.ndarray, count: np.ndarray):
        found = promise(density, count)
        total = count.sum(axis=0)
        held = total > 0
        np.testing.assert_allclose(np.nansum(found.backing, axis=0)[held] * total[held] / 5, total[held])
        spoken = density.sum(axis=0) > 0
        np.testing.assert_allclose(found.attention.mean(axis=0)[spoken], 1)

    @given(DENSITIES, COUNTS, st.permutations(range(5)))
    def test_the_order_of_places_does_not_matter(self, density: np.ndarray, count: np.ndarray, order: list[int]):
        one, other = promise(density, count), promise(density[order], count[order])
        assert one.stance[order].tolist() == other.stance.tolist()
        assert one.clear[order].tolist() == other.clear.tolist()

    @given(DENSITIES, COUNTS)
    def test_clear_is_what_the_interval_says(self, density: np.ndarray, count: np.ndarray):
        found = promise(density, count)
        for f, total in enumerate(count.sum(axis=0)):
            for r in range(5):
                if total:
                    ends = binomtest(int(count[r, f]), int(total)).proportion_ci(0.9, method="exact")
                    assert found.clear[r, f] == (not ends.low <= 0.2 <= ends.high)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = open_workspace(Path(tmp_path_factory.mktemp("china")) / "ws")
    install(workspace, "china-provinces")
    return workspace


class TestQuestion:
    def test_numbers_are_those_of_the_pack(self, ws: Workspace):
        finding = ws.ask("policy.promise", field="iotf:quantum")
        assert len(finding) == 31
        by_place = {row["region_id"]: row for row in finding.rows()}
        assert by_place["CN-AH"]["stance"] == BACKED
        assert by_place["CN-AH"]["key_projects"] == 6
        assert by_place["CN-BJ"]["key_projects"] == 18
        assert by_place["CN-HN"]["stance"] == OVER_PROMISED
        assert by_place["CN-HN"]["key_projects"] + by_place["CN-HN"]["state_key_labs"] == 0
        assert not by_place["CN-HN"]["clear"]
        total = sum(row["key_projects"] + row["state_key_labs"] for row in by_place.values())
        assert {row["backing_national"] for row in by_place.values()} == {total}

    def test_stances_come_in_their_order_and_generic_fields_not_at_all(self, ws: Workspace):
        rows = ws.ask("policy.promise", region="CN-ZJ").rows()
        order = [STANCES.index(row["stance"]) for row in rows]
        assert order == sorted(order)
        assert not {row["field_id"] for row in rows} & {"iotf:emerging_generic", "iotf:future_industry_generic"}
        assert {row["region_id"] for row in rows} == {"CN-ZJ"}

    def test_by_expenditure_on_research_the_large_are_expected_to_have_more(self, ws: Workspace):
        asked = {"region": "CN-GD", "field": "iotf:robotics"}
        (even,), (money,) = (
            ws.ask("policy.promise", **asked, relative_to=measure).rows() for measure in ("places", "rd")
        )
        assert money["key_projects"] == even["key_projects"]
        # Guangdong spent 14.3 % of the country's R&D in 2020, more than one in 31.
        assert money["backing"] == pytest.approx(even["backing"] / 31 / 0.1427, rel=0.01)

    @pytest.mark.parametrize("measure", ["places", "rd"])
    def test_evidence_is_the_figures_behind_the_row(self, ws: Workspace, measure: str):
        finding = ws.ask("policy.promise", region="CN-HA", relative_to=measure)
        for number, row in enumerate(finding.rows()):
            tables: dict[str, list[dict]] = {}
            for item, table in finding.evidence(number, limit=1000).tables:
                tables.setdefault(item.filter.get("indicator_id", item.table), []).extend(table.to_pylist())
            (document,) = tables.pop("document")
            assert document["region_id"] == "CN-HA"
            passages = tables.pop("passage", [])
            assert len(passages) == row["mentions"]
            assert {cell["document_id"] for cell in passages} <= {document["document_id"]}
            assert {cell["field_id"] for cell in passages} <= {row["field_id"]}
            assert 1e4 * len(passages) / document["characters"] == pytest.approx(row["mention_density"])
            for indicator in ("key_projects", "state_key_labs"):
                assert sum(cell["value"] for cell in tables[indicator]) == row[indicator]
                assert {cell["field_id"] for cell in tables[indicator]} == {row["field_id"]}
            cells = [cell for table in tables.values() for cell in table]
            assert {cell["region_id"] for cell in cells} == {"CN-HA"}
            assert ("rd_expenditure" in tables) == (measure == "rd")
            assert all(tables.values())

    def test_the_same_call_gives_the_same_id(self, ws: Workspace):
        first, second = (ws.ask("policy.promise", region="CN-ZJ") for _ in range(2))
        assert first.id == second.id
        assert first.to_arrow().equals(second.to_arrow())
        assert first.id != ws.ask("policy.promise", region="CN-ZJ", relative_to="rd").id

    def test_says_that_the_projects_are_old(self, ws: Workspace):
        caveats = {caveat.code: caveat for caveat in ws.ask("policy.promise", region="CN-ZJ").caveats}
        assert caveats["projects_end"].severity == "serious"
        assert "2020" in caveats["projects_end"].text("zh")

    @pytest.mark.parametrize(
        "arguments",
        [{"region": "KR"}, {"field": "iotf:quantun"}, {"field": "iotf:low_altitude"}],
        ids=["another country", "misspelt field", "field that nothing backs"],
    )
    def test_what_it_cannot_answer_is_an_error_that_says_so(self, ws: Workspace, arguments: dict[str, str]):
        with pytest.raises(ForelandError) as caught:
            ws.ask("policy.promise", **arguments)
        assert caught.value.text("zh")
        assert caught.value.text("en")
        if arguments.get("field") == "iotf:quantun":
            assert "iotf:quantum" in caught.value.text("en")
