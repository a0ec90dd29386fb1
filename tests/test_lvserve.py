"""The live view over HTTP: page, stream, button, and who may use them."""

from __future__ import annotations

import http.client
import io
import json
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import Browser
from PIL import Image
from shell_process import environment, program, run

import chdkshell
from chdkshell.errors import TransportError, UsageError
from chdkshell.flow import CancelToken
from chdkshell.shell.viewing.liveserver import MAX_VIEWERS, LiveServer
from chdkshell.shell.viewing.serveview import ViewService

WAIT = 20


@pytest.fixture
def served(tmp_path: Path) -> Iterator[LiveServer]:
    """A simulated camera in record mode, served as `lvserve` does it. Its card is tmp_path."""
    cancel = CancelToken()
    with chdkshell.connect(f"sim:card={tmp_path}") as camera:
        camera.lua("switch_mode_usb(1) sleep(200)")
        service = ViewService(camera, cancel, overlay=True, fps=200, quality=80)
        server = LiveServer("127.0.0.1", 0, service.status)
        thread = threading.Thread(target=service.run, args=(server,))
        thread.start()
        try:
            yield server
        finally:
            cancel.set()
            thread.join(WAIT)
            server.close()
        assert not thread.is_alive()


@pytest.fixture
def bare() -> Iterator[LiveServer]:
    """A server whose pictures the test itself publishes."""
    server = LiveServer("127.0.0.1", 0, lambda: "as it is")
    yield server
    server.close()


