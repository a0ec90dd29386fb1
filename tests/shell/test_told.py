"""What commands say beside their results: where there is nothing, and at terminals."""

# needs: POSIX

from __future__ import annotations

from pathlib import Path

import pytest
from support.emulated_usb.fixtures import UsbBus
from support.shell_process import run
from support.terminal import Terminal

from chdkshell.shell.results.files import human_size


def make(tmp_path: Path, files: dict[str, bytes]) -> str:
    for name, data in files.items():
        path = tmp_path / "card" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return f"sim:card={tmp_path}/card"


def at_terminal(tmp_path: Path, address: str, *lines: str, **settings: str) -> Terminal:
    commands = [word for line in lines for word in ("-e", line)]
    return Terminal("-r", "--device", address, *commands, home=tmp_path, **settings)  # type: ignore[arg-type]


def test_list_without_cameras(usb_bus: UsbBus) -> None:
    done = run("-r", "-e", "list", **usb_bus.environment())
    assert done.stdout == ""
    assert done.stderr == (
        "no camera: is one switched on and plugged in, with CHDK's USB remote (Enable Remote) off? "
        "`doctor` looks for the reason\n"
    )
    done = run("--chdkptp", "-r", "-e", "list", **usb_bus.environment())
    assert done.stderr == ""


def test_imls_last_says_what_it_counted(tmp_path: Path) -> None:
    address = make(tmp_path, {"DCIM/100CANON/IMG_0007.JPG": b"x"})
    lines = ("luar return get_exp_count()", "imls -last=1 -imax=1")
    done = run("-r", "--device", address, *(word for line in lines for word in ("-e", line)))
    count = done.stdout.strip().rpartition(":")[2]
    assert done.stderr == (
        f"no pictures: -last=1 counts numbers back from {int(count):04d}, "
        "where the camera's own counter is\n"
    )


def test_pictures_in_adobe_rgb(tmp_path: Path) -> None:
    address = make(tmp_path, {f"DCIM/100CANON/{n}_0007.JPG": b"x" for n in ("_MG", "IMG", "__G")})
    done = run("-r", "--device", address, "-e", "imls -sort=path", "-e", "imls -imin=7 -imax=7")
    paths = [line.split()[-1] for line in done.stdout.splitlines()]
    assert sorted(paths) == sorted([f"A/DCIM/100CANON/{n}_0007.JPG" for n in ("IMG", "_MG")] * 2)


def test_set_v_lists_what_is_allowed() -> None:
    lines = run("-r", "-e", "set -v").stdout.splitlines()
    said = {line.partition("=")[0]: line for line in lines}
    assert said["keys"].endswith("(emacs|vi)")
    assert said["theme"].endswith("(auto|dark|light|none)")
    assert said["pager"].endswith("(true|false)")
    assert said["cli_source_max"].endswith("(from 1)")


def test_du_in_units(tmp_path: Path) -> None:
    address = make(tmp_path, {"D/A": bytes(5000), "D/E/B": bytes(3 << 20)})
    done = run("-r", "--device", address, "-e", "du -h D")
    sizes = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert sizes == [["3.0", "MiB", "A/D/E"], ["3.0", "MiB", "A/D"]]
    assert human_size(5000) == "4.9 KiB"


TREE = {"D/A.TXT": b"", "D/E/B.TXT": b"", "D/Z.TXT": b""}


def test_a_tree_has_lines(tmp_path: Path) -> None:
    with at_terminal(tmp_path, make(tmp_path, TREE), "tree D", NO_COLOR="") as terminal:
        terminal.wait_end()
        assert terminal.lines[:5] == [
            "A/D", "├── A.TXT", "├── E/", "│   └── B.TXT", "└── Z.TXT",
        ]  # fmt: skip
        assert terminal.attributes("E/")[0][0] == "0087ff"
        assert terminal.attributes("A.TXT")[0][0] == "default"


def test_a_tree_in_ascii(tmp_path: Path) -> None:
    with at_terminal(tmp_path, make(tmp_path, TREE), "tree D", LANG="C") as terminal:
        terminal.wait_end()
    assert terminal.lines[1:4] == ["|-- A.TXT", "|-- E/", "|   `-- B.TXT"]
    plain = run("-r", "--device", make(tmp_path, TREE), "-e", "tree D")
    assert plain.stdout.splitlines()[1:4] == ["|-- A.TXT", "|-- E/", "|   `-- B.TXT"]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"a text\n", "a text"),
        ("t\u00e4xt\n".encode() * 3000, "t\u00e4xt"),
        (b"\xff\xd8\xff\xe1" + bytes(700), "0: ff d8 ff e1 00"),
    ],
)
def test_cat_of_what_is_no_text_shows_its_head(tmp_path: Path, data: bytes, shown: str) -> None:
    address = make(tmp_path, {"F": data})
    with at_terminal(tmp_path, address, "cat F") as terminal:
        terminal.wait_end()
    assert shown in terminal.text
    note = "the first 256 of 704 bytes: no text; `download` fetches it"
    assert (note in terminal.text) == data.startswith(b"\xff")
    assert terminal.raw.count("\n") == data.count(b"\n") or note in terminal.raw


def test_watch_ends_quietly(tmp_path: Path) -> None:
    line = "watch 0.05 = get_tick_count()"
    with Terminal("-r", "--sim", home=tmp_path) as terminal:
        terminal.wait_prompt("> ")
        terminal.line(line)
        terminal.wait_for("every 0.05 s")
        terminal.type("\x03")
        terminal.wait_prompt("> ")
        assert "ERROR" not in terminal.text
        assert "cancelled" not in terminal.text


def test_tee_keeps_commands_and_errors(tmp_path: Path) -> None:
    lines = (
        "tee log",
        "luar return 6*7",
        "nope",
        "mdl -nodirs -glob=NO DCIM x",
        "tee",
        "luar return 1",
    )
    commands = [word for line in lines for word in ("-e", line)]
    done = run("-r", "--sim", *commands, cwd=tmp_path)
    log = (tmp_path / "log").read_text().splitlines()
    assert log == [
        "> luar return 6*7", done.stdout.splitlines()[0],
        "> nope", done.stderr.splitlines()[0],
        "> mdl -nodirs -glob=NO DCIM x", "WARNING: no matching files",
        "> tee",
    ]  # fmt: skip
