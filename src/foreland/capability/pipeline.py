"""From a long table of values to all findings of the capability room in one pass, lean on time and memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import scipy.sparse as sp
from numpy.typing import DTypeLike

from foreland.capability.complexity import Anchor, Complexity, complexity
from foreland.capability.matrices import BLOCK, SPARSE_BELOW, Array, Matrix, fill, scaled_columns, ubiquity
from foreland.capability.opportunities import Centre, GainFormula, centred
from foreland.capability.relatedness import Diagonal, Measure, proximity

Cells = Literal["all", "present", "absent", "none"]


@dataclass(frozen=True)
class Columns:
    """Names of the input columns; without `period` the table is one period."""

    region: str = "region"
    field: str = "field"
    value: str = "value"
    period: str | None = None


@dataclass(frozen=True)
class Settings:
    """Definitions used by `findings`; each is explained where it is computed.

    `measure` may be any symmetric measure of `relatedness.proximity`. `cells` says which region × field rows are
    wanted; ``none`` leaves them out and holds nothing of that size. `duplicates`: a key seen twice is an ``error`` or
    a ``sum``, never a silent pick. `dtype` is that of proximity, density and gain; scores of regions and fields are
    float64 throughout.
    """

    threshold: float = 1.0
    measure: Measure = "minimum_conditional"
    diagonal: Diagonal = "zero"
    gain: GainFormula = "atlas"
    centre: Centre = "mean"
    anchor: Anchor = field(default_factory=Anchor)
    ddof: int = 0
    min_diversity: float = 0.0
    min_ubiquity: float = 0.0
    cells: Cells = "all"
    duplicates: Literal["error", "sum"] = "error"
    dtype: DTypeLike = np.float32


@dataclass(frozen=True)
class Period:
    """Findings of one period as arrays; order of regions and fields as in the names. Shapes (R,), (F,), (R, F)."""

    period: Any
    complexity: Complexity
    diversity: Array
    ubiquity: Array
    coi: Array
    rca: Array | None
    present: Array | None
    density: Array | None
    gain: Array | None
    proximity: Array


@dataclass(frozen=True)
class LongFindings:
    """Arrow tables of what was found.

    - `regions`: [period], region, diversity, eci, coi, component, dropped (reason or null)
    - `fields`: [period], field, ubiquity, pci, component, dropped
    - `cells`: [period], region, field, rca, present, density, gain; region by region, fields in order
    - `proximity`: (F, F) of the last period, `field_names` its labels
    - `caveats`: (period, code) pairs
    """

    regions: pa.Table
    fields: pa.Table
    cells: pa.Table | None
    proximity: Array
    field_names: pa.Array
    caveats: tuple[tuple[Any, str], ...]


@dataclass(frozen=True)
class _Coded:
    regions: pa.Array
    fields: pa.Array
    periods: list[Any]
    row: Array
    column: Array
    value: pa.ChunkedArray
    order: Array | None  # entries sorted by period, None when they come so
    bounds: Array  # entries of period t are bounds[t]:bounds[t + 1] of that order


def _factorise(column: pa.ChunkedArray | pa.Array) -> tuple[pa.Array, Array]:
    """Sorted distinct keys and the position of every entry among them."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if column.null_count:
        raise ValueError("region, field and period must not be missing")
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    keys = column.dictionary
    order = pc.array_sort_indices(keys)
    rank = np.empty(len(keys), _index(len(keys)))
    rank[order.to_numpy()] = np.arange(len(keys), dtype=rank.dtype)
    return keys.take(order), rank[column.indices.to_numpy(zero_copy_only=False)]


