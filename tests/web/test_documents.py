"""Documents in the dashboard, as a client without scripts sees them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from made_documents import EVIL_ID, LONG, PLAN, RECAST, make_documents
from test_pages import Reader, check_page

from conftest import _client
from foreland.core.registry import questions
from foreland.i18n import LANGUAGES
from foreland.web.why import exactly

FIELD = f"doc:plan:{PLAN.index('量子科技')}:field"
QUANTITY = f"doc:plan:{PLAN.index('100亿元')}:quantity"


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("documents") / "workspace"
    make_documents(path)
    return path


@pytest.fixture(scope="session")
def documents(library: Path) -> Iterator[object]:
    with _client(library) as found:
        yield found


def at(identifier: str, **query: object) -> str:
    return f"/documents/{quote(identifier, safe=':')}" + (f"?{urlencode(query)}" if query else "")


def said(page: Reader) -> str:
    return " ".join(" ".join(page.text).split())


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "path",
    [
        "/documents", at("doc:plan"), at("doc:plan", mark=QUANTITY), at("doc:plan", mark=QUANTITY, part="why"),
        at(EVIL_ID), at(EVIL_ID, mark='evil:"<quantity>'), at("doc:closed"), at("doc:closed", mark="closed:4"),
        at("doc:long", page=3),
        at("doc:report"), "/compare", "/compare?left=doc:plan&right=doc:recast",
        "/compare?left=doc:plan&right=doc:recast&pair=1", f"/compare?{urlencode({'left': EVIL_ID, 'right': EVIL_ID})}",
        "/search?q=%3Cscript%3E", "/", "/documents?q=%3Cscript%3E&region=%22%3E%3Cb%3Ex&year=%3Ci%3E",
    ],
)  # fmt: skip
def test_pages_keep_what_holds_for_every_page(documents, path: str, lang: str) -> None:
    response = documents.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    assert response.status_code == 200
    check_page(response, lang)
    for hostile in ("<script>alert", "<evil>", "<b>rule", "<i>pilot", "<doubt>", "<u>", '"><b>x', "<i>"):
        assert hostile not in response.text


# The list ---------------------------------------------------------------------------------------


def test_list_says_how_facts_were_found_and_what_repeats(documents) -> None:
    page = Reader(documents.get("/documents?lang=en&year=2026").text)
    text = said(page)
    assert "Zhejiang found: folder" in text
    assert "Province found: guessed" in text
    assert "Repeats another" in text
    assert "93% the same" in text
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert "/documents/doc:plan?lang=en" in links
    assert any(link.startswith("/compare?left=doc:plan&right=doc:recast") for link in links)
    values = [attrs.get("value") for tag, attrs in page.tags if tag == "input"]
    assert "foreland correct doc:plan" in values


def test_command_is_quoted_for_the_shell(documents) -> None:
    import shlex

    page = Reader(documents.get(at(EVIL_ID)).text)
    command = next(attrs["value"] for tag, attrs in page.tags if attrs.get("id") == "correct")
    assert shlex.split(command) == ["foreland", "correct", EVIL_ID]


def test_list_pages_and_order(documents) -> None:
    titles = []
    for number in (1, 2, 3):
        text = documents.get("/documents", params={"lang": "en", "page": number}).text
        assert f"Page {number} of 3" in text
        titles += re.findall(r'<h2><a href="/documents/[^"]*"><bdi>(.*?)</bdi>', text)
    assert len(titles) == 126
    everything = documents.get("/documents.json?lang=en").json()
    assert [unescape(title) for title in titles] == [row["title"] for row in everything]
    kinds = [row["kind"] for row in everything]
    assert kinds == sorted(kinds, key=lambda kind: kind != "policy"), "policy comes first"
    dates = [row["date"] for row in everything if row["kind"] == "policy"]
    assert dates == sorted(dates, reverse=True)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("q=改写", {"doc:recast"}),
        ("q=MADE-UP", {"doc:report"}),
        ("q=doc:long", {"doc:long"}),
        ("q=%25", set()),
        ("region=广东", {"doc:long"}),
        ("region=CN-GD&region=CN-ZJ&kind=policy&year=2024,2025", {"doc:long", EVIL_ID}),
        ("language=en", {"doc:report"}),
        ("level=none", set()),
        ("year=1066", set()),
    ],
)
def test_filters(documents, query: str, ids: set[str]) -> None:
    found = documents.get(f"/documents.json?{query}").json()
    assert {row["document_id"] for row in found} == ids
    text = documents.get(f"/documents?{query}&lang=en").text
    assert f"{len(ids)} of 126 documents" in text


def test_twins_of_the_list_hold_no_text(documents) -> None:
    rows = documents.get("/documents.json?kind=policy").json()
    assert "text" not in rows[0]
    assert {"title_from", "duplicate_of", "url"} <= set(rows[0])
    written = csv.DictReader(io.StringIO(documents.get("/documents.csv?kind=policy").content.decode("utf-8-sig")))
    assert [row["document_id"] for row in written] == [row["document_id"] for row in rows]


# The reader -------------------------------------------------------------------------------------


def read_marks(html: str) -> dict[str, str]:
    """The words inside each first mark of a page by class and number."""
    section = html[html.index('<section class="text"') : html.index("</section>", html.index('<section class="text"'))]
    found: dict[str, str] = {}
    for kind, number in re.findall(r'<mark class="mk k-(\w+)[^"]*" data-n="(\d+)"', section):
        found.setdefault(f"{kind}{number}", "")
    stack: list[str] = []
    for token in re.split(r"(<[^>]*>)", section):
        if token.startswith("<mark"):
            kind, number = re.search(r'k-(\w+)[^"]*" data-n="(\d+)"', token).groups()
            stack.append(f"{kind}{number}")
        elif token == "</mark>":
            stack.pop()
        elif not token.startswith("<"):
            for name in set(stack):
                found[name] += unescape(token)
    return found


def test_marks_hold_the_words_that_were_read(documents) -> None:
    """Behind characters of two UTF-16 units, nested, crossing and on the same words."""
    rows = documents.get("/documents/doc:plan.json").json()["rows"]
    words = sorted(row["text"] for row in rows if row["kind"] not in ("furniture", "glossary"))
    marks = read_marks(documents.get(at("doc:plan")).text)
    assert sorted(marks.values()) == words
    for name, text in marks.items():
        kind = name.rstrip("0123456789")
        assert text in {row["text"] for row in rows if row["kind"] == kind}


def test_what_was_cut_is_folded_and_named(documents) -> None:
    text = documents.get(at("doc:plan", lang="en")).text
    assert text.count('<details class="cut"') == 2
    assert "Page furniture, 13 characters, not read" in text
    assert "Glossary, 15 characters, not read" in text
    assert '<details class="cut" data-n="0"><summary>' in text, "folded"
    chosen = documents.get(at("doc:plan", mark="doc:plan:glossary")).text
    assert re.search(r'<details class="cut" data-n="\d+" id="mark" open>', chosen)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_panel_says_why(documents, lang: str) -> None:
    page = Reader(documents.get(at("doc:plan", mark=QUANTITY, lang=lang)).text)
    text = said(page)
    expected = {
        "zh": ["为何标注此处？", "≥ 100亿 元", "目标", "2030", "产值", "量子", "存疑", "95%", "zh.number"],
        "en": [
            "Why did this match?",
            "≥ 10 bn yuan",
            "target",
            "2030",
            "产值",
            "Quantum",
            "Doubt",
            "95%",
            "zh.number",
        ],
    }[lang]
    for word in expected:
        assert word in text, word
    at_ = PLAN.index("100亿元")
    assert f"{at_}–{at_ + 7}" in text
    citation = next(unescape(c) for c in re.findall(r'<textarea id="why-cite"[^>]*>(.*?)</textarea>',
                    documents.get(at("doc:plan", mark=QUANTITY, lang=lang)).text, re.S))  # fmt: skip
    assert "100亿元以上" in citation
    assert f"{at_}–{at_ + 7}" in citation
    assert QUANTITY in citation
    chosen = [attrs for tag, attrs in page.tags if attrs.get("id") == "mark"]
    assert len(chosen) == 1
    assert "k-quantity chosen" in (chosen[0]["class"] or "")


def test_panel_leads_on_and_to_what_else_is_marked_there(documents) -> None:
    text = documents.get(at("doc:plan", mark=FIELD, lang="en")).text
    start = PLAN.index("建设量子科技先导区")
    assert re.search(rf"Also marked here:.*mark=:{start}:instrument", text, re.S)
    order = []
    mark, seen = FIELD, set()
    while mark and mark not in seen:
        seen.add(mark)
        order.append(mark)
        page = documents.get(at("doc:plan", mark=mark, lang="en")).text
        later = re.search(r'mark=([^&"#]+)[^"]*#mark">Next mark', page)
        mark = later[1] if later else ""
    starts = [
        row["start"]
        for row in documents.get("/documents/doc:plan.json").json()["rows"]
        if row["passage_id"].removeprefix("doc:plan") in {each.removeprefix("doc:plan") for each in seen}
    ]
    assert len(order) >= 8
    assert starts == sorted(starts)
    only = documents.get(at("doc:plan", mark=FIELD, kinds="field", lang="en")).text
    assert re.search(rf'kinds=field&amp;mark=:{PLAN.index("人工智能")}:field[^"]*#mark">Next mark', only)


def test_kinds_are_chosen_by_the_address(documents) -> None:
    sent = documents.get(at("doc:plan") + "?kinds=&kinds=quantity&kinds=field&lang=en", follow_redirects=False)
    assert sent.status_code == 307
    assert sent.headers["location"] == "/documents/doc:plan?kinds=field,quantity&lang=en"
    text = documents.get(sent.headers["location"]).text
    assert 'class="reader hide-instrument hide-definition hide-other"' in text
    boxes = {
        a["value"]: "checked" in a
        for tag, a in Reader(text).tags
        if tag == "input" and a.get("type") == "checkbox" and a.get("name")
    }
    assert boxes == {"field": True, "quantity": True, "instrument": False, "definition": False, "other": False}
    none = documents.get(at("doc:plan") + "?kinds=&lang=en", follow_redirects=False)
    assert none.headers["location"] == "/documents/doc:plan?kinds=none&lang=en"
    every = documents.get(
        at("doc:plan") + "?kinds=&kinds=field,quantity,instrument,definition,other", follow_redirects=False
    )
    assert every.headers["location"] == "/documents/doc:plan"
    assert documents.get(at("doc:plan", kinds="colour")).status_code == 400


def test_pages_of_a_long_text_are_the_text(documents) -> None:
    read, number = [], 1
    while True:
        response = documents.get(at("doc:long", page=number))
        if response.status_code == 404:
            break
        html = response.text
        section = html[
            html.index('<section class="text"') : html.index("</section>", html.index('<section class="text"'))
        ]
        read += [unescape(re.sub(r"<[^>]+>", "", p)) for p in re.findall(r"<p>(.*?)</p>", section)]
        number += 1
    assert number > 2
    assert read == LONG.split("\n"), "pages end with lines"


def test_the_server_finds_the_page_of_a_mark(documents) -> None:
    last = LONG.count("人工智能") - 1
    text = documents.get(at("doc:long", mark=f"long:{last}", lang="en")).text
    assert 'id="mark"' in text
    pages = re.search(r"Page (\d+) of (\d+)", text)
    assert pages[1] == pages[2] != "1"
    before = re.search(r'data-before="[^"]*mark=long:(\d+)', text)[1]
    first_here = re.search(r'href="\?mark=long:(\d+)', text)[1]
    assert int(before) == int(first_here) - 1


def test_outline_counts_fields(documents) -> None:
    text = documents.get(at("doc:plan", lang="en")).text
    rows = re.findall(r'<th scope="row"><a href="([^"]*)" data-mark>([^<]*)</a></th><td class="n">(\d+)</td>', text)
    named = {name: (int(count), url) for url, name, count in rows}
    quantum = next(value for name, value in named.items() if "uantum" in name)
    assert quantum[0] == 2, "what a quantity is about is no mention"
    assert FIELD.removeprefix("doc:plan") in quantum[1]


def test_without_text_there_is_a_table_and_the_source(documents) -> None:
    page = Reader(documents.get(at("doc:closed", lang="en")).text)
    text = said(page)
    assert "The text itself is not here" in text
    external = [a for tag, a in page.tags if tag == "a" and (a.get("href") or "").startswith("https://example.org")]
    assert external
    assert all("external" in (a["rel"] or "") for a in external)
    assert [tag for tag, _ in page.tags].count("tr") == 1 + 11
    assert "量子" not in text.replace("Quantum", "")
    why = said(Reader(documents.get(at("doc:closed", mark="closed:4", lang="en")).text))
    assert "≥ 10 bn yuan" in why
    assert "The words may not be shown here" in why


@pytest.mark.parametrize(
    "question", [q for q in questions().values() if q.beyond_packs and q.room == "policy"], ids=lambda q: q.id
)
def test_questions_of_texts(documents, client, question) -> None:
    """Answered where texts are loaded, even from the control of a document; said in words where there are none."""
    path = f"/{question.room}/{question.name}?lang=en"
    assert client.get(path).status_code == 422
    words = [p.name for p in question.parameters if p.type is str and not p.choices]
    given = dict(zip(words, ("doc:plan", "doc:recast"), strict=False))
    response = documents.get(path + "".join(f"&{name}={value}" for name, value in given.items()))
    if response.status_code == 200:
        page = check_page(response, "en")
        boxes = {attrs["name"]: attrs for tag, attrs in page.tags if tag == "input" and attrs.get("name") in words}
        assert {name: box["value"] for name, box in boxes.items()} == given
        assert all(box["type"] == "text" for box in boxes.values())
    else:
        assert not words
        assert response.status_code == 422, "one place alone shares with nobody"


def test_bundled_documents_have_no_text_and_lead_to_the_publication(client) -> None:
    rows = client.get("/documents.json").json()
    if not rows:
        pytest.skip("no pack holds documents")
    first = client.get(at(rows[0]["document_id"], lang="zh"))
    check_page(first, "zh")
    assert "此处没有文件全文" in first.text


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [(7.232e11, "7,232亿", "723.2 bn"), (5.5, "5.5", "5.5"), (-1.5e12, "-1.5万亿", "-1.5 tn"), (8063, "8,063", "8,063"),
     (54_500, "5.45万", "54,500"), (0.0, "0", "0")],
)  # fmt: skip
def test_values_keep_all_their_digits(value: float, zh: str, en: str) -> None:
    assert (exactly(value, "zh"), exactly(value, "en")) == (zh, en)


# What goes wrong -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (at("doc:nothing"), 404), (at("doc:plan", mark="evil"), 404), (at("doc:plan", mark="closed:1"), 404),
        (at("doc:plan", page=0), 400), (at("doc:plan", page=-1), 400), (at("doc:plan", page="1e9"), 400),
        (at("doc:plan", page=10**9), 404), (at("doc:plan", page="9" * 5000), 400), (at("doc:plan", page="١"), 400),
        (at("doc:plan", source="nothing"), 404), (at("doc:closed", page=7), 404), (at("doc:plan", part="why"), 200),
        (at("doc:plan", kinds="<script>"), 400), ("/documents/doc:nothing.json", 404), ("/documents/", 404),
        ("/documents?page=0", 400), ("/documents?page=4", 404), (f"/documents?page={10**9}", 404),
        ("/documents?page=%00", 400), ("/documents?q=%00", 200), ("/documents?region=%F0%9F%8D%8C", 200),
        ("/documents/%2E%2E%2F%2E%2E%2Fetc%2Fpasswd", 404), ("/documents/%00", 404), ("/documents/" + "x" * 4000, 404),
        ("/compare?left=doc:plan&right=doc:nothing", 404), ("/compare?left=doc:plan&right=doc:closed", 400),
        ("/compare?left=doc:plan&right=doc:recast&pair=999", 404), ("/compare?left=doc:plan", 200),
        ("/compare?left=doc:plan&right=doc:recast&left_page=-1", 400), ("/compare.json?left=doc:plan", 400),
        ("/compare?left=doc:plan&right=doc:recast&right_page=99999999999", 404),
        ("/compare?left=doc:plan&right=doc:recast&right_page=0", 404),
    ],
)  # fmt: skip
def test_wrong_addresses(documents, path: str, status: int) -> None:
    response = documents.get(path)
    assert response.status_code == status
    assert "Traceback" not in response.text
    assert "<script>alert" not in response.text


# Elsewhere -------------------------------------------------------------------------------------------


def test_search_finds_documents(documents) -> None:
    text = documents.get("/search?q=未来产业&lang=zh").text
    assert "/documents/doc:plan?lang=zh" in text
    many = documents.get("/search?q=虚构通知&lang=en").text
    assert "/documents?q=" in many
    assert "All 120" in many


def test_home_and_navigation_lead_to_documents(documents, client) -> None:
    page = documents.get("/?lang=zh").text
    assert re.search(r"<dt>文件</dt><dd>126</dd>", page)
    assert '<a href="/documents?lang=zh">文件</a>' in page
    assert 'href="/documents?lang=en"' in client.get("/data?lang=en").text


def test_compare_marks_what_both_share_and_what_differs(documents) -> None:
    rows = documents.get("/compare.json?left=doc:plan&right=doc:recast").json()["rows"]
    assert rows
    html = documents.get("/compare?left=doc:plan&right=doc:recast&pair=1&lang=en").text
    panes = re.findall(r'id="pane-(?:left|right)".*?</section>', html, re.S)
    assert len(panes) == 2
    for pane, side, text in zip(panes, "lr", (PLAN, RECAST), strict=True):
        numbers = {int(n) for n in re.findall(r'<mark class="mk k-shared[^"]*" data-n="(\d+)"', pane)}
        assert numbers == {row["rank"] for row in rows}
        assert f'id="{side}1"' in pane
        read = [unescape(re.sub(r"<[^>]+>", "", p)) for p in re.findall(r"<p>(.*?)</p>", pane)]
        assert read == text.split("\n")
    other = [re.findall(r'<mark class="mk k-differs.*?>(.*?)</mark>', pane) for pane in panes]
    assert [["".join(re.sub("<[^>]+>", "", d) for d in side)] for side in other] == [["推动与"], ["促进和"]]
    same = documents.get("/compare?left=doc:plan&right=doc:plan&lang=en").text
    shares = [float(share) for share in re.findall(r"<dd>([\d.]+)%</dd>", same)]
    assert len(shares) == 2
    assert min(shares) > 95, "of what was read: page furniture and glossary are no wording of its own"
    assert "k-differs" not in same[same.index('id="panes"') :]


def test_evidence_shows_sentences(tmp_path: Path) -> None:
    """Passages of a finding stand in their sentences and lead to where they were read."""
    make_documents(tmp_path / "ws", listed=0)
    with _client(tmp_path / "ws") as client:
        rows = client.get("/policy/coverage.json?region=CN-ZJ").json()["rows"]
        row = next(
            n for n, each in enumerate(rows) if each["field_id"] == "iotf:quantum" and each["region_id"] == "CN-ZJ"
        )
        response = client.get(f"/policy/coverage/evidence?region=CN-ZJ&row={row}&lang=en")
        page = check_page(response, "en")
        text = "".join(page.text)
        assert "😀𠮷野市将建设量子科技先导区" in text
        assert '将建设<mark class="mk k-field">量子科技</mark>先导区' in response.text
        links = [a["href"] for tag, a in page.tags if tag == "a" and "mark=" in (a.get("href") or "")]
        assert f"/documents/doc:plan?mark={FIELD.removeprefix('doc:plan')}&lang=en#mark" in links
        assert client.get(links[0].partition("#")[0]).status_code == 200


def test_region_page_leads_to_its_documents(tmp_path: Path) -> None:
    from made_up import make_up

    make_up(tmp_path / "ws")
    make_documents(tmp_path / "ws", listed=0)
    with _client(tmp_path / "ws") as client:
        text = client.get("/region/CN-GD?lang=en").text
        assert '<a href="/documents?region=CN-GD&amp;lang=en">Documents of Guangdong (2)</a>' in text
        assert "/documents?region" not in client.get("/region/KR?lang=en").text


def test_a_giant_text_is_paged_on_the_server(tmp_path: Path) -> None:
    """50 million characters: a page stays a page, and quick; the last mark is found."""
    import time

    import pyarrow as pa

    from foreland.core.tables import table_spec
    from foreland.data.workspace import open_workspace

    line = "虚构的一句话，没有别的意思。\n"
    text = line * (50_000_000 // len(line))
    spot = len(text) - 6
    tables = {
        "document": {"document_id": "giant", "kind": "policy", "title": "Giant", "text": text, "language": "zh"},
        "passage": {"passage_id": "p", "document_id": "giant", "start": spot, "end": spot + 2, "kind": "field",
                    "field_id": "iotf:ai", "method": "term"},
        "source": {"title_en": "S", "title_zh": "S", "content_hash": "e" * 64},
    }  # fmt: skip
    ws = open_workspace(tmp_path / "ws")
    with ws.staging() as staging:
        for table, row in tables.items():
            schema = table_spec(table).arrow_schema()
            staging.write(
                table,
                pa.Table.from_pylist([{n: {"source_id": "g", **row}.get(n) for n in schema.names}], schema=schema),
            )
        staging.commit("g", "e" * 64)
    with _client(tmp_path / "ws") as client:
        client.get("/documents")
        for path in ("/documents/giant", "/documents/giant?page=800", "/documents/giant?mark=p"):
            started = time.monotonic()
            response = client.get(path)
            assert response.status_code == 200
            assert len(response.text) < 300_000
            assert time.monotonic() - started < 8
        assert 'id="mark"' in response.text
