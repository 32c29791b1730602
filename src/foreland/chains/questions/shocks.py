"""What the questions about losses of capacity share: assumptions, sectors that are hit, and words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from foreland.chains.ario import ArioParameters, Recovery, Shock
from foreland.chains.ario_engine import economy
from foreland.chains.bands import Ranges, design
from foreland.chains.linkages import linkages, quadrant
from foreland.chains.questions.cells import CATEGORIES
from foreland.chains.questions.tables import Table
from foreland.core.columns import unit_label, write_amount
from foreland.core.finding import Text
from foreland.core.provenance import Caveat
from foreland.core.registry import Between
from foreland.data.answer import name
from foreland.i18n import LANGUAGES

if TYPE_CHECKING:
    from foreland.chains.input_output import Floats, InputOutput

Method = Literal["dynamic", "static"]
MOST_NEGATIVE = 0.001
"""Share of all flows up to which sales below zero are set aside: by-products, not how the economy works."""
STOCKS = CATEGORIES.index("inventory_change")
CHANGED = 1e-4
"""Change in stocks, as a share of a product's uses, from which it counts as one that is held in stock."""
SERVICE = re.compile(
    r"transport|freight|hauling|loading|services?\b|government|activities|trade\b|retail|supply of water|water supply|"
    r"运输|联运|装卸|仓储|服务|政府|活动|批发|零售|修理|水的生产和供应",
    re.IGNORECASE,
)
GOODS = re.compile(r"manufactur|equipment|vehicle|制造|设备|装置", re.IGNORECASE)
"""Words of names of services, and of goods for them."""
STANDSTILL = 0.5
"""Where value added falls below this share and does not come back, stocks have run out all along the chain."""


@dataclass(frozen=True)
class Assumed:
    """What is lost, for how long, and how sectors can answer; whole percents and days.

    Parameters
    ----------
    capacity_lost
        Share of the sector's capacity that is lost.
    duration
        Days for which all of it is.
    recovery_days
        Days over which it then comes back, evenly.
    stock_days
        Days of use that everybody holds of every product.
    overproduction
        By how much sectors can at most make more than in the table's year.
    """

    capacity_lost: Annotated[int, Between(1, 100)] = 20
    duration: Annotated[int, Between(1, 180)] = 30
    recovery_days: Annotated[int, Between(0, 180)] = 30
    stock_days: Annotated[int, Between(10, 180)] = 90
    overproduction: Annotated[int, Between(0, 50)] = 25

    @property
    def whole_days(self) -> float:
        """Days of the full loss that the whole of it comes to."""
        return self.duration + self.recovery_days / 2

    @property
    def horizon(self) -> int:
        """Days that are looked at: a year, or half a year after the recovery."""
        return max(365, self.duration + self.recovery_days + 180)

    def shock(self, loss: Floats) -> Shock:
        """The loss by sector over time."""
        back: Recovery = "linear" if self.recovery_days else "instant"
        return Shock(loss, float(self.duration), back, float(self.recovery_days))

    def parameters(self, step: float = 1.0) -> ArioParameters:
        """The rest of the model as in the literature."""
        return ArioParameters(
            step_days=step, inventory_days=float(self.stock_days), overproduction_max=1 + self.overproduction / 100
        )

    def told(self) -> dict[str, int]:
        """As they stand in the finding's provenance."""
        return {field: getattr(self, field) for field in self.__dataclass_fields__}


def corners(central: ArioParameters) -> tuple[ArioParameters, ...]:
    """Half and twice the stocks, with stiff and with nimble production: the ends of what the literature uses.

    Less and slower overproduction always cost more together than apart, so the two are moved as one.
    """
    stocks = Ranges().inventory
    stiff = Ranges(inventory=stocks, overproduction=(0.5, 0.5), adaptation=(2.0, 2.0))
    nimble = Ranges(inventory=stocks, overproduction=(1.5, 1.5), adaptation=(0.5, 0.5))
    return design(central, stiff) + design(central, nimble)


