"""Charts of entries, exits and how well they can be foretold."""

from __future__ import annotations

from typing import Any

from foreland.capability.charts.forms import Move, moves, table_rows
from foreland.charts import ranked_bars
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t


@chart("capability.entry", "bars")
def events(finding: Finding) -> Any:
    """From the quotient at the start to that at the end, entries before exits."""
    rows = [row for row in finding.rows() if row["specialisation"] is not None]
    rows.sort(key=lambda row: (row["event"] != "entry", -row["specialisation"], row["field_id"]))
    for row in rows:
        row["note"] = f"{row['from_period']}–{row['to_period']}"
    move = Move("specialisation_before", "specialisation", _words("entry"), "note", ratio=True, line=1.0)
    return moves(finding, rows, label="field_id", move=move)


@chart("capability.entry_model", "dots")
def judged(finding: Finding) -> Any:
    """ROC-AUC with its interval; 0.5 is tossing a coin."""
    from foreland.capability.charts.dots import accuracy

    return accuracy(finding, finding.rows())


@chart("capability.entry_model", "forecast")
def forecast(finding: Finding) -> Any:
    """Chances of entry at the place in focus; without one, how often the model was right."""
    rows = table_rows(finding, "forecast")
    if not rows:
        return judged(finding)
    best = [row["field_id"] for row in rows[:5]]
    return ranked_bars(finding, rows, label="field_id", value="probability", focus=best, limit=30)


def _words(of: str) -> tuple[str, str]:
    language = current_language()
    return t(f"capability.chart.{of}.before", language), t(f"capability.chart.{of}.after", language)
