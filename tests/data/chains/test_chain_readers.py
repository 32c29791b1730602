"""Readers of the published chains, on the publishers' own files and on small ones made for the purpose."""

from __future__ import annotations

import csv
import gzip
import shutil
from collections import Counter
from pathlib import Path

import pytest
from tests.data.chains.test_edge_list import noted
from tests.data.helpers import put, rows, says

from foreland.core.errors import DataError
from foreland.data import readers
from foreland.data.load import load
from foreland.data.workspace import Workspace


def made_chips(folder: Path, **changes: str) -> Path:
    """A chain in the layout of the explorer, made up."""
    tables = {
        "inputs": "input_id,input_name,type,stage_id\nN1,Dough,process,S1\nN2,Oven,tool_resource,\n"
        "N3,Brick oven,tool_resource,\nN4,Bread,ultimate_output,\n",
        "sequence": "input_name,input_id,goes_into_id,is_type_of_id\nOven,N2,N1,\nBrick oven,N3,,N2\nDough,N1,N4,\n",
        "stages": "stage_id,stage_name\nS1,Baking\n",
        "providers": "provider_name,alias,provider_id,provider_type,country\nITA,Italy,P1,country,\n"
        "Various countries,,P2,country,\nFornaio,,P3,organization,ITA\nFornaio,Il Fornaio,P3,organization,ITA\n"
        "Various companies,,P4,organization,Various countries\nEUR,Europe,P5,country,EUR\n",
        "provision": "provider_id,provided_id,share_provided,year\nP1,N3,70.5,2024\nP2,N3,29.5,2024\nP3,N3,70.5,2024\n"
        "P4,N3,29.5,2024\nP1,N2,,2020\nP5,S1,60,2022\n",
    }
    folder.mkdir()
    for name, content in (tables | changes).items():
        put(folder, f"{name}.csv", content)
    return folder


def test_chips_in_small(ws: Workspace, tmp_path: Path) -> None:
    report = load(ws, made_chips(tmp_path / "chips"))
    assert report.layout == "chip_explorer"
    found = {
        (row["from_id"], row["to_id"], row["kind"], row["period"]): row["weight"]
        for row in rows(ws, "chip_explorer", "link")
    }
    assert found == {
        ("chips:N2", "chips:N1", "input", "2024"): None,
        ("chips:N3", "chips:N2", "type_of", "2024"): None,
        ("chips:N1", "chips:N4", "input", "2024"): None,
        ("chips:P3", "chips:N3", "supply", "2024"): 0.705,
    }
    figures = {(row["region_id"], row["field_id"]): (row["value"], row["status"]) for row in rows(ws, "chip_explorer")}
    assert figures == {
        ("IT", "chips:N3"): (0.705, "observed"),
        ("IT", "chips:N2"): (None, "suppressed"),
        ("agg:europe", "chips:S1"): (0.6, "observed"),
    }
    parents = {row["code"]: row["parent_id"] for row in rows(ws, "chip_explorer", "field")}
    assert parents == {"S1": None, "N1": "chips:S1", "N2": "chips:S1", "N3": "chips:N2", "N4": None}
    assert [(row["actor_id"], row["region_id"]) for row in rows(ws, "chip_explorer", "actor")] == [("chips:P3", "IT")]
    assert noted(report)["unattributed"] == {"number": 1, "names": "Brick oven"}


BAD = [
    ("sequence", "input_id,goes_into_id,is_type_of_id\nN9,N1,\n", "product_in_no_edge", 2, "N9"),
    ("sequence", "input_id,goes_into_id,is_type_of_id\nN1,N1,\n", "edge_loop", 2, "N1"),
    ("sequence", "input_id,goes_into_id\nN2,N1\n", "missing_column", None, "is_type_of_id"),
    ("provision", "provider_id,provided_id,share_provided,year\nP9,N1,1,2024\n", "unknown_supplier", 2, "P9"),
    ("provision", "provider_id,provided_id,share_provided,year\nP1,N9,1,2024\n", "product_in_no_edge", 2, "N9"),
    ("provision", "provider_id,provided_id,share_provided,year\nP1,N1,70,2024\nP5,N1,60,2024\n", "shares_above_one", 3,
     "130"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "content", "key", "line", "word"), BAD)
def test_bad_chips(
    ws: Workspace, tmp_path: Path, table: str, content: str, key: str, line: int | None, word: str
) -> None:
    with pytest.raises(DataError) as caught:
        load(ws, made_chips(tmp_path / "chips", **{table: content}))
    assert caught.value.key == f"data.error.{key}"
    says(caught.value, en=[word], zh=[word], line=line)


def test_chips_as_published(ws: Workspace, shared: Path) -> None:
    folder = shared / "data/chip_supply_chain"
    load(ws, folder)
    with (folder / "provision.csv").open(encoding="utf-8") as file:
        provision = list(csv.DictReader(file))
    with (folder / "providers.csv").open(encoding="utf-8") as file:
        kinds = {row["provider_id"]: (row["provider_type"], row["provider_name"]) for row in csv.DictReader(file)}
    named = [row for row in provision if not kinds[row["provider_id"]][1].startswith("Various")]
    links = Counter(row["kind"] for row in rows(ws, "chip_explorer", "link"))
    assert links["input"] + links["type_of"] == 139
    assert links["supply"] == sum(kinds[row["provider_id"]][0] == "organization" for row in named)
    figures = rows(ws, "chip_explorer")
    assert len(figures) == sum(kinds[row["provider_id"]][0] == "country" for row in named)
    assert sum(row["value"] for row in figures if row["field_id"] == "chips:N20") == pytest.approx(1.0)
    shares = {row["region_id"]: row["value"] for row in figures if row["field_id"] == "chips:N22"}
    assert 1e4 * sum(share**2 for share in shares.values()) == pytest.approx(9861, abs=0.5)
    assert {row["region_id"] for row in figures} >= {"CN", "TW", "NL", "US", "JP"}


def test_listed_firms(ws: Workspace, shared: Path, tmp_path: Path) -> None:
    folder = shared / "data/cn_listed_firms_chain_2021"
    load(ws, folder)
    into: Counter[str] = Counter()
    for row in rows(ws, "cn_listed_firms_chain", "link"):
        into[row["to_id"]] += row["weight"]
    assert all(total == pytest.approx(1.0) for total in into.values())
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("industry.jsonl.gz", "industry_industry.jsonl.gz"):
        shutil.copyfile(folder / name, copy / name)
    (copy / "industry_up.jsonl.gz").write_bytes(
        gzip.compress('{"industry": "钢", "ups": {"铁": 3}}\n{"a": 1}\n'.encode())
    )
    with pytest.raises(DataError) as caught:
        load(ws, copy)
    says(caught.value, en=["industry, ups"], zh=["布局"], line=2)


def test_each_layout_knows_its_own_folder(shared: Path) -> None:
    for name, folder in (
        ("chip_explorer", "chip_supply_chain"),
        ("cn_listed_firms_chain", "cn_listed_firms_chain_2021"),
    ):
        path = shared / "data" / folder
        assert [key for key, reader in readers.layouts().items() if reader.detect(path)] == [name]
