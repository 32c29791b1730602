"""Documents that are plainly made up, written for a test."""

from __future__ import annotations

from pathlib import Path

BODY = (
    "到2030年，全市量子信息产业规模达到500亿元以上，新增人形机器人企业20家。建设量子信息重点实验室。"
    "设立总规模100亿元的未来产业基金。支持氢能示范应用，建成加氢站30座。"
)
OTHER = (
    "加快发展低空经济，开展无人机试点。到2028年，生物制造企业达到60家，产值增长15%左右。"
    "推进人工智能与制造业融合，建设算力中心。培育专精特新企业100家以上。"
)
ENGLISH = (
    "The government will invest in quantum technologies and hydrogen. We will support 200 companies in artificial "
    "intelligence by 2030, and the programme is to establish a laboratory for robotics."
)


def plan(place: str = "杭州市", day: str = "2026年1月15日", body: str = BODY, title: str = "未来产业行动计划") -> str:
    """A short plan, signed and dated."""
    return f"{place}{title}\n\n{body}\n{place}人民政府\n{day}\n"


def write_plans(folder: Path) -> Path:
    """A folder of five documents in four formats, a hidden one, and a table."""
    import docx

    (folder / "浙江").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "杭州2026.txt").write_text(plan(), encoding="utf-8")
    (folder / "copy.md").write_text("# " + plan(day="2026年3月1日"), encoding="utf-8")
    (folder / "繁體.txt").write_text(
        "廣東省量子科技發展規劃\n2026年2月1日\n到2030年，全省量子科技產業規模達到300億元，培育企業50家。支持機器人發展。\n",
        encoding="utf-8",
    )
    (folder / "uk.html").write_text(
        f"<html><head><title>UK Quantum Plan</title></head><body><h1>UK Quantum Plan</h1><p>3 March 2023</p>"
        f"<p>{ENGLISH}</p></body></html>",
        encoding="utf-8",
    )
    word = docx.Document()
    for line in ("浙江省人民政府关于印发浙江省氢能规划的通知", OTHER, "浙江省人民政府", "2025年6月1日"):
        word.add_paragraph(line)
    word.save(str(folder / "浙江" / "a.docx"))
    (folder / ".git" / "hidden.txt").write_text("hidden", encoding="utf-8")
    (folder / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    return folder
