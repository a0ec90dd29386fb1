"""Write the screens of the README's tour: the real shell at a terminal, as SVG by rich's export."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, SVG_EXPORT_THEME, TerminalTheme
from rich.text import Text

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / "scripts" / "tour"
COLUMNS = 80

BACKGROUNDS = {"": ("15;0", SVG_EXPORT_THEME), "-light": ("0;15", DEFAULT_TERMINAL_THEME)}
"""What the names of pictures end in, what a terminal says of its colours, and how it looks."""

sys.path.insert(0, str(PROJECT / "tests"))

from support.camera_process import simulated_camera  # noqa: E402
from support.slow_link import SlowLink  # noqa: E402
from support.terminal import Terminal  # noqa: E402

Act = Callable[[Terminal], None]


def completion(terminal: Terminal) -> None:
    """Paths on the camera's card."""
    terminal.line("ls DCIM/100CANON")
    terminal.wait_for("IMG_0003.JPG")
    terminal.wait_prompt()
    terminal.type("download DCIM/100CANON/IMG")
    terminal.wait_for("17,117 bytes")


def lua(terminal: Terminal) -> None:
    """Lua with the camera's functions."""
    terminal.line("luar return get_mode(), {zoom = get_zoom(), names = os.listdir('A/DCIM')}")
    terminal.wait_for("table:")
    terminal.wait_prompt()
    terminal.line("luar local tv = usec_to_tv96(1.5)")
    terminal.wait_for("^")
    terminal.wait_prompt()
    terminal.type("luar local tv = usec_to_tv96(20000)  set_tv")
    terminal.wait_for("set_tv96_direct(tv)")


def signature(terminal: Terminal) -> None:
    """Lua over several lines, and the signature of a call."""
    terminal.line("luar for i = 1, 3 do")
    terminal.wait_for("...>")
    terminal.line("  print(i, get_zoom())")
    terminal.type("set_zoom(")
    terminal.wait_for("set_zoom(zoom)", "Zoom to a position.")


def session(terminal: Terminal) -> None:
    """A Lua session."""
    terminal.line("repl")
    terminal.wait_prompt("lua> ")
    for line in ("photos = os.listdir('A/DCIM/100CANON')", "#photos, photos[1]"):
        terminal.line(line)
        terminal.wait_prompt("lua> ")
    terminal.line("press('shoot_half')")
    terminal.wait_prompt("lua> ")
    terminal.line("is_pressed('shoot_half'), {tv=get_tv96(), sv=get_sv96()}")
    terminal.wait_for("tv=")
    terminal.wait_prompt("lua> ")
    terminal.line("photos[9].size")
    terminal.wait_for("attempt to index", "Ctrl-D ends it")
    terminal.wait_prompt("lua> ")


def tables(terminal: Terminal) -> None:
    """Help and a listing."""
    terminal.line("ls -l DCIM/100CANON")
    terminal.wait_for("IMG_0003.JPG")
    terminal.wait_prompt()
    terminal.line("help upload")
    terminal.wait_for("see also")
    terminal.wait_prompt()
    terminal.wait_toolbar()


def progress(terminal: Terminal) -> None:
    """A progress bar."""
    terminal.line("dowload BIG.BIN")
    terminal.wait_for("did you mean")
    terminal.wait_prompt()
    terminal.line("download BIG.BIN")
    terminal.wait(lambda: re.search(r"[45]\.\d/8\.4 MB +[\d.]+ MB/s", terminal.text))


def live(terminal: Terminal) -> None:
    """The viewfinder, in half blocks."""
    terminal.line("rec")
    terminal.wait_prompt()
    terminal.line("live")
    terminal.wait(lambda: re.search(r"fps +REC +1/\d+ f/", terminal.lines[-1]), "a picture")


SCREENS: tuple[tuple[str, str, int, Act], ...] = (
    ("completion", "completion of what is on the card", 13, completion),
    ("lua", "Lua is checked before it is sent", 17, lua),
    ("signature", "signatures of CHDK's functions", 11, signature),
    ("session", "a Lua session on the camera", 18, session),
    ("tables", "tables and help", 36, tables),
    ("progress", "progress and suggestions", 11, progress),
    ("live-view", "the viewfinder in a terminal", 24, live),
)
"""Name, title, lines of the terminal, and what is done there."""


def styled(terminal: Terminal) -> Text:
    """Return the screen with its colours."""
    text = Text()
    for number in range(terminal.screen.lines):
        for column in range(terminal.screen.columns):
            cell = terminal.screen.buffer[number][column]
            text.append(cell.data, _style(cell))
        text.append("\n")
    text.right_crop(1)
    return text


def _style(cell: object) -> str:
    words = [name for name in ("bold", "italics", "underscore", "reverse") if getattr(cell, name)]
    names = {"italics": "italic", "underscore": "underline"}
    style = [names.get(word, word) for word in words]
    for prefix, colour in (("", cell.fg), ("on ", cell.bg)):  # type: ignore[attr-defined]
        if colour != "default":
            style.append(prefix + _colour(colour))
    return " ".join(style)


def _colour(name: str) -> str:
    """Return rich's name of a colour of pyte's: `brown` is yellow, and RGB comes as hex digits."""
    if len(name) == 6 and all(digit in "0123456789abcdef" for digit in name):
        return f"#{name}"
    name = name.replace("brown", "yellow")
    return name.replace("bright", "bright_")


def write(name: str, title: str, terminal: Terminal, theme: TerminalTheme) -> None:
    """Write the terminal's screen as SVG."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(styled(terminal), soft_wrap=True, end="")
    path = FOLDER / f"{name}.svg"
    console.save_svg(str(path), title=f"chdkshell: {title}", theme=theme, unique_id=f"tour-{name}")
    print(path.relative_to(PROJECT))


def main() -> None:
    """Run each act at a terminal of its own, and write its last screen."""
    FOLDER.mkdir(exist_ok=True)
    names = sys.argv[1:] or [name for name, *_ in SCREENS]
    for name, title, lines, act in SCREENS:
        for ending, (colours, theme) in BACKGROUNDS.items():
            if name not in names:
                continue
            with ExitStack() as stack:
                home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                device = _slow_camera(stack, home) if act is progress else "sim:"
                terminal = stack.enter_context(
                    Terminal(
                        *("-r", "--device", device),
                        home=home,
                        size=(lines, COLUMNS),
                        COLORTERM="truecolor",
                        COLORFGBG=colours,
                    )
                )
                terminal.wait_prompt("con> ")
                terminal.wait_for("free")
                act(terminal)
                write(f"{name}{ending}", title, terminal, theme)


def _slow_camera(stack: ExitStack, home: Path) -> str:
    card = home / "card"
    card.mkdir()
    (card / "BIG.BIN").write_bytes(bytes(8 << 20))
    _, address, _ = stack.enter_context(simulated_camera("--card", str(card)))
    return stack.enter_context(SlowLink(address, rate=3 << 20)).address


if __name__ == "__main__":
    main()
