"""The dashboard and its API: pages drawn on the server from the register of questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["create_app", "serve"]

if TYPE_CHECKING:
    from foreland.web.app import create_app, serve


def __getattr__(name: str) -> Any:
    if name in __all__:
        from foreland.web import app

        return getattr(app, name)
    raise AttributeError(f"module 'foreland.web' has no attribute {name!r}")
