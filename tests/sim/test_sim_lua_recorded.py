"""Programs of many kinds, and what the firmware's own Lua, built for a host, answered to them.

data/lua/programs.jsonl has one a line: written ones, and generated ones with arithmetic, loops,
strings, tables, errors, patterns, stacks and files. An answer has a line for each value (`n5`,
`s:text`, `b1`, `nil`, `ttable`), `p` and a line of the console, `C` or `E` and the text of an error
of the compiler or at run time, and `R` where the program returned.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sim_scripts import Runner, simulated

from chdkshell.chdk.constants import ErrorType, MessageType, ValueType
from chdkshell.sim.lua.host import TERMINATED

DATA = Path(__file__).parent.parent / "data" / "lua"

SLICE = 25
"""The first tier runs every so manieth program."""

ADDRESS = re.compile(r"0x[0-9a-f]{6,12}\b")


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    monkeypatch.setitem(os.environ, "TZ", "UTC")
    time.tzset()
    with simulated(tmp_path, speed=1.0) as runner:
        yield runner


def programs() -> list[tuple[str, list[str]]]:
    """Return the programs and their answers."""
    prelude = (DATA / "prelude.lua").read_text()
    lines = map(json.loads, (DATA / "programs.jsonl").read_text().splitlines())
    return [
        ((prelude if line.get("prelude") else "") + line["code"], line["answer"]) for line in lines
    ]


def answer(camera: Runner, code: str) -> list[str]:
    """Run a program, and return what it did, without addresses, and without what the console says
    of its error.
    """
    camera.state.console.clear()
    messages = camera.messages(code)
    printed = list(camera.state.console)
    if TERMINATED in printed:
        del printed[printed.index(TERMINATED) - 1 :]
    found = [f"p {line}" for line in printed]
    failed = False
    for message in messages:
        number = int.from_bytes(message.data[:4], "little", signed=True)
        text = message.data.decode("latin-1")
        match message.type, message.subtype:
            case MessageType.ERROR, kind:
                failed = True
                found.append(f"{'C' if kind == ErrorType.COMPILE else 'E'} {text}")
            case MessageType.RETURN, ValueType.NIL:
                found.append("nil")
            case MessageType.RETURN, ValueType.BOOLEAN:
                found.append(f"b{number}")
            case MessageType.RETURN, ValueType.INTEGER:
                found.append(f"n{number}")
            case MessageType.RETURN, ValueType.STRING:
                found.append(f"s:{text}")
            case MessageType.RETURN, ValueType.TABLE:
                found.append("ttable")
            case _:
                found.append(f"t{text}")
    return [ADDRESS.sub("0xADDR", line) for line in found + ([] if failed else ["R"])]


def differences(camera: Runner, some: list[tuple[str, list[str]]]) -> list[str]:
    """Return the programs whose answers are others, with both answers."""
    found = []
    for code, wanted in some:
        got = answer(camera, code)
        if got != wanted:
            found.append(f"{code}\n  firmware {wanted}\n  here     {got}")
    return found


def test_a_slice_of_the_programs(camera: Runner) -> None:
    assert differences(camera, programs()[::SLICE]) == []


@pytest.mark.slow
def test_programs_answer_as_on_a_camera(camera: Runner) -> None:
    assert differences(camera, programs()) == []
