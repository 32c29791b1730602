"""Settings of a workspace: a small TOML file that a person may edit."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foreland.core.errors import Where, WorkspaceError

FORMAT = 1
"""Version of the workspace's layout on disk. Raised when older code could no longer read it."""


MOST_THREADS = 1024
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT])(i?)B")


def size_in_bytes(text: str) -> int:
    """Bytes of a size such as ``"4GB"`` or ``"1.5 GiB"``; 0 of an empty one."""
    found = SIZE.fullmatch(text)
    if found is None:
        return 0
    number, prefix, binary = found.groups()
    return int(float(number) * (1024 if binary else 1000) ** ("KMGT".index(prefix) + 1))


def _is_size(value: Any) -> bool:
    return isinstance(value, str) and (not value or SIZE.fullmatch(value) is not None)


def _is_spark(value: Any) -> bool:
    """Names of Spark's own, each with a plain value."""
    return isinstance(value, dict) and all(
        name.startswith("spark.") and type(setting) in (str, int, float, bool) for name, setting in value.items()
    )


ALLOWED: dict[str, Callable[[Any], bool]] = {
    "memory_limit": _is_size,
    "threads": lambda value: type(value) is int and 0 <= value <= MOST_THREADS,
    "largest_result": _is_size,
    "reject_share": lambda value: type(value) in (int, float) and 0 <= value <= 1,
    "spark": _is_spark,
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
    largest_result
        What a question may bring back from the engine into this process (``"4GB"``); empty for no bound.
    reject_share
        Share of a load's rows that may be rejected before the load is refused (0 to 1).
    spark
        What a session on a Spark cluster is told, by Spark's own names (``{"spark.sql.shuffle.partitions": 64}``).
        Memory and cores of the cluster's workers are said where the cluster is started.
    """

    memory_limit: str = ""
    threads: int = 0
    largest_result: str = "4GB"
    reject_share: float = 0.05
    spark: Mapping[str, str | int | float | bool] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        path.write_text(
            "# Settings of a Foreland workspace.\n"
            f"format = {FORMAT}\n"
            f'memory_limit = "{self.memory_limit}"  # such as "4GB"; empty: the engine decides\n'
            f"threads = {self.threads}  # 0: all cores\n"
            f'largest_result = "{self.largest_result}"  # what a question may bring back into memory\n'
            f"reject_share = {self.reject_share}  # a load with a larger share of bad rows is refused\n"
            '\n[spark]  # for spark:// only: settings of the session, such as "spark.sql.shuffle.partitions" = 64\n'
            + "".join(f'"{name}" = {json.dumps(value)}\n' for name, value in self.spark.items()),
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
