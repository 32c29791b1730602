"""Readers of known layouts: one module each, found by being here.

A reader has ``NAME``, ``detect(path) -> bool`` and ``read(path, stage)``, which gives a ``Package`` or, for chains and
input–output tables, a ``ChainPackage``; ``stage(file,
mapping)`` stages one file as a raw table. It says which column is what; resolving names, units, checks and
landing are the same for all.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from foreland.data.chains.package import ChainPackage
from foreland.data.mapping import Mapping
from foreland.data.package import Package
from foreland.data.tabular import Raw


class Stage(Protocol):
    """Stages one file as a raw table."""

    def __call__(self, file: Path, given: Mapping | None = None) -> Raw: ...


class Reader(Protocol):
    """What a module in this folder offers."""

    NAME: str
    detect: Callable[[Path], bool]
    read: Callable[[Path, Stage], Package | ChainPackage]


@cache
def layouts() -> dict[str, Reader]:
    """The known layouts by name."""
    modules = [importlib.import_module(f"{__name__}.{item.name}") for item in pkgutil.iter_modules(__path__)]
    found = [cast(Reader, module) for module in modules if hasattr(module, "NAME")]
    return {reader.NAME: reader for reader in sorted(found, key=lambda reader: reader.NAME)}
