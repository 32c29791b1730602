"""A workspace of made-up documents: marks that nest and cross, a hostile one, one without its text, a long one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa

from foreland.core.tables import table_spec
from foreland.data.workspace import Workspace, open_workspace

SOURCE = "made-up-documents"
EVIL = '<script>alert("x")</script> & "quotes" \'single\' </mark></p>'
EVIL_ID = 'doc:<evil>/"a"?b#c'
FURNITURE = "虚构省人民政府 第 1 页"
PLAN = "\n".join(
    [
        FURNITURE,
        "虚构省未来产业方案（纯属虚构）",
        "😀𠮷野市将建设量子科技先导区，到2030年产值达到100亿元以上。",
        "推动人工智能与量子科技融合，设立未来产业基金。",
        "所谓量子科技，是指虚构的一种科技。",
        "名词解释",
        "先导区：虚构的区域。",
    ]
)
"""Characters beyond the basic plane stand in front of the marks: who counts UTF-16 units goes wrong."""
LONG = "\n".join(
    f"第{n}条 虚构市支持人工智能发展，建成{n}家企业。这是一句没有标注的话，只为占位。" for n in range(1, 1801)
)
RECAST = PLAN.replace("推动人工智能与量子科技融合", "促进人工智能和量子科技融合")


def make_documents(path: Path, listed: int = 120) -> Workspace:
    """Create the workspace at ``path``, with so many further documents that have a title only."""
    ws = open_workspace(path)
    documents = [
        _document("doc:plan", "虚构省未来产业方案", PLAN, title_from="heading", region_from="filename"),
        _document("doc:recast", "虚构省未来产业方案（改写）", RECAST, duplicate_of="doc:plan", similarity=0.93),
        _document(EVIL_ID, EVIL, f"{EVIL}\n本市将建设量子科技先导区。", date="2025-03-04"),
        _document("doc:closed", "只有数字的虚构方案", None, file="https://example.org/plan.html"),
        _document("doc:long", "虚构的长文件", LONG, date="2024", region_id="CN-GD"),
        _document("doc:report", "A made-up plan", "A made-up city builds a quantum hub.", language="en", date="2023"),
        *(_document(f"doc:n{n}", f"虚构通知第{n}号", None, date="2001", kind="paper") for n in range(listed)),
    ]
    passages = [*_of_plan("doc:plan", PLAN), *_of_plan("doc:recast", RECAST)]
    passages += [{**row, "passage_id": f"closed:{n}", "document_id": "doc:closed", "text": None}
                 for n, row in enumerate(_of_plan("doc:plan", PLAN))]  # fmt: skip
    text = documents[2]["text"]
    at = text.index("量子科技")
    passages += [
        _passage(f'evil:"<{kind}>', EVIL_ID, text, at - 2 * n, at + 4 + 3 * n, kind, method="<b>rule</b>", **more)
        for n, (kind, more) in enumerate(
            [("field", {"field_id": "iotf:quantum"}), ("instrument", {"instrument": "<i>pilot</i>"}),
             ("quantity", {"value": 1e10, "unit": "<u>", "indicator": EVIL, "doubt": "<doubt>"})]
        )
    ]  # fmt: skip
    for n, found in enumerate(re.finditer("人工智能", LONG)):
        passages.append(_passage(f"long:{n}", "doc:long", LONG, *found.span(), "field", field_id="iotf:ai"))
    english = documents[5]["text"]
    at = english.index("quantum")
    passages.append(_passage("report:0", "doc:report", english, at, at + 7, "field", field_id="iotf:quantum"))
    source = {"source_id": SOURCE, "title_en": "SYNTHETIC documents", "title_zh": "虚构文件", 
              "publisher": "Foreland tests", "licence": "CC0-1.0", "content_hash": "d" * 64}  # fmt: skip
    with ws.staging() as staging:
        for table, rows in {"document": documents, "passage": passages, "source": [source]}.items():
            schema = table_spec(table).arrow_schema()
            full = [{name: {"source_id": SOURCE, **row}.get(name) for name in schema.names} for row in rows]
            staging.write(table, pa.Table.from_pylist(full, schema=schema))
        staging.commit(SOURCE, "d" * 64)
    return ws


def _document(identifier: str, title: str, text: str | None, **more: Any) -> dict[str, Any]:
    return {
        "document_id": identifier, "kind": "policy", "title": title, "title_from": "table", "date": "2026-01-15",
        "date_from": "text", "language": "zh", "language_from": "text", "region_id": "CN-ZJ", "region_from": "folder",
        "level": "province", "level_from": "guessed", "text": text, "characters": len(text) if text else None, **more,
    }  # fmt: skip


def _passage(identifier: str, document: str, text: str, start: int, end: int, kind: str, **more: Any) -> dict[str, Any]:
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    return {
        "passage_id": identifier, "document_id": document, "start": start, "end": end, "sentence_start": first,
        "sentence_end": last if last >= 0 else len(text), "text": text[start:end], "kind": kind, "method": "term",
        "confidence": 0.95, **more,
    }  # fmt: skip


def _of_plan(document: str, text: str) -> list[dict[str, Any]]:
    """A field within an instrument, a quantity that crosses it, the same span twice, and what was cut."""

    def row(words: str, kind: str, nth: int = 0, **more: Any) -> dict[str, Any]:
        start = [found.start() for found in re.finditer(re.escape(words), text)][nth]
        return _passage(f"{document}:{start}:{kind}", document, text, start, start + len(words), kind, **more)

    glossary = text.index("名词解释")
    return [
        row(FURNITURE, "furniture", method="repeated"),
        row("量子科技", "field", field_id="iotf:quantum"),
        row("建设量子科技先导区", "instrument", instrument="pilot_zone", method="head"),
        row("先导区，到2030年产值达到100亿元以上", "other", method="crossing"),
        row("100亿元以上", "quantity", value=1e10, unit="CNY", comparator=">=", status="target", year=2030,
            indicator="产值", field_id="iotf:quantum", method="zh.number", doubt="magnitude"),
        row("人工智能", "field", field_id="iotf:ai"),
        row("量子科技", "field", 1, field_id="iotf:quantum"),
        row("未来产业基金", "field", field_id="iotf:future_industry_generic"),
        row("未来产业基金", "instrument", instrument="fund", method="head"),
        row("量子科技，是指虚构的一种科技", "definition", method="meaning"),
        _passage(f"{document}:glossary", document, text, glossary, len(text), "glossary", method="heading"),
    ]  # fmt: skip
