"""Fixtures of the data hall."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreland.data.workspace import Workspace, open_workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """A new workspace."""
    return open_workspace(tmp_path / "workspace")
