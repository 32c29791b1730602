"""One workspace of the bundled figures, one of made-up ones and one server for all tests here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from made_up import make_up

from screenshots import served


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with all packs that come with the package."""
    from foreland.data.packs import install, packs
    from foreland.data.workspace import open_workspace

    path = tmp_path_factory.mktemp("bundled") / "workspace"
    ws = open_workspace(path)
    for name in packs():
        install(ws, name)
    return path


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of SYNTHETIC figures with a hostile name in it."""
    path = tmp_path_factory.mktemp("made-up") / "workspace"
    make_up(path)
    return path


@pytest.fixture(scope="session")
def client(bundled: Path) -> Iterator[object]:
    """A client of the application over the bundled figures."""
    with _client(bundled) as found:
        yield found


@pytest.fixture(scope="session")
def small(made_up: Path) -> Iterator[object]:
    """A client of the application over the made-up figures."""
    with _client(made_up) as found:
        yield found


def _client(path: Path):  # type: ignore[no-untyped-def]
    import warnings

    with warnings.catch_warnings():
        # Starlette would rather have another package of the same client.
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient

    from foreland.web import create_app

    return TestClient(create_app(path), base_url="http://127.0.0.1:8321", headers={"accept-language": "en"})


@pytest.fixture(scope="session")
def server(bundled: Path) -> Iterator[str]:
    """The application over the bundled figures on a port of the loopback."""
    with served(bundled) as base:
        yield base
