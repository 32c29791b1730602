"""Style sheet and scripts from our own origin, under addresses that change when they do."""

from __future__ import annotations

import gzip
import hashlib
import importlib
import threading
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Any

from foreland.charts.theme import css_variables

TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
FILES = ("style.css", "delphi.css", "theme.js", "app.js", "reader.js", "icon.svg")


@dataclass(frozen=True)
class Asset:
    """A file as it is sent."""

    content: bytes
    packed: bytes
    media_type: str


class Assets:
    """The static files, each read once; the chart library is bundled when first asked for."""

    def __init__(self) -> None:
        self._found: dict[str, Asset] = {}
        self._lock = threading.Lock()
        for name in FILES:
            content = resources.files("foreland.web").joinpath("static", name).read_bytes()
            if name == "style.css":
                content = _palette() + content
            self._found[name] = _asset(name, content)

    @cached_property
    def version(self) -> str:
        """Changes exactly when a file does."""
        from importlib.metadata import version

        digest = hashlib.sha256(version("vl-convert-python").encode())
        for name in FILES:
            digest.update(self._found[name].content)
        return digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        return f"/static/{self.version}/{name}"

    def get(self, name: str) -> Asset | None:
        """A file by name; none if there is no such file."""
        if name == "vega.js":
            with self._lock:
                if name not in self._found:
                    # Its type hints ask for a snippet that it does not need.
                    bundle: Any = importlib.import_module("vl_convert").javascript_bundle

                    self._found[name] = _asset(name, str(bundle()).encode())
        return self._found.get(name)


def _asset(name: str, content: bytes) -> Asset:
    return Asset(content, gzip.compress(content, 9, mtime=0), TYPES[name.rpartition(".")[2]])


def _palette() -> bytes:
    """The charts' colours for both grounds: by the system's wish, or by the reader's choice."""
    light, dark = css_variables("light"), css_variables("dark")
    return (
        f":root{{{light}}}@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
        f":root[data-theme=dark]{{{dark}}}@media print{{:root:root:root{{{light}}}}}\n"
    ).encode()
