"""Marks in place of a value, and flags beside one."""

from __future__ import annotations

SIGNS = ".. ... … …… - -- --- – — —— − * ** *** : :c :u :z . / // ///"
WORDS = (
    "c x s z n (s) (d) (x) [c] [x] [z] [w] [low] n/a na n.a. n.a nan #n/a null none nil missing 无 缺 暂无 未公布 保密"
)

SUPPRESSED = frozenset(["", *SIGNS.split(), ": c", ": u", ": z", *WORDS.split()])
"""Marks of a value that was not published, folded to lower case."""

FLAGS = {
    **dict.fromkeys(("e", "f", "s", "i", "estimated", "estimate", "forecast", "imputed"), "estimated"),
    **dict.fromkeys(("估计", "估算", "预测"), "estimated"),
    **dict.fromkeys(("c", "m", "suppressed", "confidential", "未公布"), "suppressed"),
}
"""Flags of Eurostat and SDMX, and words; any other flag leaves a value observed."""
