"""What the loader reads in documents, without their sentences: rows of ``document`` and ``passage`` for a pack.

The documents are loaded into a workspace for the time of the build by the loader that a user calls, so that whoever
loads them himself gets the same passages, the same figures and the same hash of the content. Then everything that is
in the words of the source is taken out.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from figures import Figures

if TYPE_CHECKING:
    from foreland.data.documents.options import DocumentOptions

Row = dict[str, Any]

KINDS = ("field", "quantity", "instrument", "definition")
"""Kinds of passages that a pack holds."""
OF_THE_SOURCE = ("text", "indicator")
"""Columns of ``passage`` in the words of the source."""
RULE = re.compile(r"(?P<word>.+?) \((?P<why>.+)\)")
"""Rules of instruments: a word of the list, and why it was taken: its kind, the word that decided."""


def load(files: dict[Path, DocumentOptions]) -> dict[Path, tuple[list[Row], list[Row]]]:
    """Documents and passages of each file, as a workspace holds them after the load.

    Raises
    ------
    ValueError
        If a document was rejected, or has no place or no date.
    """
    from foreland.data.documents.land import load_documents
    from foreland.data.workspace import open_workspace

    found = {}
    with TemporaryDirectory() as folder:
        for number, (file, options) in enumerate(files.items()):
            ws = open_workspace(Path(folder) / str(number))
            report = load_documents(ws, file, options=options)
            if report.rejected or report.unplaced or report.undated:
                raise ValueError(f"{file.name}: rejected, without place or without date: {report}")
            found[file] = tuple(ws.to_arrow(ws.table(name)).to_pylist() for name in ("document", "passage"))
    return found


def put(
    figures: Figures,
    documents: Sequence[Row],
    passages: Sequence[Row],
    tell: Callable[[Row], Row],
    kinds: Sequence[str] = KINDS,
) -> None:
    """Put documents and passages into a source, without what is in the words of their authors.

    Parameters
    ----------
    figures
        The source.
    documents, passages
        As loaded.
    tell
        What a document is called in the pack: its columns with their new values, ``document_id`` among them.
    kinds
        The kinds of passages that are taken.
    """
    told = {row["document_id"]: tell(row) for row in documents}
    own = {"source_id": figures.source_id}
    figures.put("document", [{**row, **told[row["document_id"]], "text": None, **own} for row in documents])
    rows = []
    for row in passages:
        if row["kind"] in kinds:
            old, new = row["document_id"], told[row["document_id"]]["document_id"]
            bare = row | dict.fromkeys(OF_THE_SOURCE) | own
            # The rule of a field is the word of our own list that was found.
            text = row["method"] if row["kind"] == "field" else None
            ids = {"document_id": new, "passage_id": new + row["passage_id"].removeprefix(old)}
            rows.append(bare | ids | {"text": text})
    figures.put("passage", rows)


# Whose words ------------------------------------------------------------------------------------


@cache
def vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    """The package's own words: cells of its lists and texts in the code of its readers; and the words of that code."""
    import foreland.data

    data = Path(foreland.data.__file__).parent
    cells: set[str] = set()
    for file in (*(data / "reading").glob("*.csv"), *(data / "taxonomy").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            cells |= {cell for row in csv.reader(lines) for cell in row}
    cells |= {cell.partition("|")[0] for cell in cells}
    cells |= {code.partition(":")[2] for code in cells if re.fullmatch(r"iotf:\w+", code)}
    told: set[str] = set()
    for file in (data / "reading").glob("*.py"):
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        told |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return frozenset(cells | told), frozenset(word for text in told for word in re.findall(r"[a-z_]+", text))


def foreign(passages: Sequence[Row]) -> Iterator[str]:
    """Texts of passages that are not in the package's own words."""
    known, plain = vocabulary()

    def own(text: str) -> bool:
        kind, _, about = text.partition(" of ")
        return text in known or {kind, about} <= known or set(text.split(" ")) <= plain

    for row in passages:
        for text in filter(None, (row["method"], row["text"], row["indicator"])):
            rule = RULE.fullmatch(text)
            parts = [rule["word"], *re.split(r"[,:] ", rule["why"])] if rule and text == row["method"] else [text]
            if text not in known and not all(map(own, parts)):
                yield text
