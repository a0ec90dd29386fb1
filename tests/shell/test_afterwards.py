"""Programs that run after shots and downloads: what they get, and that nothing waits for them."""

# needs: POSIX

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from support.shell_process import run
from support.timeouts import TIMEOUT

from chdkshell.errors import Cancelled
from chdkshell.flow import NEVER, CancelToken
from chdkshell.shell.afterwards import MAX_WAITING, Afterwards

TELL = """set on_{}='printf "%s|%s|%s\\\\n" "$ACTION" "$ARGUMENT" "$FILES$SOURCE" >>log'"""


def batch(folder: Path, *lines: str, words: tuple[str, ...] = ()) -> tuple[list[str], str]:
    """Run lines; return what the programs wrote, and stderr without the lines of shots."""
    commands = [word for line in ("rec", *lines) for word in ("-e", line)]
    done = run("-r", "--sim", *words, *commands, cwd=folder)
    log = folder / "log"
    told = [
        line
        for line in done.stderr.splitlines()
        if not line.startswith(("shot ", "copied ", "would copy "))
    ]
    return (log.read_text().splitlines() if log.exists() else []), "\n".join(told)


CARD = "A/DCIM/101CANON/IMG_0102.JPG"
OLD = "A/DCIM/101CANON/IMG_0101.JPG"


@pytest.mark.parametrize(
    ("line", "shots", "downloads"),
    [
        ("shoot", [f"shot|{CARD}|{CARD}"], []),
        ("shoot -dl", ["shot|IMG_0102.JPG|IMG_0102.JPG"], [f"download|IMG_0102.JPG|{CARD}"]),
        (
            "rcapture -dng -jpg a",
            ["shot|a.dng|a.dng", "a.jpg"],
            ["download|a.dng|", "download|a.jpg|"],
        ),
        (f"download {OLD} x", [], [f"download|x|{OLD}"]),
        ("mdl -glob=IMG_0101.JPG A/DCIM out", [], ["download|out/101CANON/IMG_0101.JPG|" + OLD]),
        ("imdl -imin=101", [], ["download|101CANON/IMG_0101.JPG|" + OLD]),
        ("sync A/DCIM/101CANON out", [], ["download|out/IMG_0101.JPG|" + OLD]),
        ("mdl -pretend DCIM out", [], []),
        ("sync -pretend DCIM out", [], []),
    ],
)
def test_what_they_get(tmp_path: Path, line: str, shots: list[str], downloads: list[str]) -> None:
    log, err = batch(tmp_path, TELL.format("shot"), TELL.format("download"), line)
    assert (log, err) == ([*downloads, *shots], "")


@pytest.mark.parametrize(
    "line",
    ["shoot", "rcapture a", f"download {OLD}", "imdl", "mdl DCIM x", "sync DCIM x"],
)
def test_exec_is_for_one_command(tmp_path: Path, line: str) -> None:
    """It takes the place of the setting."""
    name = "on_shot" if line in ("shoot", "rcapture a") else "on_download"
    log, _ = batch(tmp_path, f"set '{name}=exit 1'", f"{line} -exec='echo \"$ACTION\" >>log'")
    assert set(log) == {name.removeprefix("on_")}


@pytest.mark.parametrize(
    "line",
    [
        'set on_shot=printf "%s\\n" "one  two $ACTION" >>log',
        """set on_shot='printf "%s\\n" "one  two $ACTION" >>log'""",
        """set 'on_shot=printf "%s\\n" "one  two $ACTION" >>log'""",
    ],
)
def test_a_command_with_blanks(tmp_path: Path, line: str) -> None:
    assert batch(tmp_path, line, "shoot", "set on_shot=", "shoot") == (["one  two shot"], "")


