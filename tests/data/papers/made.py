"""Made-up papers (SYNTHETIC) that cite each other, for questions about citations and fields that converge.

480 papers from 2000 to 2023 in twelve fields. Planted: from 2019 on most of the papers on quantum technology also
speak of gene and cell technology, which none did before; artificial intelligence and robotics keep company all the
time. Papers cite earlier ones of their field, the old and much cited ones more often. There are a self-citation, a
circle within a year, a link against time, a citation of a paper elsewhere, a paper without a date and one without a
title.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

SOURCE = "made-up-papers"
FIELDS = (
    "quantum", "ai", "robotics", "gene_cell", "hydrogen", "space", "fusion", "deep_sea", "nev", "new_materials",
    "semiconductors", "energy_storage",
)  # fmt: skip
COUNT = 480
A_YEAR = 20
NOUNS = (
    "sensing",
    "control",
    "storage",
    "error rates",
    "materials",
    "interfaces",
    "noise",
    "design",
    "scaling",
    "yield",
)


def identifier(number: int) -> str:
    return f"doi:10.5555/made-up.{number:04d}"


def papers() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of ``document`` and ``link``."""
    rng = np.random.default_rng(20)
    documents: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    spoken: list[list[str]] = []
    cited = np.zeros(COUNT)

    def link(start: int, end: str, kind: str) -> None:
        links.append({"from_id": identifier(start), "to_id": end, "kind": kind, "period": "", "weight": 1.0})

    for number in range(COUNT):
        year = 2000 + number // A_YEAR
        own = FIELDS[int(rng.integers(len(FIELDS)))] if number % 6 else "quantum"
        also = []
        if own == "quantum" and year >= 2019 and number % 24:
            also = ["gene_cell"]
        elif own in ("ai", "robotics") and rng.random() < 0.4:
            also = ["robotics" if own == "ai" else "ai"]
        elif rng.random() < 0.06:
            also = [FIELDS[int(rng.integers(len(FIELDS)))]]
        spoken.append(list(dict.fromkeys([own, *also])))
        word = NOUNS[int(rng.integers(len(NOUNS)))]
        documents.append(
            {
                "document_id": identifier(number),
                "kind": "paper",
                "title": f"Made-up study {number}: {own.replace('_', ' ')} and {word}",
                "date": str(year),
                "language": "en",
                "venue": f"Made-up Journal {number % 4 + 1}",
                "citations": 0,
            }
        )
        for name in spoken[number]:
            link(number, f"iotf:{name}", "speaks_of")
        earlier = [k for k in range(A_YEAR * (year - 2000)) if own in spoken[k]]
        if earlier:
            weight = (1 + cited[earlier]) * np.exp(-(year - 2000 - np.array(earlier) // A_YEAR) / 6)
            wanted = min(len(earlier), int(rng.integers(1, 6)))
            for k in sorted(rng.choice(earlier, wanted, replace=False, p=weight / weight.sum()).tolist()):
                link(number, identifier(k), "cites")
                cited[k] += 1
    for number, document in enumerate(documents):
        document["citations"] = int(cited[number])
    link(30, identifier(30), "cites")
    # 90 and 96 stand in one year and cite each other; 60 cites 84, which is younger and cites it.
    for start, end in ((90, 96), (96, 90), (60, 84), (84, 60)):
        link(start, identifier(end), "cites")
    link(200, "doi:10.5555/made-up.elsewhere", "cites")
    documents[17]["date"] = None
    documents[18]["title"] = None
    # One row a pair, as the table has it.
    return documents, list({(row["from_id"], row["to_id"], row["kind"]): row for row in links}.values())


def places() -> list[dict[str, Any]]:
    """Rows of ``participation``: China, some of it Zhejiang, the United States, Germany, and places nobody knows.

    In papers on quantum technology, and in those of the first years, China takes part less often.
    """
    rng = np.random.default_rng(21)
    quantum = {row["from_id"] for row in papers()[1] if row["to_id"] == "iotf:quantum"}
    found = []
    for number in range(COUNT):
        chinese, american = rng.random(2) < (0.2 if identifier(number) in quantum or number < COUNT // 3 else 0.45, 0.3)
        own: list[str | None] = [
            *(["CN-ZJ" if number % 5 == 0 else "CN"] if chinese else []),
            *(["US"] if american else []),
        ]
        for code in own or ([None] if number % 3 == 0 else ["DE"]):
            actor = f"unknown:{code}" if code else "name:somebody"
            found.append({"actor_id": actor, "document_id": identifier(number), "role": "author", "region_id": code})
    return found


def fill(ws: Workspace, *, placed: bool = False) -> None:
    """Write them into a workspace, with the places they are from if they are ``placed``."""
    import pyarrow as pa

    from foreland.core.tables import table_spec
    from foreland.data.taxonomy.fields import fields

    documents, links = papers()
    known = fields("iotf")
    tables: dict[str, list[dict[str, Any]]] = {
        "document": documents,
        "link": links,
        "field": [
            {
                "field_id": f"iotf:{name}",
                "scheme": "iotf",
                "code": name,
                "name_en": known[f"iotf:{name}"].name_en,
                "name_zh": known[f"iotf:{name}"].name_zh,
            }
            for name in FIELDS
        ],
        "source": [
            {
                "title_en": "Made-up papers (SYNTHETIC)",
                "title_zh": "虚构论文（仅供测试）",
                "licence": "CC0-1.0",
                "content_hash": "1" * 64,
            }
        ],
    }
    if placed:
        tables["region"] = [
            {"region_id": code, "level": level, "name_en": code, "name_zh": code, "parent_id": above}
            for code, level, above in (
                ("CN", "country", None), ("CN-ZJ", "province", "CN"), ("US", "country", None), ("DE", "country", None),
                ("FR", "country", None),
            )
        ]  # fmt: skip
        tables["participation"] = places()
    with ws.staging() as staging:
        for table, rows in tables.items():
            schema = table_spec(table).arrow_schema()
            full = [{name: {"source_id": SOURCE, **row}.get(name) for name in schema.names} for row in rows]
            staging.write(table, pa.Table.from_pylist(full, schema=schema))
        staging.commit(SOURCE, "1" * 64)
