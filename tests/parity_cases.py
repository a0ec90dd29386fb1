"""Reads recorded sessions of the established client, and compares what this program prints."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from shell_process import environment, program

DATA = Path(__file__).parent / "data" / "parity"

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


def line_pattern(recorded: str) -> re.Pattern[str]:
    """Return what a line of ours must match: wildcards filled in, errors may go on with a hint."""
    text = re.escape(recorded)
    text = text.replace("0xNN", "0x[0-9a-fA-F]+").replace(":101:", r":\d+:")
    text = text.replace("<now>", r"\w{3}\ \w{3}\ [ \d]\d\ [\d:]{8}\ \d{4}")
    text = re.sub(r"^N:", r"\\d+:", text)
    if recorded == "ERROR: ":
        text += ".+"
    elif recorded.startswith("ERROR: "):
        text += "(?:[:;] .+)?"
    return re.compile(text)


def difference(block: Block, printed: list[str]) -> str:
    """Return how the lines we printed differ from the recorded ones; "" where they do not."""
    ours, recorded = printed, block.lines
    if block.in_camera_order:
        ours, recorded = sorted(printed), sorted(block.lines)
    if len(ours) == len(recorded) and all(
        line_pattern(want).fullmatch(got) for want, got in zip(recorded, ours, strict=True)
    ):
        return ""
    return f"> {block.command}\nrecorded {recorded}\nprinted  {ours}"


class Client:
    """One process of the program that reads commands from a pipe, connected to `address`."""

    MARK = "--- end of the command"

    def __init__(self, address: str, folder: Path, **settings: str) -> None:
        self._child = subprocess.Popen(
            [*program(), "-r", "--device", address],
            cwd=folder,
            env=environment(TZ="UTC", **settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
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
        self._child.communicate(timeout=30)

    def run(self, command: str) -> list[str]:
        """Run a command and return the lines it printed on stdout and stderr."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(f"{command}\n!print({self.MARK!r})\n")
        self._child.stdin.flush()
        lines = []
        for line in self._child.stdout:
            if line == self.MARK + "\n":
                return lines
            lines.append(line.removesuffix("\n"))
        raise AssertionError(f"the program ended in {command!r}: {lines}")


def run_host(command: str, folder: Path) -> list[str]:
    """Run a command of the host's shell and return the lines it printed."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(TZ="UTC"),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return (done.stdout + done.stderr).splitlines()
