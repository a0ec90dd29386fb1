"""The commands lvdump and lvdumpimg on the simulated camera."""

from __future__ import annotations

import errno
import io
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.emulated_usb.fixtures import UsbBus
from support.emulated_usb.shell import Shell as UsbShell
from support.fresh_sim import fresh_sim

from chdkshell.chdk import transfer
from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.chdk.imaging.lvdump import DumpWriter, Grab, read_dump
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.errors import HostFileError
from chdkshell.flow import CancelToken
from chdkshell.pace import Pace
from chdkshell.shell.dispatch import Shell
from chdkshell.shell.output.render import Renderer
from chdkshell.shell.prefs import OutputKind, Prefs
from chdkshell.shell.viewing.framedump import record
from chdkshell.sim.camera import SimCamera
from chdkshell.streams import Sink

VECTORS = Path(__file__).parent.parent / "data" / "liveview"


class Session:
    """A shell whose output is kept."""

    def __init__(self, kind: OutputKind = OutputKind.PLAIN) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        prefs = Prefs(kind)
        self.shell = Shell(prefs, Renderer(prefs, self.out, self.err))

    def run(self, line: str) -> list[str]:
        """Run a line that has to succeed, and return what it printed."""
        start = self.out.tell()
        assert self.shell.run(line), self.err.getvalue()
        return self.out.getvalue()[start:].splitlines()

    def fail(self, line: str) -> str:
        """Run a line that has to fail, and return its error."""
        start = self.err.tell()
        assert not self.shell.run(line)
        return self.err.getvalue()[start:]


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    fresh_sim(monkeypatch)
    session = Session()
    session.run("connect sim:")
    yield session
    session.shell.close()


