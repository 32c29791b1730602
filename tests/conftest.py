"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and oracles beside the project; skips the test where it is absent."""
    folder = Path(os.environ.get("FORELAND_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "oracles").is_dir():
        pytest.skip(f"needs the shared data and oracles folder (not found beside the project: {folder.name})")
    return folder
