"""Targets that are no plain files: each command that writes files, on each kind of them."""

# needs: POSIX

from __future__ import annotations

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.outlet_peers import OUTLETS
from support.shell_process import environment, program
from support.shooting_shell import ShootingShell, shooting_shell
from support.small_dng import make_dng
from support.timeouts import TIMEOUT

from chdkshell.shell.command import REGISTRY

JPEG = b"\xff\xd8" + bytes(range(256)) * 8000 + b"\xff\xd9"

WRITERS = {
    "download": "d A/P/IMG_0001.JPG {}",
    "mdownload": "mdl -overwrite=y -fmatch=JPG A/P {folder}",
    "imdl": "imdl -overwrite=y -d={} P",
    "sync": "sync -overwrite=y -fmatch=JPG A/P {folder}",
    "rmem": "rmem -f={} 0x1000 64",
    "lvdump": "lvdump -quiet -count=2 {}",
    "lvdumpimg": "lvdumpimg -quiet -vp={}",
    "shoot": "shoot -dl={}",
    "rcapture": "rcapture -raw -nosubst {stem}",
    "rsint": "rsint -raw -pipe='echo l' {stem}",
    "dngsave": "dngsave -over {}",
    "dngdump": "dngdump -over -png={}",
    "dnglistpixels": "dnglistpixels -max=0 -out={}",
    "dngbatch": "dngbatch shot.dng {{ dump -over -thm={} }}",
    "tee": "tee {}",
    "lint": "lint -definitions={}",
    "ptp get": "ptp get A/P/IMG_0001.JPG {}",
    "ptp raw": "ptp raw 0x1001 -in={}",
    "set": "set trace={}",
}
"""Commands that write a file of this computer that the user names; {} is its name."""

NEVER_REPLACE = {"shoot", "rcapture", "rsint"}
"""What they take gets a number after its name where something has that name; a link, too."""

OTHERS = {
    "writes only to standard output": {"cat"},
    "writes only into a new folder for temporary files": {"edit"},
    "writes a report at the end of its run": {"selftest"},
    "writes its file as a whole": {"rig save"},
    "writes as `ptp get` does, or into a folder": {
        "rig collect", "rig scan",
        "ptp thumb", "ptp capture", "tether", "serve", "eos release", "eos liveview",
    },
    "writes nothing here": {
        "help", "#", "quit", "sh", "history", "alias", "use", "cp", "cd", "pwd", "lcd", "lls",
        "rig list", "rig connect", "rig load", "rig name", "rig swap", "rig drop",
        "rig sync", "rig clock",
        "rig trigger",
        "source", "exec", "watch", "@", "version", "list", "connect", "reconnect",
        "reboot", "disconnect", "doctor", "lua", "luar", "getm", "putm", "killscript", "repl",
        "run", "ls", "upload", "mkdir", "delete", "mupload", "mv", "df", "du", "tree", "find",
        "imls", "imrm", "live", "lvserve", "rec", "play", "mode", "clock", "zoom", "focus", "press",
        "release", "click", "shutdown", "dngload", "dngunload", "dnglist", "dngsel", "dnginfo",
        "dnghist", "dngmod", "camscript",
        "ptp info", "ptp ops", "ptp formats", "ptp events", "ptp storages", "ptp props", "ptp prop",
        "ptp propreset", "ptp power", "ptp reset", "ptp objects", "ptp object", "ptp send",
        "ptp rm", "ptp mv", "ptp protect", "ptp mkdir", "ptp format",
        "eos on", "eos off", "eos props", "eos prop", "eos events", "eos firmware",
    },
}  # fmt: skip

