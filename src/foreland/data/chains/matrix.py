"""The general reader of input–output tables: one square table of any country and year (``--as matrix``)."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError, UsageError, Where
from foreland.data.chains.assemble import COLUMN_ROLES, ROW_ROLES, Frame, Meaning, assemble
from foreland.data.chains.balance import EXACT, balance, checked, gathered
from foreland.data.chains.matrix_guess import Guess, as_use_table, guessed, leaves, told
from foreland.data.chains.matrix_layout import grids, upright, without_prefix
from foreland.data.chains.matrix_stage import sheets_of, staged
from foreland.data.chains.package import ChainPackage, hashed
from foreland.data.chains.table import SectorTable, landed
from foreland.data.mapping import Mapping as TableMapping
from foreland.data.mapping import SourceInfo, near_columns
from foreland.data.package import Note

if TYPE_CHECKING:
    from foreland.data.chains.cells import Grid
    from foreland.data.readers import Stage
    from foreland.data.units import Unit

KIND = "matrix"
"""Name of the layout."""
LABEL_ROLES = ("code", "name_en", "name_zh", "origin", "period", "row", "column", "value")
"""Columns that say what a row is; ``row``, ``column`` and ``value`` where each line of the file is one cell."""
ROLES = (*LABEL_ROLES, *dict.fromkeys((*COLUMN_ROLES, *ROW_ROLES)))
"""What ``--map`` may say of a column or row."""
TRIED = 8
"""Columns or rows of doubt whose combinations are tried: 2⁸ sums of a table take a second."""
GOOD = 5e-3
"""Imbalance in all above which other readings of doubtful columns and rows are tried."""


@dataclass(frozen=True)
class MatrixOptions:
    """How a square table is read.

    Parameters
    ----------
    roles
        Role → names of columns or rows (:data:`ROLES`); what is not said is guessed.
    region
        Whose table it is: id or name of a country or place.
    period
        Its year; where a column says years, the one that is read.
    unit
        Of its values (``million EUR``, ``万元``).
    scheme
        Classification of its sectors; empty for one by the name of the source.
    table
        How the file is read (sheet, lines to skip, encoding, delimiter, decimal mark) and what the source is.
    """

    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    region: str = ""
    period: str = ""
    unit: str = ""
    scheme: str = ""
    table: TableMapping = field(default_factory=TableMapping)

    def __post_init__(self) -> None:
        for role in self.roles:
            if role not in ROLES:
                raise UsageError(
                    "data.error.unknown_role", role=role, roles=", ".join(ROLES), suggestions=near_columns(role, ROLES)
                )
        if self.scheme and not re.fullmatch(r"[\w.-]+", self.scheme):
            raise UsageError("data.error.unknown_option", option="scheme", value=self.scheme, known="cnio42_2017, …")

    @classmethod
    def from_options(cls, maps: Iterable[str] = (), **options: Any) -> MatrixOptions:
        """From command-line strings.

        Parameters
        ----------
        maps
            ``role=name``, as in ``exports=P6`` or ``ignore=TU,TFINU``: the header of a column, or the code or name of
            a row.
        **options
            ``region``, ``period``, ``unit``, ``scheme``; and what :meth:`foreland.data.mapping.Mapping.from_options`
            takes for the file and the source. None and empty count as not given.
        """
        given = {name: value for name, value in options.items() if value not in (None, "", [], ())}
        roles: dict[str, tuple[str, ...]] = {}
        for text in maps:
            role, equals, names = text.partition("=")
            if not equals or not role.strip() or not names.strip():
                raise UsageError("data.error.bad_pair", option="--map", text=text)
            # A name may hold a comma itself; it is then said in a TOML file.
            roles[role.strip()] = (*roles.get(role.strip(), ()), *(name.strip() for name in names.split(",")))
        own = {name: str(given.pop(name, "")) for name in ("region", "period", "unit", "scheme")}
        return cls(roles=roles, **own, table=TableMapping.from_options(**given))

    @classmethod
    def from_toml(cls, path: str | Path) -> MatrixOptions:
        """From a TOML file: ``[roles]`` (name or list of names), ``[constants]`` (region, period, unit, scheme),
        ``[table]`` (sheet, skip, encoding, delimiter, decimal) and ``[source]``."""
        path = Path(path)
        try:
            if not path.is_file():
                raise FileNotFoundError(path)
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
            if strange := set(raw) - {"roles", "constants", "table", "source"}:
                raise ValueError(f"[{min(strange)}]")
            source = {("title_en" if key == "title" else key): str(text) for key, text in raw.get("source", {}).items()}
            source = {("source_id" if key == "id" else key): text for key, text in source.items()}
            return cls(
                roles={
                    role: tuple(map(str, names)) if isinstance(names, list) else (str(names),)
                    for role, names in raw.get("roles", {}).items()
                },
                **{name: str(text) for name, text in raw.get("constants", {}).items()},
                table=TableMapping(source=SourceInfo(**source), **raw.get("table", {})),
            )
        except OSError as error:
            raise UsageError("data.error.no_file", where=Where(path), path=path, suggestions="") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError, ValueError, AttributeError) as error:
            raise UsageError("data.error.mapping_unreadable", where=Where(path), detail=error) from error


class MatrixReader:
    """A reader of one square table, by options. Like a known layout it has ``NAME``, ``detect`` and ``read``."""

    NAME = KIND

    def __init__(self, options: MatrixOptions | None = None) -> None:
        self.options = options or MatrixOptions()

    def detect(self, path: Path) -> bool:
        """Never: any table may be one, so a person says so."""
        return False

    def read(self, path: Path, stage: Stage) -> ChainPackage:
        """Read a file."""
        return read_matrix(path, stage, self.options)


def read_matrix(path: Path, stage: Stage, options: MatrixOptions) -> ChainPackage:
    """Read the tables of a file: one, or one for each year that a column says.

    Raises
    ------
    DataError
        If the file is no table, a cell no number, a code stands twice, rows and columns are not the same sectors, or
        rows or columns do not add up to output.
    UsageError
        If nothing says the place, year or unit of the table.
    """
    if path.is_dir():
        raise DataError("data.error.io_folder", where=Where(path))
    if (sheets := sheets_of(path)) and not options.table.sheet:
        return _of_sheets(path, stage, options, sheets)
    notes: list[Note] = []
    raw, above = staged(path, stage, options.table, notes)
    named = {role: names[0] for role, names in options.roles.items() if role in LABEL_ROLES}
    given = {role: names for role, names in options.roles.items() if role not in LABEL_ROLES}
    stem = path.name.split(".")[0]
    source = _source(options.table.source, stem, path.name)
    region = _region(options.region, path)
    if not options.unit:
        raise UsageError("data.error.io_no_unit", where=Where(path))
    unit = _unit(options.unit)
    tables: list[SectorTable] = []
    table_ = options.table
    found_grids = grids(raw, named, table_.decimal, options.period, table_.where, given.get("ignore", ()), above)
    for stated, grid in found_grids.items():
        period = _period(stated or options.period, path)
        frame = Frame(region, period, unit.base, (unit.multiply, unit.divide))
        scheme = options.scheme or re.sub(r"[^\w.-]+", "_", source.source_id).lower()
        grid, turned = upright(without_prefix(grid))
        guess = guessed(grid, given, scheme)
        table, found = _best(guess, frame, set(options.roles))
        if turned:
            notes.append(("data.note.io_turned", {}))
        notes += [note for note in found if tables == [] or note[0] != "data.note.io_guessed"]
        left = next((note[1]["codes"] for note in found if note[0] == "data.note.io_unknown"), "")
        notes += checked(table, left)
        if left and not balance(table):
            raise DataError("data.error.io_nothing_known", where=Where(path), left=left)
        if number := _unpublished(guess.grid, table):
            notes.append(("data.note.io_unpublished", {"number": number, "period": period}))
        tables.append(table)
    if not source.licence:
        notes.append(("data.note.no_licence", {}))
    said = (options.roles, region, options.period, options.unit, options.scheme, vars(source))
    how = (options.table.where, options.table.sheet, options.table.skip, options.table.decimal)
    content = hashed(KIND, 1, raw.content_hash, *said, *how)
    return ChainPackage(source, landed(tables), content, gathered(notes))


def _of_sheets(path: Path, stage: Stage, options: MatrixOptions, sheets: list[str]) -> ChainPackage:
    """The first sheet that is a table: contents and notes often stand before it."""
    first: DataError | None = None
    for name in sheets:
        try:
            package = read_matrix(path, stage, replace(options, table=replace(options.table, sheet=name)))
        except DataError as error:
            # What a person can't see from the first sheet is what the one with a table lacks.
            first = error if first is None or (first.key not in _NEAR and error.key in _NEAR) else first
            continue
        note: Note = ("data.note.sheet", {"sheet": name, "sheets": ", ".join(sheets)})
        return replace(package, notes=(note, *package.notes))
    raise first or DataError("data.error.no_table", where=Where(path), detail=", ".join(sheets))


_NEAR = ("data.error.io_unbalanced_rows", "data.error.io_unbalanced_columns", "data.error.io_nothing_put_out")
"""Errors of what is a table of sectors."""


def _best(guess: Guess, frame: Frame, said: set[str]) -> tuple[SectorTable, list[Note]]:
    """The reading of a table that adds up best.

    Doubtful are columns of one role (households, and private consumption that includes them), wholes beside some of
    their parts, and what nothing is known of. Where the plain reading balances nothing else is tried.
    """
    meaning = replace(guess.meaning, uses=leaves(guess.grid, guess.meaning))
    table, notes = assemble(guess.grid, meaning, frame)
    chosen = meaning
    told_notes: list[Note] = []
    if _off(table) > EXACT and meaning.uses != guess.meaning.uses:
        # Two uses may be alike in every sector and still be two.
        tried, found = assemble(guess.grid, guess.meaning, frame)
        if _off(tried) < 0.2 * _off(table):
            table, notes, chosen, meaning = tried, found, guess.meaning, guess.meaning
    as_use = as_use_table(replace(guess, meaning=meaning)) if _off(table) > GOOD else None
    if as_use is not None:
        tried, found = assemble(guess.grid, as_use, frame)
        if _off(tried) < min(GOOD, 0.2 * _off(table)):
            table, notes, chosen = tried, found, as_use
            guess = replace(guess, lone_rows=(), lone_columns=())
            told_notes.append(("data.note.io_use_table", {"scheme": as_use.sectors.scheme}))
    if _off(table) > GOOD:
        for other in _readings(guess, meaning, said):
            try:
                tried, found = assemble(guess.grid, other, frame)
            except DataError:
                continue
            if _off(tried) < 0.2 * _off(table):
                table, notes, chosen = tried, found, other
    guess = replace(guess, meaning=chosen)
    told_notes.append(("data.note.io_guessed", {"guessed": told(guess) or "—"}))
    if guess.by_position:
        told_notes.append(("data.note.io_by_position", {"number": len(chosen.rows)}))
    for key, codes in (("io_lone_rows", guess.lone_rows), ("io_lone_columns", guess.lone_columns)):
        if codes:
            told_notes.append((f"data.note.{key}", {"number": len(codes), "codes": ", ".join(codes[:20])}))
    known = {*chosen.uses, *chosen.columns}
    left = [guess.grid.columns[column] for column in guess.unknown_columns if column not in known]
    left += [guess.grid.codes[row] for row in guess.unknown_rows if row not in chosen.primary]
    if left:
        told_notes.append(("data.note.io_unknown", {"number": len(left), "codes": ", ".join(left[:20])}))
    return table, [*told_notes, *notes]


def _unpublished(grid: Grid, table: SectorTable) -> int:
    """Marks in the rows of sectors that stand for numbers kept secret, which count as zero."""
    if grid.hidden is None:
        return 0
    lines = {int(line) for flow in table.flows for line in flow.lines}
    return int(grid.hidden[[row for row, line in enumerate(grid.lines) if int(line) in lines]].sum())


def _off(table: SectorTable) -> float:
    """Imbalance of the worse side; a side that can't be checked counts as one that is off."""
    sides = balance(table)
    unchecked = 2 * GOOD * (len({side.axis for side in sides}) < 2)
    return max((side.total for side in sides), default=0.0) + unchecked


