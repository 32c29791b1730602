"""The room's questions: every figure worked out again with pandas straight from the packs' files."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from foreland.core.errors import DataError, UsageError
from foreland.data.workspace import Workspace

WORLD = {"scheme": "wipo35", "indicator": "patent_families"}
WINDOW = ("2018", "2019", "2020")


def panel(figures: pd.DataFrame, indicator: str, scheme: str, places: str, periods: tuple[str, ...]) -> pd.DataFrame:
    """Places × fields summed over periods, what is not there being nil."""
    rows = figures[(figures.indicator_id == indicator) & (figures.scheme == scheme) & figures.period.isin(periods)]
    rows = rows[rows.region_id.str.fullmatch(places)]
    return rows.pivot_table(index="region_id", columns="field_id", values="value", aggfunc="sum", fill_value=0)


@pytest.fixture(scope="module")
def patents(figures: pd.DataFrame) -> pd.DataFrame:
    found = panel(figures, "patent_families", "wipo35", "[A-Z]{2}", WINDOW)
    assert found.shape == (36, 35)
    return found


@pytest.fixture(scope="module")
def projects(figures: pd.DataFrame) -> pd.DataFrame:
    return panel(figures, "key_projects", "iotf", "CN-..", WINDOW)


def quotient(X: pd.DataFrame) -> pd.DataFrame:
    return X.div(X.sum(axis=1), axis=0).div(X.sum() / X.to_numpy().sum(), axis=1)


class TestSpecialisation:
    @pytest.mark.parametrize("region", ["CN", "KR", "DE", "NO"])
    def test_patents(self, packed: Workspace, patents: pd.DataFrame, region: str):
        found = packed.ask("capability.specialisation", region=region, **WORLD).to_pandas().set_index("field_id")
        lq, share = quotient(patents), patents.div(patents.sum(axis=1), axis=0)
        np.testing.assert_allclose(found.specialisation, lq.loc[region, found.index], rtol=1e-12)
        np.testing.assert_allclose(found["value"], patents.loc[region, found.index], rtol=1e-12)
        np.testing.assert_allclose(found["share"], share.loc[region, found.index], rtol=1e-12)
        rank = lq.rank(ascending=False, method="first").loc[region, found.index]
        assert (found["rank"] == rank).all()

    def test_projects_of_provinces(self, packed: Workspace, projects: pd.DataFrame):
        found = packed.ask("capability.specialisation", region="CN-ZJ").to_pandas().set_index("field_id")
        assert len(found) >= 15
        X = projects[list(found.index)]
        lq = quotient(X)
        np.testing.assert_allclose(found.specialisation, lq.loc["CN-ZJ"], rtol=1e-12)
        size = X.loc["CN-ZJ"].sum() / X.to_numpy().sum()
        for field, row in found.iterrows():
            ends = binomtest(int(row["value"]), int(X[field].sum())).proportion_ci(0.95, "exact")
            assert (row["lower"], row["upper"]) == pytest.approx((ends.low / size, ends.high / size))
            few = row["value"] < 5
            standing = "average"
            if row["upper"] < 1:
                standing = "weakness"
            elif row["lower"] > 1 and not few:
                standing = "strength"
            elif row["specialisation"] > 1 and few:
                standing = "too_few"
            assert row["standing"] == standing

    def test_figures_that_are_no_counts_claim_no_interval(self, tiny, packed: Workspace):
        values = {("CN", "a"): 6.0, ("CN", "b"): 5.0, ("KR", "a"): 5.0, ("KR", "b"): 5.0}
        ws = tiny([(place, f"own:{field}", "2020", value) for (place, field), value in values.items()], unit="CNY")
        money = ws.ask("capability.specialisation", region="CN")
        assert money.to_pandas().lower.isna().all()
        assert "capability.caveat.no_interval" in {caveat.key for caveat in money.caveats}
        assert "no interval is worked out" in money.explain("en")
        assert "Clopper" not in money.explain("en")
        counts = packed.ask("capability.specialisation", region="CN", **WORLD)
        assert "Clopper" in counts.explain("en")

    def test_change_is_from_five_years_before(self, packed: Workspace, figures: pd.DataFrame, patents: pd.DataFrame):
        found = packed.ask("capability.specialisation", region="CN", **WORLD).to_pandas().set_index("field_id")
        then = quotient(panel(figures, "patent_families", "wipo35", "[A-Z]{2}", ("2013", "2014", "2015")))
        expected = (quotient(patents).loc["CN"] - then.loc["CN"]) / 5
        np.testing.assert_allclose(found.change, expected[found.index], atol=1e-12)

    def test_against_another_place_quotient_and_interval_go_together(self, packed: Workspace, patents: pd.DataFrame):
        found = packed.ask("capability.specialisation", region="CN", benchmark="US", **WORLD)
        table = found.to_pandas().set_index("field_id")
        share = patents.div(patents.sum(axis=1), axis=0)
        expected = share.loc["CN"] / share.loc["US"]
        np.testing.assert_allclose(table.specialisation, expected[table.index], rtol=1e-12)
        assert ((table.lower < table.specialisation) & (table.specialisation < table.upper)).all()
        assert "US" in found.benchmark["en"]

    def test_against_itself_is_one(self, packed: Workspace):
        table = packed.ask("capability.specialisation", region="CN", benchmark="CN", **WORLD).to_pandas()
        np.testing.assert_allclose(table.specialisation, 1)
        assert (table.standing == "average").all()

    def test_against_the_world_that_holds_the_place(self, packed: Workspace, figures: pd.DataFrame):
        table = packed.ask("capability.specialisation", region="CN", benchmark="agg:world", **WORLD).to_pandas()
        world = panel(figures, "patent_families", "wipo35", "agg:world", WINDOW).loc["agg:world"]
        own = panel(figures, "patent_families", "wipo35", "CN", WINDOW).loc["CN"]
        expected = (own / own.sum()) / (world / world.sum())
        np.testing.assert_allclose(table.specialisation, expected[table.field_id], rtol=1e-12)
        assert ((table.lower <= table.specialisation) & (table.specialisation <= table.upper)).all()

    def test_other_measures(self, packed: Workspace, patents: pd.DataFrame):
        lq = quotient(patents)
        symmetric = packed.ask("capability.specialisation", region="KR", measure="symmetric", **WORLD).to_pandas()
        expected = ((lq - 1) / (lq + 1)).loc["KR", symmetric.field_id]
        np.testing.assert_allclose(symmetric.specialisation, expected, rtol=1e-12)
        assert ((symmetric.lower <= symmetric.specialisation) & (symmetric.specialisation <= symmetric.upper)).all()
        scored = packed.ask("capability.specialisation", region="KR", measure="standardised", **WORLD).to_pandas()
        z = (lq - lq.mean()) / lq.std(ddof=1)
        np.testing.assert_allclose(scored.specialisation, z.loc["KR", scored.field_id], rtol=1e-9)

    def test_per_head_says_what_is_missing(self, packed: Workspace):
        with pytest.raises(DataError) as caught:
            packed.ask("capability.specialisation", region="KR", measure="per_head", **WORLD)
        assert "population" in caught.value.text("en")
        assert "population" in caught.value.cure("zh")

    def test_too_few_stand_last(self, packed: Workspace):
        standings = packed.ask("capability.specialisation", region="CN-XZ").to_pandas().standing
        assert list(standings) == sorted(standings, key=lambda s: s == "too_few")


class TestStructure:
    def test_hand_worked(self, packed: Workspace, patents: pd.DataFrame):
        found = packed.ask("capability.structure", region="KR", **WORLD).to_pandas().set_index("region_id")
        share = patents.div(patents.sum(axis=1), axis=0)
        np.testing.assert_allclose(found.hhi, (share**2).sum(axis=1)[found.index], rtol=1e-10)
        entropy = -(share * np.log2(share.where(share > 0))).sum(axis=1)
        np.testing.assert_allclose(found.entropy, entropy[found.index], rtol=1e-10)
        np.testing.assert_allclose(found.entropy, found.related_variety + found.unrelated_variety, rtol=1e-10)
        for region in found.index:
            rest = patents.drop(region).sum()
            krugman = (share.loc[region] - rest / rest.sum()).abs().sum()
            assert found.krugman[region] == pytest.approx(krugman)
        assert list(found["rank"]) == list(range(1, len(found) + 1))

    @pytest.mark.parametrize("against", ["total", "mean_of_others"])
    def test_against(self, packed: Workspace, patents: pd.DataFrame, against: str):
        found = packed.ask("capability.structure", region="KR", against=against, **WORLD).to_pandas()
        share = patents.div(patents.sum(axis=1), axis=0)
        whole = patents.sum() / patents.to_numpy().sum()
        other = whole if against == "total" else share.drop("KR").mean()
        krugman = (share.loc["KR"] - other).abs().sum()
        assert found.set_index("region_id").krugman["KR"] == pytest.approx(krugman)

    def test_against_a_benchmark_in_the_same_years(self, packed: Workspace, figures: pd.DataFrame):
        found = packed.ask("capability.structure", region="KR", against="total", benchmark="agg:world", **WORLD)
        world = panel(figures, "patent_families", "wipo35", "agg:world", WINDOW).loc["agg:world"]
        own = panel(figures, "patent_families", "wipo35", "KR", WINDOW).loc["KR"]
        krugman = (own / own.sum() - world / world.sum()).abs().sum()
        assert found.to_pandas().set_index("region_id").krugman["KR"] == pytest.approx(krugman)


class TestConcentration:
    def test_shares_and_herfindahl(self, packed: Workspace, patents: pd.DataFrame):
        finding = packed.ask("capability.concentration", level="country", **WORLD)
        found = finding.to_pandas().set_index("field_id")
        part = patents.div(patents.sum())
        assert (found.region_id == part.idxmax()[found.index]).all()
        np.testing.assert_allclose(found["share"], part.max()[found.index], rtol=1e-12)
        np.testing.assert_allclose(found.hhi, (part**2).sum()[found.index], rtol=1e-10)
        size = patents.sum(axis=1) / patents.to_numpy().sum()
        hoover = part.sub(size, axis=0).abs().sum() / 2
        np.testing.assert_allclose(found.hoover, hoover[found.index], rtol=1e-10)

    def test_evidence_is_every_place(self, packed: Workspace):
        finding = packed.ask("capability.concentration", level="province")
        row = finding.rows()[0]
        ((_, rows),) = finding.evidence(0, limit=1000).tables
        assert {item["field_id"] for item in rows.to_pylist()} == {row["field_id"]}
        provinces = [item for item in rows.to_pylist() if item["region_id"].startswith("CN-")]
        assert sum(item["value"] for item in provinces) == row["total"]


class TestSimilar:
    def test_cosine_and_krugman(self, packed: Workspace, patents: pd.DataFrame):
        found = packed.ask("capability.similar", region="KR", **WORLD).to_pandas()
        share = patents.div(patents.sum(axis=1), axis=0).to_numpy()
        index = {region: i for i, region in enumerate(patents.index)}
        own = share[index["KR"]]
        for row in found.itertuples():
            other = share[index[row.region_id]]
            cosine = own @ other / np.sqrt((own @ own) * (other @ other))
            assert row.similarity == pytest.approx(cosine)
            assert row.krugman == pytest.approx(np.abs(own - other).sum())
        assert list(found.similarity) == sorted(found.similarity, reverse=True)
        assert "KR" not in set(found.region_id)

    def test_finger_kreinin_and_krugman_say_the_same(self, packed: Workspace):
        found = packed.ask("capability.similar", region="KR", measure="finger_kreinin", **WORLD).to_pandas()
        np.testing.assert_allclose(found.similarity, 1 - found.krugman / 2, rtol=1e-9)

    def test_a_place_of_one_unit_has_no_structure(self, packed: Workspace, projects: pd.DataFrame):
        assert projects.loc["CN-XZ"].sum() < 20
        with pytest.raises(DataError) as caught:
            packed.ask("capability.similar", region="CN-XZ")
        assert caught.value.key == "capability.error.place_too_small"
        assert len(packed.ask("capability.similar", region="CN-XZ", min_place=0))


class TestGrowth:
    @pytest.mark.parametrize("method_of", ["classic", "dynamic"])
    @pytest.mark.parametrize("region", ["CN", "JP", "KR"])
    def test_parts_add_up(self, packed: Workspace, region: str, method_of: str):
        finding = packed.ask("capability.growth", region=region, method_of=method_of, **WORLD)
        found = finding.to_pandas()
        np.testing.assert_allclose(found.national + found.mix + found.regional, found.gained, rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(found["value"] - found.value_before, found.gained, atol=1e-9)

    def test_classic_by_hand(self, packed: Workspace, figures: pd.DataFrame, patents: pd.DataFrame):
        found = packed.ask("capability.growth", region="CN", **WORLD).to_pandas().set_index("field_id")
        then = panel(figures, "patent_families", "wipo35", "[A-Z]{2}", ("2008", "2009", "2010"))
        overall = patents.to_numpy().sum() / then.to_numpy().sum() - 1
        by_field = patents.sum() / then.sum() - 1
        own = patents.loc["CN"] / then.loc["CN"] - 1
        start = then.loc["CN"]
        order = found.index
        np.testing.assert_allclose(found.national, (start * overall)[order], rtol=1e-9)
        np.testing.assert_allclose(found.mix, (start * (by_field - overall))[order], rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(found.regional, (start * (own - by_field))[order], rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(found.growth, ((own + 1) ** 0.1 - 1)[order], rtol=1e-9)

    def test_a_shrinking_place_lost(self, packed: Workspace):
        finding = packed.ask("capability.growth", region="JP", **WORLD)
        assert finding.to_pandas().gained.sum() < 0
        assert " lost " in finding.headline["en"]
        assert "gained -" not in finding.headline["en"]
        assert "减少" in finding.headline["zh"]
        assert "shrinking" in [caveat.code for caveat in finding.caveats]


class TestRanking:
    def test_rd_expenditure(self, packed: Workspace, figures: pd.DataFrame):
        finding = packed.ask("capability.ranking", region="CN-ZJ", indicator="rd_expenditure")
        found = finding.to_pandas()
        rows = figures[(figures.indicator_id == "rd_expenditure") & figures.region_id.str.startswith("CN-")]
        wide = rows.pivot(index="region_id", columns="period", values="value")
        rank = wide.rank(ascending=False, method="first")
        for row in found.itertuples():
            assert row.rank == rank.loc[row.region_id, row.period]
            assert row.value == wide.loc[row.region_id, row.period]
            assert row.movement == rank.loc[row.region_id, "2010"] - rank.loc[row.region_id, row.period]
        # Known from the statistical communiqué: Zhejiang spent 264.0 bn yuan on R&D in 2023, fourth in the country.
        zhejiang = found[(found.region_id == "CN-ZJ") & (found.period == "2023")].iloc[0]
        assert zhejiang["value"] == pytest.approx(264.0e9, rel=1e-3)
        assert zhejiang["rank"] == 4

    def test_sum_of_the_country_is_the_published_total(self, figures: pd.DataFrame):
        rows = figures[(figures.indicator_id == "rd_expenditure") & (figures.period == "2023")]
        provinces = rows[rows.region_id.str.startswith("CN-")].value.sum()
        assert provinces == pytest.approx(3335.71e9, rel=1e-5)
        assert rows[rows.region_id == "CN"].value.sum() == pytest.approx(provinces, rel=1e-5)

    def test_what_nobody_reported_is_not_ranked(self, packed: Workspace, figures: pd.DataFrame):
        found = packed.ask("capability.ranking", level="province", indicator="rd_expenditure_abroad").to_pandas()
        rows = figures[(figures.indicator_id == "rd_expenditure_abroad") & figures.region_id.str.startswith("CN-")]
        assert len(rows) < 31 * rows.period.nunique()
        # Places that are in the last year, in every year they reported.
        known = rows[rows.region_id.isin(rows.region_id[rows.period == "2023"])]
        assert set(zip(found.region_id, found.period, strict=True)) == set(
            zip(known.region_id, known.period, strict=True)
        )

    def test_one_field(self, packed: Workspace, figures: pd.DataFrame):
        field = "wipo35:6"
        rows = figures[(figures.indicator_id == "patent_families") & (figures.period == "2020")]
        if field not in set(rows.field_id):
            field = sorted(rows.field_id[rows.scheme == "wipo35"])[5]
        finding = packed.ask("capability.ranking", region="CN", field=field, **WORLD)
        top = finding.rows()[0]
        best = rows[(rows.field_id == field) & rows.region_id.str.fullmatch("[A-Z]{2}")].sort_values("value").iloc[-1]
        assert (top["region_id"], top["value"], top["period"]) == (best.region_id, best["value"], "2020")


class TestPosition:
    @pytest.mark.parametrize("region", ["CN-ZJ", "CN-XZ", "CN", "KR"])
    def test_every_row(self, packed: Workspace, figures: pd.DataFrame, region: str):
        finding = packed.ask("capability.position", region=region)
        pattern = "CN-.." if "-" in region else "[A-Z]{2}"
        totals = figures[(figures.scheme == "all") & figures.region_id.str.fullmatch(pattern)]
        for row in finding.rows():
            own = totals[totals.indicator_id == row["indicator_id"]]
            now = own[own.period == row["period"]].set_index("region_id").value.dropna()
            assert row["value"] == now[region]
            assert row["of"] == len(now)
            better, equal = (now > now[region]).sum(), (now == now[region]).sum()
            assert better < row["rank"] <= better + equal
            if row["share"] is not None:
                assert row["share"] == pytest.approx(now[region] / now.sum())
            if row["growth"] is not None:
                then = own[own.period == row["from_period"]].set_index("region_id").value.dropna()
                years = int(row["period"]) - int(row["from_period"])
                assert years >= 3
                assert row["growth"] == pytest.approx((now[region] / then[region]) ** (1 / years) - 1)
                both = now.index.intersection(then.index)
                if row["growth_all"] is not None:
                    assert row["growth_all"] == pytest.approx((now[both].sum() / then[both].sum()) ** (1 / years) - 1)

    def test_nothing_is_ranked_on_a_figure_that_is_not_there(self, packed: Workspace, figures: pd.DataFrame):
        keys = set(zip(figures.region_id, figures.indicator_id, figures.period, strict=True))
        for region in ("CN-XZ", "CN-HI", "CN-QH"):
            for row in packed.ask("capability.position", region=region).rows():
                assert (region, row["indicator_id"], row["period"]) in keys

    def test_a_report_is_no_achievement(self, packed: Workspace):
        found = packed.ask("capability.position", region="CN-ZJ").to_pandas()
        assert not found.indicator_id.str.startswith("report_").any()

    def test_headline_counts_the_places_of_each_indicator(self, packed: Workspace):
        finding = packed.ask("capability.position", region="CN")
        counts = {row["of"] for row in finding.rows()}
        assert len(counts) > 1
        assert f"{min(counts)}–{max(counts)}" in finding.headline["en"]

    def test_evidence_is_the_series(self, packed: Workspace, figures: pd.DataFrame):
        finding = packed.ask("capability.position", region="CN-ZJ")
        for i, row in list(enumerate(finding.rows()))[:5]:
            ((_, rows),) = finding.evidence(i).tables
            own = figures[(figures.region_id == "CN-ZJ") & (figures.indicator_id == row["indicator_id"])]
            own = own[own.scheme == "all"]
            assert sorted(rows["period"].to_pylist()) == sorted(own.period)


class TestRelatedness:
    def test_minimum_conditional_probability(self, packed: Workspace, patents: pd.DataFrame):
        found = packed.ask("capability.relatedness", region="CN", **WORLD).to_pandas()
        M = ((quotient(patents) >= 1) & (patents >= 5)).astype(int)
        for row in found.itertuples():
            a, b = M[row.field_id], M[row.other_id]
            assert row.together == (a & b).sum()
            assert row.proximity == pytest.approx((a & b).sum() / max(a.sum(), b.sum()))
            assert row.has == {2: "both", 1: "one", 0: "neither"}[int(a["CN"] + b["CN"])]

    def test_density_of_opportunities(self, packed: Workspace, patents: pd.DataFrame):
        found = packed.ask("capability.opportunities", region="CN", **WORLD).to_pandas()
        M = ((quotient(patents) >= 1) & (patents >= 5)).astype(int)
        assert set(found.field_id) == set(M.columns[M.loc["CN"] == 0])
        together, u = M.T @ M, M.sum()
        phi = together / np.maximum.outer(u.to_numpy(), u.to_numpy())
        phi = phi.to_numpy().copy()
        np.fill_diagonal(phi, 0)
        density = pd.Series(phi @ M.loc["CN"].to_numpy() / phi.sum(axis=1), index=M.columns)
        np.testing.assert_allclose(found.relatedness, density[found.field_id], rtol=1e-10)
        assert list(found.score) == sorted(found.score, reverse=True)

    def test_a_place_without_a_field_has_no_options(self, packed: Workspace):
        with pytest.raises(DataError) as caught:
            packed.ask("capability.opportunities", region="CN-XZ")
        assert caught.value.key == "capability.error.nothing_present"


class TestComplexity:
    def test_is_the_second_eigenvector(self, packed: Workspace, patents: pd.DataFrame):
        finding = packed.ask("capability.complexity", region="CN", **WORLD)
        found = finding.to_pandas().set_index("region_id")
        keep = patents.index[patents.sum(axis=1) >= finding.provenance.parameters["min_place"]]
        M = ((quotient(patents) >= 1) & (patents >= 5)).astype(float).loc[keep]
        M = M.loc[M.sum(axis=1) > 0, M.sum() > 0]
        walk = (M.div(M.sum(axis=1), axis=0).to_numpy()) @ (M.div(M.sum(), axis=1).to_numpy().T)
        values, vectors = np.linalg.eig(walk)
        second = vectors[:, np.argsort(-values.real)[1]].real
        second = (second - second.mean()) / second.std()
        ours = found.eci.reindex(M.index)
        assert abs(np.corrcoef(second, ours)[0, 1]) == pytest.approx(1, abs=1e-9)
        np.testing.assert_allclose(found.diversity, M.sum(axis=1)[found.index])
        frontier = [c for c in ("CH", "DE", "FI", "JP", "KR", "SE", "SG", "TW", "US") if c in found.index]
        assert found.eci[frontier].mean() > found.eci.drop(frontier).mean()

    def test_place_is_the_mean_of_its_fields(self, packed: Workspace, patents: pd.DataFrame):
        places = packed.ask("capability.complexity", region="CN", **WORLD).to_pandas().set_index("region_id")
        fields = packed.ask("capability.field_complexity", region="CN", **WORLD).to_pandas().set_index("field_id")
        M = ((quotient(patents) >= 1) & (patents >= 5)).loc[places.index, fields.index]
        mean = M.mul(fields.pci, axis=1).sum(axis=1) / M.sum(axis=1)
        np.testing.assert_allclose(places.eci, mean, rtol=1e-8, atol=1e-8)
        assert (fields.present == M.loc["CN"]).all()


class TestEntry:
    def test_every_event(self, packed: Workspace, figures: pd.DataFrame):
        found = packed.ask("capability.entry", region="CN", **WORLD).to_pandas()
        for row in found.itertuples():
            ends = []
            for end in (row.from_period, row.to_period):
                X = panel(figures, "patent_families", "wipo35", "[A-Z]{2}", tuple(str(int(end) - i) for i in range(3)))
                ends.append((quotient(X).loc["CN", row.field_id], X.loc["CN", row.field_id]))
            (before, _), (after, value) = ends
            assert (row.specialisation_before, row.specialisation) == pytest.approx((before, after))
            assert row.value == value
            assert (before < 0.5 <= 1 <= after) if row.event == "entry" else (after < 0.5 and before >= 1)

    def test_needs_a_place(self, packed: Workspace):
        with pytest.raises(UsageError) as caught:
            packed.ask("capability.entry")
        assert caught.value.cure("zh")


class TestBadScopes:
    def test_one_place(self, tiny):
        ws = tiny([("CN", f"own:{f}", "2020", 5.0) for f in "abc"])
        with pytest.raises(DataError) as caught:
            ws.ask("capability.specialisation", region="CN")
        assert caught.value.key == "capability.error.too_small"

    def test_one_field(self, tiny):
        ws = tiny([(r, "own:a", "2020", 5.0) for r in ("CN", "KR", "JP")])
        with pytest.raises(DataError) as caught:
            ws.ask("capability.specialisation", region="CN")
        assert caught.value.key == "data.error.nothing_fits"
        assert "own" in caught.value.cure("en")

    def test_all_zero(self, tiny):
        ws = tiny([(r, f"own:{f}", "2020", 0.0) for r in ("CN", "KR") for f in "ab"])
        with pytest.raises(DataError) as caught:
            ws.ask("capability.specialisation", region="CN")
        assert caught.value.key == "capability.error.all_zero"

    def test_a_field_of_zeros_is_left_out(self, tiny):
        ws = tiny(
            [(r, f"own:{f}", "2020", 0.0 if f == "z" else 10.0 + i) for i, r in enumerate(("CN", "KR")) for f in "abz"]
        )
        found = ws.ask("capability.specialisation", region="CN").to_pandas()
        assert set(found.field_id) == {"own:a", "own:b"}

    def test_two_worlds_that_share_no_field(self, tiny):
        chain = [("ab", 0), ("bc", 1), ("c", 2), ("ac", 3)]
        rows = [
            (places[r], f"own:{world}{f}", "2020", 100.0 + 7 * r)
            for world, places in (("1", ("CN", "KR", "JP", "SG")), ("2", ("DE", "FR", "IT", "ES")))
            for fields, r in chain
            for f in fields
        ]
        finding = tiny(rows).ask("capability.complexity", region="CN")
        caveats = {caveat.code: caveat for caveat in finding.caveats}
        assert caveats["disconnected"].severity == "serious"
        assert "2" in caveats["disconnected"].text("zh")

    def test_two_worlds_all_alike_have_no_axis(self, tiny):
        rows = [(r, f"own:{f}", "2020", 100.0) for r in ("CN", "KR", "JP") for f in "abc"]
        rows += [(r, f"own:{f}", "2020", 100.0) for r in ("DE", "FR", "IT") for f in "xyz"]
        with pytest.raises(DataError) as caught:
            tiny(rows).ask("capability.complexity", region="CN")
        assert caught.value.key == "capability.error.no_axis"
        assert caught.value.cure("zh")

    def test_suppressed_is_not_nil(self, tiny):
        rows = [(r, f"own:{f}", "2020", 10.0) for r in ("CN", "KR", "JP") for f in "abc"]
        rows[0] = ("CN", "own:a", "2020", None)
        ws = tiny(rows)
        finding = ws.ask("capability.specialisation", region="CN")
        assert set(finding.to_pandas().field_id) == {"own:b", "own:c"}
        assert "suppressed_values" in [caveat.code for caveat in finding.caveats]

    def test_parents_do_not_count_twice(self, tiny):
        parts = [(r, f"own:{f}", "2020", v) for r in ("CN", "KR") for f, v in (("a", 10.0), ("b", 20.0), ("c", 30.0))]
        whole = [(r, "own:ab", "2020", 30.0) for r in ("CN", "KR")]
        ws = tiny([*parts, *whole], parents={"own:a": "own:ab", "own:b": "own:ab"})
        finding = ws.ask("capability.specialisation", region="CN")
        assert set(finding.to_pandas().field_id) == {"own:a", "own:b", "own:c"}
        assert finding.to_pandas()["share"].sum() == pytest.approx(1)
        assert "aggregation_hazard" in [caveat.code for caveat in finding.caveats]

    def test_ragged_panel(self, tiny):
        rows = [
            (r, f"own:{f}", str(y), 10.0 + y % 7)
            for r, f, y in itertools.product(("CN", "KR", "JP"), "abc", range(2010, 2021))
            if not (r == "JP" and y > 2015)
        ]
        ws = tiny(rows)
        finding = ws.ask("capability.growth", region="CN", window=1, years=10)
        table = finding.to_pandas()
        np.testing.assert_allclose(table.national + table.mix + table.regional, table.gained, atol=1e-9)

    def test_money_has_no_interval(self, tiny):
        ws = tiny([(r, f"own:{f}", "2020", 10.0 + i) for i, r in enumerate(("CN", "KR")) for f in "ab"], unit="CNY")
        table = ws.ask("capability.specialisation", region="CN").to_pandas()
        assert table.lower.isna().all()
        assert set(table.standing) <= {"average", "strength", "weakness"}