def test_a_command_with_blanks_in_a_line_of_the_host(tmp_path: Path) -> None:
    done = run("-r", "set", 'on_shot=echo "a  b" > log', cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    done = run("-r", "-e", "set keys=vi emacs")
    assert done.stderr == "ERROR: unexpected args; usage: set [-v] [-c] [option]\n"


def test_what_goes_to_the_card_runs_none(tmp_path: Path) -> None:
    (tmp_path / "up").mkdir()
    (tmp_path / "up/a.txt").touch()
    log, err = batch(tmp_path, TELL.format("download"), "sync up A/UP", "mup up A/UP2")
    assert (log, err) == ([], "")
    _, err = batch(tmp_path, "sync -exec=true up A/UP")
    assert err == "ERROR: -exec is for files that arrive here; leave it out"


def test_a_name_is_never_part_of_a_command(tmp_path: Path) -> None:
    name = "a;touch b;`touch b`$(touch b)"
    log, err = batch(tmp_path, TELL.format("shot"), f"rcapture -nosubst '{name}'")
    assert (log, err) == ([f"shot|{name}.jpg|{name}.jpg"], "")
    assert not (tmp_path / "b").exists()


def test_what_they_print_is_no_result(tmp_path: Path) -> None:
    done = run("-r", "--sim", "--json", "-e", "rec", "-e", "shoot -exec='echo printed'")
    assert "printed\n" in done.stderr
    assert all(json.loads(line) for line in done.stdout.splitlines())


def test_failures_are_told(tmp_path: Path) -> None:
    _, err = batch(tmp_path, "shoot -exec='exit 3'")
    assert err == "WARNING: `exit 3` failed with status 3"
    _, err = batch(tmp_path, "set on_timeout=1", "shoot -exec='sleep 600 & wait'")
    assert err == "WARNING: `sleep 600 & wait` took more than 1 s, and was ended"


def test_a_shot_does_not_wait(tmp_path: Path) -> None:
    """All shots are there before the first program ends, which waits for the last."""
    wait = "until [ -e IMG_0104.jpg ]; do sleep 0.01; done; echo $ARGUMENT >>log"
    log, err = batch(tmp_path, f"rcapture -shots=3 -exec='{wait}'")
    assert (log, err) == ([f"IMG_010{n}.jpg" for n in (2, 3, 4)], "")


def test_ctrl_c_ends_the_one_that_runs_and_drops_the_rest(tmp_path: Path) -> None:
    told: list[str] = []
    programs = Afterwards(told.append)
    pipe = tmp_path / "pipe"
    begun = tmp_path / "begun"
    programs.add(f"mkfifo {pipe}; echo >{begun}; cat {pipe}", {}, TIMEOUT)
    programs.add(f"echo >{tmp_path}/second", {}, TIMEOUT)
    cancel = CancelToken()

    def cancel_when_begun() -> None:
        while not begun.exists():
            threading.Event().wait(0.01)
        cancel.set()

    thread = threading.Thread(target=cancel_when_begun)
    thread.start()
    with pytest.raises(Cancelled):
        programs.finish(cancel)
    thread.join()
    assert told[0].endswith("was ended")
    assert told[1] == "1 programs that were to run afterwards did not"
    assert not (tmp_path / "second").exists()
    programs.add(f"echo >{tmp_path}/third", {}, TIMEOUT)
    programs.finish(NEVER)
    assert (tmp_path / "third").exists()


def test_there_is_an_end_to_the_queue(tmp_path: Path) -> None:
    told: list[str] = []
    programs = Afterwards(told.append)
    go = tmp_path / "go"
    programs.add(f"until [ -e {go} ]; do sleep 0.01; done", {}, TIMEOUT)
    while programs.waiting:
        threading.Event().wait(0.01)
    for _ in range(MAX_WAITING + 3):
        programs.add(":", {}, TIMEOUT)
    assert programs.waiting == MAX_WAITING
    cancel = CancelToken()
    cancel.set()
    with pytest.raises(Cancelled):
        programs.finish(cancel)
    assert told[-1] == f"{MAX_WAITING + 3} programs that were to run afterwards did not"
