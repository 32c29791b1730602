"""How documents are loaded: where facts come from, which column says what, what a person says of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from foreland.core.errors import UsageError
from foreland.data.documents import issuer
from foreland.data.documents.metadata import ISSUER_FROM
from foreland.data.mapping import Mapping, near_columns

KINDS = ("policy",)
"""Kinds of document that are read."""

ROLES = ("id", "title", "date", "issuer", "level", "language", "url", "text")
"""What a column of a table of documents may say."""

HEADERS: dict[str, str] = {
    "id": r"(doc(ument)?[\s_-]?)id|文献编号|文档编号",
    "title": r"(doc(ument)?[\s_-]?)?title|标题|题名|文件名称|政策名称|名称",
    "date": r"publish(ed)?[\s_-]?(date|on|at)?|pub[\s_-]?date|issue(d)?[\s_-]?(date|on)?|date|成文日期|发文日期|"
    r"发布(日期|时间)|日期|时间|year|年份|年度",
    "issuer": r"issue[rd]([\s_-]?by)?|issuing[\s_-]?(body|authority)|region|province|country|city|government|"
    r"发文(机构|机关|单位)|发布(机构|机关|单位|地区)|地区|省份|省市|省|国家|城市",
    "level": r"level|层级|级别",
    "language": r"lang(uage)?|语言|语种",
    "url": r"(source[\s_-]?)?(url|link)|网址|链接|来源网址",
    "text": r"(full[\s_-]?|plain[\s_-]?)?text|content|body|正文|全文|内容|文本|报告内容",
}
"""Headers by role, matched whole and on folded case; the first alternative that some header fits."""


@dataclass(frozen=True)
class DocumentOptions:
    """How documents are loaded.

    Parameters
    ----------
    issuer_from
        Where the issuer is looked for: :data:`~foreland.data.documents.metadata.ISSUER_FROM` or a column of a table.
    columns
        Role → column (:data:`ROLES`).
    text
        Columns that hold text; several make one document each.
    group_by
        Columns whose equal values make several rows one document, their texts line under line.
    given
        Facts that hold for all documents: ``region_id``, ``level``, ``language``, ``date``.
    table
        Of the file and the source: sheet, skip, encoding, delimiter, where, and the source's title and licence.
    """

    issuer_from: str = "auto"
    columns: dict[str, str] = field(default_factory=dict)
    text: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    given: dict[str, str] = field(default_factory=dict)
    table: Mapping = field(default_factory=Mapping)

    def __post_init__(self) -> None:
        for role in self.columns:
            if role not in ROLES:
                raise UsageError(
                    "data.error.unknown_document_role",
                    role=role,
                    roles=", ".join(ROLES),
                    suggestions=near_columns(role, ROLES),
                )
        level = self.given.get("level")
        if level and level not in issuer.LEVELS:
            raise UsageError("data.error.unknown_option", option="level", value=level, known=", ".join(issuer.LEVELS))

    @classmethod
    def from_options(cls, maps: Iterable[str] = (), **options: Any) -> DocumentOptions:
        """From command-line strings.

        Parameters
        ----------
        maps
            ``role=column``, as in ``issuer=province``.
        **options
            ``issuer_from``; ``text`` and ``group_by``, columns with commas between; ``region``, the issuer of all of
            them by id or name; and what :meth:`foreland.data.mapping.Mapping.from_options` takes for the file and the
            source. None and empty count as not given.

        Raises
        ------
        UsageError
            If a role, an option or a place is not known.
        """
        given = {name: value for name, value in options.items() if value not in (None, "", [], ())}
        columns = {}
        for text in maps:
            role, equals, column = text.partition("=")
            if not equals or not role.strip() or not column.strip():
                raise UsageError("data.error.bad_pair", option="--map", text=text)
            columns[role.strip()] = column.strip()
        texts = _names(given.pop("text", "") or columns.pop("text", ""))
        columns.pop("text", None)
        facts = {}
        if region := given.pop("region", ""):
            facts["region_id"] = region_of(region)
        return cls(
            issuer_from=given.pop("issuer_from", "auto"),
            columns=columns,
            text=texts,
            group_by=_names(given.pop("group_by", "")),
            given=facts,
            table=Mapping.from_options(**given),
        )

    @property
    def issuer_column(self) -> str | None:
        """The column that names the issuer, where a person named one."""
        if self.issuer_from not in ISSUER_FROM:
            return self.issuer_from
        return self.columns.get("issuer")


def region_of(text: str) -> str:
    """The place of an id or a name.

    Raises
    ------
    UsageError
        If there is none; names the nearest ones.
    """
    from foreland.core.errors import did_you_mean
    from foreland.data.taxonomy import regions
    from foreland.i18n import current_language

    found = issuer.known_region(text.strip())
    if found is None:
        near = [f"{place.short(current_language())} ({place.id})" for place in regions.suggest(text)]
        raise UsageError("data.error.unknown_region", name=text, near=did_you_mean(near))
    return found


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.replace("，", ",").split(",") if name.strip())
