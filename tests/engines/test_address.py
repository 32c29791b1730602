"""Addresses of workspaces on a cluster: what they may say, folders with any name, and clusters that don't fit."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
from tests.data.helpers import put, rows, says, snapshot
from tests.engines.servers import SERVER

from foreland.core.address import TOKEN, Address
from foreland.core.engine_spark import SparkEngine
from foreland.core.errors import UsageError, WorkspaceError
from foreland.core.settings import Settings
from foreland.data.load import load
from foreland.data.mapping import Mapping
from foreland.data.workspace import open_workspace

TEXT = "geo,year,value\nDE,2020,1\nFR,2020,2\n"
MAPPING = Mapping.from_options(indicator="x", unit="EUR", licence="CC0")


def at(server: str, folder: Path, options: str = "") -> str:
    """The address of a folder, whatever its name."""
    host, _, port = server.partition(":")
    return str(Address(folder, f"sc://{host}:{port}/")) + options


# What an address may say ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "spark://host:15002/mnt/share/w",
        "spark://host:7/mnt/share/w?use_ssl=true",
        "spark://[::1]:15002/w?user_id=li+ming",
        "spark://host:15002/mnt/%E6%B5%99%E6%B1%9F%20%5Ba%5D%3F%23?cluster_folder=s3a://bucket/%E6%B5%99",
        "plain/folder [x]?#",
    ],
)
def test_an_address_is_read_as_it_is_written(text: str) -> None:
    address = Address.parse(text)
    assert Address.parse(str(address)) == address


def test_parts_of_an_address() -> None:
    address = Address.parse("spark://h/mnt/%E6%B5%99%20%5B1%5D?cluster_folder=s3a://b/w/&use_ssl=true")
    assert address == Address(Path("/mnt/浙 [1]"), "sc://h:15002/;use_ssl=true", "s3a://b/w")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("spark://host:15002", "address"),
        ("spark://host:15002/", "address"),
        ("spark:///folder", "address"),
        ("spark://host:port/folder", "address"),
        ("spark://host:99999/folder", "address"),
        ("spark://[::1/folder", "address"),
        ("spark://host/folder#part", "address"),
        ("spark://host/folder?token=secret", "address_token"),
        ("spark://host/folder?memory=4g", "address_option"),
    ],
)
def test_an_address_that_says_nothing_is_refused(text: str, key: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_workspace(text)
    assert caught.value.key == f"core.error.{key}"
    cure = {"address": "spark://host:15002/", "address_token": TOKEN, "address_option": "cluster_folder"}[key]
    says(caught.value, en=[cure], zh=[cure])
    assert "secret" not in caught.value.text()


# Folders and sources with any name -----------------------------------------------------------------

PLAIN = ("a b", "浙江 数据", "a+b&c=d;e", 'it\'s "so"', "_hidden", ".hidden", "a:b", "a#b")
PATTERNS = ("a[1]", "a{1,2}", "a*b", "a?b", "a\\b", "a%20b")


@pytest.mark.parametrize(
    "name",
    [
        *PLAIN,
        *(
            pytest.param(
                name,
                marks=pytest.mark.xfail(
                    not SERVER,
                    strict=True,
                    raises=WorkspaceError,
                    reason="Sail takes them for patterns, escaped or not",
                ),
            )
            for name in PATTERNS
        ),
    ],
)
def test_folder_with_any_name(server: str, tmp_path: Path, name: str) -> None:
    ws = open_workspace(at(server, tmp_path / name))
    # Folders that a pattern would match too; what is in them must not be read.
    for other in ("a1", "axb", "a b"):
        if other != name:
            load(open_workspace(tmp_path / other), put(tmp_path, "t.csv", TEXT), mapping=MAPPING)
    load(ws, put(tmp_path, "t.csv", TEXT), mapping=MAPPING)
    assert rows(ws, "t") == rows(open_workspace(tmp_path / name), "t")
    assert len(rows(ws, "t")) == 2
    ws.engine.close()


@pytest.mark.parametrize("source", ["浙江省统计年鉴", "_under", ".dot", "a[1]*?{x}", "a/b\\c:d", "长" * 100, "..", "-"])
def test_source_with_any_name(server: str, tmp_path: Path, source: str) -> None:
    ws = open_workspace(at(server, tmp_path / "w"))
    mapping = Mapping.from_options(indicator="x", unit="EUR", licence="CC0", source_id=source)
    load(ws, put(tmp_path, "t.csv", TEXT), mapping=mapping)
    assert source in ws.sources
    assert len(rows(ws, source)) == 2
    assert rows(ws, source) == rows(open_workspace(ws.path), source)
    ws.engine.close()


# Clusters that don't fit ---------------------------------------------------------------------------


def test_cluster_that_does_not_see_the_folder(server: str, tmp_path: Path) -> None:
    here = open_workspace(tmp_path / "w")
    before = snapshot(here)
    ws = open_workspace(at(server, tmp_path / "w", f"?cluster_folder={tmp_path}/elsewhere"))
    with pytest.raises(WorkspaceError) as caught:
        load(ws, put(tmp_path, "t.csv", TEXT), mapping=MAPPING)
    assert caught.value.key in ("core.error.cluster_reads_nothing", "core.error.cluster_does_not_see")
    with pytest.raises(WorkspaceError) as caught:
        ws.to_arrow(ws.table("region"))
    assert caught.value.key == "core.error.cluster_reads_nothing"
    says(caught.value, en=["every worker sees", "cluster_folder="], zh=["每个工作节点", "cluster_folder="])
    with ws.staging() as staging:
        staging.write("region", here.to_arrow(here.table("region")))
        with pytest.raises(WorkspaceError) as caught:
            staging.commit("more", "0" * 64)
    assert caught.value.key == "core.error.cluster_does_not_see"
    says(caught.value, en=["0 of 697 rows", "elsewhere", "Nothing was loaded"], zh=["0 行", "697", "未加载任何内容"])
    assert snapshot(here) == before


def test_new_workspace_that_the_cluster_does_not_see(server: str, tmp_path: Path) -> None:
    """The places and fields of Foreland itself are the first load."""
    address = at(server, tmp_path / "w", f"?cluster_folder={tmp_path}/elsewhere")
    with pytest.raises(WorkspaceError) as caught:
        open_workspace(address)
    assert caught.value.key == "core.error.cluster_does_not_see"
    assert not list((tmp_path / "w").glob("tables/*/*.parquet"))
    assert open_workspace(at(server, tmp_path / "w")).rows("region") > 600


def test_no_cluster_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark", reason="needs Spark's client, the extra spark")
    monkeypatch.setattr("foreland.core.patience.RETRIES", 2)
    open_workspace(tmp_path / "w")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        ws = open_workspace(at(f"127.0.0.1:{taken.getsockname()[1]}", tmp_path / "w"))
        with pytest.raises(WorkspaceError) as caught:
            ws.table("region")
    assert caught.value.key == "core.error.cluster_unreachable"
    says(caught.value, en=["Connect server runs"], zh=["Spark Connect 服务正在运行"])


def test_without_the_extra_spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_workspace(tmp_path / "w")
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyspark"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    ws = open_workspace(at("127.0.0.1:1", tmp_path / "w"))
    with pytest.raises(WorkspaceError) as caught:
        ws.table("region")
    assert caught.value.key == "core.error.spark_missing"
    says(caught.value, en=["pip install 'foreland[spark]'"], zh=["pip install 'foreland[spark]'"])


@pytest.mark.skipif(not SERVER, reason="Sail takes any setting and heeds few: make test-spark")
def test_setting_that_a_session_can_not_change(server: str, tmp_path: Path) -> None:
    open_workspace(tmp_path / "w", settings=Settings(spark={"spark.executor.memory": "1g"}))
    ws = open_workspace(at(server, tmp_path / "w"))
    with pytest.raises(WorkspaceError) as caught:
        ws.table("region")
    assert caught.value.key == "core.error.spark_setting"
    says(caught.value, en=["spark.executor.memory", "settings.toml"], zh=["spark.executor.memory", "settings.toml"])


def test_settings_reach_the_session(server: str, tmp_path: Path) -> None:
    open_workspace(tmp_path / "w", settings=Settings(spark={"spark.sql.shuffle.partitions": 3}))
    ws = open_workspace(at(server, tmp_path / "w"))
    assert ws.engine.connection._session.conf.get("spark.sql.shuffle.partitions") == "3"


def test_result_larger_than_allowed(server: str, tmp_path: Path) -> None:
    embedded = open_workspace(tmp_path / "w", settings=Settings(largest_result="10KB"))
    for ws in (embedded, open_workspace(at(server, tmp_path / "w"))):
        with pytest.raises(WorkspaceError) as caught:
            ws.to_arrow(ws.table("region"))
        assert caught.value.key == "core.error.result_too_large"
        number = f"{ws.rows('region'):,}"
        says(caught.value, en=[number, "10KB", "largest_result"], zh=[number, "10KB", "largest_result"])
        assert ws.to_arrow(ws.table("region").limit(3)).num_rows == 3


@pytest.mark.parametrize(
    ("said", "en", "zh"),
    [
        (
            "Total size of serialized results of 2 tasks (22.0 MiB) is bigger than spark.driver.maxResultSize (5 MiB)",
            ["22.0 MiB", "spark.driver.maxResultSize", "above 4GB"],
            ["22.0 MiB", "大于 4GB"],
        ),
        ("Invalid authentication token", [TOKEN, "Invalid"], [TOKEN, "令牌"]),
        ("failed to connect to all addresses; last error: UNKNOWN: Tls handshake failed", ["localhost"], ["加密"]),
    ],
)
def test_what_a_cluster_of_its_own_settings_says(tmp_path: Path, said: str, en: list[str], zh: list[str]) -> None:
    # As Spark 4.2 words it; a test would need a cluster of its own for each.
    engine = SparkEngine(Settings(), Address.parse(at("127.0.0.1:1", tmp_path)))
    says(engine._error(RuntimeError(said)), en=en, zh=zh)
