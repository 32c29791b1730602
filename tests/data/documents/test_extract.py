"""Text out of sound files of each kind."""

from __future__ import annotations

from pathlib import Path

import docx as python_docx
import pytest

from foreland.data.documents.extract import Extracted, Extractor, Note, Refusal

from .conftest import Read
from .files import docx, paragraph, pdf

ZH = "到二〇三〇年，青岚省将建成三座量子计算实验室，培育一批氢能企业。"
EN = "By 2030 the province of Bluehaze will have built three laboratories for quantum computing."


def text_of(found: Extracted | Refusal) -> str:
    assert isinstance(found, Extracted), found
    return found.text


def test_pdf_joins_lines_and_keeps_paragraphs(read: Read) -> None:
    pages = [
        [
            "青岚省氢能产业规划",
            "第一章总体要求是立足本省资源禀赋和产业基础坚持创新驱动绿色发展推动氢能产",
            "业高质量发展，到二〇三〇年建成完整的产业链。",
            "（一）加快建设制氢基地。",
            "支持企业建设制氢基地，推广氢燃料电池汽车，完善加氢站网络，建立健全安全管",
        ],
        ["理制度。"],
    ]
    found = read("plan.pdf", pdf(pages, title="氢能规划"))
    text = text_of(found)
    assert text.split("\n") == [pages[0][0], pages[0][1] + pages[0][2], pages[0][3], pages[0][4] + pages[1][0]]
    assert (found.kind, found.title, found.date) == ("pdf", "氢能规划", "2026-02-03")
    assert [text[start : start + 4] for start in found.pages] == ["青岚省氢", "理制度。"]


def test_pdf_hyphens(read: Read) -> None:
    lines = [
        "The strategy supports the commercial-",
        "isation of quantum sensors and the high-",
        "quality training of researchers, in co-",
        "operation with cooperation partners.",
    ]
    text = text_of(read("plan.pdf", pdf([lines])))
    assert "commercialisation of quantum" in text
    assert "high-quality training" in text
    assert "in cooperation with" in text
    assert "\n" not in text


def test_pdf_headers_footers_and_page_numbers_are_marked(read: Read) -> None:
    body = [
        f"第{number}段讲的是青岚省第{number}个五年里建设实验室和培育企业的具体安排以及各部门分工。"
        for number in "一二三四五"
    ]
    pages = [["青岚省规划汇编", line, f"— {at} —"] for at, line in enumerate(body, 1)]
    found = read("plan.pdf", pdf(pages))
    text = text_of(found)
    marked = [text[mark.start : mark.end] for mark in found.marks]
    assert {rule for *_, rule in found.marks} == {"page_header", "page_number"}
    assert sorted(marked) == sorted(["青岚省规划汇编"] * 5 + [f"— {at} —" for at in range(1, 6)])
    assert all(line in text for line in body)


def test_pdf_paragraph_over_a_page_break_is_not_cut_by_its_footer(read: Read) -> None:
    start = "支持企业建设制氢基地，推广氢燃料电池汽车，完善加氢站网络，建立健全安全管"
    other = "第{}项工作由各市县按照职责分工抓好落实，省有关部门加强指导和督促检查。"
    pages = [[start, "1"], ["理制度。", other.format("一"), "2"], [other.format("二"), "3"]]
    text = text_of(read("plan.pdf", pdf(pages)))
    assert "建立健全安全管理制度。" in text


def test_pdf_with_some_pages_without_text_says_so(read: Read) -> None:
    found = read("plan.pdf", pdf([[ZH], [], [ZH]]))
    assert isinstance(found, Extracted)
    assert found.notes == (Note("pages_without_text", "1/3"),)
    assert len(found.pages) == 3


def test_pdf_glyphs_of_bad_fonts(read: Read) -> None:
    assert text_of(read("plan.pdf", pdf([["⽤⼼⻓治：量⼦计算的产业⾰新"]]))) == "用心长治：量子计算的产业革新"


def test_docx_in_order_with_table_contents_and_footnote(tmp_path: Path, extractor: Extractor) -> None:
    document = python_docx.Document()
    document.core_properties.title = "青岚省规划"
    document.core_properties.author = "made up"
    document.add_heading("一、目标", 1)
    document.add_paragraph(ZH)
    table = document.add_table(rows=2, cols=2)
    for cell, value in zip(
        (cell for row in table.rows for cell in row.cells), ("指标", "目标", "实验室", "3"), strict=True
    ):
        cell.text = value
    document.add_paragraph("以上。")
    path = tmp_path / "plan.docx"
    document.save(str(path))
    (found,) = extractor.read([path])
    text = text_of(found)
    assert text == f"一、目标\n{ZH}\n指标\t目标\n实验室\t3\n以上。"
    assert found.title == "青岚省规划"
    assert [(text[m.start : m.end], m.kind) for m in found.marks] == [("指标\t目标\n实验室\t3", "table")]