def passable(table: Table) -> tuple[InputOutput, tuple[Caveat, ...]]:
    """The table without sales below zero, which a shortage can't be passed along.

    Tables made symmetric from make and use have a few, where a by-product is sold for less than it costs. While they
    are next to nothing they count as a final use and, in the column, against value added; a table with more is left
    as it is, for the method to refuse.
    """
    system = table.system
    home = np.minimum(system.flows, 0.0)
    brought = np.zeros_like(home) if system.imported is None else np.minimum(system.imported, 0.0)
    whole = system.flows.sum() + (0.0 if system.imported is None else system.imported.sum())
    part = -float(home.sum() + brought.sum()) / whole if whole > 0 else 0.0
    if not 0 < part <= MOST_NEGATIVE:
        return system, ()
    abroad = None
    if system.imported is not None:
        final = np.zeros_like(system.final) if system.imported_final is None else system.imported_final
        abroad = np.column_stack([final, brought.sum(axis=1)])
    changed = replace(
        system,
        flows=system.flows - home,
        final=np.column_stack([system.final, home.sum(axis=1)]),
        value_added=system.value_added + (home + brought).sum(axis=0),
        imported=None if system.imported is None else system.imported - brought,
        imported_final=abroad,
    )
    told = {"cells": int(((home < 0) | (brought < 0)).sum()), "part": f"{part:.1g}" if part < 1e-5 else f"{part:.3%}"}
    return changed, (Caveat("chains.caveat.negative_sales", "note", told),)


def stocked(table: Table) -> NDArray[np.bool_]:
    """Products that can be held in stock: those whose stocks the table says have changed; all where it says nothing.

    Nobody stores a haircut: a national table has changes in stocks of goods, and of the transport and trade that
    brought them there, which their names tell.
    """
    system = table.system
    change = np.abs(system.final[:, STOCKS])
    if system.imported_final is not None:
        change = change + np.abs(system.imported_final[:, STOCKS])
    called = [name(table.ws, sector) for sector in table.sectors]
    served = [any(SERVICE.search(text) and not GOODS.search(text) for text in names.values()) for names in called]
    found: NDArray[np.bool_] = (change > CHANGED * economy(system).uses) & ~np.array(served)
    return found if found.any() else np.ones(len(found), bool)


def hit_by(table: Table) -> tuple[list[int], tuple[Caveat, ...]]:
    """Positions of the sectors that are hit: those asked for, else the largest of the key sectors."""
    if table.scope.field:
        chosen = table.chosen()
        return chosen, (Caveat("chains.caveat.hit_together", "note"),) if len(chosen) > 1 else ()
    found = linkages(table.system)
    key = quadrant(found.power, found.sensitivity) == "key"
    goods = stocked(table)
    among = key & goods if (key & goods).any() else key if key.any() else table.system.output > 0
    first = int(np.argmax(np.where(among, table.system.value_added, -np.inf)))
    caveat = Caveat("chains.caveat.no_sector_named", "note", {"sector": name(table.ws, table.sectors[first])})
    return [first], (caveat,)


def stylised(assumed: Assumed) -> Caveat:
    """What the simulation leaves out."""
    told = {"stock": assumed.stock_days, "more": assumed.overproduction}
    return Caveat("chains.caveat.stylised", "serious", told)


def stylised_goods(assumed: Assumed, goods: NDArray[np.bool_]) -> Caveat:
    """What the simulation leaves out where only what can be stored is held for the days asked for."""
    if goods.all():
        return stylised(assumed)
    told = {"stock": assumed.stock_days, "others": usual_days(assumed), "more": assumed.overproduction}
    return Caveat("chains.caveat.stylised_goods", "serious", told)


def usual_days(assumed: Assumed) -> int:
    """Days of use that users count as having of what can't be stored, which is no option to hold more of."""
    return max(assumed.stock_days, Assumed().stock_days)


def money(amount: float, unit: str) -> Text:
    """An amount in words of each language."""
    joined = {"en": " ", "zh": ""}
    return {
        language: f"{write_amount(amount, language)}{joined[language]}{unit_label(unit, language)}"
        for language in LANGUAGES
    }


def days(value: float) -> str:
    """Days of GDP with as many digits as their size warrants."""
    size = abs(value)
    return f"{value:.2g}" if size < 0.1 else f"{value:.2f}" if size < 1 else f"{value:.{1 if size < 100 else 0}f}"


def span(low: float, high: float) -> dict[str, Any]:
    """Both ends of an interval of days."""
    return {"low": days(low), "high": days(high)}