def _readings(guess: Guess, meaning: Meaning, said: set[str]) -> Iterable[Meaning]:
    """Other readings of a table: columns left out or taken in, then rows."""
    several = [role for role in meaning.uses.values() if list(meaning.uses.values()).count(role) > 1]
    doubtful = [
        column
        for column, role in meaning.uses.items()
        if role not in ("output", "subtotal", "ignore", *said)
        and (role in several or role in ("capital_formation", "final_consumption"))
    ]
    options: list[tuple[str, int, str]] = [("column", column, "ignore") for column in doubtful]
    options += [("column", column, "other_final_use") for column in guess.unknown_columns]
    rows = [row for row, role in meaning.primary.items() if role in ("product_taxes", "imports") and role not in said]
    options += [("row", row, "ignore") for row in rows]
    added = "value_added" in meaning.primary.values()
    options += [("row", row, "product_taxes" if added else "value_added") for row in guess.unknown_rows]
    if "value_added" in meaning.primary.values() and "value_added" not in said:
        options += [("row", row, "ignore") for row, role in meaning.primary.items() if role == "value_added"][1:]
    options = options[:TRIED]
    for size in range(1, len(options) + 1):
        for picked in itertools.combinations(options, size):
            uses, primary = dict(meaning.uses), dict(meaning.primary)
            for axis, index, role in picked:
                (uses if axis == "column" else primary)[index] = role
            yield replace(meaning, uses=uses, primary=primary)