def test_docx_tracked_changes_links_and_text_boxes(read: Read) -> None:
    body = (
        "<w:p><w:r><w:t>建成</w:t></w:r><w:del><w:r><w:delText>两</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>三</w:t></w:r></w:ins><w:hyperlink><w:r><w:t>座实验室</w:t></w:r></w:hyperlink></w:p>"
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>"
        + paragraph("框中文字")
        + "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>"
        + paragraph("框中文字")
        + "</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert text_of(read("plan.docx", docx(body))) == "建成三座实验室\n框中文字"


PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>青岚省规划_青岚省人民政府</title>
<meta name="PubDate" content="2026-02-03 09:02"><style>p {{ color: red }}</style>
<script>var secret = "脚本里的文字";</script></head><body>
<div class="nav"><a href="/">首页</a> <a href="/a">政务公开</a></div>
<h1>青岚省规划</h1><div class="content">{body}</div>
<script>trackEverything("不是正文")</script><div class="footer">版权所有：青岚省人民政府</div></body></html>"""
BODY = "".join(f"<p>第{n}条　{ZH}</p>" for n in "一二三四五六七八")


@pytest.mark.parametrize(("charset", "codec"), [("utf-8", "utf-8"), ("gb2312", "gb18030"), ("big5", "utf-8")])
def test_html_main_text_title_and_date(read: Read, charset: str, codec: str) -> None:
    found = read("page.html", PAGE.format(charset=charset, body=BODY).encode(codec))
    text = text_of(found)
    assert text.count(ZH) == 8
    assert not any(word in text for word in ("secret", "脚本", "trackEverything", "不是正文", "color"))
    assert (found.title, found.date, found.kind) == ("青岚省规划", "2026-02-03", "html")


def test_html_keeps_running_text_that_main_text_would_lose(read: Read) -> None:
    body = "".join(f'<div class="comment sidebar">第{n}条　{ZH}</div>' for n in "一二三四五六七八")
    assert text_of(read("page.html", PAGE.format(charset="utf-8", body=body))).count(ZH) == 8


def test_html_without_main_text_gives_its_body(read: Read) -> None:
    found = read("page.htm", "<html><body><table><tr><td>实验室</td><td>3</td></tr></table></body></html>")
    assert "实验室" in text_of(found)


@pytest.mark.parametrize(
    ("codec", "text", "name"),
    [
        ("utf-8", ZH, "utf-8"),
        ("utf-8-sig", ZH, "utf-8-sig"),
        ("utf-16", ZH, "utf-16"),
        ("gb18030", ZH, "gb18030"),
        ("gb2312", ZH.replace("〇", "零"), "gb18030"),
        ("big5", "到二零三零年，本省將建成三座量子計算實驗室，培育一批氫能企業。", "big5hkscs"),
        ("gb18030", "到二零三零年，本省將建成三座量子計算實驗室，培育一批氫能企業。", "gb18030"),
        ("cp1252", EN + " It costs £3 – a café’s worth.", "cp1252"),
        ("utf-16-le", EN, "utf-16-le"),
        ("ascii", EN, "utf-8"),
    ],
)
def test_encodings(read: Read, codec: str, text: str, name: str) -> None:
    found = read("plan.txt", text.encode(codec))
    assert text_of(found) == text
    assert found.encoding == name


def test_line_ends_and_control_characters(read: Read) -> None:
    assert (
        text_of(read("a.txt", "\ufeff甲\r\n乙\r丙\x00\u200b丁\u2028戊".replace("\x00", "\x01"))) == "甲\n乙\n丙丁\n戊"
    )


def test_a_few_bad_bytes_cost_themselves_only(read: Read) -> None:
    found = read("plan.txt", ZH.encode() * 3 + b"\xff" + ZH.encode())
    assert text_of(found) == ZH * 3 + "\ufffd" + ZH
    assert found.notes == (Note("bad_bytes", "1"),)


def test_markdown(read: Read) -> None:
    source = (
        '---\ntitle: "青岚省规划"\ndate: 2026-02-03\n---\n# 一、目标\n\n建成**三座**[实验室](http://a.b/c)，见`附表`。\n\n'
        "![图](x.png)\n\n- 第一项\n- 第二项\n\n| 指标 | 目标 |\n|---|---:|\n| 实验室 | 3 |\n\n"
        "> 引文 <b>粗</b> 2 * 3 * 4 snake_case_name\n"
    )
    found = read("plan.md", source)
    text = text_of(found)
    assert [line for line in text.split("\n") if line] == [
        "一、目标", "建成三座实验室，见附表。", "第一项", "第二项", "指标\t目标", "实验室\t3",
        "引文 粗 2 * 3 * 4 snake_case_name",
    ]  # fmt: skip
    assert (found.title, found.date, found.kind) == ("青岚省规划", "2026-02-03", "markdown")
    (table,) = [mark for mark in found.marks if mark.kind == "table"]
    assert text[table.start : table.end] == "指标\t目标\n实验室\t3"


def test_a_file_is_what_it_holds_not_what_it_is_called(read: Read) -> None:
    found = read("plan.txt", pdf([[ZH]]))
    assert text_of(found) == ZH
    assert found.notes == (Note("read_as", ".txt → pdf"),)
    assert isinstance(read("plan.pdf", ZH), Extracted)
    assert isinstance(read("noextension", ZH), Extracted)


def test_order_of_answers_is_the_order_of_paths(extractor: Extractor, tmp_path: Path) -> None:
    paths = []
    for at in range(30):
        path = tmp_path / f"{at}.txt"
        if at % 3:
            path.write_text(f"第{at}号文件。{ZH}", encoding="utf-8")
        paths.append(path)
    with Extractor(processes=2, seconds=20) as two:
        for found in (list(extractor.read(paths)), list(two.read(iter(paths)))):
            assert [item.path for item in found] == paths
            assert [isinstance(item, Refusal) for item in found] == [at % 3 == 0 for at in range(30)]


@pytest.mark.parametrize("bad", [{"processes": 0}, {"seconds": 0}, {"memory": "lots"}, {"pages": -1}])
def test_limits_must_make_sense(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"positive|size"):
        Extractor(**bad)  # type: ignore[arg-type]
