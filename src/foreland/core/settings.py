"""Settings of a workspace: a small TOML file that a person may edit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foreland.core.errors import Where, WorkspaceError

FORMAT = 1
"""Version of the workspace's layout on disk. Raised when older code could no longer read it."""


MOST_THREADS = 1024

ALLOWED: dict[str, Callable[[Any], bool]] = {
    "memory_limit": lambda value: isinstance(value, str) and bool(re.fullmatch(r"(\d+(\.\d+)?\s*[KMGT]i?B)?", value)),
    "threads": lambda value: type(value) is int and 0 <= value <= MOST_THREADS,
    "reject_share": lambda value: type(value) in (int, float) and 0 <= value <= 1,
}
"""What each setting may be. A wrong one is an error here rather than a machine on its knees later."""


@dataclass(frozen=True)
class Settings:
    """What a workspace may be told.

    Parameters
    ----------
    memory_limit
        Memory the engine may take, as DuckDB writes it (``"4GB"``); empty for its default.
    threads
        Threads the engine may use; 0 for all cores.
    reject_share
        Share of a load's rows that may be rejected before the load is refused (0 to 1).
    """

    memory_limit: str = ""
    threads: int = 0
    reject_share: float = 0.05

    def write(self, path: Path) -> None:
        path.write_text(
            "# Settings of a Foreland workspace.\n"
            f"format = {FORMAT}\n"
            f'memory_limit = "{self.memory_limit}"  # such as "4GB"; empty: the engine decides\n'
            f"threads = {self.threads}  # 0: all cores\n"
            f"reject_share = {self.reject_share}  # a load with a larger share of bad rows is refused\n",
            encoding="utf-8",
        )

    @classmethod
    def read(cls, path: Path) -> Settings:
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise WorkspaceError("core.error.settings_unreadable", where=Where(path), detail=error.strerror) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WorkspaceError("core.error.settings_unreadable", where=Where(path), detail=error) from error
        version = raw.pop("format", None)
        if not isinstance(version, int):
            raise WorkspaceError("core.error.settings_unreadable", where=Where(path), detail="format = ?")
        if version > FORMAT:
            raise WorkspaceError("core.error.workspace_newer", found=version, known=FORMAT, path=path.parent)
        for name, value in raw.items():
            if name not in ALLOWED or not ALLOWED[name](value):
                raise WorkspaceError("core.error.settings_unreadable", where=Where(path), detail=f"{name} = {value!r}")
        return cls(**raw)
