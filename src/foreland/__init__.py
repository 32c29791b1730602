"""Foreland: an open industry brain.

>>> import foreland
>>> ws = foreland.open_workspace("demo/workspace")
>>> ws.ask("capability.specialisation", region="CN-ZJ")

The names below are imported when first used, so that ``import foreland`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_PUBLIC = {
    "Finding": "foreland.core.finding",
    "ForelandError": "foreland.core.errors",
    "Scope": "foreland.core.scope",
    "Workspace": "foreland.data.workspace",
    "load": "foreland.data.load",
    "open_workspace": "foreland.data.workspace",
    "questions": "foreland.core.registry",
    "use_language": "foreland.i18n",
}
_ROOMS = ("capability", "chains", "foresight", "policy")

__all__ = ["__version__", *_PUBLIC, *_ROOMS]

if TYPE_CHECKING:
    from foreland import capability, chains, foresight, policy
    from foreland.core.errors import ForelandError
    from foreland.core.finding import Finding
    from foreland.core.registry import questions
    from foreland.core.scope import Scope
    from foreland.data.load import load
    from foreland.data.workspace import Workspace, open_workspace
    from foreland.i18n import use_language


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    if name in _ROOMS:
        return importlib.import_module(f"foreland.{name}")
    raise AttributeError(f"module 'foreland' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
