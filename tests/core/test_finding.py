"""Findings: the same every time, with names, texts and the rows behind every number."""

from __future__ import annotations

import json
import subprocess
import sys

import pandas as pd
import pytest

from foreland.core.columns import column
from foreland.core.errors import UsageError
from foreland.core.finding import Finding
from foreland.core.provenance import Caveat, Input, Provenance, Step
from foreland.core.registry import questions
from foreland.data.workspace import Workspace

QUESTIONS = tuple(questions())


@pytest.fixture(scope="module")
def asked(packed: Workspace, library: Workspace) -> dict[str, Workspace]:
    """Where each question is asked: one that reads texts of the library, which has them."""
    return {key: library if question.beyond_packs else packed for key, question in questions().items()}


@pytest.fixture(scope="module")
def findings(asked: dict[str, Workspace]) -> dict[str, Finding]:
    return {key: questions()[key](asked[key], **questions()[key].example) for key in QUESTIONS}


def ids(finding: Finding) -> set[str]:
    """Every id that a person could see in the finding: keys of evidence are not shown."""
    room = finding.question.partition(".")[0]
    found = {
        value
        for table in [finding.table, *finding.tables.values()]
        for name in table.column_names
        if name.endswith("_id") and column(name, room).format != "key"
        for value in table[name].to_pylist()
    }
    return {v for v in found | set(finding.provenance.sources) | {finding.scope.indicator} if v}


def without_quotes(text: str, finding: Finding) -> str:
    """A text without what it quotes of documents, which stays in their language: titles, and words in the rows."""
    cells = {cell for row in finding.rows() for cell in row.values() if isinstance(cell, str)}
    titles = finding.workspace.to_arrow(finding.workspace.table("document").select("title"))["title"].to_pylist()
    for quoted in sorted(filter(None, {*cells, *titles}), key=lambda each: (-len(each), each)):
        text = text.replace(quoted, "")
    return text


