"""What the main views look like: keys typed at a terminal, and the screen as text in data/screens.

CHDKSHELL_WRITE_SCREENS=1 writes the screens instead; look at what has changed then.
"""

# needs: POSIX

from __future__ import annotations

import os
import re
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from support.camera_process import simulated_camera
from support.shell_process import PROJECT
from support.slow_link import SlowLink
from support.terminal import Terminal

SCREENS = PROJECT / "tests" / "data" / "screens"

CHANGING = (
    (r"\d+\.\d\d V", "#.## V"),
    (r"\d+(\.\d)? [KMGT]B free", "# GB free"),
    (r"^con \d+>", "con #>"),
    (r"^\d+:(return|user):", r"#:\1:"),
    (r"^[⠀-⣿] (.*) \d:\d\d:\d\d$", r"* \1 #:##:##"),
    (r"([\d.]+ [kM]?B/s|\?) +[-\d:]+$", "# MB/s #:##:##"),
    (r"━+[╸╺]?━*", "━━━╸━━━"),  # as long as the rate leaves room
    (r"^[\d.]+ fps", "# fps"),
    (r"host:\d+(\.\d+)*", "host:#"),
    (r"(\d\d:){2}\d\d\.\d+", "##:##:##"),
)
"""What differs from run to run, and what stands for it. `^` and `$` are those of a line."""

SMALL = (24, 80)
WIDE = (60, 200)


class View(NamedTuple):
    """A view: the lines that lead to it, the keys typed last, and what shows that it is there."""

    lines: tuple[str, ...]
    keys: str
    seen: str
    size: tuple[int, int] = SMALL


VIEWS = {
    # the prompt
    "prompt": View((), "", "free"),
    "prompt-wide": View((), "", "free", WIDE),
    "script-runs": View(("lua while true do sleep(10) end",), "", "a script runs"),
    "messages-wait": View(("lua write_usb_msg('kept')",), "", "messages wait: getm"),
    "busy": View((), "luar read_usb_msg(60000)\r", "luar 0:"),
    "multiline": View((), "luar for i = 1, 3 do\rprint(i)", "...> print(i)"),
    # completion
    "commands": View((), "lv", "Write live view frames as pictures."),
    "switches": View((), "connect -no", "Keep the current connection open, too."),
    "values": View((), "set output=", "output=json"),
    "camera-paths": View(("ls DCIM",), "ls A/DCIM/", "A/DCIM/101CANON/"),
    "lua-names": View((), "luar x = get_eff_foc", "fl = get_eff_focal_length([zoom])"),
    "signature": View((), "luar x = get_eff_focal_length(", "since CHDK 1.7"),
    "properties": View((), "luar set_prop(user", "USER_TV"),
    "completion-wide": View((), "connect ", "USB bus.", WIDE),
    # help
    "help": View(("set pager=false",), "help\r", "dngbatch", (90, 100)),
    "help-command": View((), "help connect\r", "see also", (40, 80)),
    "help-function": View((), "help tv96\r", "seconds_to_tv96", (40, 100)),
    "help-wide": View((), "help connect\r", "see also", WIDE),
    "set": View(("set pager=false",), "set -v\r", "syntaxcheck", (50, 110)),
    # results
    "list": View((), "list\r", "current"),
    "listing": View((), "ls -l DCIM/100CANON\r", "IMG_0003.JPG"),
    "tree": View((), "tree DCIM\r", "IMG_0101.JPG"),
    "images": View((), "imls\r", "IMG_0101.JPG"),
    "lua-values": View((), "luar return get_mode(), {zoom=1, names={'a', 'b'}}\r", "names="),
    "watch": View((), "watch 3600 luar return 'seen'\r", "return:'seen'"),
    "lua-session": View(("repl", "x = {a=1}", "x, 'text'"), "error('no')\r", "ERROR: :1: no"),
    "rsint": View(("rec", "rsint -seq=1"), "p", "pcall"),
    "live": View((), "live\r", "q quit"),
    # errors
    "caret": View((), "luar local tv = usec_to_tv96(1.5)\r", "^"),
    "did-you-mean": View((), "dowload A/X\r", "did you mean"),
    "ambiguous": View((), "lu 1\r", "lua, luar"),
    "camera-error": View((), "luar local a\x1b\rreturn a.b\r", "attempt to index"),
}


def text_of(terminal: Terminal) -> str:
    """Return the screen, with a sign for each number that changes from run to run."""
    shown = terminal.text.rstrip() + "\n"
    for pattern, sign in CHANGING:
        shown = re.sub(pattern, sign, shown, flags=re.MULTILINE)
    return shown


def check(terminal: Terminal, name: str) -> None:
    """Wait until the screen is the one that is kept."""
    path = SCREENS / f"{name}.txt"
    if os.environ.get("CHDKSHELL_WRITE_SCREENS"):
        _settle(terminal)
        path.write_text(text_of(terminal), "utf-8")
    kept = path.read_text("utf-8")
    try:
        terminal.wait(lambda: text_of(terminal) == kept)
    except AssertionError:
        assert text_of(terminal) == kept


def _settle(terminal: Terminal) -> None:
    """Take what comes until the screen has been the same for a while."""
    since, before = time.monotonic(), text_of(terminal)
    while time.monotonic() - since < 1.5:
        terminal.feed(0.1)
        if text_of(terminal) != before:
            since, before = time.monotonic(), text_of(terminal)


@pytest.mark.parametrize("name", VIEWS)
def test_view(tmp_path: Path, name: str) -> None:
    view = VIEWS[name]
    with Terminal("-r", "--sim", home=tmp_path, size=view.size) as terminal:
        terminal.wait_prompt("con> ")
        terminal.wait_for("play |", "free")
        for line in view.lines:
            terminal.line(line)
            terminal.wait_prompt()
        terminal.type(view.keys)
        terminal.wait_for(view.seen)
        check(terminal, name)


def test_not_connected(tmp_path: Path) -> None:
    with Terminal("-r", home=tmp_path) as terminal:
        terminal.wait_prompt("___> ")
        check(terminal, "not-connected")


@pytest.mark.parametrize(
    ("name", "size", "command"),
    [
        ("progress", SMALL, "download BIG/A.BIN"),
        ("progress-wide", WIDE, "download BIG/A.BIN"),
        ("progress-of-files", SMALL, "mdownload SMALL here"),
    ],
)
def test_a_bar_half_way(tmp_path: Path, name: str, size: tuple[int, int], command: str) -> None:
    """The camera stops sending in the middle of a file."""
    card = tmp_path / "card"
    for folder in ("BIG", "SMALL"):
        (card / folder).mkdir(parents=True)
    (card / "BIG" / "A.BIN").write_bytes(bytes(8 << 20))
    for letter in "ABCD":
        (card / "SMALL" / f"{letter}.BIN").write_bytes(bytes(2 << 20))
    with ExitStack() as stack:
        _, address, _ = stack.enter_context(simulated_camera("--card", str(card)))
        link = stack.enter_context(SlowLink(address))
        terminal = stack.enter_context(
            Terminal("-r", "--device", link.address, home=tmp_path, size=size)
        )
        terminal.wait_prompt("con> ")
        terminal.wait_for("free")
        link.hold_after(5 << 20)
        terminal.type(f"{command}\r")
        terminal.wait_for("5.2/8.4 MB")
        check(terminal, name)
        link.hold_after(None)
        terminal.wait_for("A.BIN->")
        terminal.wait_prompt()
        assert "/8.4 MB" not in terminal.text
