"""Which packs come with the package, and how one gets into a workspace.

A pack is a folder with ``pack.toml`` and one folder a source; a source is one Parquet file a table. They are made by
``tools/build_packs.py`` and hold figures, and of documents what was read in them and where, without their sentences.
Places and fields are those of the taxonomy.
"""

from __future__ import annotations

import difflib
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from foreland.core.errors import UsageError, did_you_mean
from foreland.core.tables import TABLES

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

Progress = Callable[[str, float], None]
State = Literal["added", "replaced", "current"]


@dataclass(frozen=True)
class PackSource:
    """One source of a pack: its id, a hash of its rows, how many figures, documents and passages it has, its folder."""

    id: str
    content_hash: str
    rows: int
    folder: Path


@dataclass(frozen=True)
class Pack:
    """A pack and what it says of itself."""

    name: str
    title_en: str
    title_zh: str
    description_en: str
    description_zh: str
    note_en: str
    note_zh: str
    built_by: str
    sources: tuple[PackSource, ...]

    @property
    def rows(self) -> int:
        """Number of figures, documents and passages."""
        return sum(source.rows for source in self.sources)

    def installed(self, ws: Workspace) -> bool:
        """Whether a workspace holds every source of the pack as it is here."""
        return all(_is_current(ws, source) for source in self.sources)


@dataclass(frozen=True)
class Landed:
    """What came of one source: ``added``, ``replaced`` an earlier state of it, or was ``current`` already."""

    source_id: str
    state: State
    rows: int


@cache
def packs() -> dict[str, Pack]:
    """The packs that come with the package, by name."""
    files = sorted(Path(__file__).parent.glob("*/pack.toml"))
    return {pack.name: pack for pack in map(_read, files)}


def _read(file: Path) -> Pack:
    with file.open("rb") as stream:
        told = tomllib.load(stream)
    sources = (PackSource(**row, folder=file.parent / row["id"]) for row in told.pop("source"))
    return Pack(**told, sources=tuple(sources))


def install(ws: Workspace, name: str, progress: Progress | None = None) -> list[Landed]:
    """Land the sources of a pack in a workspace, each whole or not at all.

    Parameters
    ----------
    ws
        The workspace.
    name
        Name of the pack.
    progress
        Called with the source at hand and the share done.

    Returns
    -------
    list of Landed
        One a source, in the order of the pack. A source that the workspace holds as it is here is left alone.

    Raises
    ------
    UsageError
        If there is no such pack; names the nearest ones.
    WorkspaceError
        If another process is writing, or the disk is full or can't be written. Sources landed before stay.
    """
    if name not in packs():
        near = did_you_mean(difflib.get_close_matches(name, packs(), 3, 0.3))
        raise UsageError("data.pack.error.unknown", name=name, near=near, known=", ".join(packs()))
    tell = progress or (lambda stage, share: None)
    pack, landed, done = packs()[name], [], 0
    for source in pack.sources:
        tell(source.id, done / pack.rows)
        landed.append(_land(ws, source))
        done += source.rows
        tell(source.id, done / pack.rows)
    return landed


def _land(ws: Workspace, source: PackSource) -> Landed:
    if _is_current(ws, source):
        return Landed(source.id, "current", source.rows)
    with ws.staging() as staging:
        for table in TABLES:
            file = source.folder / f"{table}.parquet"
            if file.is_file():
                shutil.copyfile(file, staging.path(table))
        replaced = staging.commit(source.id, source.content_hash)
    return Landed(source.id, "replaced" if replaced else "added", source.rows)


def _is_current(ws: Workspace, source: PackSource) -> bool:
    held = ws.sources.get(source.id)
    return held is not None and held.content_hash == source.content_hash
