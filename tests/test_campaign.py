"""The campaign of `scripts/campaign`: it knows every command, and finds what it is to find."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from campaign_parts.case import case
from campaign_parts.checks import (
    Healthy,
    check_camera,
    check_end,
    check_files,
    check_no_script,
)
from campaign_parts.datasets import Datasets
from campaign_parts.disk import full_disk
from campaign_parts.links import Direction, Fault, Way
from campaign_parts.place import Outcome, Place, a_place, settings_of
from campaign_parts.table import TABLE
from support.shell_process import PROJECT

from chdkshell.ptp.datasets import Reader
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.dispatch import Shell  # noqa: F401 - it declares the commands
from chdkshell.shell.parse import split_command


@pytest.fixture
def place() -> Iterator[Place]:
    with a_place() as made:
        yield made


def test_every_command_has_a_case_or_a_reason() -> None:
    assert list(TABLE) == [command.name for command in REGISTRY]
    for name, entry in TABLE.items():
        assert bool(entry.cases) != bool(entry.why_none), name
        for one in entry.cases:
            words = split_command(one.line)
            assert words is not None
            assert REGISTRY.find(words.name).name == name


@pytest.mark.slow
def test_a_small_slice() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "campaign_parts", "--seed", "7"),
            *("--cuts", "150", "--signals", "30", "--packets", "3000"),
            *("--datasets", "2000", "--jobs", "2"),
        ],
        env={**os.environ, "PYTHONPATH": f"{PROJECT}/scripts:{PROJECT}/tests:{PROJECT}"},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    counts = {row[0]: int(row[2]) for row in rows if row[1] == "all"}
    assert counts["cut"] == 150
    assert counts["signal"] == 30
    assert counts["packet"] >= 3000
    assert counts["dataset"] >= 2000


def test_datasets_that_are_not_as_they_were_sent() -> None:
    datasets = Datasets()
    done = [datasets.run(random.Random(number)) for number in range(25)]
    assert {name for name, _, _ in done} > {"asked", "event", "get_device_prop_desc"}
    assert sum(count for _, _, count in done) == 5000


def test_a_dataset_that_is_read_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def string(reader: Reader) -> str:
        return reader.take(2 * reader.u8()).decode("utf-16-le")

    monkeypatch.setattr(Reader, "string", string)
    datasets = Datasets()
    with pytest.raises(AssertionError, match="UnicodeDecodeError"):
        for number in range(200):
            datasets.run(random.Random(number))


# ---- faults strike where they are to ----


def run(place: Place, line: str, fault: Fault) -> Outcome:
    place.set_up(case(line))
    with place.desk(fault) as desk:
        return desk.run(line)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("way", [Way.FIN, Way.RST, Way.FREEZE])
def test_a_link_breaks_at_its_byte(place: Place, way: Way, direction: Direction) -> None:
    for at in (0, 1, 40):
        fault = Fault(way, direction, at)
        start = time.monotonic()
        outcome = run(place, "ls -l", fault)
        assert not outcome.ok
        assert fault.struck
        assert fault.counts[direction] == at
        assert "ERROR: " in outcome.stderr
        assert time.monotonic() - start < 60, "nobody waits for a frozen link"


def test_a_link_that_drips_only_takes_longer(place: Place) -> None:
    healthy, dripping = Fault(), Fault(Way.DRIP, Direction.FROM_CAMERA, 30)
    outputs = [run(place, "ls", fault).stdout for fault in (healthy, dripping)]
    assert dripping.struck
    assert outputs[0] == outputs[1] != ""


def test_each_case_has_a_camera_of_its_own(place: Place) -> None:
    for _ in range(2):
        place.set_up(case("rec"))
        assert not place.camera.state.recording
        assert run(place, "rec", Fault()).ok
        assert place.camera.state.recording


def test_a_disk_is_full_below_one_folder(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    with full_disk(tmp_path / "full", 5) as disk:
        (tmp_path / "other").write_bytes(b"no limit here")
        with pytest.raises(OSError, match="No space left"):
            (tmp_path / "full/a").write_bytes(b"too much")
        with pytest.raises(OSError, match="No space left"):
            (tmp_path / "full/b").write_text("text")
    assert disk.struck
    assert (tmp_path / "full/a").read_bytes() == b"too m"


# ---- what it finds ----


def found(check: Callable[[], None]) -> str:
    with pytest.raises(AssertionError) as caught:
        check()
    return str(caught.value)


def test_a_lost_picture_and_a_half_file_are_found(place: Place) -> None:
    place.set_up(case("imls"))
    check_files(place, Healthy(), link_held=True)
    (place.folder / "half.jpg").write_bytes(b"half")
    assert "half.jpg" in found(lambda: check_files(place, Healthy(), link_held=True))
    (place.folder / "half.jpg").unlink()
    (place.card / "DCIM/100CANON/IMG_0001.JPG").unlink()
    assert "IMG_0001.JPG" in found(lambda: check_files(place, Healthy(), link_held=True))


def test_what_is_left_over_is_found(place: Place) -> None:
    place.set_up(case("shoot", shots=1, record=True))
    check_end(place, Healthy(), set())
    (place.folder / "IMG_0001.JPG.part").write_bytes(b"")
    assert "was left here" in found(lambda: check_end(place, Healthy(), set()))
    (place.folder / "IMG_0001.JPG.part").unlink()
    (place.card / "CHSH0000.TMP").write_bytes(b"")
    assert "CHSH0000.TMP" in found(lambda: check_end(place, Healthy(), set()))


def test_what_goes_on_in_the_camera_is_found(place: Place) -> None:
    place.set_up(case("imls"))
    before = settings_of(place.camera)
    check_camera(place, before, runs=1)
    place.camera.state.raw = True
    assert "raw" in found(lambda: check_camera(place, before, runs=1))
    place.camera.scripts.start(b"while true do sleep(10) end")
    assert "a script goes on" in found(lambda: check_no_script(place, after="at all"))


def test_more_exposures_than_asked_for_are_found(place: Place) -> None:
    place.set_up(case("shoot", shots=1, record=True))
    before = settings_of(place.camera)
    place.camera.state.shots = 4
    assert "4 exposures where 3 may be" in found(lambda: check_camera(place, before, runs=1))


def test_a_picture_that_was_taken_and_is_nowhere_is_found(place: Place) -> None:
    place.set_up(case("shoot", shots=1, record=True, may_change=("exposure", "overrides")))
    with place.desk() as desk:
        assert desk.run("shoot").ok
    check_files(place, Healthy(), link_held=True)
    [name] = place.taken.files
    (place.card / name).write_bytes(b"half of it")
    assert name in found(lambda: check_files(place, Healthy(), link_held=True))
