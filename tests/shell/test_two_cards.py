"""A camera without CHDK that has two cards, and one that can give objects other names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from support.chdk_replay import Player
from support.shooting_shell import ShootingShell
from support.two_cards import FIRST, SECOND, SET_NAME, TwoCards

from chdkshell import link
from chdkshell.camera import Camera
from chdkshell.ptp.values import STRING
from chdkshell.shell.prefs import OutputKind
from chdkshell.sim.camera import SimCamera


class Bench:
    """A shell on such a camera."""

    def __init__(self, cards: TwoCards, player: Player, shell: ShootingShell) -> None:
        self.cards = cards
        self.player = player
        self.run = shell.run
        self.fail = shell.fail
        self.try_ = shell.try_

    def names(self, storage: int) -> list[str]:
        return sorted(o.name for o in self.cards.objects.values() if o.storage == storage)


@pytest.fixture
def bench_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bool], Bench]]:
    cameras: list[Camera] = []

    def make(renames: bool) -> Bench:
        cards = TwoCards(renames)
        player = Player(answer=cards.answer)
        monkeypatch.setattr(link, "open_transport", lambda address, cancel: player)
        camera = Camera("usb:")
        cameras.append(camera)
        return Bench(
            cards, player, ShootingShell(cast("SimCamera", None), camera, OutputKind.PLAIN)
        )

    yield make
    for camera in cameras:
        camera.close()


@pytest.fixture
def bench(bench_of: Callable[[bool], Bench]) -> Bench:
    return bench_of(True)


def test_each_card_has_its_letter_and_an_empty_slot_has_none(bench: Bench) -> None:
    rows = [line.split("\t") for line in bench.run("ptp storages")]
    assert [row[:2] for row in rows] == [["A/", f"0x{FIRST:08X}"], ["B/", f"0x{SECOND:08X}"]]
    assert [line.split("\t")[-1] for line in bench.run("ptp objects -tree")] == [
        *("A/DCIM/", "A/DCIM/ONE.JPG", "B/DCIM/", "B/DCIM/TWO.JPG")
    ]
    only = bench.run(f"ptp objects -tree -storage={SECOND}")
    assert [line.split("\t")[-1] for line in only] == ["B/DCIM/", "B/DCIM/TWO.JPG"]


def test_a_path_on_the_second_card(bench: Bench, tmp_path: Path) -> None:
    bench.run(f"ptp get B/DCIM/TWO.JPG {tmp_path}/two.jpg")
    assert (tmp_path / "two.jpg").read_bytes() == b"second"
    assert "is not on the camera" in bench.fail("ptp object A/DCIM/TWO.JPG")
    assert bench.try_("ptp rm B/DCIM/TWO.JPG -y") == (True, [], ["B/DCIM/TWO.JPG is deleted"])
    assert (bench.names(FIRST), bench.names(SECOND)) == (["DCIM", "ONE.JPG"], ["DCIM"])
    bench.run("ptp mv DCIM/ONE.JPG B/DCIM")
    assert (bench.names(FIRST), bench.names(SECOND)) == (["DCIM"], ["DCIM", "ONE.JPG"])


@pytest.mark.parametrize(
    "place", [f"-storage={SECOND}", f"DCIM -storage={SECOND}", "B/DCIM/UP.TXT", "B/"]
)
def test_a_file_is_sent_to_the_second_card(bench: Bench, tmp_path: Path, place: str) -> None:
    (tmp_path / "UP.TXT").write_bytes(b"hello")
    bench.run(f"ptp send {tmp_path}/UP.TXT {place}")
    assert "UP.TXT" in bench.names(SECOND)
    assert "UP.TXT" not in bench.names(FIRST)
    (info,) = [o for o in bench.cards.objects.values() if o.name == "UP.TXT"]
    assert info.parent == (3 if "DCIM" in place else 0)


def test_the_letter_has_to_be_that_of_the_storage(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "UP.TXT").write_bytes(b"hello")
    error = bench.fail(f"ptp send {tmp_path}/UP.TXT A/DCIM -storage={SECOND}")
    assert error.startswith("ERROR: A/DCIM is not on the storage 0x00030001, which is B/;")
    assert "UP.TXT" not in bench.names(FIRST) + bench.names(SECOND)


def test_the_second_card_lies_beside_the_folders_of_the_first(bench: Bench) -> None:
    assert bench.run("ls") == ["B/", "DCIM/"]
    assert bench.run("ls B/DCIM") == bench.run("ls A/B/DCIM") == ["TWO.JPG"]
    assert bench.run("cat B/DCIM/TWO.JPG") == ["second"]
    assert bench.run("find -nodirs") == ["A/B/DCIM/TWO.JPG", "A/DCIM/ONE.JPG"]


def test_a_new_name_is_set_where_the_camera_lists_that(bench: Bench) -> None:
    bench.run("mv DCIM/ONE.JPG DCIM/NEW.JPG")
    (asked,) = [asked for asked in bench.player.asked if asked.code == SET_NAME[0]]
    assert asked.params == (2, SET_NAME[1])
    assert asked.out == STRING.pack("NEW.JPG") == b"\x08" + "NEW.JPG\0".encode("utf-16-le")
    assert bench.run("ls DCIM") == ["NEW.JPG"]


def test_no_new_name_where_it_does_not(bench_of: Callable[[bool], Bench]) -> None:
    bench = bench_of(False)
    assert "standard PTP can only move it" in bench.fail("mv DCIM/ONE.JPG DCIM/NEW.JPG")
    assert bench.names(FIRST) == ["DCIM", "ONE.JPG"]
    assert not [asked for asked in bench.player.asked if asked.code == SET_NAME[0]]
