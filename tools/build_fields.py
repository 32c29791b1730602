"""Rebuild what is read from published lists and texts: UK SIC 2007, SITC Rev. 2, and who names which field.

usage: python tools/build_fields.py SHARED_DATA_FOLDER

Codes and English names are taken from the lists; Chinese names, notes and every other scheme are kept as they
stand in ``fields.csv``, which is edited by hand. A code without a Chinese name gets the English one. The list of
SITC products has no names, so a product is named after its group and its code. In ``programmes.csv`` the rows of
``programme:cn_reports_2026`` say how many of the 31 provincial work reports of 2026 name a field.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections import Counter
from pathlib import Path

import pandas as pd

from foreland.data.taxonomy.tagger import Tagger

FIELDS = Path(__file__).parents[1] / "src/foreland/data/taxonomy/fields.csv"
PROGRAMMES = FIELDS.with_name("programmes.csv")
REPORTS = "programme:cn_reports_2026"
COLUMNS = ["id", "scheme", "code", "name_en", "name_zh", "parent_id", "note_en", "note_zh"]
NAMELESS = (
    "The source has no product name; named after its group.",
    "来源无产品名称，以所属组名称代替。",
)


def row(scheme: str, code: str, name: str, parent: str, kept: dict[str, dict[str, str]]) -> dict[str, str]:
    """One field; what stands in `kept` under its id wins for Chinese name and notes."""
    field_id = f"{scheme}:{code}"
    old = kept.get(field_id, {})
    return {
        "id": field_id,
        "scheme": scheme,
        "code": code,
        "name_en": name,
        "name_zh": old.get("name_zh") or name,
        "parent_id": f"{scheme}:{parent}" if parent else "",
        "note_en": old.get("note_en", ""),
        "note_zh": old.get("note_zh", ""),
    }


def sic2007(data: Path, kept: dict[str, dict[str, str]]) -> list[dict[str, str]]:
    """Sections, divisions and five-digit codes, each under its parent."""
    found: dict[str, dict[str, str]] = {}
    # The list is in the code page of old Windows shells, seen in one apostrophe.
    with gzip.open(data / "uk_employment_gva/SIClookup.csv.gz", "rt", encoding="latin-1", newline="") as lines:
        for line in csv.DictReader(lines):
            section, division = line["SIC_SECTION_LETTER"], line["SIC_2DIGIT_CODE"]
            levels = [
                (section, line["SIC_SECTION_NAME"], ""),
                (division, line["SIC_2DIGIT_NAME"], section),
                (line["SIC_5DIGIT_CODE"], line["SIC_5DIGIT_NAME"], division),
            ]
            for code, name, parent in levels:
                # Division 39 carries a sentence of explanation after its name.
                text = name.removeprefix(f"{code} : ").split(". This division")[0].replace("Æ", "’")
                found.setdefault(code, row("sic2007", code, text.strip(), parent, kept))
    return sorted(found.values(), key=lambda field: (len(field["code"]), field["code"]))


def sitc2(data: Path, kept: dict[str, dict[str, str]]) -> list[dict[str, str]]:
    """Sections, divisions and groups as they stand, then the traded four-digit products."""
    fields = [field for field in kept.values() if field["scheme"] == "sitc2" and len(field["code"]) <= 3]
    fields.sort(key=lambda field: (len(field["code"]), field["code"]))
    products = data / "world_trade_1998_2000/world_trade_1998_2000_products.csv"
    with products.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            code = line["product"]
            group = kept[f"sitc2:{code[:3]}"]
            field = row("sitc2", code, f"{group['name_en']} ({code})", code[:3], {})
            field["name_zh"] = f"{group['name_zh']}（{code}）"
            field["note_en"], field["note_zh"] = NAMELESS
            fields.append(field)
    return fields


def named_in_reports(data: Path, order: list[str]) -> list[dict[str, str]]:
    """The fields that the provincial reports name, in the given order, with the number of reports."""
    texts = pd.read_parquet(data / "cn_work_reports_2026/gwr_provincial_2026.parquet")["text"]
    tagger = Tagger("iotf")
    found = Counter(field for text in texts for field in set(tagger.count(text)))
    return [
        {"programme": REPORTS, "field_id": field, "note": f"{found[field]}/{len(texts)}"}
        for field in order
        if found[field]
    ]


def main(data: Path) -> None:
    """Write ``fields.csv`` and ``programmes.csv`` anew."""
    with FIELDS.open(encoding="utf-8", newline="") as lines:
        kept = {field["id"]: field for field in csv.DictReader(lines)}
    fields = [field for field in kept.values() if field["scheme"] not in {"sic2007", "sitc2"}]
    fields += sic2007(data, kept) + sitc2(data, kept)
    with FIELDS.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(fields)
    with PROGRAMMES.open(encoding="utf-8", newline="") as lines:
        named = [line for line in csv.DictReader(lines) if line["programme"] != REPORTS]
    named += named_in_reports(data, [field["id"] for field in fields])
    with PROGRAMMES.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, ["programme", "field_id", "note"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(named)
    print(f"{len(fields)} fields in {FIELDS.name}, {len(named)} rows in {PROGRAMMES.name}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
