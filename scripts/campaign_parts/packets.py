"""Packets that are not as they were sent: to this computer, and to the simulated camera."""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from campaign_parts.hurt_commands import HurtCommands
from campaign_parts.mutate import changed, changed_number, changed_numbers
from campaign_parts.place import Place, small_pictures
from campaign_parts.recordings import (
    CALLS,
    Links,
    Player,
    Recording,
    played_links,
    record_all,
)
from campaign_parts.wire import (
    MemoryLink,
    PlayedIp,
    damaged,
    ip_answers,
    ip_requests,
    packet_socket,
    played_usb,
    usb_answers,
)
from chdkshell.camera import Camera
from chdkshell.errors import ChdkShellError
from chdkshell.ptp.transaction import Request, Response, Transport
from chdkshell.share import client
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock
from chdkshell.sim.interfaces.ipserver import ServedSim
from chdkshell.streams import BytesSink, BytesSource

KINDS = {
    "answers": 30.0,
    "PTP/IP from camera": 25.0,
    "USB from camera": 15.0,
    "requests": 3.0,
    "PTP/IP to camera": 3.0,
    "commands": 0.7,
}
"""Ways to be hurt, by how often each is drawn."""

SELDOM = {"live view": 0.3, "capture of raw data": 0.3}
"""Calls with much data are drawn less often than others."""

TOO_LONG = 20.0
"""Seconds after which what a few packets cause counts as hanging, on a busy machine too."""

OPEN_SESSION, CLOSE_SESSION = 0x1002, 0x1003
VERSION = (0x9999, 0)


