"""Ctrl-C in a program of its own that copies or deletes many files, over TCP and at the prompt."""

# needs: POSIX

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.cut_link import content
from support.shell_process import environment, program
from support.terminal import Terminal
from support.timeouts import TIMEOUT

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer

COUNT = 120
TIME = 1748779200  # 2025-06-01 12:00:00 UTC

PICTURES = {
    f"{100 + n // 40}CANON/IMG_{n:04}.JPG": f"picture {n} ".encode() * 60 for n in range(COUNT)
}
SCRIPTS = {f"{n // 40}/S{n:04}.LUA": f"return {n} ".encode() * 60 for n in range(COUNT)}


def write(root: Path, tree: dict[str, bytes]) -> None:
    for name, data in tree.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
        os.utime(root / name, (TIME, TIME))


class Served:
    """A camera on a TCP port, whose card tells when it is used."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.card, self.folder = root / "card", root / "work"
        write(self.card / "DCIM", PICTURES)
        write(self.folder / "up", SCRIPTS)
        self.camera = SimCamera(self.card)
        self._patch = monkeypatch

    def at(self, number: int, call: str) -> tuple[threading.Event, threading.Event]:
        """Hold the camera when the card's method `call` is called for the `number`-th time.

        The first event is set then, and the camera waits for the second.
        """
        happened, go_on = threading.Event(), threading.Event()
        used = getattr(self.camera.card, call)
        count = 0

        def counted(*arguments: Any) -> Any:
            nonlocal count
            count += 1
            if count == number:
                happened.set()
                assert go_on.wait(TIMEOUT)
            return used(*arguments)

        self._patch.setattr(self.camera.card, call, counted)
        return happened, go_on

    def start(self, address: str, line: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*program(), "-r", "--device", address, "-e", line],
            cwd=self.folder,
            # the second Ctrl-C may come when the connection is being closed
            env=environment(PYTHONWARNINGS="error,ignore::ResourceWarning"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def finish(self, address: str, line: str) -> str:
        """Run a command to its end."""
        child = self.start(address, line)
        out, err = child.communicate(timeout=TIMEOUT)
        assert child.returncode == 0, err
        return out


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    made = Served(tmp_path, monkeypatch)
    yield made
    made.camera.close()


MOMENTS = [
    ("mdl DCIM pics", "open", 3, 1),
    ("imdl -ddir=pics", "open", 50, 1),
    ("imdl -ddir=pics -rm", "open", 3, 1),
    ("imdl -ddir=pics -rm", "remove", 3, 1),
    ("imdl -ddir=pics -rm", "remove", 50, 2),
    ("sync -delete A/DCIM pics", "open", 60, 1),
    ("mup up UP", "open", 30, 1),
    ("mup up UP", "rename", 3, 1),
    ("mup up UP", "rename", 3, 2),
    ("sync -delete up A/UP", "open", 50, 1),
    ("sync -delete up A/UP", "rename", 30, 2),
    ("rm -nodirs DCIM", "remove", 50, 1),
    ("imrm", "remove", 30, 1),
]
"""A command, what the card does for it, how often it has done that when Ctrl-C is pressed, and how
often that is pressed."""


def check_files(served: Served) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Check that all is whole and nothing is lost; return what arrived, here and on the card."""
    pictures, scripts = content(served.card / "DCIM"), content(served.folder / "up")
    here, there = content(served.folder / "pics"), content(served.card / "UP")
    assert pictures.items() <= PICTURES.items()
    assert scripts.items() <= SCRIPTS.items()
    assert here.items() <= PICTURES.items()
    assert SCRIPTS.items() <= {**scripts, **there}.items()
    return here, there


@pytest.mark.parametrize(("line", "call", "number", "times"), MOMENTS)
def test_ctrl_c_in_a_batch(served: Served, line: str, call: str, number: int, times: int) -> None:
    moment, go_on = served.at(number, call)
    deletes = line.startswith(("rm", "imrm"))
    with IpServer(served.camera) as server:
        child = served.start(server.address, line)
        assert moment.wait(TIMEOUT)
        for _ in range(times):
            child.send_signal(signal.SIGINT)
        go_on.set()
        out, err = child.communicate(timeout=TIMEOUT)
        assert served.camera.scripts.wait_ended(60)
        assert child.returncode == 130, err
        here, there = check_files(served)
        assert "Traceback" not in err
        last = err.splitlines()[-1]
        if last.startswith("ERROR: cancelled"):
            assert there.items() <= SCRIPTS.items(), "no temporary files"
            counts = re.search(r"(\d+) of 120 files are done; not done: ", last)
            arrived = set(re.findall("^(.+)->.*", out, re.MULTILINE))
            deleted = set(re.findall("^delete A/DCIM/(.+)", out, re.MULTILINE))
            if not deletes:
                assert counts, last
                assert int(counts[1]) == len(here) + len(there) == len(arrived)
            gone = PICTURES.keys() - content(served.card / "DCIM").keys()
            if not line.startswith("rm"):
                assert gone == deleted
                kept = set(re.findall("^WARNING: kept A/DCIM/([^:]+)", err, re.MULTILINE))
                assert not kept & gone
                if "-rm" in line or "-delete A/" in line:
                    assert kept | gone == here.keys()
        else:
            assert times == 2
            assert last.startswith("ERROR: interrupted")
        if not deletes or content(served.card / "DCIM"):
            served.finish(server.address, line)
        here, there = check_files(served)
        if deletes:
            assert not content(served.card / "DCIM")
        else:
            assert here == PICTURES or there == SCRIPTS
        assert ":return:42" in served.finish(server.address, "luar return 42")


@pytest.mark.parametrize(
    ("line", "call"),
    [("mdl DCIM pics", "open"), ("mup up UP", "open"), ("imdl -ddir=pics -rm -y", "remove")],
)
def test_ctrl_c_at_the_prompt(served: Served, line: str, call: str) -> None:
    moment, go_on = served.at(30, call)
    with (
        IpServer(served.camera) as server,
        Terminal("-r", "--device", server.address, home=served.folder) as terminal,
    ):
        terminal.wait_prompt()
        terminal.type(f"{line}\r")
        terminal.wait(moment.is_set, "files")
        terminal.type("\x03")
        go_on.set()
        terminal.wait_for("ERROR: cancelled", "120 files are done")
        terminal.wait_prompt()
        check_files(served)
        terminal.line("luar return 6*7")
        terminal.wait_for("return:42")
        terminal.wait_prompt()
        terminal.line(line)
        terminal.wait_prompt()
        here, there = check_files(served)
        assert here == PICTURES or there == SCRIPTS
