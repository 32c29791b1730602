"""What a person corrected of documents: kept beside the data, and applied again by every load.

``corrections.csv`` of a workspace has a row for each document and fact: what a person said, and what had been found,
so that a correction can be undone.
"""

from __future__ import annotations

import csv
import difflib
import io
import os
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from foreland.core.errors import DataError, DidYouMean, UsageError, Where
from foreland.data.documents.corpus import Spool
from foreland.data.documents.metadata import FACTS, Facts, how_of

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

NAME = "corrections.csv"
COLUMNS = ("document_id", "fact", "value", "found", "found_from")


class Correction(NamedTuple):
    """One fact of one document, as a person said it and as it had been found."""

    document_id: str
    fact: str
    value: str
    found: str = ""
    found_from: str = ""


@dataclass(frozen=True)
class Corrected:
    """What a correction did: the facts before and after, and whether the text was read again."""

    document_id: str
    before: Facts
    after: Facts
    reread: bool


Corrections = dict[tuple[str, str], Correction]


def read_corrections(workspace: Path) -> Corrections:
    """All corrections of a workspace by document and fact; none where there is no file.

    Raises
    ------
    DataError
        If the file was edited into something else.
    """
    path = workspace / NAME
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise DataError("data.error.corrections_unreadable", where=Where(path), detail=error) from error
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if not {"document_id", "fact", "value"} <= set(rows.fieldnames or ()):
        raise DataError("data.error.corrections_unreadable", where=Where(path, 1), detail=", ".join(COLUMNS))
    found: Corrections = {}
    for row in rows:
        if row["fact"] not in FACTS:
            raise DataError("data.error.corrections_unreadable", where=Where(path, rows.line_num), detail=row["fact"])
        found[row["document_id"], row["fact"]] = Correction(*(row.get(column) or "" for column in COLUMNS))
    return found


