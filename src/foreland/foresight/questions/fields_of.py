"""Documents and the fields they stand in together: of records, or of sentences in policy documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError
from foreland.core.provenance import Input
from foreland.core.scope import Scope
from foreland.foresight.questions.evidence import BELONGS
from foreland.foresight.questions.places import Part, beneath, taking_part

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

POLICY = "iotf"
GENERIC = ("iotf:future_industry_generic", "iotf:emerging_generic")
"""Fields that stand for many."""


@dataclass(frozen=True, eq=False)
class Classified:
    """Which unit, a document or a sentence, stands in which field.

    Parameters
    ----------
    unit, field
        Shape (L,): places of units and of ``fields``, pair by pair.
    year
        Shape (U,): of each unit.
    issuer
        Shape (U,): number of the place and level a policy document is from; 0 for records.
    fields
        Ids, in order.
    parents
        Field → the one above it.
    sentences
        Whether units are sentences of policy documents.
    part
        In which units the places asked about took part, or which they issued; None where none is asked about.
    """

    unit: np.ndarray
    field: np.ndarray
    year: np.ndarray
    issuer: np.ndarray
    fields: tuple[str, ...]
    parents: dict[str, str]
    scheme: str
    source: str | None
    sentences: bool
    inputs: tuple[Input, ...]
    part: Part | None = None

    def related(self, one: str, other: str) -> bool:
        """Whether one field is part of the other; of terms, whether one has the other in its words, and so stands in
        each document that has it."""
        if self.scheme.startswith("terms-"):
            short, long = sorted((one.partition(":")[2], other.partition(":")[2]), key=len)
            return short in long if not short.isascii() else f"-{short}-" in f"-{long}-"
        return other in self._above(one) or one in self._above(other)

    def _above(self, field: str) -> list[str]:
        found: list[str] = []
        while (field := self.parents.get(field, "")) and field not in found:
            found.append(field)
        return found


def read_classified(ws: Workspace, scope: Scope) -> Classified:
    """Fields of records where a source has some with several; else of sentences of policy documents.

    Raises
    ------
    DataError
        If neither is there.
    """
    chosen = _choice(ws, scope)
    if chosen is not None:
        return _records(ws, scope, *chosen)
    return _policy(ws, scope)


def _choice(ws: Workspace, scope: Scope) -> tuple[str, str] | None:
    """Source and scheme with the most documents that stand in several fields."""
    rows = ws.table("link")
    rows = rows.filter(rows.kind.isin(BELONGS))
    if scope.source:
        rows = rows.filter(rows.source_id == scope.source)
    rows = rows.mutate(scheme=rows.to_id.split(":")[0])
    if scope.scheme:
        rows = rows.filter(rows.scheme == scope.scheme)
    several = rows.group_by(["source_id", "scheme", "from_id"]).agg(n=rows.to_id.nunique())
    several = several.filter(several.n > 1)
    found = ws.to_arrow(several.group_by(["source_id", "scheme"]).agg(n=several.count())).to_pylist()
    if not found:
        return None
    best = min(found, key=lambda row: (-row["n"], row["source_id"], row["scheme"]))
    return best["source_id"], best["scheme"]


def _records(ws: Workspace, scope: Scope, source: str, scheme: str) -> Classified:
    links = ws.table("link")
    links = links.filter((links.source_id == source) & links.kind.isin(BELONGS) & links.to_id.startswith(f"{scheme}:"))
    documents = ws.table("document")
    # Terms and topics are a source of their own beside that of their documents.
    documents = documents.filter(documents.duplicate_of.isnull() & (documents.kind != "policy"))
    dated = documents.group_by(unit=documents.document_id).agg(date=documents.date.min())
    rows = links.select(unit=links.from_id, field_id=links.to_id).distinct().join(dated, "unit")
    table = ws.to_arrow(rows.select("unit", "field_id", "date").order_by(["unit", "field_id"]))
    hashes = {source: ws.sources[source].content_hash}
    kept = {"kind": list(BELONGS), "source_id": source, "to_id": {"prefix": f"{scheme}:"}}
    inputs = tuple(Input("link", kept, table.num_rows, hashes, {column: "to_id"}) for column in
                   ("field_id", "second_field_id"))  # fmt: skip
    told = {"scheme": scheme, "source": source, "sentences": False, "inputs": inputs}
    return _made(ws, table, told, scope.region)


def _policy(ws: Workspace, scope: Scope) -> Classified:
    """Sentences that name fields; repeats of documents are left out."""
    passages, documents = ws.table("passage"), ws.table("document")
    passages = passages.filter(
        (passages.kind == "field") & passages.field_id.notnull() & passages.sentence_start.notnull()
    )
    passages = passages.filter(passages.field_id.notin(GENERIC))
    if scope.source:
        passages = passages.filter(passages.source_id == scope.source)
    if scope.scheme:
        passages = passages.filter(passages.field_id.startswith(f"{scope.scheme}:"))
    documents = documents.filter((documents.kind == "policy") & documents.duplicate_of.isnull())
    rows = passages.select("document_id", "sentence_start", "field_id", "source_id").distinct()
    rows = rows.join(documents.select("document_id", "source_id", "date", "region_id", "level", "language"),
                     ["document_id", "source_id"])  # fmt: skip
    rows = rows.mutate(
        unit=rows.document_id + "#" + rows.sentence_start.cast("string"),
        issuer=rows.region_id.fill_null("") + "|" + rows.level.fill_null("") + "|" + rows.language.fill_null(""),
    )
    rows = rows.select("unit", "field_id", "date", "issuer", "source_id", "region_id")
    table = ws.to_arrow(rows.order_by(["unit", "field_id"]))
    hashes = {each: ws.sources[each].content_hash for each in sorted(set(table["source_id"].to_pylist()))}
    inputs = tuple(Input("passage", {"kind": "field"}, table.num_rows, hashes, {column: "field_id"}) for column in
                   ("field_id", "second_field_id"))  # fmt: skip
    told = {"scheme": POLICY, "source": None, "sentences": True, "inputs": inputs}
    return _made(ws, table, told, scope.region)


def _made(ws: Workspace, table: pa.Table, told: dict[str, Any], regions: tuple[str, ...]) -> Classified:
    import pyarrow as pa
    import pyarrow.compute as pc

    dated = pc.fill_null(pc.match_substring_regex(table["date"], r"^(1[5-9]|20)\d\d"), False)
    table = table.filter(dated)
    if not table.num_rows:
        raise DataError("foresight.error.no_classified")
    codes = {name: table[name].combine_chunks().dictionary_encode() for name in ("unit", "field_id")}
    unit = codes["unit"].indices.to_numpy().astype(np.int64)
    year = np.zeros(len(codes["unit"].dictionary), dtype=np.int64)
    year[unit] = pc.cast(pc.utf8_slice_codeunits(table["date"], 0, 4), pa.int64()).to_numpy()
    issuer = np.zeros(year.size, dtype=np.int64)
    if "issuer" in table.column_names:
        issuer[unit] = table["issuer"].combine_chunks().dictionary_encode().indices.to_numpy()
    part = None
    if regions and told["sentences"]:
        places = beneath(ws, regions)
        own = np.zeros(year.size, dtype=bool)
        own[unit] = pc.is_in(table["region_id"], value_set=pa.array(places, pa.string())).to_numpy()
        part = Part(regions, own, np.ones(year.size, dtype=bool), places, ())
    elif regions:
        part = taking_part(ws, regions, codes["unit"].dictionary)
    # Fields in the order of their ids, so that equal input gives equal output.
    names = codes["field_id"].dictionary.to_pylist()
    order = sorted(range(len(names)), key=lambda n: str(names[n]))
    place = np.empty(len(names), dtype=np.int64)
    place[order] = np.arange(len(names))
    rows = ws.table("field")
    above = ws.to_arrow(rows.filter(rows.parent_id.notnull()).select("field_id", "parent_id")).to_pylist()
    return Classified(
        unit,
        place[codes["field_id"].indices.to_numpy()],
        year,
        issuer,
        tuple(str(names[n]) for n in order),
        {row["field_id"]: row["parent_id"] for row in above},
        **told,
        part=part,
    )
