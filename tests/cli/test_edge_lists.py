"""Edge lists on the command line."""

from __future__ import annotations

from pathlib import Path

from .conftest import Cli


def test_a_chain_is_loaded_by_its_columns(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    path.write_text("what,where,who,how much\nwafer,chip,Japan,56\nwafer,chip,China,4\n", encoding="utf-8")
    words = ["--as", "chain", "--map", "from=what", "--map", "to=where", "--map", "country=who"]
    done = cli("load", path, *words, "--map", "share=how much", "--unit", "%", "--period", "2024", "--source", "made")
    assert done.code == 0, done.err
    assert "input 1" in done.err
    assert "made: 2 observations" in done.err
    assert "made" in cli("sources").out
    done = cli("load", path, *words, "--map", "shares=how much")
    assert done.code == 2
    assert "share" in done.err
    done = cli("load", path, *words, "--wide", "period")
    assert done.code == 2
    assert "--wide" in done.err


def test_a_supplier_network_and_what_is_wrong_with_one(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    path.write_text("供应商,客户,金额（万元）\n甲,乙,10\n", encoding="utf-8")
    done = cli("load", path, "--as", "suppliers", "--period", "2023")
    assert done.code == 0, done.err
    assert "trade 1" in done.err
    path.write_text("供应商,客户,金额（万元）\n甲,,10\n", encoding="utf-8")
    done = cli("load", path, "--as", "suppliers", "--lang", "zh")
    assert done.code == 3
    assert "第 2 行" in done.err


def test_an_unknown_layout_names_edge_lists(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    path.write_text("from,to\na,b\n", encoding="utf-8")
    done = cli("load", path, "--as", "chains")
    assert done.code == 2
    assert "chain" in done.err
    assert "Did you mean chain" in done.err
