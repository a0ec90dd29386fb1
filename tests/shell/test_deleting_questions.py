"""What is asked at a terminal before much is deleted, who is not asked, what a pretence says."""

# needs: POSIX

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.cut_link import content
from support.shell_process import run
from support.terminal import Terminal

MANY = {f"DCIM/100CANON/IMG_{n:04d}.JPG": b"x" * 1000 for n in range(1, 22)}
"""One more than are deleted without a question."""

FEW = {name: MANY[name] for name in list(MANY)[:2]}
NOTE = {"NOTE.TXT": b"a note"}
HERE = {"up/a.lua": b"return 1"}

ASKED = {
    "rm DCIM": (MANY, "delete 21 files and 2 folders, 21.0 kB? [y/N]"),
    "rm -nodirs DCIM": (MANY, "delete 21 files, 21.0 kB? [y/N]"),
    "rm -fmatch=IMG -nodirs DCIM DCIM/100CANON": (MANY, "delete 21 files, 21.0 kB? [y/N]"),
    "rm -all A/": (FEW, "delete 3 files and 3 folders, 2.0 kB? [y/N]"),
    "imrm": (FEW, "delete 2 pictures, 2.0 kB? [y/N]"),
    "imrm DCIM/100CANON": (FEW, "delete 2 pictures, 2.0 kB? [y/N]"),
    "imrm -imin=1": (MANY, "delete 21 pictures, 21.0 kB? [y/N]"),
    "imdl -rm": (MANY, "download 21 pictures, 21.0 kB, and delete them from the card? [y/N]"),
    "sync -delete A/DCIM pics": (FEW, "move 2 files, 2.0 kB off the card? [y/N]"),
    "sync -delete up A/UP": (FEW, "move 1 file, 8 bytes off this computer? [y/N]"),
}
"""Lines that ask: what is on the card, and the question."""

UNASKED = {
    "rm DCIM": FEW,
    "rm NOTE.TXT": MANY,
    "rm -glob=*2.JPG -nodirs DCIM": MANY,
    "imrm -imax=20": MANY,
    "imrm -last=9999": FEW,
    "imrm -fmatch=NONE": MANY,
    "imdl -rm": FEW,
    "imdl": MANY,
    "sync A/DCIM pics": MANY,
    "sync -delete A/CHDK pics": MANY,
}
"""Lines that delete few files, or none."""


