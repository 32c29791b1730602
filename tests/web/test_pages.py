"""Every page and every twin, in both languages, as a client without scripts sees them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from foreland.core.registry import questions, rooms
from foreland.i18n import LANGUAGES
from foreland.web.openapi import FORMATS
from foreland.web.security import POLICY

QUESTIONS = [question for question in questions().values() if not question.beyond_packs]
"""Those that the bundled figures answer; texts come with nobody's package."""
PLAIN = [
    "/",
    "/documents",
    "/data",
    "/sources",
    "/api",
    "/search?q=jiang",
    "/region/CN-ZJ",
    "/region/KR",
    *(f"/{r}" for r in rooms()),
]


def address(question, suffix: str = "", **more: object) -> str:
    query = urlencode({**question.example, **more}, safe=",:")
    return f"/{question.room}/{question.name}{suffix}?{query}"


class Reader(HTMLParser):
    """Collects what is checked: tags, attributes, text of the document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def check_page(response, lang: str) -> Reader:
    """What holds for every page."""
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == POLICY
    page = Reader(response.text)
    tags = [tag for tag, _ in page.tags]
    assert dict(page.tags)["html"]["lang"] == ("zh-CN" if lang == "zh" else "en")
    assert tags.count("h1") == 1
    assert tags.count("main") == 1
    assert "style" not in tags, "the policy forbids style elements"
    identifiers = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(identifiers) == len(set(identifiers)), "ids are given once"
    for tag, attrs in page.tags:
        assert "style" not in attrs, "the policy forbids style attributes"
        assert not any(name.startswith("on") for name in attrs), "no handlers in attributes"
        for name in ("src", "href", "xlink:href", "data-spec", "action"):
            target = attrs.get(name)
            if target and tag != "a":
                assert not urlsplit(target).netloc, f"{tag} reads from elsewhere: {target}"
        if tag == "script":
            assert attrs.get("src"), "no script within the page"
        if tag == "a" and urlsplit(attrs.get("href") or "").netloc:
            assert "external" in (attrs.get("rel") or "")
    return page


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", PLAIN)
def test_plain_pages(client, path: str, lang: str) -> None:
    response = client.get(path, params={"lang": lang}) if "?" not in path else client.get(f"{path}&lang={lang}")
    assert response.status_code == 200
    check_page(response, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_question_page_states_finding_and_numbers(client, question, lang: str) -> None:
    response = client.get(address(question, lang=lang))
    assert response.status_code == 200
    page = check_page(response, lang)
    answer = client.get(address(question, ".json", lang=lang)).json()
    text = " ".join(" ".join(page.text).split())
    for part in ("headline", "benchmark"):
        assert " ".join(answer[part].split()) in text
    for caveat in answer["caveats"]:
        assert " ".join(caveat["text"].split()) in text
    tags = [tag for tag, _ in page.tags]
    assert tags.count("table") == 1
    assert tags.count("tr") == 1 + min(len(answer["rows"]), 50)
    assert tags.count("svg") - 2 == (2 if answer["charts"] else 0), "wide and narrow figure beside the two icons"
    if answer["charts"]:
        drawn = [attrs for tag, attrs in page.tags if tag == "svg" and attrs.get("role") == "img"]
        assert all(answer["headline"] in (attrs["aria-label"] or "") for attrs in drawn)
        # The palette follows the ground: nothing drawn keeps a colour of its own.
        svg = re.findall(r"<svg[^>]*role=.*?</svg>", response.text, re.S)
        assert not re.search(r'(?:fill|stroke)="#[0-9a-f]{6}"', "".join(svg))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_twins(client, question) -> None:
    turn = QUESTIONS.index(question)
    lang = "zh" if turn // 2 % 2 else "en"
    bodies = {}
    # PNG and Word hold the picture that SVG shows; questions take turns in them, because pixels take time.
    left_out = ("png", "docx")[turn % 2]
    for suffix, media_type in FORMATS.items():
        if suffix == left_out:
            continue
        response = client.get(address(question, f".{suffix}", lang=lang))
        assert response.status_code == 200, suffix
        assert response.headers["content-type"] == media_type
        assert f".{suffix}" in response.headers["content-disposition"]
        bodies[suffix] = response.content
    answer = json.loads(bodies["json"])
    assert bodies["csv"].startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(bodies["csv"].decode("utf-8-sig"), newline="")))
    assert len(rows) == len(answer["rows"])
    assert all(row["finding_id"] == answer["id"] and row["sources"] for row in rows)
    for name in ("region_id", "field_id"):
        if rows and name in rows[0]:
            assert rows[0][name.replace("_id", "_name")] == answer["labels"].get(rows[0][name], rows[0][name])
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(bodies["parquet"]))
    assert table.num_rows == len(answer["rows"])
    assert json.loads(table.schema.metadata[b"foreland"])["id"] == answer["id"]
    assert answer["headline"] in bodies["md"].decode().replace("&amp;", "&").replace("&#39;", "'").replace("&#34;", '"')
    svg = bodies["svg"].decode()
    assert answer["id"] in svg
    assert f"/{question.room}/{question.name}" in svg
    if "png" in bodies:
        assert bodies["png"].startswith(b"\x89PNG\r\n\x1a\n")
    else:
        assert "word/media/image1.png" in zipfile.ZipFile(io.BytesIO(bodies["docx"])).namelist()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_every_chart_is_drawn(client, question) -> None:
    answer = client.get(address(question, ".json")).json()
    assert answer["charts"]
    for name in answer["charts"][1:]:
        response = client.get(address(question, chart=name, lang="zh"))
        assert response.status_code == 200, name
        assert response.text.count('role="img"') == 2, name


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_evidence_of_first_row(client, question, lang: str) -> None:
    answer = client.get(address(question, ".json")).json()
    response = client.get(address(question, "/evidence", row=0, lang=lang))
    assert response.status_code == (200 if answer["rows"] else 404)
    if not answer["rows"]:
        return
    text = "".join(check_page(response, lang).text)
    assert answer["id"] in text
    assert all(source["content_hash"][:16] in text for source in answer["sources"])
    assert '<table class="data' in response.text or '<ol class="passages"' in response.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_brief_and_its_twins(client, lang: str) -> None:
    page = client.get(f"/brief/CN-ZJ?lang={lang}")
    assert page.status_code == 200
    assert "script-src" not in page.headers["content-security-policy"], "a brief runs no script"
    assert "<script" not in page.text
    assert ("浙江" if lang == "zh" else "Zhejiang") in page.text
    assert client.get(f"/brief/CN-ZJ.md?lang={lang}").text.startswith("#")
    word = client.get(f"/brief/CN-ZJ.docx?lang={lang}")
    assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(word.content)).namelist()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_brief_of_a_field_and_the_search_that_leads_to_it(client, lang: str) -> None:
    name = "氢能" if lang == "zh" else "Hydrogen energy"
    page = client.get(f"/brief/iotf:hydrogen?lang={lang}")
    assert page.status_code == 200
    assert name in page.text
    assert "<script" not in page.text
    assert client.get(f"/brief/{name}?lang={lang}").text == page.text
    assert client.get(f"/brief/iotf:hydrogen.md?lang={lang}").text.startswith("#")
    assert re.search(r'href="/brief/iotf:hydrogen[?"]', client.get(f"/search?q={name}&lang={lang}").text)
    lost = client.get(f"/brief/iotf:hydrogn?lang={lang}")
    assert lost.status_code == 404
    assert "iotf:hydrogen" in lost.text


def test_api_answers_as_the_page_does(client) -> None:
    for question in QUESTIONS[:3]:
        path = f"/api/v1/{question.room}/{question.name}"
        answer = client.get(path, params=question.example).json()
        assert answer == client.get(address(question, ".json")).json()
    listed = client.get("/api/v1").json()["questions"]
    assert [each["id"] for each in listed] == list(questions())


def test_openapi_describes_every_question(client) -> None:
    for lang in LANGUAGES:
        document = client.get("/openapi.json", params={"lang": lang}).json()
        assert document["openapi"].startswith("3.")
        for question in QUESTIONS:
            operation = document["paths"][f"/api/v1/{question.room}/{question.name}"]["get"]
            assert operation["summary"] == question.text[lang]
            named = {parameter["name"] for parameter in operation["parameters"]}
            assert named == {*question.uses, *(p.name for p in question.parameters), "lang"}


def test_links_lead_somewhere(client) -> None:
    """Every link of the home page, a region's and a question's page is answered."""
    seen: set[str] = set()
    for start in ("/?lang=en", "/region/CN-ZJ?lang=zh", address(QUESTIONS[0], lang="en")):
        for tag, attrs in Reader(client.get(start).text).tags:
            target = attrs.get("href") or ""
            if (
                tag == "a"
                and target.startswith("/")
                and not re.search(r"\.(png|svg|docx)\b|/evidence|/region/|/brief/", target)
            ):
                seen.add(target.partition("#")[0])
    for target in sorted(seen):
        assert client.get(target).status_code in (200, 400, 422), target


def test_headline_of_a_question_that_can_not_be_asked_of_a_place_is_empty(client) -> None:
    """A place's page asks every question for one: a refusal there is no failure."""
    for question in ("policy/countries", "foresight/catch_up"):
        response = client.get(f"/api/v1/headline/{question}?region=CN-ZJ")
        assert (response.status_code, response.content) == (204, b"")
    assert client.get("/api/v1/headline/capability/specialisation?region=CN-ZJ").json()["headline"]
    assert client.get("/api/v1/headline/capability/specialisation?window=abc").status_code == 400


