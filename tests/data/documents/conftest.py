"""Workers shared by the tests of this folder, and a way to read bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from foreland.data.documents.extract import Extracted, Extractor, Refusal

Read = Callable[[str, bytes | str], Extracted | Refusal]


@pytest.fixture(scope="session")
def extractor() -> Iterator[Extractor]:
    with Extractor(processes=1, seconds=20, memory="600MB", pages=12, characters=3_000_000) as opened:
        yield opened


@pytest.fixture
def read(extractor: Extractor, tmp_path: Path) -> Read:
    """Write a file and read it."""

    def one(name: str, content: bytes | str) -> Extracted | Refusal:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        (found,) = extractor.read([path])
        assert found.path == path
        return found

    return one