@pytest.mark.parametrize("key", QUESTIONS)
class TestEveryFinding:
    def test_is_the_same_twice(self, asked, findings, key):
        again = questions()[key](asked[key], **questions()[key].example)
        assert again.id == findings[key].id
        # As pandas, for which a missing number equals a missing number.
        pd.testing.assert_frame_equal(again.to_pandas(), findings[key].to_pandas(), check_exact=True)
        assert again.headline == findings[key].headline

    def test_names_every_id_in_both_languages(self, findings, key):
        finding = findings[key]
        for identifier in ids(finding):
            label = finding.labels[identifier]
            assert label["en"]
            # A supplier network has one column of sectors, in the language of who keeps it.
            if identifier.startswith("moonfirms:"):
                continue
            # Some codes are what a place is called in English: US.
            assert any("\u4e00" <= character <= "\u9fff" for character in label["zh"])

    def test_is_plain_json(self, findings, key):
        for language in ("en", "zh"):
            told = json.loads(json.dumps(findings[key].to_dict(language), allow_nan=False))
            assert told["id"] == findings[key].id
            assert len(told["rows"]) == len(findings[key])
            assert [c["name"] for c in told["columns"]] == findings[key].table.column_names

    def test_says_everything_in_both_languages(self, findings, key):
        finding = findings[key]
        for language in ("en", "zh"):
            texts = [finding.headline[language], finding.benchmark[language], finding.explain(language)]
            texts += [finding.cite(language), finding.source_line(language)]
            texts += [c.text(language) for c in finding.caveats] + [c.label(language) for c in finding.caveats]
            texts += [step.text(language) for step in finding.provenance.steps]
            for text in texts:
                assert text.strip()
                assert "{" not in text
                assert "None" not in text
                assert "nan" not in text.split()
        for chinese in (finding.headline["zh"], *(c.text("zh") for c in finding.caveats)):
            assert any("\u4e00" <= character <= "\u9fff" for character in chinese)
        english = without_quotes(finding.headline["en"], finding)
        assert not any("\u4e00" <= character <= "\u9fff" for character in english)

    def test_writes_every_cell(self, findings, key):
        finding = findings[key]
        for language in ("en", "zh"):
            for row in finding.written(language):
                assert all(isinstance(cell, str) and cell for cell in row)
                assert "nan" not in row
                assert "inf" not in row

    def test_rows_are_in_a_total_order(self, findings, key):
        rows = [json.dumps(row, sort_keys=True, default=str) for row in findings[key].rows()]
        assert len(set(rows)) == len(rows)

    def test_evidence_is_rows_that_went_in(self, findings, key):
        finding = findings[key]
        for index in {0, len(finding) // 2, len(finding) - 1}:
            evidence = finding.evidence(index, limit=10_000)
            assert evidence.tables
            assert sum(table.num_rows for _, table in evidence.tables) > 0
            for item, table in evidence.tables:
                assert table.num_rows <= max(item.rows, 10_000)
                row = finding.rows()[index]
                for own, theirs in item.match.items():
                    if row.get(own) is not None and table.num_rows:
                        wanted = row[own] if isinstance(row[own], list) else [row[own]]
                        assert set(table[theirs].to_pylist()) <= set(wanted)
                assert set(table["source_id"].to_pylist()) <= set(item.sources)

    def test_sources_are_those_loaded(self, asked, findings, key):
        for source, content_hash in findings[key].provenance.sources.items():
            assert asked[key].sources[source].content_hash == content_hash


def test_same_id_in_another_process(packed: Workspace, findings):
    key = "capability.specialisation"
    code = (
        "import sys; from foreland.data.workspace import open_workspace;"
        "from foreland.core.registry import find_question as q;"
        f"print(q({key!r})(open_workspace(sys.argv[1]), **q({key!r}).example).id)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(packed.path)], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == findings[key].id, done.stderr


class TestEvidenceAddsUp:
    def test_specialisation(self, packed: Workspace):
        finding = packed.ask("capability.specialisation", region="CN-ZJ")
        for index, row in enumerate(finding.rows()):
            ((_, table),) = finding.evidence(index).tables
            assert sum(table["value"].to_pylist()) == row["value"]

    def test_promise(self, packed: Workspace):
        finding = packed.ask("policy.promise", region="CN-ZJ")
        for index, row in enumerate(finding.rows()):
            by_indicator: dict[str, float] = {"passage": 0}
            for item, table in finding.evidence(index, limit=1000).tables:
                if item.table == "observation":
                    for each in table.to_pylist():
                        by_indicator[each["indicator_id"]] = by_indicator.get(each["indicator_id"], 0) + each["value"]
                elif item.table == "passage":
                    by_indicator["passage"] += table.num_rows
                else:
                    by_indicator["characters"] = sum(table["characters"].to_pylist())
            assert by_indicator["key_projects"] == row["key_projects"]
            assert by_indicator["state_key_labs"] == row["state_key_labs"]
            assert by_indicator["passage"] == row["mentions"]
            density = 10_000 * row["mentions"] / by_indicator["characters"]
            assert density == pytest.approx(row["mention_density"])

    def test_catch_up(self, packed: Workspace):
        finding = packed.ask("foresight.catch_up", region="CN")
        for index, row in enumerate(finding.rows()):
            sums = {}
            for _, table in finding.evidence(index).tables:
                for each in table.to_pylist():
                    if each["period"] >= "2018":
                        sums.setdefault(each["region_id"], {})[each["period"]] = each["value"]
            totals = {region: sum(values.values()) for region, values in sums.items()}
            assert totals["CN"] == row["count"]
            assert totals["CN"] / totals["agg:world"] == pytest.approx(row["share"], rel=1e-3)
            assert {"CN", "agg:world", row["leader_id"]} == set(totals)

    def test_counts_of_the_provenance(self, packed: Workspace):
        finding = packed.ask("capability.specialisation", region="CN-ZJ")
        (item,) = finding.provenance.inputs
        rows = packed.table("observation")
        from foreland.core.finding import condition

        for name, value in item.filter.items():
            rows = rows.filter(condition(rows[name], value))
        provinces = rows.filter(rows.region_id.startswith("CN-"))
        assert item.rows == packed.to_arrow(provinces).num_rows


class TestEvidenceErrors:
    def test_no_such_row(self, findings):
        finding = findings["capability.position"]
        for index in (-1, len(finding)):
            with pytest.raises(UsageError) as caught:
                finding.evidence(index)
            assert str(len(finding)) in caught.value.text("zh")

    def test_detached(self, findings):
        import dataclasses

        finding = dataclasses.replace(findings["capability.position"], workspace=None)
        with pytest.raises(UsageError) as caught:
            finding.evidence(0)
        assert caught.value.cure("en")


class TestProvenance:
    def make(self, **values) -> Provenance:
        item = Input("observation", {"indicator_id": "x"}, 3, {"s": "0" * 64})
        parts = {"question": "q.q", "parameters": {"a": 1}, "inputs": (item,), "steps": (), "version": "1"}
        return Provenance(**{**parts, **values})

    def test_id_tells_everything_apart(self):
        other = Input("observation", {"indicator_id": "x"}, 3, {"s": "1" * 64})
        made = [
            self.make(),
            self.make(question="q.r"),
            self.make(parameters={"a": 2}),
            self.make(inputs=(other,)),
            self.make(steps=(Step("core.steps"),)),
            self.make(version="2"),
        ]
        assert len({p.id for p in made}) == len(made)
        assert self.make(parameters={"b": 1, "a": 2}).id == self.make(parameters={"a": 2, "b": 1}).id

    def test_concerns(self):
        item = Input("observation", {"indicator_id": "x", "source_id": "s"}, 1, {}, {"region_id": "region_id"})
        assert item.concerns({"region_id": "CN"})
        assert item.concerns({"indicator_id": "x"})
        assert not item.concerns({"indicator_id": "y"})

    def test_caveat_code(self):
        caveat = Caveat("data.caveat.suppressed_values", "note", {"count": 1, "of": 2})
        assert caveat.code == "suppressed_values"
        assert caveat.to_dict("en")["text"].startswith("1 of 2")


class TestRow:
    def test_share_is_written_in_per_cent(self, findings):
        finding = findings["capability.position"]
        rows = finding.rows()
        index = next(i for i, row in enumerate(rows) if row["unit"] == "share")
        spec = next(c for c in finding.columns if c.name == "value")
        assert finding.write(spec, rows[index]["value"], "en", rows[index]) == f"{100 * rows[index]['value']:.2f}%"

    def test_unknown_column_is_an_error(self):
        with pytest.raises(KeyError):
            column("nobody_described_me", "capability")
