"""Documents in a table: a row each, or several rows that belong together."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from foreland.core.errors import DataError, UsageError
from foreland.data.connection import loading_connection
from foreland.data.documents import issuer
from foreland.data.documents.corpus import Entry, Spool, batches
from foreland.data.documents.dates import read_date
from foreland.data.documents.furniture import CUT, mark
from foreland.data.documents.metadata import ISSUER_FROM
from foreland.data.documents.options import HEADERS, DocumentOptions
from foreland.data.mapping import near_columns
from foreland.data.package import Note
from foreland.data.tabular import sql_text, stage_table

FEW = 200
"""Characters; a table whose texts are mostly shorter holds sentences rather than documents."""
LANGUAGE_HEADERS = {"zh": r"zh|chinese|中文|cn|(.*[_-])zh", "en": r"en|english|英文|(.*[_-])en"}


class TableReader:
    """Reads the documents of a table into a spool.

    Parameters
    ----------
    path
        CSV, TSV, Excel or Parquet.
    folder
        A folder for the time of the load.
    options
        Which column says what.
    """

    def __init__(self, path: Path, folder: Path, options: DocumentOptions) -> None:
        self.options = options
        self.connection = loading_connection(folder / "spill")
        self.raw = stage_table(self.connection, path, folder, options.table)
        self.columns = self._columns()
        self.texts = self._texts()
        self.notes: list[Note] = list(self.raw.notes)
        self.unresolved: dict[str, int] = {}

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def read(self, spool: Spool) -> list[Entry]:
        """All documents, in the order of the table; their texts go to the spool.

        Raises
        ------
        DataError
            If no row holds a text.
        """
        entries: list[Entry] = []
        keys: dict[str, int] = {}
        short = 0
        rows = self.connection.sql(self._sql()).to_arrow_reader(2048)
        for batch in batches(rows, 32):
            for row in batch:
                text = _plain(row.pop("text"))
                if not text.strip():
                    continue
                entry = self._entry(row, len(entries) + 1, text)
                if "id" not in entry.said:
                    own = self._own_id(entry, row, text)
                    keys[own] = keys.get(own, 0) + 1
                    entry.said["id"] = own if keys[own] == 1 else f"{own}-{keys[own]}"
                marks = [tuple(item) for item in mark(text) if item.kind in CUT]
                entry.place = spool.add(text, marks)  # type: ignore[arg-type]
                entries.append(entry)
                short += len(text) < FEW
        if not entries:
            raise DataError("data.error.no_texts", where=self.raw.where(column=", ".join(self.texts)))
        if short * 2 > len(entries) and len(entries) > 20 and not self.options.group_by:
            self.notes.append(("data.note.short_texts", {"number": short, "of": len(entries)}))
        used = {**self.columns, "text": ", ".join(self.texts)}
        self.notes.append(("data.note.columns", {"columns": "; ".join(f"{k} = {v}" for k, v in used.items())}))
        return entries

    # Columns -----------------------------------------------------------------------------------

    def _columns(self) -> dict[str, str]:
        """Role → header, as given and, for the rest, as the headers say."""
        said = dict(self.options.columns)
        if self.options.issuer_from not in ISSUER_FROM:
            said["issuer"] = self.options.issuer_from
        for role, header in said.items():
            self._known(header, role)
        for role, pattern in HEADERS.items():
            if role == "text" or role in said or (role == "issuer" and self.options.issuer_from != "auto"):
                continue
            found = _find(pattern, self.raw.headers, {*said.values(), *self.options.text})
            if found:
                said[role] = found
        return said

    def _texts(self) -> tuple[str, ...]:
        for header in (*self.options.text, *self.options.group_by):
            self._known(header, "text" if header in self.options.text else "group-by")
        if self.options.text:
            return self.options.text
        taken = {*self.columns.values(), *self.options.group_by}
        if found := _find(HEADERS["text"], self.raw.headers, taken):
            return (found,)
        pair = [_find(pattern, self.raw.headers, taken) for pattern in LANGUAGE_HEADERS.values()]
        if all(pair):
            return tuple(filter(None, pair))
        raise DataError("data.error.no_text_column", where=self.raw.where(), columns=_shown(self.raw.headers))

    def _known(self, header: str, role: str) -> None:
        if header not in self.raw.headers:
            key = "data.error.no_issuer_column" if role == "issuer" else "data.error.missing_document_column"
            raise UsageError(
                key,
                where=self.raw.where(),
                column=header,
                role=role,
                known=", ".join(ISSUER_FROM),
                suggestions=near_columns(header, (*self.raw.headers, *(ISSUER_FROM if role == "issuer" else ()))),
                columns=_shown(self.raw.headers),
            )

    def _column(self, header: str) -> str:
        return f"c{self.raw.headers.index(header)}"

    def _sql(self) -> str:
        """One row a document: its line, a column a role, the group's values, and the text."""
        conditions = [f"{self._column(header)} = {sql_text(text)}" for header, text in self._where()]
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        groups = [self._column(header) for header in self.options.group_by]
        parts = []
        for number, header in enumerate(self.texts):
            columns = {role: self._column(header) for role, header in self.columns.items()}
            text, line, behind = self._column(header), self.raw.line, ""
            if groups:
                columns = {role: f"first({column} ORDER BY {line})" for role, column in columns.items()}
                text, line = f"string_agg({text}, chr(10) ORDER BY {line})", f"min({line})"
                behind = f"GROUP BY {', '.join(groups)}"
            roles = [f"{column} AS {role}" for role, column in columns.items()]
            same = [f"{column} AS group_{index}" for index, column in enumerate(groups)]
            chosen = ", ".join([f"{line} AS line", f"{number} AS part", *roles, *same, f"{text} AS text"])
            parts.append(f"SELECT {chosen} FROM {self.raw.relation} {where} {behind}")
        return f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY line, part"

    def _where(self) -> list[tuple[str, str]]:
        for header in self.options.table.where:
            self._known(header, "where")
        return list(self.options.table.where.items())

    # Rows --------------------------------------------------------------------------------------

    def _entry(self, row: dict[str, Any], number: int, text: str) -> Entry:
        line = int(row["line"])
        cells = {role: _plain(row.get(role)).strip() for role in self.columns}
        said = {role: cell for role, cell in cells.items() if cell and role in ("id", "title", "level", "url")}
        if said.get("level") not in (None, *issuer.LEVELS):
            said.pop("level")
        if date := read_date(cells.get("date", "")):
            said["date"] = date
        if named := cells.get("issuer"):
            found = self._issuer(named)
            if found is None:
                self.unresolved[named] = self.unresolved.get(named, 0) + 1
            else:
                if found.region_id:
                    said["region_id"] = found.region_id
                said.setdefault("level", found.level)
        language = cells.get("language", "").lower()[:2]
        if language in ("zh", "en"):
            said["language"] = language
        elif len(self.texts) > 1:
            header = self.texts[row["part"]].lower()
            codes = [code for code, pattern in LANGUAGE_HEADERS.items() if re.fullmatch(pattern, header)]
            if codes:
                said["language"] = codes[0]
        if len(self.texts) > 1 and "id" in said:
            said["id"] = f"{said['id']}-{self.texts[row['part']]}"
        return Entry(f"{self.raw.file.name}:{line}", number, line=line, said=said)

    def _issuer(self, named: str) -> issuer.Issuer | None:
        region = issuer.known_region(named)
        if region:
            return issuer.Issuer(region, issuer.level_of(region), 0, len(named))
        return issuer.in_title(named)

    def _own_id(self, entry: Entry, row: dict[str, Any], text: str) -> str:
        """What stays the same when rows move: the group, or the title with a hash of what identifies the row."""
        groups = [_plain(row[f"group_{index}"]) for index in range(len(self.options.group_by))]
        part = [self.texts[row["part"]]] if len(self.texts) > 1 else []
        if groups:
            return "-".join(re.sub(r"[^\w.]+", "-", name) for name in (*groups, *part))
        known = [entry.said.get(name, "") for name in ("title", "region_id", "date", "url")]
        digest = hashlib.sha256("\n".join([*known, *part] if any(known) else [text]).encode("utf-8", "replace"))
        title = re.sub(r"[^\w.]+", "-", entry.said.get("title", ""))[:40].strip("-.")
        return "-".join([*([title] if title else []), digest.hexdigest()[:8]])


def _find(pattern: str, headers: Sequence[str], taken: set[str]) -> str | None:
    """The header that fits the earliest alternative of a pattern."""
    for alternative in _alternatives(pattern):
        for header in headers:
            if header not in taken and re.fullmatch(alternative, header.strip().lower()):
                return header
    return None


def _alternatives(pattern: str) -> list[str]:
    depth, parts = 0, [""]
    for character in pattern:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _shown(headers: Sequence[str]) -> str:
    return ", ".join(headers[:20]) + (", …" if len(headers) > 20 else "")


def _plain(value: Any) -> str:
    return "" if value is None else str(value).replace("\r\n", "\n").replace("\r", "\n")
