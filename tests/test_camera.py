"""The public API: connecting, running Lua, reconnecting, closing."""

import subprocess
import sys

import pytest
from support.chdk_replay import CHDK, NOT_SUPPORTED, OK, Answer, Answers, Asked, Player, recorded

import chdkshell
from chdkshell import identity, link
from chdkshell.camera import Camera, connect
from chdkshell.errors import (
    CameraTimeoutError,
    Cancelled,
    ConnectError,
    DisconnectedError,
    NoChdkError,
    NoDeviceError,
    NotConnectedError,
    PtpError,
    TransportError,
    UsageError,
)
from chdkshell.flow import CancelToken, Progress
from chdkshell.ptp.datasets import DeviceInfo
from chdkshell.transport.base import Device, DeviceState

INFO = DeviceInfo("Canon Inc.", "Canon PowerShot TEST", "1-1", "ABC", (0x1001, CHDK))


Bus = dict[str, list[Player | Exception]]


def plain_camera(info: DeviceInfo = INFO, version: tuple[int, int] | None = (2, 9)) -> Player:
    """Return a player that answers what connecting and Lua-free calls need."""

    def answer(asked: Asked) -> Answer:
        if asked.code == 0x1001:
            return Answer(data=info.pack())
        if asked.code == CHDK:
            return Answer(version) if version else Answer(code=NOT_SUPPORTED)
        return Answer(code=OK)

    return Player(answer=answer)


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    """What answers at each address: a player, or the error that opening raises, once each."""
    places: Bus = {}

    def open_transport(address: str, cancel: CancelToken) -> Player:
        queue = places.get(address) or [NoDeviceError(f"nothing at {address}")]
        found = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(link, "open_transport", open_transport)
    return places


# ---- connecting ----


