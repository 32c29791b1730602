"""Exports of The Lens in CSV: scholarly works, and patents.

Neither names the places of authors or applicants, so they count for the world alone; the office a patent is filed at
says nothing of where it comes from. Patents are dated by their publication and counted by subclass of the CPC, or of
the IPC where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from foreland.data.records import tables
from foreland.data.records.plain import doi_of, plain, title_of
from foreland.data.records.reading import Reading
from foreland.data.records.record import Bad, Chunk, FieldName, Item, Record, Unit

NAME = "lens"
TITLE = ("Records of The Lens", "The Lens 文献记录")
LICENCE = ""
NEEDED = ("Lens ID", "Title", "Publication Year")
_SUBCLASS = re.compile(r"([A-HY])(\d{2})([A-Z])")
SECTIONS = {
    "A": ("Human necessities", "人类生活必需"), "B": ("Performing operations; transporting", "作业；运输"),
    "C": ("Chemistry; metallurgy", "化学；冶金"), "D": ("Textiles; paper", "纺织；造纸"),
    "E": ("Fixed constructions", "固定建筑物"), "F": ("Mechanical engineering", "机械工程"),
    "G": ("Physics", "物理"), "H": ("Electricity", "电学"), "Y": ("New technological developments", "新技术发展"),
}  # fmt: skip


def detect(path: Path, head: bytes) -> bool:
    """The headers of The Lens."""
    return bool(tables.delimiter_of(head, NEEDED))


def chunks(path: Path, reading: Reading) -> Iterator[Chunk]:
    """Chunks of whole rows."""
    return tables.chunks(path, reading, NAME, NEEDED)


def parse(chunk: Chunk, fields: dict[str, FieldName]) -> Iterator[Item]:
    """The records of a chunk."""
    patents = "Jurisdiction" in chunk.extra["headers"]
    for line, row in tables.rows(chunk):
        if not row:
            yield Bad(line, "", "", "broken_row")
        elif not row.get("Lens ID"):
            yield Bad(line, "Lens ID", row.get("Title", "")[:80], "no_record_id")
        else:
            yield _patent(line, row, fields) if patents else _work(line, row, fields)


def _work(line: int, row: dict[str, str], fields: dict[str, FieldName]) -> Record:
    units = []
    for name in tables.parts(row.get("Fields of Study")):
        fields.setdefault(f"lens:{name}", FieldName(f"lens:{name}", name))
        units.append(Unit(f"lens:{name}"))
    return Record(
        line,
        title_of(row["Title"]),
        tables.integer(row.get("Publication Year")),
        native=f"lens:{row['Lens ID']}",
        doi=doi_of(row.get("DOI", "")),
        date=row.get("Date Published", "")[:10],
        text=plain(row.get("Abstract", "")),
        venue=plain(row.get("Source Title", "")),
        url=row.get("External URL", ""),
        citations=tables.integer(row.get("Citing Works Count")),
        references=[f"lens:{item}" for item in tables.parts(row.get("References"))],
        units=units,
    )


def _patent(line: int, row: dict[str, str], fields: dict[str, FieldName]) -> Record:
    cpc = tables.parts(row.get("CPC Classifications"), ";;")
    scheme, codes = ("cpc4", cpc) if cpc else ("ipc4", tables.parts(row.get("IPCR Classifications"), ";;"))
    number = "".join(row.get("Display Key", "").split())
    named = tables.parts(row.get("Applicants"), ";;")
    return Record(
        line,
        title_of(row["Title"]),
        tables.integer(row.get("Publication Year")),
        native=f"patent:{number}" if number else f"lens:{row['Lens ID']}",
        kind="patent",
        date=row.get("Publication Date", "")[:10],
        text=plain(row.get("Abstract", "")),
        url=row.get("URL", ""),
        citations=tables.integer(row.get("Cited by Patent Count")),
        role="applicant",
        participants=[tables.actor(plain(name), None) for name in named],
        units=classes(scheme, codes, fields),
    )


def classes(scheme: str, codes: list[str], fields: dict[str, FieldName]) -> list[Unit]:
    """Subclasses of the CPC or IPC that symbols belong to, with their classes and sections above them."""
    units: dict[str, Unit] = {}
    for symbol in codes:
        found = _SUBCLASS.match(symbol.replace(" ", ""))
        if found is None:
            continue
        section, subclass = f"{scheme[:3]}1:{found[1]}", f"{scheme}:{found[0]}"
        above = f"{scheme[:3]}3:{found[1]}{found[2]}"
        fields.setdefault(section, FieldName(section, *SECTIONS[found[1]]))
        fields.setdefault(above, FieldName(above, f"{found[1]}{found[2]}", "", section))
        fields.setdefault(subclass, FieldName(subclass, found[0], "", above))
        units[subclass] = Unit(subclass)
        units.setdefault(above, Unit(above, None, True, False))
        units.setdefault(section, Unit(section, None, True, False))
    return list(units.values())
