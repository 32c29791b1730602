"""How a chain kept as an edge list is read: which column says what, and how shares and places are taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from foreland.core.errors import UsageError
from foreland.data.mapping import Mapping, near_columns, pick_columns
from foreland.data.units import split_header

KINDS = ("chain", "suppliers")
"""Kinds of edge list: products that go into products, with who supplies them; and firms that sell to firms."""

ROLES: dict[str, tuple[str, ...]] = {
    "chain": (
        "from", "to", "weight", "type_of", "stage", "product", "name_en", "name_zh", "supplier", "country", "share",
        "period",
    ),
    "suppliers": (
        "supplier", "customer", "amount", "firm", "sector", "region", "supplier_sector", "supplier_region",
        "customer_sector", "customer_region", "name_en", "name_zh", "period",
    ),
}  # fmt: skip
"""What a column may say, by kind."""

_CODE = r"([\s_-]?(name|code|id))?"
HEADERS: dict[str, dict[str, str]] = {
    "chain": {
        "from": rf"(from|source|input|upstream|component)([\s_-]?(product|node))?{_CODE}|"
        r"上游(产品|环节|行业)?|投入(品|产品)?|起点|原料|部件|零部件",
        "to": rf"(to|target|output|downstream|goes[\s_-]?into|used[\s_-]?(in|by))([\s_-]?(product|node))?{_CODE}|"
        r"下游(产品|环节|行业)?|产出(品)?|终点|用于|进入",
        "type_of": rf"(is[\s_-]?)?(a[\s_-]?)?type[\s_-]?of{_CODE}|variant[\s_-]?of|parent{_CODE}|"
        r"属于|类别|上级(产品)?|大类",
        "stage": r"stage([\s_-]?name)?|step|segment|环节|阶段|工序",
        "name_en": r"(name|product|label)[\s_-]?en(glish)?|english[\s_-]?name|英文名称?",
        "name_zh": r"(name|product|label)[\s_-]?(zh|cn|chinese)|chinese[\s_-]?name|中文名称?",
        "supplier": rf"(supplier|provider|firm|company|organi[sz]ation|vendor|maker){_CODE}|"
        r"供应商|厂商|企业(名称)?|公司(名称)?|供应企业",
        "country": r"(country|place|economy|region|location)([\s_-]?(name|code|iso\d?))?|"
        r"国家(或地区)?|国别|地区|国家和地区",
        "share": r"(market|world|global|supply)?[\s_-]?share([\s_-]?(provided|pct|percent))?|"
        r"(全球|市场|世界|供应)?(份额|占有率|占比)",
        "weight": r"weight|cost[\s_-]?share|input[\s_-]?share|amount|count|权重|投入占比|成本占比|数量",
        "period": r"(year|period|time)|年份?|年度|时期",
        "product": rf"(product|item|good|node|provided){_CODE}|产品(名称)?|商品|节点|品类",
    },
    "suppliers": {
        "supplier_sector": r"(supplier|seller|from)[\s_-]?(sector|industry|nace|isic)|(供应商|供应方|上游)(行业|产业)",
        "supplier_region": r"(supplier|seller|from)[\s_-]?(region|country|place|city|province)|"
        r"(供应商|供应方|上游)(地区|国家|省份|城市)",
        "customer_sector": r"(customer|buyer|client|to)[\s_-]?(sector|industry|nace|isic)|"
        r"(客户|采购方|下游)(行业|产业)",
        "customer_region": r"(customer|buyer|client|to)[\s_-]?(region|country|place|city|province)|"
        r"(客户|采购方|下游)(地区|国家|省份|城市)",
        "supplier": rf"(supplier|seller|from|source|vendor|upstream)([\s_-]?(firm|company))?{_CODE}|"
        r"供应商(名称)?|供应方|卖方|上游(企业|公司)?|销售方",
        "customer": rf"(customer|buyer|client|to|target|downstream|purchaser)([\s_-]?(firm|company))?{_CODE}|"
        r"客户(名称)?|采购方|买方|下游(企业|公司)?|购买方",
        "amount": r"amount|value|sales|volume|weight|turnover|金额|交易额|销售额|采购额|权重",
        "name_en": r"name[\s_-]?en(glish)?|english[\s_-]?name|英文名称?",
        "name_zh": r"name[\s_-]?(zh|cn|chinese)|chinese[\s_-]?name|中文名称?",
        "firm": rf"(firm|company|organi[sz]ation|enterprise){_CODE}|企业(名称|代码)?|公司(名称|代码)?",
        "sector": r"(sector|industry|nace|isic)([\s_-]?(name|code))?|行业(名称|代码)?|产业",
        "region": r"region|country|place|province|city|location|地区|国家|省份|城市|所在地",
        "period": r"(year|period|time)|年份?|年度|时期",
    },
}
"""Headers by role and kind, matched whole and on folded case, in the order they are looked for."""


@dataclass(frozen=True)
class EdgeOptions:
    """How an edge list is read.

    Parameters
    ----------
    kind
        ``chain`` or ``suppliers``.
    columns
        Role → column (:data:`ROLES`); a role whose header tells it need not be named.
    period
        The period of rows that say none; empty for :data:`UNDATED`.
    scheme
        Scheme of the products' ids, or of the firms' sectors; empty for the source's id.
    unit
        ``%`` or ``share`` for the shares of a chain; the unit of the amounts of a supplier network (``万元``).
    table
        How the files are read (sheet, lines to skip, encoding, delimiter, decimal mark) and what the source is.
    """

    kind: str = "chain"
    columns: dict[str, str] = field(default_factory=dict)
    period: str = ""
    scheme: str = ""
    unit: str = ""
    table: Mapping = field(default_factory=Mapping)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError("data.error.unknown_option", option="as", value=self.kind, known=", ".join(KINDS))
        known = ROLES[self.kind]
        for role in self.columns:
            if role not in known:
                raise UsageError(
                    "data.error.unknown_edge_role",
                    role=role,
                    kind=self.kind,
                    roles=", ".join(known),
                    suggestions=near_columns(role, known),
                )

    @classmethod
    def from_options(cls, kind: str, maps: Iterable[str] = (), **options: Any) -> EdgeOptions:
        """From command-line strings.

        Parameters
        ----------
        kind
            ``chain`` or ``suppliers``.
        maps
            ``role=column``, as in ``from=上游产品``.
        **options
            ``period``, ``scheme`` and ``unit``; and what :meth:`foreland.data.mapping.Mapping.from_options` takes for
            the file and the source. None and empty count as not given.

        Raises
        ------
        UsageError
            If a role or an option is not known, or the period can't be read.
        """
        from foreland.data.periods import parse_period

        given = {name: value for name, value in options.items() if value not in (None, "", [], ())}
        columns = {}
        for text in maps:
            role, equals, column = text.partition("=")
            if not equals or not role.strip() or not column.strip():
                raise UsageError("data.error.bad_pair", option="--map", text=text)
            columns[role.strip()] = column.strip()
        period = str(given.pop("period", ""))
        if period and not parse_period(period):
            raise UsageError("data.error.unknown_option", option="period", value=period, known="2024, 2024-Q1, 2024-03")
        return cls(
            kind=kind,
            columns=columns,
            period=parse_period(period) or "" if period else "",
            scheme=str(given.pop("scheme", "")),
            unit=str(given.pop("unit", "")),
            table=Mapping.from_options(**given),
        )

    def positions(self, headers: Sequence[str]) -> dict[str, int]:
        """Role → position of its column, among the headers of one table: named ones first, the others guessed."""
        found: dict[str, int] = {}
        for role, column in self.columns.items():
            at = pick_columns(column, headers)
            if at is not None and len(at) == 1:
                found[role] = at[0]
        taken = set(found.values())
        for role, pattern in HEADERS[self.kind].items():
            if role in self.columns:
                continue
            for index, header in enumerate(headers):
                spellings = (header.strip().lower(), split_header(header)[0].strip().lower())
                if index not in taken and any(re.fullmatch(pattern, text) for text in spellings):
                    found[role] = index
                    taken.add(index)
                    break
        return found