def test_the_library_does_not_need_the_simulator() -> None:
    code = (
        "import sys, chdkshell.camera;"
        "heavy = {'lupa','numpy','PIL','usb','rich','prompt_toolkit','chdkshell.sim'};"
        "sys.exit(sorted(heavy & set(sys.modules)) or 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_package_offers_connect_and_camera() -> None:
    assert chdkshell.connect is connect
    assert chdkshell.Camera is Camera
    assert not hasattr(chdkshell, "nothing")


def test_connecting(bus: Bus) -> None:
    player = plain_camera()
    bus["usb:"] = [player]
    with connect() as cam:
        assert (cam.address, cam.model, cam.serial) == ("usb:", "Canon PowerShot TEST", "ABC")
        assert cam.info == INFO
        assert cam.chdk_version == (2, 9)
        assert cam.is_connected
        assert repr(cam) == "<Camera Canon PowerShot TEST at usb:, CHDK protocol 2.9>"
        assert [a.code for a in player.asked] == [0x1002, 0x1001, CHDK]
    assert player.asked[-1].code == 0x1003
    assert player.closed
    assert not cam.is_connected
    assert repr(cam) == "<Camera Canon PowerShot TEST at usb:, not connected>"


def test_what_the_firmware_recorded_is_a_camera(bus: Bus) -> None:
    answers = [recorded(name)[1] for name in ("open session", "device info", "version")]
    bus["usb:"] = [Player(*answers, recorded("close session")[1])]
    with connect() as cam:
        assert cam.model == "Canon PowerShot REFCAM"
        assert cam.chdk_version == (2, 9)


@pytest.mark.parametrize("operations", [(0x1001,), (0x1001, CHDK)])
def test_a_camera_without_chdk(bus: Bus, operations: tuple[int, ...]) -> None:
    info = DeviceInfo("Canon Inc.", "Plain", "1", "", operations)
    bus["usb:"] = [plain_camera(info, version=None)]
    with connect() as cam:
        assert cam.chdk_version is None
        assert cam.session.get_device_info().model == "Plain"
        assert repr(cam) == "<Camera Plain at usb:, without CHDK>"
        with pytest.raises(NoChdkError):
            cam.lua("return 1")
        with pytest.raises(UsageError, match="does not list the operation GetStorageIDs"):
            cam.files.download("X", "x", check_first=False)


@pytest.mark.parametrize("offset", [1 << 32, -(1 << 31) - 1])
def test_parameters_that_32_bits_do_not_hold_are_not_cut_off(offset: int) -> None:
    """A part of an object from 4 GiB on would be one from its beginning."""
    with connect("sim:") as cam, pytest.raises(UsageError, match=f"{offset} is no parameter"):
        cam.ptp.get_partial_object(cam.ptp.handles()[0], offset, 1)


OWN = [
    Answer(code=0x2002),
    Answer(code=0x201D, params=(1,)),
    Answer(),
    Answer((7,)),
    Answer((0, 0)),
    Answer((0x12345678, 9)),
    Answer((2,), data=b"something of its own"),
]
"""What cameras may answer for which CHDK's operation is one of their own."""


@pytest.mark.parametrize(("maker", "times"), [("Canon Inc.", 1), ("", 1), ("Another", 0)])
@pytest.mark.parametrize("answer", OWN, ids=range(len(OWN)))
def test_a_camera_that_lists_the_operation_for_something_of_its_own(
    bus: Bus, answer: Answer, maker: str, times: int
) -> None:
    info = DeviceInfo(maker, "Plain", "1", "", (0x1001, CHDK))
    asked: list[int] = []

    def answers(request: Asked) -> Answer:
        asked.append(request.code)
        if request.code == CHDK:
            return answer
        return Answer(data=info.pack()) if request.code == 0x1001 else Answer(code=OK)

    bus["usb:"] = [Player(answer=answers)]
    with connect() as cam:
        assert cam.chdk_version is None
        with pytest.raises(NoChdkError):
            cam.lua("return 1")
        with pytest.raises(NoChdkError):
            cam.protocol.script_status()
    assert asked.count(CHDK) == times, "Canon's is asked for its version, and then left alone"


def test_the_timeout_can_be_set(bus: Bus) -> None:
    player = plain_camera()
    bus["usb:"] = [player]
    with connect(timeout=3):
        assert player.timeout == 3


class SilentAtFirst(Player):
    """A camera that is silent until it is reset, if it can be."""

    def __init__(self, can_be_reset: bool = True) -> None:
        super().__init__(answer=self.answer)
        self.can_be_reset = can_be_reset
        self.times_reset = 0
        self.timeouts: list[float] = []

    def answer(self, asked: Asked) -> Answers:
        self.timeouts.append(self.timeout)
        if not self.times_reset:
            return CameraTimeoutError("the camera did not react for 5 seconds")
        answer = plain_camera()._answer
        assert answer is not None
        return answer(asked)

    def reset(self) -> None:
        if not self.can_be_reset:
            raise TransportError("no reset")
        self.times_reset += 1


def test_a_camera_that_does_not_answer_is_reset_and_asked_once_more(bus: Bus) -> None:
    player = SilentAtFirst()
    bus["usb:"] = [player]
    with connect() as cam:
        assert cam.model == "Canon PowerShot TEST"
        assert player.times_reset == 1
        assert [a.code for a in player.asked] == [0x1002, 0x1002, 0x1001, CHDK]
        assert player.timeouts == [5.0, 5.0, 5.0, 20.0]


def test_a_camera_that_cannot_be_reset_is_told_by_its_own_fault(bus: Bus) -> None:
    player = SilentAtFirst(can_be_reset=False)
    bus["usb:"] = [player]
    with pytest.raises(CameraTimeoutError, match="did not react"):
        connect()
    assert player.closed


def test_the_timeout_can_be_changed_and_stays_so(bus: Bus) -> None:
    first, second = plain_camera(), plain_camera()
    bus["ip:host"] = [first, second]
    cam = connect("ip:host")
    cam.timeout = 7
    assert first.timeout == 7
    cam.reconnect()
    assert second.timeout == 7


def test_connecting_can_be_cancelled(bus: Bus) -> None:
    player = plain_camera()
    bus["usb:"] = [player]
    token = CancelToken()
    token.set()
    with pytest.raises(Cancelled):
        connect(cancel=token)
    assert player.closed


def test_a_connection_that_fails_half_way_gives_the_device_back(bus: Bus) -> None:
    player = Player(Answer(), Answer(code=0x2002), Answer())
    bus["usb:"] = [player]
    with pytest.raises(PtpError):
        connect()
    assert player.closed


def test_no_camera(bus: Bus) -> None:
    with pytest.raises(NoDeviceError):
        connect("usb:001:002")


def test_no_address() -> None:
    with pytest.raises(UsageError, match="not an address"):
        connect("nonsense")


# ---- closing and coming back ----


def test_closing_twice_and_using_it_afterwards(bus: Bus) -> None:
    bus["usb:"] = [plain_camera()]
    cam = connect()
    cam.close()
    cam.close()
    for use in (
        lambda: cam.lua("return 1"),
        lambda: cam.files,
        lambda: cam.scripts,
        lambda: cam.protocol,
        lambda: cam.session,
        lambda: cam.chdk_version,
    ):
        with pytest.raises(NotConnectedError):
            use()
    assert cam.model == "Canon PowerShot TEST"


def test_a_camera_that_went_away_is_not_connected(bus: Bus) -> None:
    player = plain_camera()
    bus["usb:"] = [player]
    cam = connect()
    player._answer = lambda asked: DisconnectedError("unplugged")
    with pytest.raises(DisconnectedError):
        cam.protocol.script_status()
    assert not cam.is_connected
    cam.close()
    assert player.closed


def test_reconnecting(bus: Bus) -> None:
    first, second = plain_camera(), plain_camera()
    bus["ip:host"] = [first, second]
    cam = connect("ip:host")
    cam.reconnect()
    assert first.closed
    assert cam.is_connected
    assert cam.session.transport is second


def test_a_reconnect_asks_again_what_the_camera_is(bus: Bus) -> None:
    updated = DeviceInfo("Canon Inc.", "Canon PowerShot TEST", "2-0", "ABC", (0x1001, CHDK))
    bus["ip:host"] = [plain_camera(), plain_camera(updated)]
    cam = connect("ip:host")
    cam.reconnect()
    assert cam.info == updated


def test_reconnecting_after_a_new_device_number(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    bus["usb:001:004"] = [plain_camera(), NoDeviceError("gone")]
    other = plain_camera(DeviceInfo("Canon Inc.", "Canon PowerShot TEST", "1-1", "XYZ"))
    bus["usb:001:005"] = [other]
    second = plain_camera()
    bus["usb:001:006"] = [second]
    there = [
        [],
        [Device("usb:001:005")],
        [
            Device("usb:001:003", model="Printer"),
            Device("usb:001:005"),
            Device("usb:001:006", model="Canon PowerShot TEST"),
        ],
    ]
    monkeypatch.setattr(identity, "list_devices", lambda scheme: there.pop(0))
    cam = connect("usb:001:004")
    cam.reconnect()
    assert cam.session.transport is second
    assert other.closed
    assert there == []


def test_cameras_that_this_program_holds_are_left_alone(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus["usb:001:004"] = [plain_camera()]
    held = Device("usb:001:005", state=DeviceState.CONNECTED)
    monkeypatch.setattr(identity, "list_devices", lambda scheme: [held])
    cam = connect("usb:001:004")
    with pytest.raises(NoDeviceError, match=r"Canon PowerShot TEST \(serial ABC\) is not there"):
        cam.reconnect(wait=0)


def test_waiting_for_a_camera_is_told_and_can_be_cancelled(bus: Bus) -> None:
    bus["ip:host"] = [plain_camera(), ConnectError("no route")]
    cam = connect("ip:host")
    token = CancelToken()
    told: list[str] = []

    class Listener(Progress):
        def describe(self, text: str) -> None:
            told.append(text)
            if len(told) == 2:
                token.set()

    with pytest.raises(Cancelled):
        cam.reconnect(wait=60, cancel=token, progress=Listener())
    assert told == ["waiting for Canon PowerShot TEST (serial ABC)"] * 2


def test_another_camera_in_its_place_is_refused(bus: Bus) -> None:
    other = plain_camera(DeviceInfo("Canon Inc.", "Canon PowerShot TEST", "1-1", "XYZ"))
    bus["ip:host"] = [plain_camera(), other]
    cam = connect("ip:host")
    with pytest.raises(
        ConnectError, match=r"another camera answered: .* \(serial XYZ\) instead of"
    ):
        cam.reconnect(wait=0)
    assert other.closed
    assert not cam.is_connected


def test_reconnecting_gives_up_in_time(bus: Bus) -> None:
    bus["ip:host"] = [plain_camera(), ConnectError("no route")]
    cam = connect("ip:host")
    with pytest.raises(ConnectError, match="no route"):
        cam.reconnect(wait=0.1)
    bus["ip:host"] = [plain_camera()]
    cam.reconnect(wait=0)
    assert cam.is_connected