def _encode(table: Any, columns: Columns) -> _Coded:
    if not isinstance(table, pa.Table):
        table = pa.table(table)
    wanted = [columns.region, columns.field, columns.value] + ([columns.period] if columns.period else [])
    absent = [name for name in wanted if name not in table.column_names]
    if absent:
        raise ValueError(f"no column {', '.join(map(repr, absent))}; there are {', '.join(table.column_names)}")
    if not table.num_rows:
        raise ValueError("the table has no rows")
    regions, row = _factorise(table[columns.region])
    fields, column = _factorise(table[columns.field])
    value = table[columns.value]
    lowest, highest = (pc.cast(x, pa.float64()).as_py() for x in pc.min_max(value).values())
    if lowest is not None and not 0 <= lowest <= highest < np.inf:
        raise ValueError(f"{columns.value!r} holds negative or infinite values: specialisation is not defined there")
    periods: list[Any] = [None]
    order = None
    bounds = np.array([0, len(value)])
    if columns.period:
        keys, when = _factorise(table[columns.period])
        periods = keys.to_pylist()
        bounds = np.concatenate([[0], np.cumsum(np.bincount(when, minlength=len(periods)))])
        if np.any(when[1:] < when[:-1]):
            order = np.argsort(when, kind="stable")
    # Encoding strings leaves large free blocks behind, which the results need.
    pa.default_memory_pool().release_unused()
    return _Coded(regions, fields, periods, row, column, value, order, bounds)


def _values(coded: _Coded, t: int, settings: Settings) -> sp.csr_array:
    """Values of one period as CSR over the full universe."""
    start, stop = int(coded.bounds[t]), int(coded.bounds[t + 1])
    if coded.order is None:
        value = coded.value.slice(start, stop - start)
        row, column = coded.row[start:stop], coded.column[start:stop]
    else:
        entries = coded.order[start:stop]
        value = coded.value.take(pa.array(entries))
        row, column = coded.row[entries], coded.column[entries]
    value = value.to_numpy().astype(np.float64, copy=False)
    known = ~np.isnan(value)
    if not known.all():
        row, column, value = row[known], column[known], value[known]
    shape = (len(coded.regions), len(coded.fields))
    X = sp.csr_array((value, (row, column)), shape=shape)
    X.sum_duplicates()
    if X.nnz < value.size and settings.duplicates == "error":
        keys = row.astype(np.int64) * shape[1] + column
        _, first, counts = np.unique(keys, return_index=True, return_counts=True)
        i = first[counts > 1][0]
        where = "" if coded.periods[t] is None else f" in {coded.periods[t]}"
        raise ValueError(
            f"{int((counts > 1).sum())} keys occur more than once{where}, the first is "
            f"{coded.regions[row[i]].as_py()!r} × {coded.fields[column[i]].as_py()!r}: "
            "clean them, or pass duplicates='sum'"
        )
    return X


def _rca(X: sp.csr_array) -> tuple[sp.csr_array, Array, Array]:
    """Balassa index on the entries of X (Balassa 1965), and which rows and columns have a total."""
    rows, columns = np.asarray(X.sum(axis=1)), np.asarray(X.sum(axis=0))
    total = rows.sum()
    share = columns / (total if total > 0 else 1)
    of_entry = np.repeat(np.where(rows > 0, rows, 1), np.diff(X.indptr))
    X.data = (X.data / of_entry) / np.where(share > 0, share, 1)[X.indices]
    return X, rows > 0, columns > 0


def _period(X: sp.csr_array, period: Any, anchor: Anchor, s: Settings) -> Period:
    rca, has_row, has_column = _rca(X)
    passed = rca.data >= s.threshold
    counts = np.concatenate([[0], np.cumsum(passed)])[rca.indptr]
    dtype = np.dtype(s.dtype)
    M = sp.csr_array((np.ones(counts[-1], dtype), rca.indices[passed], counts), shape=rca.shape)
    found = complexity(
        M.astype(np.float64), anchor=anchor, ddof=s.ddof, min_diversity=s.min_diversity, min_ubiquity=s.min_ubiquity
    )
    if s.measure == "conditional":
        raise ValueError("the pipeline needs a symmetric measure of proximity")
    phi = proximity(M, s.measure, diagonal=s.diagonal, dtype=dtype)
    wanted = s.cells != "none"
    omega, gain = (np.empty(M.shape, dtype) if wanted else None for _ in range(2))
    coi = _outlook(M, phi, found, s, (omega, gain))
    dense_rca = present = None
    if wanted:
        dense_rca = np.zeros(M.shape, dtype)
        dense_rca[np.repeat(np.arange(M.shape[0]), np.diff(rca.indptr)), rca.indices] = rca.data
        dense_rca[~has_row] = np.nan
        dense_rca[:, ~has_column] = np.nan
        present = np.zeros(M.shape, bool)
        present[np.repeat(np.arange(M.shape[0]), np.diff(M.indptr)), M.indices] = True
    return Period(
        period,
        found,
        np.diff(M.indptr),
        ubiquity(M).astype(np.int64),
        coi,
        dense_rca,
        present,
        omega,
        gain,
        phi,
    )


