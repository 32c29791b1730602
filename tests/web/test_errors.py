"""What goes wrong is said in words, with a cure and the right status; what is hostile stays text."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from made_up import HOSTILE

from foreland.core.errors import WorkspaceError
from foreland.i18n import LANGUAGES

WRONG = [
    ("/nothing", 404),
    ("/capability/nothing", 404),
    ("/capability/specialisation.xlsx?region=CN-ZJ", 404),
    ("/capability/specialisation?region=XX-NOWHERE", 404),
    ("/capability/specialisation?region=CN-ZJ&window=two", 400),
    ("/capability/specialisation?region=CN-ZJ&window=-1", 400),
    ("/capability/specialisation?region=CN-ZJ&measure=tea-leaves", 400),
    ("/capability/specialisation?region=CN-ZJ&colour=red", 400),
    ("/capability/specialisation?region=CN-ZJ&chart=pie", 404),
    ("/capability/specialisation?region=CN-ZJ&sort=taste", 400),
    ("/capability/specialisation/evidence?region=CN-ZJ&row=99999", 404),
    ("/capability/specialisation/evidence?region=CN-ZJ&row=-1", 400),
    ("/capability/specialisation?region=CN-ZJ&period=1066", 422),
    ("/region/XX-NOWHERE", 404),
    ("/?lang=tlh", 400),
    ("/static/x/../../pyproject.toml", 404),
    ("/static/x/secrets.txt", 404),
]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("path", "status"), WRONG)
def test_wrong_addresses(small, path: str, status: int, lang: str) -> None:
    named = path if "lang=" in path else f"{path}{'&' if '?' in path else '?'}lang={lang}"
    response = small.get(named)
    assert response.status_code == status
    assert "Traceback" not in response.text
    assert 'File "' not in response.text
    assert "<h1" in response.text
    assert response.headers["content-security-policy"].startswith("default-src 'none'")


def test_errors_of_the_api_are_json(small) -> None:
    response = small.get("/api/v1/capability/specialisation?region=CN-ZJ&windw=3")
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "core.error.unknown_parameter"
    assert "window" in error["what"], "names what comes near"
    assert error["cure"]
    assert small.get("/capability/specialisation.json?region=XX-NOWHERE").json()["error"]["status"] == 404


def test_near_names_are_suggested(small) -> None:
    assert "Zhejiang" in small.get("/search?q=Zhejang&lang=en").text
    page = small.get("/search?q=浙江&lang=zh")
    assert str(page.url).endswith("/region/CN-ZJ?lang=zh")
    assert "没有匹配结果" in small.get("/search?q=qqqqqqqq&lang=zh").text


def test_only_reading(small) -> None:
    assert small.post("/").status_code == 405
    assert small.delete("/capability/specialisation").status_code == 405


def test_hostile_names_are_text(small) -> None:
    for path in (
        "/", "/region/XX-H", "/capability/complexity?region=XX-H&scheme=wipo35",
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/capability/complexity/evidence?scheme=wipo35&row=0", "/nothing/<script>alert(1)</script>",
        "/capability/specialisation?region=<img src=x onerror=alert(1)>", "/data",
    ):  # fmt: skip
        text = small.get(path).text
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
    page = small.get("/capability/complexity?region=XX-H&scheme=wipo35")
    assert page.status_code == 200
    assert "&lt;script&gt;" in page.text
    for suffix in ("svg", "md"):
        assert "<script>" not in small.get(f"/capability/complexity.{suffix}?region=XX-H&scheme=wipo35").text
    rows = csv.reader(io.StringIO(small.get("/capability/complexity.csv?region=XX-H&scheme=wipo35").text))
    cells = [cell for row in rows for cell in row]
    assert HOSTILE in cells
    assert not any(cell.startswith(("=", "@")) for cell in cells)


def test_redirects_stay_here(small) -> None:
    for path in ("//evil.example/x?lang=en", "/region/%2F%2Fevil.example", "/region/\\\\evil.example"):
        response = small.get(path, follow_redirects=False)
        target = response.headers.get("location", "/")
        assert target.startswith("/")
        assert not target.startswith(("//", "/\\"))


def test_unchanged_pages_are_not_sent_again(small) -> None:
    path = "/capability/specialisation?region=CN-ZJ&lang=en"
    first = small.get(path)
    tag = first.headers["etag"]
    again = small.get(path, headers={"if-none-match": tag})
    assert again.status_code == 304
    assert not again.content
    assert small.get(path.replace("lang=en", "lang=zh")).headers["etag"] != tag


def test_pages_follow_the_data(tmp_path: Path) -> None:
    from made_up import SOURCE, make_up

    from conftest import _client
    from foreland.data.workspace import open_workspace

    make_up(tmp_path / "ws")
    with _client(tmp_path / "ws") as client:
        path = "/capability/specialisation?region=CN-ZJ"
        before = client.get(path)
        assert before.status_code == 200
        open_workspace(tmp_path / "ws").remove(SOURCE)
        after = client.get(path, headers={"if-none-match": before.headers["etag"]})
        assert after.status_code in (404, 422), "another process took the figures away"
        assert client.get("/?lang=zh").status_code == 200
        assert "foreland load" in client.get("/data?lang=en").text


def test_scripts_and_styles_never_change_under_their_address(small) -> None:
    page = small.get("/").text
    for name in ("style.css", "app.js", "theme.js", "vega.js"):
        start = page.index("/static/")
        version = page[start:].split("/")[2]
        response = small.get(f"/static/{version}/{name}")
        assert response.status_code == 200
        assert "immutable" in response.headers["cache-control"]
        assert response.headers["content-encoding"] == "gzip"


def test_no_workspace_is_an_error_not_a_new_folder(tmp_path: Path) -> None:
    from foreland.web import create_app

    with pytest.raises(WorkspaceError):
        create_app(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_foreign_hosts_are_refused_when_hosts_are_named(made_up: Path) -> None:
    from fastapi.testclient import TestClient

    from foreland.web import create_app

    with TestClient(create_app(made_up, hosts=["127.0.0.1"]), base_url="http://evil.example") as client:
        assert client.get("/").status_code == 400
