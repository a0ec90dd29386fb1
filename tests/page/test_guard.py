"""Who may ask: other origins, other names, wrong tokens, and what only shows."""

from __future__ import annotations

import http.client
import json
import re
from pathlib import Path

import pytest
from support.control_room import ServedRoom, Viewer, serving

from chdkshell.errors import UsageError
from chdkshell.page.calls import CALLS
from chdkshell.page.listening import PageServer
from chdkshell.page.room import RoomOptions

CHANGES = [call for call in CALLS if call.changes]


def path_of(path: str) -> str:
    """Return the path of a call at the first camera."""
    return path.replace("{camera}", "1").replace("{name}", "x").lstrip("/")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:80", "localhost:1", "[::1]:80"])
def test_own_names_are_served(control_room: ServedRoom, host: str) -> None:
    assert control_room.ask("", Host=host)[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "[", "a b"])
@pytest.mark.parametrize("path", ["", "stream", "frame.jpg", "api/session", "openapi.json"])
def test_name_that_was_pointed_here_is_refused(
    control_room: ServedRoom, host: str, path: str
) -> None:
    assert control_room.ask(path, Host=host)[0] in (400, 421)


def test_every_call_that_changes_something_needs_the_token(control_room: ServedRoom) -> None:
    token = control_room.room.token
    assert len(CHANGES) >= 5
    for call in CHANGES:
        path = path_of(call.path)
        foreign = {"X_Chdkshell_Token": token, "Origin": "http://evil.example"}
        cross = {"X_Chdkshell_Token": token, "Sec_Fetch_Site": "cross-site"}
        named = {"X_Chdkshell_Token": token, "Host": "evil.example"}
        for headers, code in (
            ({}, 403),
            ({"X_Chdkshell_Token": token[:-1]}, 403),
            ({"X_Chdkshell_Token": "\xe4"}, 403),
            (foreign, 403),
            (cross, 403),
            (named, 421),
        ):
            assert control_room.ask(path, call.method, b"{}", **headers)[0] == code, path
        assert control_room.ask(path, "PUT", b"{}", X_Chdkshell_Token=token)[0] == 405
    assert control_room.lua("return get_exp_count()") == control_room.camera.lua(
        "return get_exp_count()"
    )
    assert control_room.room.controls.holder() == ("", "")


def test_read_only_changes_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, RoomOptions(readonly=True)) as served:
        before = served.lua("return get_exp_count()")
        for call in CHANGES:
            code, answer = served.post(path_of(call.path))
            assert (code, answer["error"]) == (403, "this program only shows"), call.path
        assert served.lua("return get_exp_count()") == before
        assert served.ask("frame.jpg")[0] == 200


def test_page_lets_nothing_foreign_in(control_room: ServedRoom) -> None:
    for path in ("", "api/state", "page/api.js", "no/such/path"):
        _, headers, _ = control_room.ask(path)
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers


def test_page_asks_for_nothing_from_elsewhere(control_room: ServedRoom) -> None:
    folder = Path(__file__).parents[2] / "chdkshell/page/static"
    files = [*folder.iterdir()]
    assert sum(file.stat().st_size for file in files) < 150 << 10
    for file in files:
        assert not re.search(rb"https?://(?!www\.w3\.org/)", file.read_bytes()), file.name
        assert control_room.ask(f"page/{file.name}")[0] == 200


@pytest.mark.parametrize(
    "path", ["page/..%2froom.py", "page/../room.py", "page/%2e%2e/room.py", "page/x", "page/"]
)
def test_files_of_the_page_are_those_of_one_folder(control_room: ServedRoom, path: str) -> None:
    assert control_room.ask(path)[0] == 404


def test_token_in_the_url(tmp_path: Path) -> None:
    with serving(tmp_path, token="a-token-of-the-test") as served:
        assert served.url.endswith("/a-token-of-the-test/")
        assert served.ask("api/state")[0] == 200
        for wrong in ("/", "/x/", "/a-token-of-the-tes/", "/a-token-of-the-test"):
            connection = http.client.HTTPConnection("127.0.0.1", served.server.port)
            connection.request("GET", wrong)
            assert connection.getresponse().status == 404
            connection.close()
        assert served.ask("", Host="192.168.1.9:80")[0] == 200
        assert served.ask("", Host="evil.example")[0] == 421


def test_other_addresses_get_a_token() -> None:
    server = PageServer("0.0.0.0", 0)
    server.close()
    assert re.fullmatch(r"http://[^/]+:\d+/[\w-]{20,}/", server.url)
    server = PageServer("127.0.0.1", 0)
    server.close()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", server.url)


@pytest.mark.parametrize("host", ["no such host", "..", "a" * 300])
def test_host_that_is_none_is_told(host: str) -> None:
    with pytest.raises(UsageError, match="cannot serve at"):
        PageServer(host, 0)


def test_one_client_holds_the_controls(control_room: ServedRoom) -> None:
    first = control_room.post("api/controls", client="a", name="the phone")
    assert first == (200, {"name": "the phone", "you": True})
    code, answer = control_room.post("api/cameras/1/shoot", client="b")
    assert (code, answer["error"]) == (423, "the phone holds the controls")
    assert control_room.post("api/cameras/1/shoot", client="a")[0] == 200
    assert control_room.post("api/controls", client="b", name="<b>desk</b>")[0] == 200
    assert control_room.post("api/cameras/1/shoot", client="a")[0] == 423
    assert control_room.post("api/controls", client="b", take=False)[1]["name"] == ""
    assert control_room.post("api/cameras/1/shoot", client="a")[0] == 200


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b'{"x":1}', b'{"to":5}', b'{"to":"moon"}', b"NaN", b"\xff", b"[" * 9999]
)
def test_a_request_that_is_none_is_told(control_room: ServedRoom, body: bytes) -> None:
    token = control_room.room.token
    code, _, answer = control_room.ask("api/cameras/1/shoot", "POST", body, X_Chdkshell_Token=token)
    assert code == 400
    assert json.loads(answer)["error"]


def test_watching_goes_on_while_others_are_refused(control_room: ServedRoom) -> None:
    viewer = Viewer(control_room)
    viewer.head()
    for _ in range(20):
        assert control_room.ask("stream", Host="evil.example")[0] == 421
        viewer.picture()
    viewer.close()
    assert control_room.post("api/cameras/1/shoot")[0] == 200
