"""A second engine: a Spark Connect server on loopback.

Sail, a server without a JVM, unless ``FORELAND_SPARK_SERVER`` names another (``host:port``), as ``make test-spark``
does.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engines.servers import SERVER, Cluster, Sail

from foreland.data.workspace import Workspace, open_workspace


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """``host:port`` of a Spark Connect server."""
    if SERVER:
        yield SERVER
        return
    pytest.importorskip("pysail", reason="needs pysail, the Spark Connect server of the extra dev")
    sail = Sail()
    sail.start()
    yield sail.address
    sail.kill()


@pytest.fixture(scope="module")
def _mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sail | Cluster]:
    if not SERVER:
        pytest.importorskip("pysail", reason="needs pysail, the Spark Connect server of the extra dev")
        sail = Sail()
        yield sail
        if sail.runs():
            sail.kill()
        return
    from spark_cluster import ClusterError, SparkCluster

    try:
        cluster = SparkCluster(folder=tmp_path_factory.mktemp("cluster"))
    except ClusterError as error:
        pytest.skip(f"needs a cluster that may be killed, as make test-spark has it: {error}")
    spill = _small_disk(cluster.spill)
    try:
        with cluster:
            yield Cluster(cluster)
    finally:
        if spill:
            subprocess.run(["umount", str(cluster.spill)], check=False)


def _small_disk(folder: Path) -> bool:
    folder.mkdir()
    try:
        command = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(folder)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture
def mortal(_mortal: Sail | Cluster) -> Sail | Cluster:
    """A server of the module's own, running, that may be killed and started again on the same port."""
    if not _mortal.runs():
        _mortal.start()
    return _mortal


@pytest.fixture(scope="session")
def on_cluster(library: Workspace, server: str) -> Iterator[Workspace]:
    """The workspace of ``library``, the very same folder, read by the second engine."""
    opened = open_workspace(f"spark://{server}{library.path}", create=False)
    yield opened
    opened.engine.close()
