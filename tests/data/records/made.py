"""Made-up records (SYNTHETIC) in the layouts of databases."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any


def work(number: int, **said: Any) -> dict[str, Any]:
    """A work as OpenAlex gives it, with what is said of it."""
    plain = {
        "id": f"https://openalex.org/W{number}",
        "doi": f"https://doi.org/10.5555/made.{number}",
        "display_name": f"A made-up paper that bears the number {number} and nothing else",
        "publication_year": 2015,
        "cited_by_count": 0,
        "authorships": [],
        "referenced_works": [],
    }
    return {**plain, **said}


def author(*places: tuple[str, str]) -> dict[str, Any]:
    """An author with organisations, each a name and a country."""
    return {
        "institutions": [
            {"id": f"https://openalex.org/I{name}", "ror": f"https://ror.org/{name}", "display_name": name.title(),
             "country_code": country, "type": "education"}
            for name, country in places
        ]
    }  # fmt: skip


def lines(*works: dict[str, Any] | str) -> str:
    return "".join((item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)) + "\n" for item in works)


def put(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    content = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path
