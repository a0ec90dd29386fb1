"""What the doctor says of USB controllers and ports: room, power and speed."""

# needs: POSIX

from __future__ import annotations

from pathlib import Path

import pytest
from support.computer import Computer
from support.usb_tree import build_tree

MEND_POWER = "use a hub with a power supply of its own, or a port of the computer"
MEND_ROOM = "plug further cameras into another controller, such as a USB card of its own"


def told(root: Path, tree: str, *checks: str) -> list[tuple[bool | None, str, str]]:
    """What the doctor finds about buses on a computer with that tree."""
    computer = Computer(root)
    build_tree(tree, root)
    found = [f for f in computer.findings() if f.check.startswith("USB ")]
    assert {finding.check for finding in found} == set(checks)
    return [(finding.ok, finding.seen, finding.mend) for finding in found]


@pytest.mark.parametrize(
    ("cameras", "finding"),
    [
        (
            9,
            (
                True,
                "9 cameras and 4 hubs on the controller 0000:00:14.0 take 47 of about 96 "
                "endpoints: room for 12 more cameras",
                "",
            ),
        ),
        (
            19,
            (
                None,
                "19 cameras and 6 hubs on the controller 0000:00:14.0 take 91 of about 96 "
                "endpoints: there is room for one more",
                MEND_ROOM,
            ),
        ),
        (
            20,
            (
                None,
                "20 cameras and 6 hubs on the controller 0000:00:14.0 take 95 of about 96 "
                "endpoints: it is full",
                MEND_ROOM,
            ),
        ),
    ],
)
def test_cameras_are_counted_by_controller(
    tmp_path: Path, cameras: int, finding: tuple[bool | None, str, str]
) -> None:
    assert told(tmp_path, f"rig_of_{cameras}", "USB load") == [finding]


def test_older_controllers_have_no_such_limit(tmp_path: Path) -> None:
    assert told(tmp_path, "ehci") == []


def test_ports_that_lack_power(tmp_path: Path) -> None:
    _, *found = told(tmp_path, "hub_without_supply", "USB load", "USB power")
    model = "Canon Digital Camera at port 1-2"
    mend = "try another cable or port there; a hub with a power supply of its own helps, too"
    since = "since the computer was switched on, and was off then"
    assert found == [
        (
            False,
            f"{model}.1 was not switched on: the hub at port 1-2 has no supply of its own, and "
            "100 mA for each port, of which the camera wants 500",
            MEND_POWER,
        ),
        (
            None,
            f"{model}.2 may take 200 mA, and the hub at port 1-2 has 100 mA for each port",
            MEND_POWER,
        ),
        (None, f"port 1-2.4 was overloaded 5 times {since}", mend),
        (None, f"port 1-3 was overloaded 2 times {since}", mend),
    ]


def test_ports_that_lack_speed(tmp_path: Path) -> None:
    _, *found = told(tmp_path, "slow_ports", "USB load", "USB speed")
    slow = "runs at 12 Mbit/s where USB 2.0 has 480"
    assert found == [
        (
            None,
            f"Canon Digital Camera at port 1-1.4 {slow}: the hub at port 1-1 is no faster",
            "use another hub or a port of the computer",
        ),
        (None, f"Canon Digital Camera at port 1-2 {slow}", "try another cable or port"),
    ]


def test_one_camera_is_nothing_to_count(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    computer.plug_in()
    assert not [f for f in computer.findings() if f.check.startswith("USB ")]