STREAMS = {
    "download": "d A/P/IMG_0001.JPG -",
    "rmem": "rmem -f=- 0x1000 64",
    "lvdump": "lvdump -quiet -count=2 -",
    "lvdumpimg": "lvdumpimg -vp=-",
    "dngsave": "dngsave -",
    "dngdump": "dngdump -thm=-",
    "dnglistpixels": "dnglistpixels -max=0 -out=-",
    "ptp get": "ptp get A/P/IMG_0001.JPG -",
    "ptp raw": "ptp raw 0x1001 -in=-",
    "lint": "lint -definitions=-",
}
REFUSE = {
    "mdownload": ("mdl A/P -", "mdl A/P /dev/stdout"),
    "imdl": ("imdl -d=- P", "imdl -ddir=- P", "imdl -d=/dev/stdout P"),
    "sync": ("sync A/P -", "sync A/P /dev/stdout"),
    "shoot": ("shoot -dl=-", "shoot -dl=/dev/stdout"),
    "rcapture": ("rcapture -", "rcapture /dev/stdout"),
    "rsint": ("rsint -",),
    "dngbatch": ("dngbatch -odir=- shot.dng { save }", "dngbatch shot.dng { dump -thm=- }"),
    "tee": ("tee -", "tee /dev/stdout"),
    "set": ("set trace=-", "set trace=/dev/stdout"),
}


def test_every_command_has_its_place() -> None:
    """A new command must be tried here with each kind of target, or be said to write nothing."""
    placed = [*WRITERS, *(name for names in OTHERS.values() for name in names)]
    assert sorted(placed) == sorted(command.name for command in REGISTRY)
    assert STREAMS.keys() | REFUSE.keys() == WRITERS.keys()
    assert not STREAMS.keys() & REFUSE.keys()


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShootingShell]:
    work, card = tmp_path / "work", tmp_path / "card"
    work.mkdir()
    (card / "P").mkdir(parents=True)
    (card / "P/IMG_0001.JPG").write_bytes(JPEG)
    monkeypatch.chdir(work)
    with shooting_shell(card) as shell:
        yield shell
        shell.run("tee")
        shell.run("set trace=")


def prepare(shell: ShootingShell, name: str) -> None:
    if name.startswith("dng"):
        make_dng(Path("shot.dng"))
        shell.run("dngload shot.dng")


def line_for(name: str, target: Path) -> str:
    folder, stem = str(target.parent), str(target.with_suffix(""))
    return WRITERS[name].format(target, folder=folder, stem=stem)


@pytest.mark.parametrize("kind", OUTLETS)
@pytest.mark.parametrize("name", WRITERS)
def test_targets_that_are_no_plain_files(
    shell: ShootingShell, tmp_path: Path, name: str, kind: str
) -> None:
    prepare(shell, name)
    target = tmp_path / "t" / ("x.raw" if "{stem}" in WRITERS[name] else "IMG_0001.JPG")
    target.parent.mkdir()
    before = sorted(path.name for path in Path().iterdir())
    with OUTLETS[kind](target) as received:
        shell.run(line_for(name, target))
        if name in ("tee", "set"):
            shell.run("ls P")
            shell.run("tee" if name == "tee" else "set trace=")
        if name in NEVER_REPLACE and kind in ("link", "dangling"):
            (new,) = target.parent.glob(f"{target.stem}_1.*")
            got = new.read_bytes()
            new.unlink()
            (target.parent / "elsewhere/real").write_bytes(b"")
        else:
            got = received()
    assert len(got) > 10
    if name in ("download", "mdownload", "imdl", "sync"):
        assert got == JPEG
    assert sorted(path.name for path in Path().iterdir()) == before
    assert {path.name for path in target.parent.iterdir()} <= {target.name, "elsewhere"}


# ---- a null device, as /dev/null is one ----


@pytest.mark.parametrize("name", WRITERS)
def test_a_device_stays_that_device(shell: ShootingShell, tmp_path: Path, name: str) -> None:
    prepare(shell, name)
    target = tmp_path / "t" / ("x.raw" if "{stem}" in WRITERS[name] else "IMG_0001.JPG")
    target.parent.mkdir()
    try:
        os.mknod(target, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root makes devices")
    before = target.lstat()
    try:
        target.open("wb").close()
    except PermissionError:
        pytest.skip("this file system allows no devices")
    shell.run(line_for(name, target))
    shell.run("tee")
    shell.run("set trace=")
    after = target.lstat()
    assert (after.st_rdev, after.st_ino, after.st_mode) == (
        before.st_rdev, before.st_ino, before.st_mode,
    )  # fmt: skip
    assert [path.name for path in target.parent.iterdir()] == [target.name]


@pytest.mark.parametrize(
    "line", ["sync -delete -overwrite=y A/P {folder}", "imdl -rm -overwrite=y -d={} P",
             "shoot -dl={} -rm"],
)  # fmt: skip
def test_what_went_to_a_pipe_is_not_deleted(
    shell: ShootingShell, tmp_path: Path, line: str
) -> None:
    target = tmp_path / "t/IMG_0001.JPG"
    target.parent.mkdir()
    with OUTLETS["pipe"](target) as received:
        ok, _, _ = shell.try_(line.format(target, folder=target.parent))
        assert received()
    assert not ok
    pictures = [path for path in (tmp_path / "card").rglob("*.JPG") if path.stat().st_size]
    assert len(pictures) == (2 if line.startswith("shoot") else 1)


# ---- standard output ----


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, lines in REFUSE.items() for line in lines]
)
def test_what_cannot_go_to_standard_output(shell: ShootingShell, name: str, line: str) -> None:
    prepare(shell, name)
    before = sorted(path.name for path in Path().iterdir())
    shots = shell.sim.state.last_shot
    assert "cannot go to standard output" in shell.fail(line)
    assert sorted(path.name for path in Path().iterdir()) == before
    assert shell.sim.state.last_shot is shots, "no picture was taken for it"


