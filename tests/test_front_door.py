"""The front door for Python, on a simulated camera."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from support.chdk_card import make_card
from support.fresh_sim import fresh_sim
from support.timeouts import TIMEOUT

import chdkshell
from chdkshell.ptp.transaction import Event
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer


@pytest.fixture
def cam(monkeypatch: pytest.MonkeyPatch) -> Iterator[chdkshell.Camera]:
    fresh_sim(monkeypatch)
    with chdkshell.connect("sim:") as camera:
        yield camera


# ---- the controls ----


def test_mode(cam: chdkshell.Camera) -> None:
    assert cam.mode == "play"
    cam.mode = "record"
    assert (cam.mode, cam.lua("return get_mode()") != 0) == ("record", True)
    cam.mode = "M"
    assert (cam.mode, cam.shooting_mode) == ("record", "M")
    cam.shooting_mode = "p"
    assert cam.shooting_mode == "P"
    cam.mode = "play"
    assert cam.mode == "play"
    with pytest.raises(chdkshell.UsageError, match="no mode is called 'nonsense'"):
        cam.mode = "nonsense"
    with pytest.raises(chdkshell.ChdkError, match="no such mode"):
        cam.mode = "FISHEYE"


def test_zoom(cam: chdkshell.Camera) -> None:
    with pytest.raises(chdkshell.ChdkError, match="not in rec mode"):
        cam.zoom = 2
    cam.mode = "record"
    cam.zoom = 2
    assert (cam.zoom, cam.lua("return get_zoom()")) == (2, 2)
    with pytest.raises(chdkshell.UsageError, match=f"{cam.zoom_steps} is out of range"):
        cam.zoom = cam.zoom_steps


def test_focus(cam: chdkshell.Camera) -> None:
    cam.mode = "record"
    cam.focus = 1500
    assert (cam.focus, cam.lua("return get_focus()")) == (1500, 1500)
    with pytest.raises(chdkshell.UsageError, match="invalid distance 0"):
        cam.focus = 0


def test_keys(cam: chdkshell.Camera) -> None:
    cam.mode = "record"
    cam.press("shoot_half", 0.01)
    cam.release("shoot_half")
    before = cam.lua("return get_exp_count()")
    cam.click("shoot_full")
    cam.click("menu")
    taken = f"get_exp_count()~={before!r}"
    assert cam.lua(f"for i=1,3000 do if {taken} then return true end sleep(10) end") is True
    for use in (cam.press, cam.release, cam.click):
        with pytest.raises(chdkshell.UsageError, match="unknown key nothing"):
            use("nothing")
    with pytest.raises(chdkshell.UsageError, match="invalid time -1"):
        cam.press("menu", -1)


def test_clock(cam: chdkshell.Camera) -> None:
    cam.clock = datetime(2026, 3, 29, 12, 0, 0)
    assert cam.clock.replace(second=0) == datetime(2026, 3, 29, 12, 0)
    change = cam.sync_clock()
    assert change.before.year == 2026
    assert abs((change.after - change.wanted).total_seconds()) < 60
    with pytest.raises(chdkshell.UsageError, match="unsupported time"):
        cam.clock = datetime(1900, 1, 1)


def test_properties(cam: chdkshell.Camera) -> None:
    assert cam.props["ISO_MODE"] == cam.props[149] == 0
    cam.props["ISO_MODE"] = 200
    assert cam.lua("return get_prop(149)") == 200
    assert cam.props.names()["ISO_MODE"] == 149
    with pytest.raises(chdkshell.UsageError, match="no property case is called 'NOTHING'"):
        _ = cam.props["NOTHING"]


def test_settings(cam: chdkshell.Camera) -> None:
    numbers = cam.config.names()
    values: dict[str, int | str] = {"script_shoot_delay": 7, "lang_file": "text"}
    for name, value in values.items():
        cam.config[name] = value
        assert cam.config[name] == cam.config[numbers[name]] == value
    with pytest.raises(chdkshell.UsageError, match="does not take 'text'"):
        cam.config["script_shoot_delay"] = "text"
    with pytest.raises(chdkshell.UsageError, match="no setting of CHDK 999999"):
        _ = cam.config[999999]
    with pytest.raises(chdkshell.UsageError, match="is no value"):
        cam.config[name] = 1.5  # type: ignore[assignment]


def test_names_are_the_cards_own(cam: chdkshell.Camera) -> None:
    lib = cam.path("A/CHDK/LUALIB/gen")
    lib.mkdir()
    (lib / "cnf_core.lua").write_text("return {of_this_build=1050}")
    cam.config["of_this_build"] = 5
    assert cam.lua("return get_config_value(1050)") == 5


# ---- frames and pictures ----


def test_frames(cam: chdkshell.Camera) -> None:
    frames = cam.frames(fps=0, overlay=True)
    frame = next(frames)
    array = frame.numpy()
    assert array.shape[2] == 3
    assert frame.image().size == (array.shape[1], array.shape[0])
    assert frame.image().tobytes() == array.tobytes()
    assert frame.jpeg(50)[:3] == b"\xff\xd8\xff"
    assert len(frame.jpeg(20)) < len(frame.jpeg(90))
    with pytest.raises(chdkshell.UsageError, match="invalid rate -1"):
        cam.frames(-1)


def test_frames_can_be_cancelled(cam: chdkshell.Camera) -> None:
    token = chdkshell.CancelToken()
    frames = cam.frames(fps=0.001, cancel=token)
    next(frames)
    token.set()
    with pytest.raises(chdkshell.Cancelled):
        next(frames)


def test_a_picture_as_bytes(cam: chdkshell.Camera) -> None:
    with pytest.raises(chdkshell.ChdkError, match="not in rec mode"):
        cam.capture_bytes()
    assert cam.capture_bytes(record=True)[:2] == b"\xff\xd8"
    assert cam.mode == "record"
    dng = cam.capture_bytes(files=chdkshell.CaptureRequest(dng=True))
    assert dng[:4] == b"II*\0"
    with pytest.raises(chdkshell.UsageError, match="several kinds"):
        cam.capture_bytes(files=chdkshell.CaptureRequest(dng=True, jpg=True))


def test_shooting_switches_to_record_mode(cam: chdkshell.Camera, tmp_path: Path) -> None:
    with pytest.raises(chdkshell.ChdkError, match="not in rec mode"):
        cam.shoot()
    assert len(cam.shoot(record=True)) == 1
    assert cam.mode == "record"
    cam.mode = "play"
    (shot,) = cam.capture(f"{tmp_path}/", record=True)
    assert shot.files[0].path.parent == tmp_path
    assert cam.mode == "record"


# ---- scripts ----


def test_a_script_that_runs_on(cam: chdkshell.Camera) -> None:
    script = cam.lua(
        "write_usb_msg('begun') local m repeat m=read_usb_msg(100) until m return m,{1}",
        wait=False,
    )
    assert not script.done
    assert "running" in repr(script)
    with pytest.raises(chdkshell.ScriptRunningError):
        _ = script.result
    with pytest.raises(chdkshell.ScriptTimeoutError):
        script.wait(timeout=0)
    script.send("go on")
    assert script.wait(TIMEOUT) == script.result == ("go on", [1])
    assert script.messages() == ["begun"]
    assert script.messages() == []
    assert script.done
    script.kill()
    with pytest.raises(chdkshell.NoScriptError):
        script.send("too late")


def test_a_script_is_killed(cam: chdkshell.Camera) -> None:
    script = cam.lua("repeat sleep(10) until false", wait=False)
    assert script.id == cam.scripts.last_id
    script.kill()
    assert script.done
    assert cam.lua("return 1") == 1


def test_a_script_that_fails(cam: chdkshell.Camera) -> None:
    script = cam.lua("\nerror('boom')", wait=False)
    with pytest.raises(chdkshell.ScriptError, match=r"^:2: boom"):
        script.wait(TIMEOUT)
    with pytest.raises(chdkshell.ScriptError):
        cam.lua("return (", wait=False)


def test_a_later_script_ends_the_handle(cam: chdkshell.Camera) -> None:
    script = cam.lua("return 1", wait=False)
    assert script.wait(TIMEOUT) == 1
    later = cam.lua("write_usb_msg('mine') return 2", wait=False)
    assert later.wait(TIMEOUT) == 2
    assert (script.result, script.messages(), later.messages()) == (1, [], ["mine"])


# ---- events, devices, time limit ----


@pytest.mark.parametrize(
    ("code", "params", "expected"),
    [
        (0x4002, (7,), chdkshell.ObjectAdded(0x4002, (7,), handle=7)),
        (0x4003, (7,), chdkshell.ObjectRemoved(0x4003, (7,), handle=7)),
        (0x4006, (0x5001,), chdkshell.PropertyChanged(0x4006, (0x5001,), property_code=0x5001)),
        (0x400A, (), chdkshell.StoreFull(0x400A, (), storage_id=0)),
        (0x400D, (3,), chdkshell.CaptureComplete(0x400D, (3,), transaction_id=3)),
        (0xC101, (1, 2), chdkshell.CameraEvent(0xC101, (1, 2))),
    ],
)
def test_events(
    cam: chdkshell.Camera,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    params: tuple[int, ...],
    expected: chdkshell.CameraEvent,
) -> None:
    assert cam.next_event() is None
    monkeypatch.setattr(cam.session.transport, "next_event", lambda seconds: Event(code, 1, params))
    assert cam.next_event(1) == expected


def test_the_simulated_camera_is_listed() -> None:
    assert all(isinstance(device, chdkshell.Device) for device in chdkshell.list_cameras("sim"))


def test_the_timeout(cam: chdkshell.Camera) -> None:
    assert cam.timeout == 20.0
    cam.timeout = 3
    assert cam.session.transport.timeout == 3


def test_apex() -> None:
    assert chdkshell.tv96_to_shutter(chdkshell.shutter_to_tv96(1 / 64)) == 1 / 64
    assert chdkshell.sv96_to_iso(chdkshell.iso_to_sv96(100)) == 100
    assert chdkshell.av96_to_f_number(chdkshell.f_number_to_av96(8)) == 8


# ---- paths ----


def test_parts_of_a_path(cam: chdkshell.Camera) -> None:
    path = cam.path("dcim") / "100CANON/IMG_0001.JPG"
    assert str(path) == "A/dcim/100CANON/IMG_0001.JPG"
    assert repr(path) == "CardPath('A/dcim/100CANON/IMG_0001.JPG')"
    assert (path.name, path.stem, path.suffix) == ("IMG_0001.JPG", "IMG_0001", ".JPG")
    assert str(path.parent) == "A/dcim/100CANON"
    top = cam.path()
    assert (str(top), top.name, top.parent) == ("A/", "", top)
    assert cam.path("A/X").parent == top
    assert path == cam.path("A/DCIM/100canon/img_0001.jpg")
    assert len({path, cam.path("A/DCIM/100canon/img_0001.jpg")}) == 1
    assert cam.path("A/a") < cam.path("A/B")
    assert path != "A/dcim/100CANON/IMG_0001.JPG"
    with pytest.raises(chdkshell.UsageError):
        _ = cam.path("A/DCIM") / ".."


def test_what_is_at_a_path(cam: chdkshell.Camera) -> None:
    folder = cam.path("A/DCIM/100CANON")
    names = [path.name for path in folder.iterdir()]
    assert "IMG_0001.JPG" in names
    picture = folder / "IMG_0001.JPG"
    assert (folder.is_dir(), folder.is_file(), folder.exists()) == (True, False, True)
    assert (picture.is_dir(), picture.is_file(), picture.exists()) == (False, True, True)
    none = folder / "NOTHING"
    assert (none.is_dir(), none.is_file(), none.exists()) == (False, False, False)
    assert picture.stat().size == len(picture.read_bytes()) == 17117
    for wrong in (none.stat, lambda: list(none.iterdir()), lambda: list(picture.iterdir())):
        with pytest.raises(chdkshell.CardError):
            wrong()


def test_glob(cam: chdkshell.Camera) -> None:
    top = cam.path("A/G")
    (top / "sub/deep").mkdir()
    for name in ("a.txt", "B.TXT", "c.jpg", "sub/d.txt", "sub/deep/e.txt"):
        (top / name).write_bytes(b"x")

    def found(pattern: str) -> list[str]:
        return sorted(str(path).removeprefix("A/G/").lower() for path in top.glob(pattern))

    assert found("*.txt") == ["a.txt", "b.txt"]
    assert found("*/*.txt") == ["sub/d.txt"]
    assert found("**/*.txt") == ["a.txt", "b.txt", "sub/d.txt", "sub/deep/e.txt"]
    assert found("**") == ["sub", "sub/deep"]
    with pytest.raises(chdkshell.UsageError, match="no pattern"):
        list(top.glob("/x"))


def test_changing_the_card(cam: chdkshell.Camera) -> None:
    folder = cam.path("A/NEW/SUB")
    folder.mkdir()
    folder.mkdir()
    file = folder / "A.TXT"
    assert file.write_text("one\n") == 4
    assert file.read_text() == "one\n"
    with pytest.raises(chdkshell.CardError):
        folder.unlink()
    with pytest.raises(chdkshell.CardError):
        folder.rmdir()
    moved = file.rename("A/NEW/B.TXT")
    assert (str(moved), file.exists()) == ("A/NEW/B.TXT", False)
    assert str(moved.rename(folder)) == "A/NEW/SUB/B.TXT"
    with pytest.raises(chdkshell.CardError):
        (folder / "B.TXT").rmdir()
    (folder / "B.TXT").unlink()
    with pytest.raises(chdkshell.CardError):
        (folder / "B.TXT").unlink()
    (folder / "B.TXT").unlink(missing_ok=True)
    folder.rmdir()
    assert not folder.exists()


def test_open(cam: chdkshell.Camera) -> None:
    file = cam.path("A/OPEN.TXT")
    with file.open("wb") as writer:
        assert isinstance(writer, io.BytesIO)
        writer.write(b"one\ntwo\n")
        assert not file.exists()
    with file.open() as reader:
        assert reader.read() == b"one\ntwo\n"
    with file.open("r") as lines:
        assert list(lines) == ["one\n", "two\n"]
    with pytest.raises(KeyError), file.open("wb") as writer:
        assert isinstance(writer, io.BytesIO)
        writer.write(b"half")
        raise KeyError
    assert file.read_bytes() == b"one\ntwo\n"
    with pytest.raises(chdkshell.UsageError, match="cannot be opened with 'a'"):
        file.open("a")


def test_parts_outlive_a_reconnect(cam: chdkshell.Camera) -> None:
    path, props = cam.path("A/DCIM"), cam.props
    cam.reconnect()
    assert path.is_dir()
    assert props["ISO_MODE"] == 0
    assert cam.props is props


# ---- the log ----


def test_traffic_is_logged_for_who_listens(
    cam: chdkshell.Camera, caplog: pytest.LogCaptureFixture
) -> None:
    cam.session.get_device_info()
    assert caplog.records == []
    with caplog.at_level(chdkshell.TRAFFIC, "chdkshell"):
        cam.session.get_device_info()
    (record,) = caplog.records
    assert (record.levelno, record.name) == (chdkshell.TRAFFIC, "chdkshell.ptp.session")
    assert record.getMessage().partition(" ")[2] == "GetDeviceInfo() -> OK()"


def test_bytes_are_logged_shortened(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(chdkshell.TRAFFIC, "chdkshell"),
        IpServer(SimCamera(make_card(tmp_path / "card"))) as server,
        chdkshell.connect(server.address),
    ):
        pass
    lines = [r.getMessage() for r in caplog.records if r.name == "chdkshell.transport.iplink"]
    assert {line.partition(" ")[0] for line in lines} == {"sent", "received"}
    assert max(len(line) for line in lines) < 100
    assert any("... (" in line for line in lines)
