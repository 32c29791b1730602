"""What the tests of loading share."""

from __future__ import annotations

from pathlib import Path

from foreland.core.errors import ForelandError
from foreland.data.workspace import Workspace


def put(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a small file."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(ws: Workspace, source_id: str, table: str = "observation") -> list[dict]:
    """The rows of one source, in order of all columns."""
    found = ws.table(table)
    found = ws.to_arrow(found.filter(found.source_id == source_id)).to_pylist()
    return sorted(found, key=lambda row: [str(value) for value in row.values()])


def snapshot(ws: Workspace) -> dict[str, bytes]:
    """Every file of a workspace that counts, by path."""
    kept = ("settings.toml", "manifest.json")
    files = [ws.path / name for name in kept] + sorted((ws.path / "tables").rglob("*.parquet"))
    return {str(file.relative_to(ws.path)): file.read_bytes() for file in files}


def says(error: ForelandError, *, en: list[str], zh: list[str], line: int | None = None) -> None:
    """An error says what, where and the cure in both languages."""
    english, chinese = error.text("en"), error.text("zh")
    for part in en:
        assert part in english, english
    for part in zh:
        assert part in chinese, chinese
    assert error.cure("en"), "no cure in English"
    assert error.cure("zh"), "no cure in Chinese"
    assert any("\u4e00" <= character <= "\u9fff" for character in error.what("zh"))
    assert not any(
        "\u4e00" <= character <= "\u9fff" for character in error.what("en").encode("ascii", "ignore").decode()
    )
    if line is not None:
        assert error.where is not None
        assert error.where.line == line
        assert f"line {line}" in english
        assert f"第 {line} 行" in chinese
