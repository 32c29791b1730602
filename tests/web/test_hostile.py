"""Requests of a kind no page sends: each gets the right status and headers, none breaks the server."""

from __future__ import annotations

import pytest

from foreland.web.security import POLICY
from foreland.web.state import State

HEADERS = ("x-content-type-options", "referrer-policy", "cross-origin-resource-policy")
PLACE = "own:0\"><i>'&?#/..%2e\r\nSet-Cookie: x=1"


@pytest.mark.parametrize("path", [f"/region/{PLACE}", "/\\evil.org", "/region/\x00", "/region/\u202e\U0001f34c"])
def test_paths_are_written_as_addresses(path: str) -> None:
    state = State(path, "zh", {"region": PLACE}, {}, True)
    for url in (state.url(), state.elsewhere(path), state.url(path + "/evidence")):
        assert url.isascii()
        assert url.isprintable()
        assert not set(url) & set(' "<>\\')
        assert url.partition("?")[2].endswith("lang=zh")
        assert url.count("?") == 1


@pytest.mark.parametrize("text", ["%00", "a%0d%0aSet-Cookie:x=1", "%F0%9F%8D%8C", "%E2%80%AE", "%ff", "%5c%5cevil.org"])
def test_a_place_of_any_characters_is_led_to_its_address(client, text: str) -> None:
    response = client.get(f"/?region={text}", follow_redirects=False)
    assert response.status_code == 307
    assert "set-cookie" not in response.headers
    location = response.headers["location"]
    assert location.startswith("/region/")
    assert location.isascii()
    assert location.isprintable()
    assert client.get(location).status_code == 404


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e999", "1e400", "9" * 5000])
def test_numbers_that_are_none_are_a_wrong_call(client, value: str) -> None:
    from foreland.core.registry import questions

    tried = 0
    for question in questions().values():
        for parameter in question.parameters:
            if parameter.type in (int, float):
                response = client.get(
                    f"/{question.room}/{question.name}", params={**question.example, parameter.name: value}
                )
                assert response.status_code == 400
                tried += 1
    assert tried > 5


@pytest.mark.parametrize("path", ["/brief/", "/brief/.md", "/brief/%20"])
def test_a_brief_of_no_place(client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/sources.json", "/nowhere", "/static/../../etc/passwd"])
def test_refusals_carry_the_headers_too(client, method: str, path: str) -> None:
    response = client.request(method, path)
    assert response.status_code in (404, 405)
    assert response.headers["content-security-policy"] == POLICY
    assert all(name in response.headers for name in HEADERS)
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("host", ["evil.org", "127.0.0.1.evil.org", "evil.org:8321", "169.254.169.254"])
def test_another_name_for_this_machine_is_refused(bundled, host: str) -> None:
    from fastapi.testclient import TestClient

    from foreland.web.app import LOOPBACK, create_app

    app = TestClient(create_app(bundled, hosts=LOOPBACK), base_url="http://127.0.0.1:8321")
    assert app.get("/sources").status_code == 200
    response = app.get("/sources", headers={"host": host})
    assert response.status_code == 400
    assert response.headers["content-security-policy"] == POLICY
