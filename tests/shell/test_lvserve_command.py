"""The command lvserve, and its page in a browser."""

# needs: POSIX

from __future__ import annotations

import http.client
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from support.browser import Browser
from support.served_view import WAIT, Viewer
from support.shell_process import environment, program, run

import chdkshell
from chdkshell.errors import TransportError, UsageError
from chdkshell.flow import CancelToken
from chdkshell.shell.viewing.liveserver import LiveServer
from chdkshell.shell.viewing.serveview import ViewService

# ---- the command --------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -15)])
def test_command_serves_until_it_is_stopped(number: signal.Signals, status: int) -> None:
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


def test_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("-r", "--sim", "-e", f"lvserve -port={port}")
    assert done.returncode == 1
    assert done.stderr.startswith(f"ERROR: cannot serve at 127.0.0.1:{port}: ")
    assert "-port=0" in done.stderr


@pytest.mark.parametrize("host", ["no such host", "", "a" * 300])
def test_host_that_is_none_is_told(host: str) -> None:
    with pytest.raises(UsageError, match="cannot serve at"):
        LiveServer(host or "..", 0, lambda: "")


def test_camera_that_goes_away_ends_it(tmp_path: Path) -> None:
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


def test_page_in_chromium(served: LiveServer, tmp_path: Path, peer: Callable[[str], str]) -> None:
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