def test_canonical_address_leaves_defaults_out(client) -> None:
    question = next(q for q in QUESTIONS if q.id == "capability.specialisation")
    window = next(p for p in question.parameters if p.name == "window")
    asked = f"/capability/specialisation?window={window.default}&benchmark=&region=浙江&lang=en"
    response = client.get(asked, follow_redirects=False)
    assert response.status_code == 307
    assert response.headers["location"] == "/capability/specialisation?region=CN-ZJ&lang=en"
    settled = client.get(response.headers["location"], follow_redirects=False)
    assert settled.status_code == 200
    changed = client.get(f"/capability/specialisation?window={window.default + 1}&region=CN-ZJ", follow_redirects=False)
    assert changed.headers["location"] == f"/capability/specialisation?region=CN-ZJ&window={window.default + 1}"


def test_permalink_gives_the_same_finding(client) -> None:
    for question in QUESTIONS[:4]:
        page = Reader(client.get(address(question, lang="zh")).text)
        link = next(attrs["value"] for _, attrs in page.tags if attrs.get("id") == "permalink")
        assert parse_qs(urlsplit(link).query)["lang"] == ["zh"]
        there = client.get(link.replace(f"/{question.name}?", f"/{question.name}.json?")).json()
        here = client.get(address(question, ".json", lang="zh")).json()
        assert there["rows"] == here["rows"]