def piped(
    card: Path, *lines: str, more: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[bytes]:
    """Run lines in a process of its own, whose standard output is a pipe."""
    given = [part for line in lines for part in ("-e", line)]
    return subprocess.run(
        [*program(), f"-csim:card={card}", *more, *given],
        env=environment(),
        cwd=card.parent,
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )


@pytest.fixture
def card(tmp_path: Path) -> Path:
    card = tmp_path / "card"
    (card / "P").mkdir(parents=True)
    (card / "P/IMG_0001.JPG").write_bytes(JPEG)
    return card


@pytest.mark.parametrize("target", ["-", "/dev/stdout"])
@pytest.mark.parametrize("switches", ["", "-nolua "])
def test_a_file_streams_alone(card: Path, target: str, switches: str) -> None:
    lines = ("set cli_time=true", "ls", f"d {switches}A/P/IMG_0001.JPG {target}")
    done = piped(card, *lines, more=("-csim:card=" + str(card),))
    assert (done.returncode, done.stdout == JPEG) == (0, True)
    assert b"connected" in done.stderr
    assert not list(card.parent.glob("*.part"))


@pytest.mark.parametrize("name", ["rmem", "lvdump", "lvdumpimg"])
def test_other_commands_stream(card: Path, name: str) -> None:
    done = piped(card, STREAMS[name])
    assert done.returncode == 0, done.stderr
    start = {"rmem": b"", "lvdump": b"chlv", "lvdumpimg": b"P6"}[name]
    assert done.stdout.startswith(start)
    assert len(done.stdout) == 64 if name == "rmem" else len(done.stdout) > 1000


def test_dng_files_stream(shell: ShootingShell, tmp_path: Path) -> None:
    prepare(shell, "dng")
    shell.run("dngdump -thm=thumb")
    for line, name in (("dngsave -", "shot.dng"), ("dngdump -thm=-", "thumb")):
        done = subprocess.run(
            [*program(), "-e", "dngload shot.dng", "-e", line],
            env=environment(), capture_output=True, timeout=TIMEOUT, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout == Path(name).read_bytes()


def test_a_failure_has_its_status_and_nothing_on_standard_output(card: Path) -> None:
    done = piped(card, "d A/P/NO.JPG -")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"A/P/NO.JPG" in done.stderr


def test_json_and_a_file_do_not_mix(card: Path) -> None:
    done = piped(card, "d A/P/IMG_0001.JPG -", more=("--json",))
    assert done.returncode == 1
    assert JPEG not in done.stdout


def test_a_reader_that_goes(card: Path) -> None:
    line = [*program(), f"-csim:card={card}", "-e", "d A/P/IMG_0001.JPG -"]
    with subprocess.Popen(
        line, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(10) == JPEG[:10]
        process.stdout.close()
        told = process.stderr.read()
        assert process.wait(60) == -signal.SIGPIPE
    assert b"ERROR" not in told


def test_a_file_on_the_card_called_minus_is_a_file(card: Path) -> None:
    (card / "Q").mkdir()
    (card / "Q/-").write_bytes(b"minus")
    done = piped(card, "mdl Q .")
    assert done.returncode == 0, done.stderr
    assert b"minus" not in done.stdout
    assert (card.parent / "-").read_bytes() == b"minus"