def _source(source: SourceInfo, stem: str, name: str) -> SourceInfo:
    source_id = source.source_id or stem
    if source_id.startswith("foreland:"):
        raise UsageError("data.error.reserved_source", source=source_id)
    titles: Mapping[str, str] = {
        "source_id": source_id,
        "title_en": source.title_en or source.title_zh or name,
        "title_zh": source.title_zh or source.title_en or name,
    }
    return SourceInfo(**{**vars(source), **titles})


def _region(text: str, path: Path) -> str:
    from foreland.data.taxonomy import regions

    if not text:
        raise UsageError("data.error.io_no_region", where=Where(path))
    found = regions.resolve(text.strip(), level="country") or regions.resolve(text.strip())
    if found is None:
        near = [f"{place.short()} ({place.id})" for place in regions.suggest(text)]
        raise UsageError("data.error.unknown_region", name=text, near=", ".join(near))
    return found


def _unit(text: str) -> Unit:
    """The unit of a table; ``=NAME`` is one of the user's own."""
    from foreland.data.units import Unit, parse_unit

    own = text.removeprefix("=").strip()
    return Unit(own, f"own:{own}") if text.startswith("=") and own else parse_unit(text)


def _period(text: str, path: Path) -> str:
    from foreland.data.periods import parse_period

    found = parse_period(text) if text else None
    if not found:
        raise UsageError("data.error.io_no_year", where=Where(path), period=text or "—")
    return found
