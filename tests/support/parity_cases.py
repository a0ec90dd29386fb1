"""Reads recorded sessions of chdkptp, and compares what this program prints.

The program's own table of differences says in which blocks that may be something else.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from chdkshell.shell import compat as compat_table
from chdkshell.shell.compat import DIFFERENCES
from support.shell_process import environment, program
from support.timeouts import TIMEOUT

DATA = Path(__file__).parent.parent / "data" / "parity"

CAMERA_ORDER = ("rm", "delete", "mup", "mdl")
"""Commands that print one line a file, in the order of the camera's folders."""


@dataclass
class Block:
    """A command, for the client or ("$") for the host's shell, and what was printed."""

    kind: str
    command: str
    lines: list[str] = field(default_factory=list)

    @property
    def in_camera_order(self) -> bool:
        """Whether the order of the lines may differ."""
        return self.command.split()[0] in CAMERA_ORDER


@dataclass
class Printed:
    """What one command printed; `stderr` is None where it is in `stdout`, too."""

    stdout: list[str]
    stderr: list[str] | None = None


def read_cases(name: str) -> dict[str, list[Block]]:
    """Return the blocks of a case file by the headings they stand under."""
    sections: dict[str, list[Block]] = {}
    for line in (DATA / name).read_text("utf-8").split("\n")[:-1]:
        if line.startswith("## "):
            blocks = sections.setdefault(line[3:], [])
        elif line.startswith(("> ", "$ ")):
            blocks.append(Block(line[0], line[2:]))
        else:
            blocks[-1].lines.append(line)
    return sections


def make_card(folder: Path) -> Path:
    """Fill a folder with the card that the sessions were recorded on."""
    subprocess.run(["bash", str(DATA / "make_card.sh"), str(folder)], check=True)
    return folder


def line_pattern(recorded: str, with_hint: bool) -> re.Pattern[str]:
    """Return what a line of ours must match: wildcards filled in, errors may go on with a hint."""
    text = re.escape(recorded)
    text = text.replace("0xNN", "0x[0-9a-fA-F]+").replace(":101:", r":\d+:")
    text = text.replace("<now>", r"\w{3}\ \w{3}\ [ \d]\d\ [\d:]{8}\ \d{4}")
    text = re.sub(r"^N:", r"\\d+:", text)
    if not with_hint:
        return re.compile(text)
    if recorded == "ERROR: ":
        text += ".+"
    elif recorded.startswith("ERROR: "):
        text += "(?:[:;] .+)?"
    return re.compile(text)


def difference(block: Block, printed: Printed) -> str:
    """Return how what was printed differs from the recording; "" where it does not.

    With chdkptp's own ways it holds word for word. Else stdout and the errors hold, each by itself.
    """
    ours, recorded = printed.stdout, block.lines
    if printed.stderr is not None:
        ours = [*printed.stdout, *filter(_is_error, printed.stderr)]
        recorded = sorted(block.lines, key=_is_error)
    if block.in_camera_order:
        ours, recorded = sorted(ours), sorted(recorded)
    if len(ours) == len(recorded) and all(
        line_pattern(want, printed.stderr is not None).fullmatch(got)
        for want, got in zip(recorded, ours, strict=True)
    ):
        return ""
    return f"> {block.command}\nrecorded {recorded}\nprinted  {ours}"


def _is_error(line: str) -> bool:
    return line.startswith(("ERROR: ", "user code: "))


def unexpected(session: str, blocks: list[Block], differences: list[str], compat: bool) -> str:
    """Return what is wrong with the differences of a session's blocks, "" if nothing is.

    With chdkptp's own ways there are none; without, they are those that the program's table names.
    """
    named = [] if compat else [b for d in DIFFERENCES for b in d.blocks if b.session == session]
    seen: Counter[str] = Counter()
    problems = []
    for block, text in zip(blocks, differences, strict=True):
        seen[block.command] += 1
        place = compat_table.Block(session, block.command, seen[block.command])
        if place not in named:
            problems.append(text)
        elif not text:
            problems.append(f"{place} is named as different, and is as recorded")
    return "\n".join(filter(None, problems))


def in_lua(command: str) -> str:
    """Return a pause of the recorded sessions, which are Python there, for `exec` in Lua."""
    pause = re.fullmatch(r"!import time; time\.sleep\(([\d.]+)\)", command)
    return f"!sys.sleep({1000 * float(pause[1]):.0f})" if pause else command


class Client:
    """One process of the program that reads commands from a pipe, connected to `address`.

    `compat`: it does as chdkptp; stdout and stderr are then one stream, where each command has the
    prompt before it and is echoed.
    """

    MARK = "--- end of the command"

    def __init__(self, address: str, folder: Path, compat: bool, **settings: str) -> None:
        self._compat = compat
        self._place = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._errors = None if compat else (Path(self._place.name) / "stderr").open("wb")
        self._child = subprocess.Popen(
            [*program(), *(["--chdkptp"] if compat else []), "-r", "--device", address],
            cwd=folder,
            env=environment(TZ="UTC", **settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors or subprocess.STDOUT,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.communicate(timeout=TIMEOUT)
        if self._errors:
            self._errors.close()
        self._place.cleanup()

    def run(self, command: str) -> Printed:
        """Run a command and return the lines it printed."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        before = self._said()
        if self._compat:
            command = in_lua(command)
        self._child.stdin.write(f"{command}\n!print({self.MARK!r})\n")
        self._child.stdin.flush()
        lines: list[str] = []
        if self._compat:
            echoed = self._child.stdout.readline()
            assert re.fullmatch(rf"con( \d+)?> {re.escape(command)}\n", echoed), echoed
        for line in self._child.stdout:
            if self._compat and line.endswith(f"> !print({self.MARK!r})\n"):
                continue
            if line == self.MARK + "\n":
                said = self._said()
                errors = None if said is None else said.removeprefix(before or "").splitlines()
                return Printed(lines, errors)
            lines.append(line.removesuffix("\n"))
        raise AssertionError(f"the program ended in {command!r}: {lines} {self._said()}")

    def _said(self) -> str | None:
        """Return what came on stderr so far."""
        return None if self._errors is None else Path(self._errors.name).read_text("utf-8")


def run_host(command: str, folder: Path) -> Printed:
    """Run a command of the host's shell and return the lines it printed."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(TZ="UTC"),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return Printed((done.stdout + done.stderr).splitlines())