def test_language_of_the_browser_unless_named(client) -> None:
    path = address(QUESTIONS[0])
    english = client.get(path, headers={"accept-language": "fr,en;q=0.8,zh;q=0.5"})
    chinese = client.get(path, headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert 'lang="en"' in english.text[:200]
    assert 'lang="zh-CN"' in chinese.text[:200]
    assert "Accept-Language" in chinese.headers["vary"]
    switched = next(a for t, a in Reader(chinese.text).tags if a.get("class") == "language")["href"]
    assert parse_qs(urlsplit(switched).query) == {
        **{name: [str(value)] for name, value in QUESTIONS[0].example.items()},
        "lang": ["en"],
    }


def test_table_is_sorted_by_address(client) -> None:
    path = "/capability/specialisation?region=CN-ZJ"
    column = "value"
    up = client.get(f"{path}&sort={column}&view=table")
    down = client.get(f"{path}&sort=-{column}&view=table")
    rows = [re.findall(r"row=(\d+)", page.text) for page in (up, down)]
    values = [row[column] for row in client.get("/capability/specialisation.json?region=CN-ZJ").json()["rows"]]
    assert [values[int(i)] for i in rows[0]] == sorted(values)[: len(rows[0])]
    assert [values[int(i)] for i in rows[1]] == sorted(values, reverse=True)[: len(rows[1])]
    assert 'aria-sort="descending"' in down.text


@pytest.mark.parametrize("path", ["/index", "/capability", "/region/CN-ZJ", "/documents", "/sources", "/data"])
def test_plain_pages_have_twins(client, path: str) -> None:
    page = "/" if path == "/index" else path
    assert f'href="{path}.csv?lang=zh"' in client.get(page, params={"lang": "zh"}).text, "the page names its twins"
    found = client.get(f"{path}.json", params={"lang": "zh"}).json()
    rows = found["rows"] if isinstance(found, dict) else found
    read = client.get(f"{path}.csv", params={"lang": "zh"})
    assert read.headers["content-type"] == FORMATS["csv"]
    written = list(csv.DictReader(io.StringIO(read.content.decode("utf-8-sig"), newline="")))
    assert [list(row) for row in written] == [list(row) for row in rows]
    assert len(rows) > 1
    text = client.get(f"{path}.md", params={"lang": "zh"}).text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == len(rows) + 2
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {len(rows[0]) + 1}


def test_one_place_has_no_column_of_its_name(client) -> None:
    """The heading says it; the downloads keep the column; no chart is offered twice."""
    page = client.get("/capability/specialisation?region=CN-ZJ&lang=zh").text
    assert 'id="sort-region_id"' not in page
    assert re.search(r'class="table-hint"><b>浙江</b>', page)
    assert "region_id" in client.get("/capability/specialisation.csv?region=CN-ZJ").text
    assert re.findall(r'id="tab-([a-z]+)"', page) == ["bars", "table"]
    everything = client.get("/capability/specialisation?lang=zh").text
    assert 'id="sort-region_id"' in everything
    assert re.findall(r'id="tab-([a-z]+)"', everything) == ["bars", "heatmap", "map", "table"]
    assert client.get("/capability/specialisation?region=CN-ZJ&chart=map").status_code == 200, "falls back to the first"


def test_headings_say_the_unit(client) -> None:
    pages = {lang: client.get(f"/capability/ranking?region=CN-ZJ&lang={lang}").text for lang in LANGUAGES}
    assert re.search(r'id="sort-value".*?<span class="unit">元</span>', pages["zh"])
    assert re.search(r'id="sort-value".*?<span class="unit">[^<]+</span>', pages["en"])


@pytest.mark.parametrize(("language", "marked"), [("en", " (chosen for you)"), ("zh", "（自动选择）")])
def test_a_sector_the_question_chose_stands_in_the_control(client, language, marked):
    def first(address: str) -> str:
        page = client.get(address).text
        return re.search(r'<select[^>]*name="field".*?<option value=""[^>]*>([^<]*)<', page, re.S)[1]

    assert marked in first(f"/chains/shock?region=US&lang={language}")
    # All are looked at where none is chosen, and nothing was chosen for whoever chose.
    everything = {"en": "All fields", "zh": "全部领域"}[language]
    assert first(f"/chains/linkages?region=US&lang={language}") == everything
    assert first(f"/chains/shock?region=US&field=bea71:334&lang={language}") == everything