class Packets:
    """The family of cases. `run` raises `AssertionError` with what is wrong."""

    def __init__(self, root: Path, links: Links) -> None:
        self._links = links
        self._folder = root / "work"
        self._recordings = record_all(root, links)
        self._ip = {name: ip_answers(one) for name, one in self._recordings.items()}
        self._usb = {name: usb_answers(one) for name, one in self._recordings.items()}
        self._requests = {name: ip_requests(one) for name, one in self._recordings.items()}
        self._card = root / "card"
        self._card.mkdir()
        self._camera = SimCamera(self._card, clock=Clock(20.0))
        for name in CALLS:
            self._check_unharmed(name)
        (root / "place").mkdir()
        self._place = Place(root / "place")
        self._commands = HurtCommands(self._place, links)

    def close(self) -> None:
        self._place.close()
        self._camera.close()

    def run(self, rng: random.Random) -> tuple[str, str, int]:
        """Run one stream. Returns what it was, whose call, and how many packets were changed."""
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        if kind == "commands":
            return self._run_command(rng)
        name = rng.choices(list(CALLS), [SELDOM.get(name, 1.0) for name in CALLS])[0]
        start = time.monotonic()
        try:
            count = self._run(kind, name, rng)
            took = time.monotonic() - start
            assert took < TOO_LONG, f"it took {took:.0f} s"
        except AssertionError as error:
            raise AssertionError(f"{kind}: {name}: {error}") from error
        return kind, name.replace(" ", "-"), count

    def _run_command(self, rng: random.Random) -> tuple[str, str, int]:
        try:
            return "commands", *self._commands.run(rng)
        except AssertionError as error:
            raise AssertionError(f"commands: {error}") from error

    def _run(self, kind: str, name: str, rng: random.Random) -> int:
        if kind == "answers":
            recording, count = _changed_answers(rng, self._recordings[name])
            self._hear(name, lambda: Player(recording))
        elif kind == "PTP/IP from camera":
            packets, count = damaged(rng, self._ip[name])
            self._hear(name, lambda: PlayedIp(b"".join(packets), rng))
        elif kind == "USB from camera":
            transfers, count = damaged(rng, self._usb[name])
            self._hear(name, lambda: played_usb(transfers))
        elif kind == "requests":
            count = self._ask(rng, self._recordings[name])
        else:
            packets, count = damaged(rng, self._requests[name])
            self._serve(b"".join(packets), rng)
        return count

    # ---- to this computer ----

    def _hear(self, name: str, make: Callable[[], Transport]) -> object:
        """Run a call on a link. It succeeds, or fails with one of the library's errors."""
        self._links.next = make
        try:
            with Camera(Player.address) as camera:
                return CALLS[name](camera)
        except ChdkShellError as error:
            text = str(error)
            assert text, f"an error without a word: {error!r}"
            assert "\x1b" not in text, f"a control character for the terminal: {text!r}"
        except Exception as error:
            raise AssertionError(f"{type(error).__name__}: {error}") from error
        finally:
            self._clear()
        return None

    def _clear(self) -> None:
        for entry in os.scandir(self._folder):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            elif entry.name != "sent.txt":
                Path(entry.path).unlink()

    def _check_unharmed(self, name: str) -> None:
        """A recording that nothing happened to gives the same over each link."""
        recording = self._recordings[name]
        rng = random.Random(0)
        for make in (
            lambda: Player(recording),
            lambda: PlayedIp(b"".join(self._ip[name]), rng),
            lambda: played_usb(self._usb[name]),
        ):
            self._links.next = make
            with Camera(Player.address) as camera:
                CALLS[name](camera)
            self._clear()

    # ---- to the camera ----

    def _ask(self, rng: random.Random, recording: Recording) -> int:
        """Ask the camera what was asked, with changes, and then something plain."""
        count = 0
        with _no_thread_fails():
            for exchange in recording:
                request, sent = exchange.request, exchange.sent
                if rng.random() < 0.3:
                    count += 1
                    if sent is not None and rng.random() < 0.5:
                        sent = changed(rng, sent)
                    else:
                        params = changed_numbers(rng, request.params)
                        request = Request(request.code, request.transaction_id, params)
                source = None if sent is None else BytesSource(sent)
                try:
                    self._camera.responder.transact(request, source, BytesSink(1 << 30))
                except ChdkShellError:
                    pass
                except Exception as error:
                    raise AssertionError(f"{type(error).__name__}: {error}") from error
            self._check_camera()
        return count

    def _serve(self, stream: bytes, rng: random.Random) -> None:
        """Let the camera's server hear a stream, and then ask it something plain."""
        command, event = packet_socket(stream, rng), packet_socket(b"", rng)
        with _no_thread_fails(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(client, "Link", MemoryLink)
            try:
                client.Client(ServedSim(self._camera), command, event).serve()
            except Exception as error:
                raise AssertionError(f"{type(error).__name__}: {error}") from error
            self._check_camera()

    def _check_camera(self) -> None:
        """The camera answers the next one, and no script is left of this one."""
        camera = self._camera
        camera.scripts.kill()
        camera.scripts.outbox.clear()
        camera.scripts.inbox.clear()
        camera.responder.end_session()
        self._ok(Request(OPEN_SESSION, 0, (1,)))
        response = self._ok(Request(VERSION[0], 1, (VERSION[1],)))
        assert len(response.params) == 2, f"the camera's version: {response}"
        self._ok(Request(CLOSE_SESSION, 2))
        camera.state.capture.reset()
        camera.state.recording = False
        assert not camera.state.keys_held, f"keys are held: {camera.state.keys_held}"
        size = sum(entry.stat().st_size for entry in os.scandir(self._card) if entry.is_file())
        if size > 1 << 20:
            for entry in os.scandir(self._card):
                if entry.is_file():
                    Path(entry.path).unlink()

    def _ok(self, request: Request) -> Response:
        response = self._camera.responder.transact(request, None, BytesSink())
        assert response.code == 0x2001, f"the camera answers {response} to {request}"
        return response


def _changed_answers(rng: random.Random, recording: Recording) -> tuple[Recording, int]:
    """Return a recording in which some answers are others, and how many packets that changes."""
    result, count = [], 0
    often = rng.choice((0.1, 0.3, 0.6))
    for exchange in recording:
        data, response = exchange.data, exchange.response
        if data is not None and rng.random() < often:
            data, count = changed(rng, data), count + 1
        elif rng.random() < often / 3:
            count += 1
            if rng.random() < 0.3:
                response = response._replace(code=changed_number(rng, response.code) & 0xFFFF)
            else:
                response = response._replace(params=changed_numbers(rng, response.params))
        result.append(replace(exchange, data=data, response=response))
    return result, count


@contextmanager
def _no_thread_fails() -> Iterator[None]:
    """Raise `AssertionError` where a thread of the camera ends by an exception."""
    failed: list[str] = []
    before = threading.excepthook
    threading.excepthook = lambda told: failed.append(f"{told.exc_type.__name__}: {told.exc_value}")
    try:
        yield
    finally:
        threading.excepthook = before
    assert not failed, f"in a thread: {failed[0]}"


@contextmanager
def some_packets(root: Path) -> Iterator[Packets]:
    """Give the family, with a folder to work in below `root`."""
    folder = root / "work"
    folder.mkdir()
    before = Path.cwd()
    os.chdir(folder)
    try:
        with played_links() as links, small_pictures():
            packets = Packets(root, links)
            yield packets
            packets.close()
    finally:
        os.chdir(before)