def _outlook(M: Matrix, phi: Array, found: Complexity, s: Settings, out: tuple[Array | None, Array | None]) -> Array:
    """Density, gain (into `out`) and COI, block of fields by block, so that no further matrix of that size is held.

    The formulas are those of `relatedness.density`, `opportunities.outlook_gain` and `outlook_index`; φ is symmetric.
    """
    dtype = phi.dtype
    k = centred(found.pci, s.centre, M)
    known = np.nan_to_num(k)
    den = phi.sum(axis=1, dtype=np.float64)
    safe = np.where(den > 0, den, 1)
    inverse = np.where(den > 0, 1 / safe, np.nan).astype(dtype)
    weights = np.where(den > 0, known / safe, 0.0)
    everything = (weights @ phi).astype(dtype)
    loss = known.astype(dtype) if s.gain == "atlas" else np.zeros(k.size, dtype)
    by_column = sp.csc_array(M)
    sparse = fill(M) < SPARSE_BELOW
    W = M if sparse else M.toarray()
    weighted = scaled_columns(W, weights.astype(dtype))
    block = BLOCK if sparse else 8 * BLOCK
    omega, gain = out
    coi = np.zeros(M.shape[0])
    for start in range(0, M.shape[1], block):
        c = slice(start, min(start + block, M.shape[1]))
        right = np.ascontiguousarray(phi[:, c])
        density = W @ right
        density *= inverse[c]
        entries = slice(by_column.indptr[c.start], by_column.indptr[c.stop])
        held = (
            by_column.indices[entries],
            np.repeat(np.arange(c.stop - c.start), np.diff(by_column.indptr[c.start : c.stop + 1])),
        )
        # Options only: what is held is taken out of the sum again, which is cheaper than masking the block.
        options = np.nan_to_num(density, copy=False) if np.isnan(inverse[c]).any() else density
        coi += options @ known[c].astype(dtype)
        coi -= np.bincount(held[0], options[held] * known[c][held[1]], minlength=coi.size)
        if omega is None or gain is None:
            continue
        change = weighted @ right
        np.subtract(everything[c], change, out=change)
        change -= density * loss[c]
        change[held] = np.nan
        change[:, np.isnan(k[c])] = np.nan
        gain[:, c] = change
        density[:, np.isnan(inverse[c])] = np.nan
        omega[:, c] = density
    coi[np.isnan(found.eci)] = np.nan
    return coi


def stream(
    table: Any, columns: Columns | None = None, settings: Settings | None = None
) -> Iterator[tuple[Period, pa.Array, pa.Array]]:
    """Findings period by period, as arrays, with the names of regions and fields; nothing is kept between periods.

    Each period after the first is oriented by the ECI of the one before.
    """
    settings = settings or Settings()
    coded = _encode(table, columns or Columns())
    del table
    anchor = settings.anchor
    for t, period in enumerate(coded.periods):
        result = _period(_values(coded, t, settings), period, anchor, settings)
        anchor = Anchor("previous", result.complexity.eci)
        yield result, coded.regions, coded.fields


