"""tshark reads what the commands of standard PTP send and get over PTP/IP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chdk_card import make_card
from support.desk import Desk
from support.tcp_recorder import TcpRecorder
from support.trace_links import Tshark

from chdkshell.ptp.codes import ResponseCode
from chdkshell.shell.command import REGISTRY
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer

PICTURE = "DCIM/100CANON/IMG_0001.JPG"

LINES = (
    "ptp info",
    "ptp ops",
    "ptp formats",
    "ptp storages",
    "ptp props -all",
    "ptp prop CameraOwner 'Ann B'",
    "ptp prop EventEmulateMode 7",
    "ptp propreset EventEmulateMode",
    "ptp objects -tree",
    "ptp objects -format=EXIF/JPEG DCIM/100CANON",
    f"ptp object {PICTURE}",
    f"ptp get {PICTURE} here.jpg",
    f"ptp get {PICTURE} part -partial=10:200",
    f"ptp thumb {PICTURE} thumb.jpg",
    "ptp send here.jpg A/SENT.JPG",
    "ptp mkdir A/NEW",
    "ptp mv A/SENT.JPG A/NEW",
    "ptp protect A/NEW/SENT.JPG",
    "ptp protect A/NEW/SENT.JPG off",
    "ptp rm A/NEW -y",
    "ptp events -count=1",
    "ptp capture -download shot.jpg",
    "ptp raw GetDeviceInfo",
    "ptp raw GetNumObjects 0xFFFFFFFF",
    "ptp raw GetDevicePropValue 0xD033",
    "ptp raw SetDevicePropValue 0xD033 -out=04000000416e6e00",
    "ptp raw SetDevicePropValue 0xD045 -out=00",
    "ptp raw InitiateOpenCapture 1 2 3 4 5 -force",
    "ptp raw 0x9801 0x3000 -force",
    "ptp power -y",
    "ptp reset -y",
    "ptp format A/ -y",
)


@pytest.fixture(params=["SX100IS", "Canon PowerShot SIM1"])
def recorded(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A record of a session in which every command ran."""
    make_card(tmp_path / "card")
    monkeypatch.chdir(tmp_path)
    camera = SimCamera(tmp_path / "card", model=request.param)
    pcap = tmp_path / "session.pcap"
    with IpServer(camera) as server:
        recorder = TcpRecorder(server.port, pcap)
        try:
            desk = Desk()
            assert desk.shell.connect(f"ip:127.0.0.1:{recorder.port}")
            for line in LINES:
                desk.shell.run(line)
            desk.shell.run("disconnect")
        finally:
            recorder.close()
    camera.close()
    yield pcap


def test_no_packet_of_any_command_is_malformed(recorded: Path, tshark: Tshark) -> None:
    names = {command.name for command in REGISTRY if command.name.startswith("ptp ")}
    assert names == {" ".join(line.split()[:2]) for line in LINES}
    assert tshark(recorded, "frame.number", "_ws.expert.message", where="_ws.malformed") == []
    requests = tshark(recorded, "ptpip.opcode", where="ptpip.pktType == 6")
    asked = {int(code, 0) for (code,) in requests}
    assert asked >= {*range(0x1001, 0x100D), 0x100F, *range(0x1014, 0x1018), 0x101B}
    # the one moves and protects objects, the other takes pictures
    assert asked > {0x1012, 0x1019} or asked > {0x9008, 0x901A, 0x9009}
    # Wireshark 4.0 has the response code in the field of the operation code
    answers = tshark(recorded, "ptpip.opcode", where="ptpip.pktType == 7")
    assert len(answers) == len(requests)
    assert {int(code, 0) for (code,) in answers} > {ResponseCode.OK}
    events = tshark(recorded, "frame.number", where="ptpip.pktType == 8")
    assert len(events) >= 5, "what was made, moved and deleted was told"