def fill(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def prepare(tmp_path: Path, files: dict[str, bytes]) -> tuple[Path, Path]:
    card = fill(tmp_path / "card", files | NOTE)
    (card / "CHDK").mkdir()
    return card, fill(tmp_path / "here", HERE)


def batch(card: Path, here: Path, *words: str) -> Terminal:
    return Terminal("-r", "--device", f"sim:card={card}", *words, home=here)


def ends(terminal: Terminal) -> int:
    with terminal:
        return terminal.wait_end()


ASKED_WITHOUT_CHDK = ("rm DCIM", "rm -all A/", "imrm", "imdl -rm", "sync -delete A/DCIM pics")


@pytest.mark.parametrize(
    ("line", "more"),
    [*((line, "") for line in ASKED), *((line, ",chdk=0") for line in ASKED_WITHOUT_CHDK)],
)
def test_it_is_asked(tmp_path: Path, line: str, more: str) -> None:
    """No is no; then yes; then all is there again and goes without a question, by -y."""
    files, question = ASKED[line]
    card, here = prepare(tmp_path, files)
    before = content(card), content(here)
    settings = str(tmp_path / "settings")
    device = ("-r", "--device", f"sim:card={card}{more}")
    with Terminal(*device, home=here, size=(50, 100), CHDKSHELL_HOME=settings) as terminal:
        terminal.wait_prompt()
        terminal.line(line)
        terminal.wait_for(question)
        terminal.type("n\r")
        terminal.wait_for("ERROR: nothing was deleted")
        terminal.wait_prompt()
        assert (content(card), content(here)) == before
        terminal.line(line)
        terminal.wait(lambda: terminal.text.count(question) == 2)
        assert (content(card), content(here)) == before
        terminal.type("y\r")
        terminal.wait_prompt()
        after = content(card), content(here)
        assert after != before
        prepare_again(card, here, files)
        name, _, rest = line.partition(" ")
        terminal.line(f"{name} -y {rest}")
        terminal.wait_prompt()
        assert terminal.raw.count("[y/N]") == 2
    assert sorted(content(card).values()) == sorted(after[0].values())


def prepare_again(card: Path, here: Path, files: dict[str, bytes]) -> None:
    for name in files:
        (here / name.removeprefix("DCIM/")).unlink(missing_ok=True)
        (here / "pics" / name.removeprefix("DCIM/")).unlink(missing_ok=True)
    (card / "UP/a.lua").unlink(missing_ok=True)
    fill(card, files | NOTE)
    fill(here, HERE)


def test_whatever_is_not_yes(tmp_path: Path) -> None:
    card, here = prepare(tmp_path, MANY)
    for keys in ("\r", "\x04", "\x03"):
        with batch(card, here, "-e", "imrm") as terminal:
            terminal.wait_for("[y/N]")
            terminal.type(keys)
            terminal.wait_for("ERROR: nothing was deleted")
            assert terminal.wait_end() == 130
    assert content(card) == MANY | NOTE


@pytest.mark.parametrize("line", UNASKED)
def test_little_is_deleted_without_a_question(tmp_path: Path, line: str) -> None:
    card, here = prepare(tmp_path, UNASKED[line])
    terminal = batch(card, here, "-e", line)
    assert ends(terminal) == 0
    assert "[y/N]" not in terminal.raw


@pytest.mark.parametrize("how", ["-e", "pipe", "--json", "set output=plain", "--chdkptp", "-y"])
@pytest.mark.parametrize("line", ["imrm", "rm DCIM"])
def test_who_is_not_asked(tmp_path: Path, how: str, line: str) -> None:
    """A program, a pipe, and whoever wants the text for programs: it is done at once."""
    card, here = prepare(tmp_path, MANY)
    device = ("-r", "--device", f"sim:card={card}")
    if how == "-e":
        said = run(*device, "-e", line, stdin="n\n", cwd=here).stderr
    elif how == "pipe":
        said = run(*device, stdin=f"{line}\nn\n", cwd=here).stderr.partition("ERROR: unknown")[0]
    else:
        words = {"-y": ("-e", f"{line} -y"), "set output=plain": ("-e", how, "-e", line)}
        terminal = batch(card, here, *words.get(how, (how, "-e", line)))
        assert ends(terminal) == 0
        said = terminal.raw
    assert "[y/N]" not in said
    assert content(card) == NOTE


def test_a_terminal_whose_stderr_goes_elsewhere_is_not_asked(tmp_path: Path) -> None:
    card, here = prepare(tmp_path, MANY)
    command = f'exec "$0" -m chdkshell -r --device sim:card={card} -e imrm 2>{here}/log'
    terminal = Terminal(command=["sh", "-c", command, sys.executable], home=here)
    assert ends(terminal) == 0
    assert (here / "log").read_text() == ""
    assert content(card) == NOTE


PRETENCES = {
    "rm -pretend DCIM": "would delete A/DCIM/100CANON/IMG_0001.JPG",
    "imrm -pretend": "would delete A/DCIM/100CANON/IMG_0001.JPG",
    "imdl -rm -pretend": "would delete A/DCIM/100CANON/IMG_0001.JPG",
    "sync -delete -pretend A/DCIM pics": "would delete A/DCIM/100CANON/IMG_0001.JPG",
    "sync -delete -pretend up A/UP": "would delete up/a.lua",
}


@pytest.mark.parametrize("line", PRETENCES)
def test_a_pretence_at_a_terminal(tmp_path: Path, line: str) -> None:
    card, here = prepare(tmp_path, MANY)
    before = content(card), content(here)
    terminal = batch(card, here, "-e", line)
    assert ends(terminal) == 0
    assert PRETENCES[line] in terminal.raw
    assert "[y/N]" not in terminal.raw
    recorded = run("-r", "--device", f"sim:card={card}", "-e", line, cwd=here)
    assert "would delete " not in recorded.stdout
    assert "delete " in recorded.stdout or ": OK" in recorded.stdout
    plain = batch(card, here, "--chdkptp", "-e", "set output=rich", "-e", line)
    assert ends(plain) == 0
    assert "would" not in plain.raw
    assert (content(card), content(here)) == before