def write_corrections(workspace: Path, corrections: Corrections) -> None:
    """Write all corrections, in one rename; no file is left where there are none."""
    path = workspace / NAME
    if not corrections:
        path.unlink(missing_ok=True)
        return
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(corrections[key] for key in sorted(corrections))
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        temporary.write_text(text.getvalue(), encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def correct_facts(facts: Facts, document_id: str, corrections: Corrections) -> tuple[Facts, Corrections]:
    """Facts as a person corrected them, and the corrections with what is found now.

    A corrected place brings its level, unless the level was corrected too.
    """
    from foreland.data.documents.issuer import level_of

    said = {fact: corrections[document_id, fact] for fact in FACTS if (document_id, fact) in corrections}
    renewed: Corrections = {}
    for fact, correction in said.items():
        found, how = getattr(facts, fact), getattr(facts, how_of(fact))
        renewed[document_id, fact] = correction._replace(found=found or "", found_from=how or "")
    changes: dict[str, str | None] = {fact: correction.value for fact, correction in said.items()}
    if "region_id" in changes and "level" not in changes:
        changes["level"] = level_of(str(changes["region_id"]))
    return facts.but("corrected", **changes), renewed


def merged(corrections: Corrections, document_id: str, changes: Mapping[str, str], facts: Facts) -> Corrections:
    """The corrections with further ones of a document, whose facts are as they stand in the workspace."""
    new = dict(corrections)
    for fact, value in changes.items():
        before = new.get((document_id, fact))
        found, how = (
            (before.found, before.found_from) if before else (getattr(facts, fact), getattr(facts, how_of(fact)))
        )
        new[document_id, fact] = Correction(document_id, fact, value, found or "", how or "")
    if "region_id" in changes and "level" not in changes:
        from foreland.data.documents.issuer import level_of

        return merged(new, document_id, {"level": level_of(changes["region_id"])}, facts)
    return new


def correct(ws: Workspace, document_id: str, changes: Mapping[str, str], *, undo: bool = False) -> Corrected:
    """Correct facts of a document, at once and for every load to come.

    Parameters
    ----------
    ws
        The workspace.
    document_id
        The document.
    changes
        Facts by name (:data:`~foreland.data.documents.metadata.FACTS`) with their right values: ``date`` as ISO 8601,
        ``language`` ``zh`` or ``en``, ``region_id`` an id, ``level`` one of
        :data:`~foreland.data.documents.issuer.LEVELS`.
    undo
        Take back what was corrected: the facts named in ``changes``, or all of them where it is empty.

    Raises
    ------
    UsageError
        If no document has the id, or there is nothing to undo.
    WorkspaceError
        If another process is writing, or the disk is full or can't be written.
    """
    from foreland.data.documents import stored

    with ws.staging(), TemporaryDirectory(dir=ws.path, prefix=".load-") as folder:
        source_id, row = find_document(ws, document_id)
        facts = Facts(**{name: row[name] for name in Facts.__dataclass_fields__})
        corrections = read_corrections(ws.path)
        if undo:
            new, after = _undone(corrections, document_id, changes, facts)
        else:
            new = merged(corrections, document_id, changes, facts)
            after, _ = correct_facts(facts, document_id, new)
        documents: dict[str, dict[str, dict[str, Any]]] = {source_id: {document_id: dict(asdict(after))}}
        passages = None
        if (after.language, after.year) != (facts.language, facts.year):
            passages = {document_id: _read_again(ws, source_id, row, after)}
        if after.date != facts.date:
            spool = Spool(Path(folder) / "texts")
            try:
                _, repeats, _ = stored.compare(ws, spool, [], "", {document_id: after.date})
            finally:
                spool.close()
            for source, rows in repeats.items():
                for name, values in rows.items():
                    known = documents.setdefault(source, {}).setdefault(name, {})
                    known.update(values)
        # First what is to last: a load that follows applies it even if this one is cut short.
        write_corrections(ws.path, new)
        for source, rows in documents.items():
            stored.change(ws, source, rows, passages if source == source_id else None)
    return Corrected(document_id, facts, after, reread=passages is not None)


def find_document(ws: Workspace, document_id: str) -> tuple[str, dict[str, Any]]:
    """The source and the row of a document.

    Raises
    ------
    UsageError
        If there is none; names those whose id or title is near.
    """
    from foreland.data.documents import stored

    known: dict[str, str] = {}
    for source_id in ws.sources:
        for row in stored.document_rows(ws, source_id, ["document_id", "title"]):
            known[row["document_id"]] = row["title"] or ""
            if row["document_id"] == document_id:
                rows = stored.document_rows(ws, source_id)
                return source_id, next(row for row in rows if row["document_id"] == document_id)
    near = [name for name in known if document_id in name] or [
        name for name, title in known.items() if document_id in title
    ]
    near = near or difflib.get_close_matches(document_id, known, 3, 0.4)
    raise UsageError(
        "data.error.unknown_document" if known else "data.error.no_documents_loaded",
        name=document_id,
        suggestions=DidYouMean(near[:3]),
    )


def _undone(
    corrections: Corrections, document_id: str, changes: Mapping[str, str], facts: Facts
) -> tuple[Corrections, Facts]:
    mine = [key for key in corrections if key[0] == document_id and (not changes or key[1] in changes)]
    if not mine:
        raise UsageError("data.error.nothing_to_undo", name=document_id)
    if changes and "region_id" in changes and (document_id, "level") in corrections:
        mine.append((document_id, "level"))
    back: dict[str, str | None] = {}
    for key in mine:
        back[key[1]] = corrections[key].found or None
        back[how_of(key[1])] = corrections[key].found_from or None
    return {key: value for key, value in corrections.items() if key not in mine}, replace(facts, **back)


def _read_again(ws: Workspace, source_id: str, row: Mapping[str, Any], facts: Facts) -> pa.Table:
    from foreland.data.documents import stored
    from foreland.data.documents.passages import passage_table, read

    document_id, text = row["document_id"], row["text"] or ""
    marks = stored.marks_of(ws, source_id, document_id).get(document_id, [])
    rows = read(text, marks, facts.language, facts.year)
    return passage_table(document_id, source_id, text, facts.language, rows)