def ask(
    server: LiveServer, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Return code, headers and body of the answer; `path` is below the server's prefix."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=WAIT)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, server.prefix + path, headers=named)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


class Viewer:
    """One who watches the stream."""

    def __init__(self, server: LiveServer, receive_buffer: int = 0) -> None:
        self._socket = socket.socket()
        self._socket.settimeout(WAIT)
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.connect(("127.0.0.1", urlsplit(server.url).port or 0))
        self._socket.sendall(b"GET /stream HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        self._file = self._socket.makefile("rb")

    def head(self) -> dict[str, str]:
        """Read the head of the answer up to the first picture."""
        assert self._file.readline() == b"HTTP/1.0 200 OK\r\n"
        head = self._headers()
        assert self._file.readline() == b"--frame\r\n"
        return head

    def picture(self) -> bytes:
        """Read the next picture."""
        head = self._headers()
        assert head["content-type"] == "image/jpeg"
        data = self._file.read(int(head["content-length"]))
        assert self._file.readline() == b"\r\n"
        assert self._file.readline() == b"--frame\r\n"
        return data

    def ended(self) -> bool:
        """Whether the server has ended the stream."""
        return self._file.read(1) == b""

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _headers(self) -> dict[str, str]:
        found = {}
        while (line := self._file.readline().strip()) != b"":
            name, _, value = line.decode().partition(": ")
            found[name.lower()] = value
        return found


def wait_for_viewers(server: LiveServer, count: int) -> None:
    step = threading.Event()
    for _ in range(WAIT * 200):
        if server.feed.viewers == count:
            return
        step.wait(0.005)
    raise AssertionError(f"{server.feed.viewers} viewers, not {count}")


# ---- what is served -----------------------------------------------------------------------------


def test_stream_has_pictures_that_move(served: LiveServer):
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


def test_single_picture(served: LiveServer):
    code, headers, body = ask(served, "frame.jpg")
    assert (code, headers["Content-Type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(body)) as image:
        assert image.size == (720, 540)


def test_button_takes_a_picture(served: LiveServer, tmp_path: Path):
    for number in (1, 2):
        answer = ask(served, "shoot", "POST", X_Chdkshell_Token=served.button_token)
        assert (answer[0], json.loads(answer[2])) == (
            200,
            {"ok": True, "text": f"picture {number} taken"},
        )
    assert len(list(tmp_path.rglob("*.JPG"))) == 2


def test_status_tells_of_the_camera_while_somebody_watches(served: LiveServer):
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


def test_shot_in_play_mode_says_why_not(tmp_path: Path):
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


def test_slow_viewer_does_not_slow_the_others(bare: LiveServer):
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


def test_viewer_that_leaves_is_forgotten(bare: LiveServer):
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


def test_there_may_not_be_too_many(bare: LiveServer):
    viewers = [Viewer(bare) for _ in range(MAX_VIEWERS)]
    wait_for_viewers(bare, MAX_VIEWERS)
    assert ask(bare, "stream")[0] == 503
    assert ask(bare, "")[0] == 200
    for viewer in viewers:
        viewer.close()


def test_end_lets_all_viewers_go(tmp_path: Path):
    server = LiveServer("127.0.0.1", 0, lambda: "")
    viewer = Viewer(server)
    viewer.head()
    wait_for_viewers(server, 1)
    server.close()
    assert viewer.ended()
    viewer.close()
    with pytest.raises(ConnectionRefusedError):
        ask(server, "")


def test_no_frame_is_fetched_while_nobody_watches(tmp_path: Path):
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
def test_own_names_are_served(bare: LiveServer, host: str):
    assert ask(bare, "", Host=host)[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "[", "a b"])
@pytest.mark.parametrize("path", ["", "stream", "frame.jpg", "status"])
def test_name_that_was_pointed_here_is_refused(bare: LiveServer, host: str, path: str):
    assert ask(bare, path, Host=host)[0] == 421


def test_shot_needs_the_pages_token(bare: LiveServer):
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


def test_page_lets_nothing_foreign_in(bare: LiveServer):
    _, headers, body = ask(bare, "")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    nonce = re.search(r"script-src 'nonce-([\w-]{20,})'", policy)
    assert nonce
    assert body.decode().count(f'nonce="{nonce[1]}"') == 2
    assert nonce[1] not in ask(bare, "")[1]["Content-Security-Policy"]


def test_other_addresses_need_the_token_in_the_url():
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


def test_loopback_has_a_short_url(bare: LiveServer):
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", bare.url)


# ---- the command --------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_command_serves_until_it_is_stopped(number: signal.Signals, status: int):
    process = subprocess.Popen(
        [*program(), "-r", "--sim", "-e", "lvserve -port=0"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        match = re.fullmatch(r"live view at http://127\.0\.0\.1:(\d+)/ \(Ctrl-C ends it\)\n", line)
        assert match, line
        connection = http.client.HTTPConnection("127.0.0.1", int(match[1]), timeout=WAIT)
        connection.request("GET", "/stream")
        stream = connection.getresponse()
        assert stream.read(2) == b"--"
        process.send_signal(number)
        out, err = process.communicate(timeout=WAIT)
        connection.close()
    assert (process.returncode, out, err) == (status, "", "")


def test_port_that_is_taken_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("-r", "--sim", "-e", f"lvserve -port={port}")
    assert done.returncode == 1
    assert done.stderr.startswith(f"ERROR: cannot serve at 127.0.0.1:{port}: ")
    assert "-port=0" in done.stderr


@pytest.mark.parametrize("host", ["no such host", "", "a" * 300])
def test_host_that_is_none_is_told(host: str):
    with pytest.raises(UsageError, match="cannot serve at"):
        LiveServer(host or "..", 0, lambda: "")


def test_camera_that_goes_away_ends_it(tmp_path: Path):
    cancel = CancelToken()
    camera = chdkshell.connect(f"sim:card={tmp_path}")
    service = ViewService(camera, cancel, overlay=False, fps=200, quality=80)
    server = LiveServer("127.0.0.1", 0, service.status)
    failures = []

    def serve() -> None:
        try:
            service.run(server)
        except TransportError as error:
            failures.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    viewer = Viewer(server)
    viewer.head()
    viewer.picture()
    camera.session.transport.close()
    thread.join(WAIT)
    assert failures
    server.close()
    viewer.close()
    camera.close()


# ---- in a browser -------------------------------------------------------------------------------

SAMPLE = """
(() => {
  const picture = document.getElementById("picture");
  if (!picture?.naturalWidth) return "";
  const canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0);
  const data = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + data[i]) % 1000003;
  return canvas.width + "x" + canvas.height + " " + sum;
})()
"""


def test_page_in_chromium(served: LiveServer, tmp_path: Path, peer: Callable[[str], str]):
    profile = tmp_path.with_name(tmp_path.name + "-profile")
    with Browser(peer("chromium"), profile) as page:
        page.open(served.url)
        first = page.wait(SAMPLE)
        assert first.startswith("720x540 ")
        assert page.wait(f'{SAMPLE.strip()} !== "{first}"'), "the picture moves"
        page.wait('document.getElementById("status").textContent.includes("REC")')
        page.evaluate('document.getElementById("shoot").click()')
        page.wait('document.getElementById("result").textContent === "picture 1 taken"')
        assert len(list(tmp_path.rglob("*.JPG"))) == 1
        # A page of another origin: the address is the same, the name is not.
        page.open("data:text/html,<p>elsewhere")
        page.wait('location.protocol === "data:"')
        tried = page.evaluate(
            f'fetch("{served.url}shoot", {{method: "POST"}}).then(() => "read", () => "refused")'
        )
        assert tried == "refused"
        seen = page.evaluate(
            "new Promise(done => { const i = new Image(); i.onload = () => done('seen');"
            f" i.onerror = () => done('refused'); i.src = '{served.url}frame.jpg'; }})"
        )
        assert seen == "refused"
    assert len(list(tmp_path.rglob("*.JPG"))) == 1
