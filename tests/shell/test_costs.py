"""What commands cost, in things that can be counted: modules that a start loads, and transactions.

A change shows as a difference in data/costs, not as a slow day. CHDKSHELL_WRITE_COSTS=1 writes
these files; look at what has changed then.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.camera_process import simulated_camera
from support.emulated_usb.fixtures import UsbBus
from support.shell_process import PROJECT, environment, program
from support.shooting_shell import ShootingShell, shooting_shell
from support.timeouts import TIMEOUT

from chdkshell.chdk.constants import ChdkCommand
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.codes import OperationCode, code_name
from chdkshell.ptp.transaction import Request, Response, Transport
from chdkshell.sim.camera import SimCamera
from chdkshell.streams import Sink, Source

COSTS = PROJECT / "tests" / "data" / "costs"
IMPORTED = re.compile(r"import time:\s+\d+ \|\s+\d+ \|\s+([\w.]+)")
SLOW = {"argparse", "asyncio", "dataclasses", "inspect", "json", "logging", "subprocess", "usb"}
"""Others that are counted, for each takes milliseconds."""


def check(name: str, text: str) -> None:
    """Check that `text` is what is kept in a file."""
    path = COSTS / name
    if os.environ.get("CHDKSHELL_WRITE_COSTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def loaded(*arguments: str, **settings: str) -> str:
    """Run the program; return the modules of it that were loaded, and slow ones, one a line."""
    command = [program()[0], "-X", "importtime", *program()[1:], "-r", *arguments]
    done = subprocess.run(
        command,
        env=environment(**settings),
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=True,
    )
    modules = sorted(set(IMPORTED.findall(done.stderr)))
    counted = [m for m in modules if m.partition(".")[0] == "chdkshell" or m in SLOW]
    return "".join(f"{module}\n" for module in counted)


def test_modules_of_help() -> None:
    check("modules of help.txt", loaded("-e", "help quit"))


@pytest.mark.parametrize("line", ["luar return 1", "ls"])
def test_modules_over_tcp(line: str) -> None:
    with simulated_camera() as (_, address, _):
        check(f"modules of {line.split()[0]}.txt", loaded("--device", address, "-e", line))


def test_modules_over_usb(usb_bus: UsbBus) -> None:
    sim = SimCamera()
    try:
        usb_bus.plug_sim(sim, 4)
        bus = usb_bus.bus.environment()
        check("modules of luar on usb.txt", loaded("-c", "-e", "luar return 1", **bus))
    finally:
        sim.close()


class Counting(Transport):
    """Counts what goes over a link, but for signs of life and questions answered by nothing.

    How many of these there are depends on how quick the camera is.
    """

    def __init__(self, below: Transport) -> None:
        self._below = below
        self.address = below.address
        self.place = below.place
        self.timeout = below.timeout
        self.counts: Counter[str] = Counter()

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        response = self._below.transact(request, source, sink, cancel)
        name = code_name(request.code, OperationCode)
        if request.code == OperationCode.CHDK:
            command = ChdkCommand(request.params[0])
            name = command.name
            if command in (ChdkCommand.SCRIPT_STATUS, ChdkCommand.WRITE_SCRIPT_MSG):
                return response
            if command is ChdkCommand.READ_SCRIPT_MSG and response.params[0] == 0:
                return response
            if command is ChdkCommand.REMOTE_CAPTURE_IS_READY and response.params[0] == 0:
                return response
        self.counts[name] += 1
        return response

    def next_event(self, seconds: float) -> None:
        return None

    def reset(self) -> None:
        self._below.reset()

    def close(self) -> None:
        self._below.close()


@contextmanager
def counted(card: Path) -> Iterator[tuple[ShootingShell, Counting]]:
    """A shell in record mode whose transactions are counted from then on."""
    with shooting_shell(card) as shell:
        shell.run("luar return 0")
        session = shell.camera.session
        session.transport = counting = Counting(session.transport)
        yield shell, counting


def many_files(card: Path) -> None:
    folder = card / "MANY"
    folder.mkdir(parents=True)
    for number in range(100):
        (folder / f"FILE{number:04}.BIN").write_bytes(bytes(2000))


LINES = (
    "luar return 1",
    "ls MANY",
    "download MANY/FILE0001.BIN one.bin",
    "upload one.bin A/TWO.BIN",
    "mdl MANY many",
    "mup many A/AGAIN",
    "imls",
    "rcapture -jpg shot",
    "shoot -dl=pictures/",
)


def test_transactions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    many_files(tmp_path / "card")
    told = ""
    with counted(tmp_path / "card") as (shell, counting):
        for line in LINES:
            counting.counts.clear()
            shell.try_(line)
            counts = sorted(counting.counts.items())
            told += f"{line}: " + ", ".join(f"{name} {count}" for name, count in counts) + "\n"
    check("transactions.txt", told)
