"""The live view over HTTP: page, stream, button, and who may use them."""

from __future__ import annotations

import http.client
import io
import json
import re
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from support.served_view import WAIT, Viewer, ask, wait_for_viewers

import chdkshell
from chdkshell.flow import CancelToken
from chdkshell.shell.viewing.liveserver import MAX_VIEWERS, LiveServer
from chdkshell.shell.viewing.serveview import ViewService

# ---- what is served -----------------------------------------------------------------------------


def test_stream_has_pictures_that_move(served: LiveServer) -> None:
    viewer = Viewer(served)
    head = viewer.head()
    assert head["content-type"] == "multipart/x-mixed-replace; boundary=frame"
    assert head["cross-origin-resource-policy"] == "same-origin"
    pictures = {viewer.picture() for _ in range(40)}
    viewer.close()
    assert len(pictures) > 1
    for data in pictures:
        with Image.open(io.BytesIO(data)) as image:
            assert (image.format, image.size) == ("JPEG", (720, 540))


def test_single_picture(served: LiveServer) -> None:
    code, headers, body = ask(served, "frame.jpg")
    assert (code, headers["Content-Type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(body)) as image:
        assert image.size == (720, 540)


def test_button_takes_a_picture(served: LiveServer, tmp_path: Path) -> None:
    for number in (1, 2):
        answer = ask(served, "shoot", "POST", X_Chdkshell_Token=served.button_token)
        assert (answer[0], json.loads(answer[2])) == (
            200,
            {"ok": True, "text": f"picture {number} taken"},
        )
    assert len(list(tmp_path.rglob("*.JPG"))) == 2


def test_status_tells_of_the_camera_while_somebody_watches(served: LiveServer) -> None:
    viewer = Viewer(served)
    viewer.head()
    step = threading.Event()
    for _ in range(400):
        status = json.loads(ask(served, "status")[2])["status"]
        if "REC" in status:
            break
        step.wait(0.02)
    viewer.close()
    assert re.fullmatch(r"\d+\.\d fps  REC  1/\d+ f/\d\.\d ISO \d+  zoom 0  #0", status)


def test_shot_in_play_mode_says_why_not(tmp_path: Path) -> None:
    cancel = CancelToken()
    with chdkshell.connect(f"sim:card={tmp_path}") as camera:
        service = ViewService(camera, cancel, overlay=False, fps=50, quality=80)
        server = LiveServer("127.0.0.1", 0, service.status)
        thread = threading.Thread(target=service.run, args=(server,))
        thread.start()
        try:
            code, _, body = ask(server, "shoot", "POST", X_Chdkshell_Token=server.button_token)
        finally:
            cancel.set()
            thread.join(WAIT)
            server.close()
    assert code == 503
    assert "play mode" in json.loads(body)["text"]


# ---- several viewers ----------------------------------------------------------------------------


def numbered(number: int) -> bytes:
    return b"%08d" % number + bytes(1 << 16)


def test_slow_viewer_does_not_slow_the_others(bare: LiveServer) -> None:
    slow, fast, third = Viewer(bare, receive_buffer=4096), Viewer(bare), Viewer(bare)
    fast.head()
    third.head()
    wait_for_viewers(bare, 3)
    for number in range(200):
        bare.feed.publish(numbered(number))
        assert fast.picture()[:8] == b"%08d" % number
        if number % 50 == 0:
            assert third.picture()[:8] == b"%08d" % number
        else:
            third.picture()
    slow.head()
    seen = [int(slow.picture()[:8])]
    while seen[-1] < 199:
        seen.append(int(slow.picture()[:8]))
    assert seen == sorted(set(seen)), "it never goes back"
    assert len(seen) < 100, "what it was too slow for was left out"
    for viewer in (slow, fast, third):
        viewer.close()


def test_viewer_that_leaves_is_forgotten(bare: LiveServer) -> None:
    viewer = Viewer(bare)
    viewer.head()
    wait_for_viewers(bare, 1)
    viewer.close()
    step = threading.Event()
    for number in range(1000):
        bare.feed.publish(numbered(number))
        if bare.feed.viewers == 0:
            break
        step.wait(0.005)
    assert bare.feed.viewers == 0


def test_there_may_not_be_too_many(bare: LiveServer) -> None:
    viewers = [Viewer(bare) for _ in range(MAX_VIEWERS)]
    wait_for_viewers(bare, MAX_VIEWERS)
    assert ask(bare, "stream")[0] == 503
    assert ask(bare, "")[0] == 200
    for viewer in viewers:
        viewer.close()


def test_end_lets_all_viewers_go(tmp_path: Path) -> None:
    server = LiveServer("127.0.0.1", 0, lambda: "")
    viewer = Viewer(server)
    viewer.head()
    wait_for_viewers(server, 1)
    server.close()
    assert viewer.ended()
    viewer.close()
    with pytest.raises(ConnectionRefusedError):
        ask(server, "")


def test_no_frame_is_fetched_while_nobody_watches(tmp_path: Path) -> None:
    cancel = CancelToken()
    with chdkshell.connect(f"sim:card={tmp_path}") as camera:
        service = ViewService(camera, cancel, overlay=True, fps=200, quality=80)
        server = LiveServer("127.0.0.1", 0, service.status)
        runs = []
        thread = threading.Thread(target=lambda: runs.append(service.run(server)))
        thread.start()
        before = camera.session.bytes_read
        assert ask(server, "")[0] == 200
        assert ask(server, "status")[0] == 200
        cancel.set()
        thread.join(WAIT)
        server.close()
        assert camera.session.bytes_read == before
    assert runs[0].frames == 0


# ---- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:80", "localhost:1", "[::1]:80"])
def test_own_names_are_served(bare: LiveServer, host: str) -> None:
    assert ask(bare, "", Host=host)[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "[", "a b"])
@pytest.mark.parametrize("path", ["", "stream", "frame.jpg", "status"])
def test_name_that_was_pointed_here_is_refused(bare: LiveServer, host: str, path: str) -> None:
    assert ask(bare, path, Host=host)[0] == 421


def test_shot_needs_the_pages_token(bare: LiveServer) -> None:
    token = bare.button_token
    assert ask(bare, "shoot", "POST")[0] == 403
    assert ask(bare, "shoot", "POST", X_Chdkshell_Token=token[:-1])[0] == 403
    assert ask(bare, "shoot", "POST", X_Chdkshell_Token="ä")[0] == 403
    foreign = {"X_Chdkshell_Token": token, "Origin": "http://evil.example"}
    assert ask(bare, "shoot", "POST", **foreign)[0] == 403
    named = {"X_Chdkshell_Token": token, "Host": "evil.example"}
    assert ask(bare, "shoot", "POST", **named)[0] == 421
    assert ask(bare, "shoot", X_Chdkshell_Token=token)[0] == 404
    assert ask(bare, "status", "POST", X_Chdkshell_Token=token)[0] == 404
    assert bare.shots.empty()


def test_page_lets_nothing_foreign_in(bare: LiveServer) -> None:
    _, headers, body = ask(bare, "")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    nonce = re.search(r"script-src 'nonce-([\w-]{20,})'", policy)
    assert nonce
    assert body.decode().count(f'nonce="{nonce[1]}"') == 2
    assert nonce[1] not in ask(bare, "")[1]["Content-Security-Policy"]


def test_other_addresses_need_the_token_in_the_url() -> None:
    server = LiveServer("0.0.0.0", 0, lambda: "")
    try:
        assert re.fullmatch(r"http://[^/]+:\d+/[\w-]{20,}/", server.url)
        assert ask(server, "")[0] == 200
        assert ask(server, "status")[0] == 200
        prefix = server.prefix
        for wrong in ("/", "/x/", prefix[:-2] + "/"):
            server.prefix, path = prefix, wrong
            connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port)
            connection.request("GET", path)
            assert connection.getresponse().status == 404
            connection.close()
        assert ask(server, "", Host="192.168.1.9:80")[0] == 200
        assert ask(server, "", Host="evil.example")[0] == 421
    finally:
        server.close()


def test_loopback_has_a_short_url(bare: LiveServer) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", bare.url)
