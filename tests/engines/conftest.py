"""A second engine: a Spark Connect server on loopback.

Sail, a server without a JVM, unless ``FORELAND_SPARK_SERVER`` names another (``host:port``), as ``make test-spark``
does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from foreland.data.workspace import Workspace, open_workspace

SERVER = os.environ.get("FORELAND_SPARK_SERVER", "")
SAIL = Path(__file__).parents[2] / "tools" / "sail.py"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """``host:port`` of a Spark Connect server."""
    if SERVER:
        yield SERVER
        return
    pytest.importorskip("pysail", reason="needs pysail, the Spark Connect server of the extra dev")
    with subprocess.Popen([sys.executable, str(SAIL)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line, "Sail did not start"
        yield line
        process.terminate()


@pytest.fixture(scope="session")
def on_cluster(library: Workspace, server: str) -> Iterator[Workspace]:
    """The workspace of ``library``, the very same folder, read by the second engine."""
    opened = open_workspace(f"spark://{server}{library.path}", create=False)
    yield opened
    opened.engine.close()
