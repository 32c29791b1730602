"""What a workspace has figures of, and which of them a question is answered from."""

from __future__ import annotations

import pandas as pd
import pytest

from foreland.core.errors import DataError, UsageError
from foreland.core.scope import Scope
from foreland.data.coverage import choose, coverage, covering, level_of
from foreland.data.workspace import Workspace


def test_covers_what_the_files_hold(packed: Workspace, figures: pd.DataFrame):
    entries = coverage(packed)
    assert sum(entry.rows for entry in entries) == len(figures)
    for entry in entries:
        same = (figures.source_id == entry.source_id) & (figures.scheme == entry.scheme)
        rows = figures[same & (figures.indicator_id == entry.indicator_id)]
        rows = rows[[level_of(packed, region) == entry.level for region in rows.region_id]]
        assert (entry.rows, entry.regions, entry.fields, entry.periods, entry.first, entry.last) == (
            len(rows),
            rows.region_id.nunique(),
            rows.field_id.nunique(),
            rows.period.nunique(),
            rows.period.min(),
            rows.period.max(),
        )


def test_covering(packed: Workspace, figures: pd.DataFrame):
    rows = figures[figures.region_id == "CN-XZ"][["source_id", "scheme", "indicator_id"]].drop_duplicates()
    assert covering(packed, "CN-XZ") == set(rows.itertuples(index=False, name=None))
    assert covering(packed, "TLC1") == set()


class TestChoose:
    def test_the_finest_and_fullest(self, packed: Workspace):
        assert choose(packed, Scope.of(region="CN")).scheme == "wipo35"
        entry = choose(packed, Scope.of(region="CN-ZJ"))
        assert (entry.level, entry.scheme, entry.aggregation) == ("province", "iotf", "sum")

    def test_every_part_of_the_scope_counts(self, packed: Workspace):
        for entry in coverage(packed):
            if entry.level == "aggregate":
                continue
            scope = Scope.of(
                level=entry.level, scheme=entry.scheme, indicator=entry.indicator_id, source=entry.source_id
            )
            assert choose(packed, scope, by_field=False, summable=False) == entry

    @pytest.mark.parametrize(
        ("part", "wrong", "right"),
        [
            ("region", "CN-ZX", "CN-"),
            ("level", "provinces", "province"),
            ("scheme", "wipo53", "wipo35"),
            ("indicator", "rd_expenditur", "rd_expenditure"),
            ("source", "ncses-patent", "ncses-patents"),
            ("benchmark", "agg:wrld", "agg:"),
        ],
    )
    def test_suggests(self, packed: Workspace, part: str, wrong: str, right: str):
        with pytest.raises(UsageError) as caught:
            choose(packed, Scope.of(**{part: wrong}))
        assert right in caught.value.what("en").partition(wrong)[2]
        assert "Did you mean" not in caught.value.what("zh")
        assert caught.value.cure("zh")

    def test_whole_counts_say_which_fractional_ones_to_take(self, packed: Workspace):
        with pytest.raises(DataError) as caught:
            choose(packed, Scope.of(indicator="articles_whole"), by_field=False)
        assert "once in each of its places" in caught.value.what("en")
        assert "--indicator articles_fractional" in caught.value.cure("en")
        assert "--indicator articles_fractional" in caught.value.cure("zh")

    def test_what_does_not_add_up_says_so(self, packed: Workspace):
        with pytest.raises(DataError) as caught:
            choose(packed, Scope.of(indicator="rd_intensity"), by_field=False)
        assert "rd_intensity do not add up" in caught.value.what("en")
        assert "contracts_sold" in caught.value.cure("en")
        assert "rd_intensity" not in caught.value.cure("zh")

    def test_says_what_there_is(self, packed: Workspace):
        with pytest.raises(DataError) as caught:
            choose(packed, Scope.of(region="CN-ZJ", indicator="patent_families"))
        assert caught.value.key == "data.error.nothing_fits"
        assert "province" in caught.value.what("en")
        # Only what could answer: figures of provinces that are split by field and add up.
        assert "key_projects (iotf, province" in caught.value.cure("en")
        assert "country" not in caught.value.cure("en")
        assert "(all," not in caught.value.cure("zh")

    @pytest.mark.parametrize("scope", [{"region": "agg:world"}, {"region": "agg:eu27"}, {"level": "aggregate"}])
    def test_groups_of_countries_are_not_ranked(self, packed: Workspace, scope):
        for question in ("capability.specialisation", "capability.ranking"):
            with pytest.raises(UsageError) as caught:
                packed.ask(question, **scope)
            assert caught.value.key == "data.error.groups_overlap"
        if "region" in scope:
            with pytest.raises(UsageError):
                packed.ask("capability.position", **scope)
        assert "benchmark" in caught.value.cure("zh")

    def test_several_sources_are_never_a_silent_pick(self, tiny, packed: Workspace):
        ws = tiny([(r, f"own:{f}", "2020", 1.0) for r in ("CN", "KR") for f in "ab"])
        import pyarrow.parquet as pq

        file = ws.files("observation")[0]
        rows = pq.read_table(file)
        with ws.staging() as staging:
            position = rows.column_names.index("source_id")
            staging.write("observation", rows.set_column(position, "source_id", [["other"] * rows.num_rows]))
            staging.commit("other", "1" * 64)
        with pytest.raises(DataError) as caught:
            choose(ws, Scope.of(region="CN"))
        assert caught.value.key == "data.error.several_sources"
        assert "other" in caught.value.what("en")
        assert choose(ws, Scope.of(region="CN", source="other")).source_id == "other"
