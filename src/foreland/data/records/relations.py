"""What documents say of places together: who works on what when, and who works with whom. Written once, in Ibis.

Each takes tables of a workspace (``ws.table("participation")`` …) and gives an expression, which DuckDB or a cluster
works out; nothing here brings rows back. Rows have no order: whoever shows them gives one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import ibis.expr.types as ir

NOBODY = "unknown:"
"""How organisations begin that are known by their country alone."""
Partner = Literal["region_id", "actor_id"]


def places_by_field(participation: ir.Table, link: ir.Table, field: ir.Table | None = None) -> ir.Table:
    """Documents of each place, field and year, whole and by the place's share of them.

    Parameters
    ----------
    participation, link
        The tables. Fields are those that a source files documents under; they carry the year.
    field
        Fields with their parents, where documents are counted by the parents of what they are filed under.

    Returns
    -------
    ibis.expr.types.Table
        ``region_id, field_id, period, documents, fraction``. A document of several fields counts in each. Shares that
        a source does not give count nothing.
    """
    filed = link.filter(link.kind == "classified").select(document_id="from_id", field_id="to_id", period="period")
    if field is not None:
        parents = field.filter(field.parent_id.notnull()).select("field_id", "parent_id")
        filed = filed.join(parents, "field_id").select("document_id", "period", field_id="parent_id").distinct()
    part = participation.filter(participation.region_id.notnull())
    placed = part.group_by(["document_id", "region_id"]).agg(share=part.value.sum())
    both = placed.join(filed, "document_id")
    return both.group_by(["region_id", "field_id", "period"]).agg(
        documents=both.count(), fraction=both.share.sum().fill_null(0.0)
    )


def together(participation: ir.Table, document: ir.Table, by: Partner = "region_id", most: int = 50) -> ir.Table:
    """Who takes part in the same documents, by year: pairs of places or of organisations.

    Whole counts, and fractional ones in which each of the n partners of a document gives 1 to the pairs it is in, so
    that each pair has 1/(n − 1): Perianes-Rodriguez, A., Waltman, L. & van Eck, N. J. (2016). Constructing
    bibliometric networks: a comparison between full and fractional counting. Journal of Informetrics 10(4), 1178-1195.
    doi:10.1016/j.joi.2016.10.006.

    Parameters
    ----------
    participation, document
        The tables.
    by
        Whether places or organisations are the partners. Organisations known by their country alone are none.
    most
        Documents with more partners are left out: pairs grow with the square, and what thousands sign says little of
        any two of them.

    Returns
    -------
    ibis.expr.types.Table
        ``one, other, period, documents, fraction``, each pair once, ``one`` before ``other`` in the order of ids.
    """
    import ibis

    known = participation.filter(participation[by].notnull())
    if by == "actor_id":
        known = known.filter(~known.actor_id.startswith(NOBODY))
    member = known.select("document_id", partner=by)
    # Numbers in the order of the ids stand for them while they are brought together: pairs are many, ids are long.
    names = member.select("partner").distinct()
    names = names.mutate(number=ibis.row_number().over(order_by=names.partner).cast("int32"))
    member = member.join(names, "partner").select("document_id", "number")
    # A list for each document, taken apart again, is far less to bring together than the documents twice.
    listed = member.group_by("document_id").agg(members=member.number.collect())
    listed = listed.select("document_id", partners=_each_once(listed.members))
    size = listed.partners.length()
    # To Spark 1.0 is a decimal, and one divided by a whole number is cut to a few digits: hence the cast.
    listed = listed.filter((size > 1) & (size <= most)).mutate(weight=1.0 / (size - 1).cast("float64"))
    dated = document.select("document_id", year=document.date.left(4).cast("int16"))
    listed = listed.join(dated, "document_id").select("year", "weight", "partners")
    first = listed.mutate(first=listed.partners.unnest())
    pairs = first.mutate(second=first.partners.unnest())
    pairs = pairs.filter(pairs.first < pairs.second)
    counted = pairs.group_by(["first", "second", "year"]).agg(documents=ibis._.count(), fraction=ibis._.weight.sum())
    ends = (names.select(**{end: "partner", place: "number"}) for end, place in (("one", "first"), ("other", "second")))
    for end, place in zip(ends, ("first", "second"), strict=True):
        counted = counted.join(end, place)
    period = counted.year.cast("string").lpad(4, "0")
    return counted.select("one", "other", "documents", "fraction", period=period)


def _each_once(numbers: ir.ArrayColumn) -> ir.ArrayColumn:
    """Each number of a list once: by the engine's own function, as Ibis asks DuckDB 2 for it in a form it refuses."""
    import ibis
    import ibis.expr.datatypes as dt

    kind = dt.Array(dt.int32)

    @ibis.udf.scalar.builtin(signature=((kind,), kind))
    def array_distinct(items): ...  # type: ignore[no-untyped-def]

    found: ir.ArrayColumn = array_distinct(numbers)
    return found
