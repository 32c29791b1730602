"""A plain answer to which passages two documents share, for where the question is not registered."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from foreland.core.scope import Scope


def register() -> bool:
    """Register ``policy.wording`` unless it is there; whether it had to be."""
    from foreland.core.errors import UsageError
    from foreland.core.provenance import Input, Step
    from foreland.core.registry import find_question, question
    from foreland.data.answer import answer

    try:
        find_question("policy.wording")
    except UsageError:
        pass
    else:
        return False

    @question("policy.wording", zh="（测试）", en="(test)", example={"left": "a", "right": "b"}, uses=())
    def wording(ws, scope: Scope, left: str = "", right: str = ""):  # type: ignore[no-untyped-def]
        table = ws.table("document")
        rows = ws.to_arrow(table.filter(table.document_id.isin([left, right])).select("document_id", "text"))
        texts = {row["document_id"]: row["text"] for row in rows.to_pylist()}
        mine, theirs = texts[left], texts[right]
        # Clause by clause; a clause that differs between two that agree belongs to the passage.
        clauses = [
            [m.span() for m in re.finditer(r"[^，。；,.;\n]*[，。；,.;\n]|.+$", text)] for text in (mine, theirs)
        ]
        words = [[text[a:b] for a, b in each] for text, each in zip((mine, theirs), clauses, strict=True)]
        merged: list[list[int]] = []
        for block in SequenceMatcher(None, *words, autojunk=False).get_matching_blocks()[:-1]:
            a, b = clauses[0][block.a][0], clauses[0][block.a + block.size - 1][1]
            c, d = clauses[1][block.b][0], clauses[1][block.b + block.size - 1][1]
            if merged and a - merged[-1][1] < 30 and c - merged[-1][3] < 30:
                merged[-1] = [merged[-1][0], b, merged[-1][2], d, merged[-1][4] + b - a]
            else:
                merged.append([a, b, c, d, b - a])
        merged = sorted((m for m in merged if m[4] >= 12), key=lambda m: (-m[4], m[0]))
        return answer(
            ws, "policy.wording", scope,
            [
                {
                    "rank": n, "left_start": a, "left_end": b, "right_start": c, "right_end": d, "characters": size,
                    "score": float(size), "left_text": mine[a:b], "right_text": theirs[c:d],
                }
                for n, (a, b, c, d, size) in enumerate(merged, 1)
            ] or [],
            headline={"en": f"{len(merged)} passages are shared.", "zh": f"共有 {len(merged)} 段相同。"},
            benchmark={"en": "—", "zh": "—"},
            inputs=[Input("document", {"document_id": [left, right]}, 2, {})],
            steps=[Step("policy.step.mentions", {})],
        )  # fmt: skip

    return True
