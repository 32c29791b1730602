"""Packs: figures that come with the package, each with its sources."""

from __future__ import annotations

from foreland.data.packs.install import Landed, Pack, PackSource, install, packs

__all__ = ["Landed", "Pack", "PackSource", "install", "packs"]
