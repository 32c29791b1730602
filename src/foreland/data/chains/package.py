"""What a reader of a chain or an input–output table hands over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from foreland.data.mapping import SourceInfo
from foreland.data.package import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa


@dataclass(frozen=True)
class ChainPackage:
    """Everything one source of a chain brings.

    Parameters
    ----------
    source
        The source.
    tables
        Rows of ``link``, ``observation``, ``field``, ``actor``, ``region``, ``indicator`` and ``crosswalk``, without
        ``source_id``; columns that are left out are empty. Units are base units already.
    content
        Hash of the bytes that were read and of how (:func:`hashed`).
    notes
        What a reader must know: keys of texts and their parameters.
    """

    source: SourceInfo
    tables: Mapping[str, Sequence[Mapping[str, Any]] | pa.Table]
    content: str
    notes: tuple[Note, ...] = ()


def hashed(*parts: object) -> str:
    """A hash of bytes and of plain values: what is equal here lands as equal figures."""
    import hashlib

    digest = hashlib.sha256()
    for part in parts:
        raw = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(len(raw).to_bytes(8, "little") + raw)
    return digest.hexdigest()