def made(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_dump_has_the_frames_and_is_told(session: Session, tmp_path: Path) -> None:
    printed = session.run("lvdump -count=2 -wait=0 sub/t.lvdump")
    size = 16 + 2 * (4 + 496488)
    assert printed == [
        "grabbing frame 1",
        "grabbing frame 2",
        f"{size} bytes recorded to sub/t.lvdump",
    ]
    assert made(tmp_path) == ["sub/t.lvdump"]
    with (tmp_path / "sub/t.lvdump").open("rb") as file:
        frames = [Frame.parse(data) for data in read_dump(file)]
    assert len(frames) == 2
    for shown in frames:
        assert shown.viewport and shown.viewport.offset
        assert shown.bitmap and shown.bitmap.offset
        assert shown.palette_offset


@pytest.mark.parametrize("line", ["lvdump -count=1 there", "rmem -f=there 0x1900 16"])
def test_folder_in_the_place_of_a_file_is_left_alone(
    session: Session, tmp_path: Path, line: str
) -> None:
    (tmp_path / "there").mkdir()
    assert session.fail(line).startswith("ERROR: cannot write there: ")
    assert "grabbing" not in session.out.getvalue()
    assert [p.name for p in tmp_path.iterdir()] == ["there"]


def test_dump_holds_its_rate(session: Session) -> None:
    start = time.monotonic()
    session.run("lvdump -quiet -count=2 -fps=1 t.lvdump")
    assert time.monotonic() - start >= 1
    assert "WARNING" not in session.err.getvalue()
    assert "not both" in session.fail("lvdump -count=1 -fps=5 -wait=5 t.lvdump")


def test_dump_whose_rate_is_not_held_is_told(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = ChdkProtocol.receive_display_data

    def slow(protocol: ChdkProtocol, *arguments: Any) -> int:
        threading.Event().wait(0.05)
        return fetch(protocol, *arguments)

    monkeypatch.setattr(ChdkProtocol, "receive_display_data", slow)
    session.run("lvdump -quiet -count=3 -fps=50 t.lvdump")
    assert re.search(
        r"WARNING: 3 frames at \d+\.\d a second, not 50\.0: \d late, ([2-9]|\d\d+) dropped",
        session.err.getvalue(),
    )


@pytest.mark.parametrize(
    ("switches", "size"),
    [("-novp", 104 + 1024 + 230400), ("-nobm", 104 + 264960), ("-nopal", 104 + 264960 + 230400)],
)
def test_dump_leaves_out_what_it_is_told_to(session: Session, switches: str, size: int) -> None:
    printed = session.run(f"dumpframes -quiet -count=1 {switches} t.lvdump")
    assert printed == [f"{16 + 4 + size} bytes recorded to t.lvdump"]


def test_dump_names_itself(session: Session, tmp_path: Path) -> None:
    session.run("lvdump -count=1 -quiet")
    (name,) = made(tmp_path)
    assert re.fullmatch(r"chdk_0_\d{8}_\d{6}\.lvdump", name)


def test_pictures_of_viewport_and_overlay(session: Session, tmp_path: Path) -> None:
    printed = session.run("lvdumpimg -count=2 -fps=100 -vp=d/${frame}.ppm -bm=d/${frame,%d}.pam")
    assert printed == ["d/000001.ppm", "d/1.pam", "d/000002.ppm", "d/2.pam"]
    assert made(tmp_path) == sorted(printed)
    assert (tmp_path / "d/000001.ppm").read_bytes()[:15] == b"P6\n720\n240\n255\n"
    assert (tmp_path / "d/1.pam").read_bytes().startswith(b"P7\nWIDTH 720\nHEIGHT 240\nDEPTH 4\n")


def test_default_names_hold_the_time(session: Session) -> None:
    viewport, overlay = session.run("lvdumpimg -vp -bm")
    assert re.fullmatch(r"vp_\d{10}\.\d{3}\.ppm", viewport)
    assert overlay == viewport.replace("vp_", "bm_").replace(".ppm", ".pam")


def test_names_can_tell_the_camera(session: Session) -> None:
    assert session.run("lvdumpimg -vp=${serial}_${pid}_${s_lower,ABC}.ppm") == ["SIM0001_0_abc.ppm"]
    assert session.run("lvdumpimg -nosubst -vp=${serial}.ppm") == ["${serial}.ppm"]


def test_names_tell_the_product_id_of_a_camera_on_usb(usb_bus: UsbBus, tmp_path: Path) -> None:
    camera = SimCamera()
    usb_bus.plug_sim(camera)
    shell = UsbShell(usb_bus.environment())
    try:
        assert shell.run("connect").ok
        answer = shell.run(f"lvdumpimg -quiet -vp={tmp_path}/${{pid}}_${{pid,%d}}.ppm")
        assert answer.ok, answer
        shell.close()
    finally:
        shell.kill()
        camera.close()
    assert made(tmp_path) == ["32c8_13000.ppm"]


@pytest.mark.parametrize(("switch", "kind"), [("png", "PNG"), ("jpg", "JPEG")])
def test_composite_as_other_formats(
    session: Session, tmp_path: Path, switch: str, kind: str
) -> None:
    (name,) = session.run(f"lvdumpimg -composite -{switch}")
    assert re.fullmatch(rf"screen_[\d.]+\.{switch}", name)
    with Image.open(tmp_path / name) as image:
        assert (image.format, image.size) == (kind, (720, 540))


def test_dump_file_as_source_without_a_camera(tmp_path: Path) -> None:
    names = ["vp_yuv8", "vp_yuv8c", "vp_yuv8b"]
    with (tmp_path / "in.lvdump").open("wb") as file:
        writer = DumpWriter(file)
        for name in names:
            writer.write((VECTORS / f"{name}.frame").read_bytes())
    session = Session()
    session.run(f"lvdumpimg -quiet -infile={tmp_path}/in.lvdump -vp={tmp_path}/${{frame,%d}}.ppm")
    for number, name in enumerate(names, 1):
        expected = (VECTORS / f"{name}.ppm").read_bytes()
        assert (tmp_path / f"{number}.ppm").read_bytes() == expected
    session.run(f"lvdumpimg -quiet -count=1 -infile={tmp_path}/in.lvdump -vp={tmp_path}/x.ppm")
    assert made(tmp_path) == ["1.ppm", "2.ppm", "3.ppm", "in.lvdump", "x.ppm"]


def test_pipe_gets_each_frame_in_a_process_of_its_own(session: Session, tmp_path: Path) -> None:
    line = "lvdumpimg -count=2 -wait=0 -vp='wc -c > ${frame,%d}.txt' -pipevp"
    assert session.run(line) == ["wc -c > 1.txt", "wc -c > 2.txt"]
    for number in (1, 2):
        assert int((tmp_path / f"{number}.txt").read_text()) == 15 + 720 * 240 * 3


def test_pipe_to_one_process_gets_all_frames(session: Session, tmp_path: Path) -> None:
    line = "lvdumpimg -count=3 -wait=0 -bm='cat > all_${frame,%d}.pam' -pipebm=oneproc"
    assert session.run(line) == ["frame 1", "frame 2", "frame 3"]
    assert made(tmp_path) == ["all_1.pam"]
    data = (tmp_path / "all_1.pam").read_bytes()
    assert data.count(b"TUPLTYPE RGB_ALPHA\nENDHDR\n") == 3


def test_json_has_pictures_and_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    session = Session(OutputKind.JSON)
    session.run("connect sim:")
    (line,) = session.run("lvdumpimg -vp=a.ppm")
    session.shell.close()
    picture, run = json.loads(line)["result"]
    assert picture == {"number": 1, "view": "vp", "path": "a.ppm"}
    assert (run["frames"], run["late"], run["dropped"]) == (1, 0, 0)


def test_rate_that_is_not_held_is_told(session: Session) -> None:
    session.run("lvdumpimg -quiet -count=3 -fps=20 -vp='cat >/dev/null; sleep 0.12' -pipevp")
    assert re.search(
        r"WARNING: 3 frames at \d\.\d a second, not 20\.0: \d+ late, [1-9]\d* dropped",
        session.err.getvalue(),
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("lvdump -novp -nobm", "nothing selected"),
        ("lvdumpimg", "nothing selected"),
        ("lvdumpimg -vp -wait=5 -fps=5", "specify wait or fps, not both"),
        ("lvdumpimg -vp -fps=0", "no frame rate"),
        ("lvdumpimg -vp -fps=nan", "no frame rate"),
        ("lvdumpimg -vp -pipevp", "needs a command"),
        ("lvdumpimg -vp=cat -pipevp=two", "not oneproc"),
        ("lvdumpimg -vp=${frame", "unclosed"),
        ("lvdumpimg -vp=${nothing}", "unknown substitution"),
        ("lvdumpimg -vp -png -jpg", "not both"),
        ("lvdumpimg -bm -jpg", "no transparency"),
        ("lvdumpimg -vp='cat >/dev/null; exit 3' -pipevp", "status 3"),
        ("lvdumpimg -count=4 -wait=0 -vp='exit 0' -pipevp=oneproc", "does not read on"),
        ("lvdumpimg -vp -infile=missing.lvdump", "missing.lvdump"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(
    session: Session, tmp_path: Path, line: str, says: str
) -> None:
    assert says in session.fail(line)
    assert made(tmp_path) == []


def test_without_a_camera_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "not connected" in Session().fail("lvdumpimg -vp")
    assert "not connected" in Session().fail("lvdump x.lvdump")
    assert made(tmp_path) == []


def test_frame_without_the_wanted_picture(tmp_path: Path) -> None:
    with (tmp_path / "in.lvdump").open("wb") as file:
        DumpWriter(file).write((VECTORS / "bm_pal1.frame").read_bytes())
    assert "no viewport data" in Session().fail(f"lvdumpimg -infile={tmp_path}/in.lvdump -vp")
    assert made(tmp_path) == ["in.lvdump"]


def grab(frame: bytes) -> Grab:
    """Return what gives a frame in pieces, and fails after a `!`."""

    def give(sink: Sink) -> int:
        sink.begin(3)
        for number in range(len(frame)):
            sink.write(frame[number : number + 1])
        if frame.endswith(b"!"):
            raise RuntimeError("gone")
        return len(frame)

    return give


@pytest.mark.parametrize("last", [b"", b"!", b"th!"])
def test_recording_that_breaks_off_keeps_whole_frames(tmp_path: Path, last: bytes) -> None:
    def two_and_a_failure() -> Iterator[Grab]:
        yield grab(b"one")
        yield grab(b"two")
        if last:
            yield grab(last)
        raise RuntimeError("gone")

    with pytest.raises(RuntimeError):
        record(tmp_path / "t.lvdump", two_and_a_failure())
    with (tmp_path / "t.lvdump").open("rb") as file:
        assert list(read_dump(file)) == [b"one", b"two"]
    assert made(tmp_path) == ["t.lvdump"]


class NearlyFull(io.FileIO):
    """A file on a disk that has room for 25 bytes."""

    def write(self, data: Any) -> int:
        room = 25 - self.tell()
        if room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(bytes(data)[:room])


def test_recording_to_a_full_disk_ends_with_a_whole_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.lvdump"
    with monkeypatch.context() as patch:
        patch.setattr(transfer, "open_own", lambda p: io.BufferedRandom(NearlyFull(p, "w+b")))
        with pytest.raises(HostFileError, match=r"^cannot write .*t\.lvdump: No space left"):
            record(path, iter([grab(b"one"), grab(b"two")]))
    with path.open("rb") as file:
        assert list(read_dump(file)) == [b"one"]
    assert made(tmp_path) == ["t.lvdump"]


def test_recording_without_a_frame_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "t.lvdump").write_bytes(b"old")

    def failure() -> Iterator[Grab]:
        raise RuntimeError("gone")
        yield grab(b"")

    with pytest.raises(RuntimeError):
        record(tmp_path / "t.lvdump", failure())
    assert (tmp_path / "t.lvdump").read_bytes() == b"old"
    assert made(tmp_path) == ["t.lvdump"]


# ---- the rate -----------------------------------------------------------------------------------


class Hours:
    """A clock that only waiting and working move."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Waiting(CancelToken):
    """Moves the clock instead of waiting."""

    def __init__(self, hours: Hours) -> None:
        super().__init__()
        self.hours = hours

    def wait(self, seconds: float) -> None:
        self.hours.now += seconds


def turns(work: list[float], period: float = 1.0) -> tuple[list[float], Pace]:
    """Return when each turn began, where turn n takes `work[n]` seconds."""
    hours = Hours()
    pace, cancel, began = Pace(period, hours), Waiting(hours), []
    for seconds in work:
        pace.wait(cancel)
        began.append(hours.now - 100)
        hours.now += seconds
    return began, pace


def test_turns_come_at_fixed_times() -> None:
    began, pace = turns([0.2, 0.9, 0.0, 0.5])
    assert began == pytest.approx([0, 1, 2, 3])
    assert (pace.late, pace.dropped) == (0, 0)


def test_turn_that_begins_late_does_not_move_the_next() -> None:
    began, pace = turns([0.1, 1.5, 0.1, 0.1])
    assert began == pytest.approx([0, 1, 2.5, 3])
    assert (pace.late, pace.dropped) == (1, 0)


def test_turns_whose_time_has_passed_are_dropped() -> None:
    began, pace = turns([3.1, 0.1, 0.1])
    assert began == pytest.approx([0, 3.1, 4])
    assert (pace.late, pace.dropped) == (0, 2)


def test_no_period_means_at_once() -> None:
    began, pace = turns([0.5, 0.5, 0.5], period=0)
    assert began == pytest.approx([0, 0.5, 1])
    assert (pace.late, pace.dropped) == (0, 0)