def findings(table: Any, columns: Columns | None = None, settings: Settings | None = None) -> LongFindings:
    """Specialisation, ECI, PCI, proximity, density, COI and COG from a long table of values.

    Parameters
    ----------
    table : Arrow table, or a mapping of names to arrays; keys are strings (or anything Arrow can sort).
    columns : see `Columns`. settings : see `Settings`.

    Returns
    -------
    LongFindings. Regions and fields of the whole table make one universe; where a period lacks one, its scores are
    missing and `dropped` says why.

    Raises
    ------
    ValueError
        Missing columns or keys, negative or infinite values, duplicate keys (unless ``duplicates="sum"``).
    """
    columns, settings = columns or Columns(), settings or Settings()
    regions, fields, cells, caveats = [], [], [], []
    phi = np.empty((0, 0))
    region_names = field_names = pa.array([], pa.string())
    last: Callable[[Array | None], tuple[pa.Array, ...]] | None = None
    several = columns.period is not None
    for result, region_names, field_names in stream(table, columns, settings):
        phi, c = result.proximity, result.complexity
        when = {columns.period: pa.array([result.period])} if several and columns.period else {}
        regions.append(
            _unit_table(
                when,
                {"region": region_names, "diversity": result.diversity, "eci": c.eci, "coi": result.coi},
                c.place_component,
                c.dropped_places,
            )
        )
        fields.append(
            _unit_table(
                when,
                {"field": field_names, "ubiquity": result.ubiquity, "pci": c.pci},
                c.field_component,
                c.dropped_fields,
            )
        )
        caveats += [(result.period, code) for code in c.caveats]
        if settings.cells != "none":
            last = last or _keys(region_names, field_names)
            cells.append(_cell_table(when, result, last, settings.cells))
    if len(regions) > 1:
        caveats.append((None, "levels_not_comparable"))
    return LongFindings(
        pa.concat_tables(regions),
        pa.concat_tables(fields),
        pa.concat_tables(cells, promote_options="permissive") if cells else None,
        phi,
        field_names,
        tuple(caveats),
    )


def _unit_table(
    when: dict[str, pa.Array], values: dict[str, Any], component: Array, dropped: dict[int, str]
) -> pa.Table:
    n = len(component)
    period = {name: pa.array(v.to_pylist() * n, v.type) for name, v in when.items()}
    numbers = {name: v if isinstance(v, pa.Array) else pa.array(v, from_pandas=True) for name, v in values.items()}
    reasons = pa.array([dropped.get(i) for i in range(n)], pa.string())
    return pa.table({**period, **numbers, "component": pa.array(component), "dropped": reasons})


def _keys(regions: pa.Array, fields: pa.Array) -> Callable[[Array | None], tuple[pa.Array, ...]]:
    """Region and field columns of the crossed table, and zeros to index its one period; shared by all periods."""
    R, F = len(regions), len(fields)
    codes = [
        np.repeat(np.arange(R, dtype=_index(R)), F),
        np.tile(np.arange(F, dtype=_index(F)), R),
    ]
    whole = [pa.array(x) for x in codes]
    zeros = pa.array(np.zeros(R * F, np.int8))

    def columns(kept: Array | None) -> tuple[pa.Array, ...]:
        chosen = whole if kept is None else [pa.array(x[kept]) for x in codes]
        region, field_ = (
            pa.DictionaryArray.from_arrays(x, names) for x, names in zip(chosen, (regions, fields), strict=True)
        )
        return region, field_, zeros

    return columns


def _index(n: int) -> type[np.signedinteger[Any]]:
    return np.int16 if n < 2**15 else np.int32


def _cell_table(
    when: dict[str, pa.Array], result: Period, keys: Callable[[Array | None], tuple[pa.Array, ...]], cells: Cells
) -> pa.Table:
    assert result.present is not None
    present = result.present.ravel()
    kept = None if cells == "all" else present if cells == "present" else ~present
    region, field_, zeros = keys(kept)
    columns: dict[str, Any] = {"region": region, "field": field_}
    for name in ("rca", "present", "density", "gain"):
        values = getattr(result, name).ravel()
        columns[name] = pa.array(values if kept is None else values[kept])
    period = {name: pa.DictionaryArray.from_arrays(zeros[: len(region)], value) for name, value in when.items()}
    return pa.table({**period, **columns})
