"""What must hold after a case, whatever happened in it. Each check raises `AssertionError`."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
from support.cut_link import content
from support.file_cases import check_at_end, check_in_between, is_temporary, whole_at_target

from campaign_parts.case import Case
from campaign_parts.place import Outcome, Place, settings_of
from chdkshell.chdk.imaging.lvdump import read_dump
from chdkshell.shell.dispatch import Status

RETRIES = 2
"""How often a shot may be tried again."""

THUMBNAIL = 128 * 96 * 3
"""Bytes of the thumbnail in a DNG file that is put together here."""

PLACE_IN_LUA = re.compile(r"  |[\w. ]+: \d+$")
"""What follows an error in Lua: the line that is wrong, or where it is."""

ENDINGS = {".part": "a part of a file", ".tmp": "a temporary file"}


class Healthy:
    """What a case comes to where nothing fails: the files that it makes, and its traffic."""

    def __init__(self) -> None:
        self.here: dict[str, bytes] = {}
        self.traffic: dict[str, int] = {}
        self.transactions = 0
        self.seconds = 0.0


def check_outcome(outcome: Outcome) -> None:
    """A failure is told in the last line, and is never a bug."""
    assert outcome.status != Status.BUG, f"a bug: {outcome.stderr}"
    assert "Traceback" not in outcome.stderr, outcome.stderr
    if not outcome.ok and outcome.status != Status.INTERRUPTED:
        lines = outcome.stderr.splitlines()
        assert lines, "it failed without a word"
        while len(lines) > 1 and PLACE_IN_LUA.match(lines[-1]):
            lines.pop()
        assert lines[-1].startswith("ERROR: "), f"the last line is no error: {outcome.stderr}"


def check_files(place: Place, healthy: Healthy, *, link_held: bool, killed: bool = False) -> None:
    """No picture is lost, and no file under a final name is half there.

    A program that was `killed` may have left a part of a file.
    """
    case = place.case
    if case.exact:
        check_in_between(case.files, place, link_held, killed)  # type: ignore[arg-type]
        return
    card, here = content(place.card), content(place.folder)
    for name, data in case.files.card.items():
        assert card.get(name) == data, f"{name} on the card is not what it was"
    for name, data in case.files.here.items():
        assert here.get(name) == data, f"{name} here is not what it was"
    for name in here.keys() - case.files.here.keys():
        if not _is_part(name):
            assert name.endswith(case.new), f"{name} here: nobody asked for it"
            why = _why_broken(place, name, here[name], healthy)
            assert not why, f"{name} here is {why}"
    everywhere = set(here.values()) | set(card.values())
    for name, data in place.taken.files.items():
        assert data in everywhere, f"{name}, which was taken, is neither on the card nor here"
    for name in card.keys() - case.files.card.keys() - place.taken.files.keys():
        assert is_temporary(name) and not link_held, f"{name} on the card: nobody asked for it"


def check_end(place: Place, healthy: Healthy, brought: set[str], told: str = "") -> None:
    """A run that succeeded has done its job; nothing is left over but what an error has `told`.

    It is "*" where the run before was broken off, and could say nothing.
    """
    case = place.case
    if case.exact:
        check_at_end(case.files, place, brought)  # type: ignore[arg-type]
    check_files(place, healthy, link_held=True)
    left = [name for name in content(place.folder) if _is_part(name)]
    if told == "*" and not case.ends:  # the second run had a Ctrl-C, maybe before its first shot
        left = []
    assert not left, f"{left[0]} was left here"
    stray = (
        [path.name for path in place.temporary.iterdir() if path.name not in told]
        if told != "*"
        else []
    )
    assert not stray, f"{stray[0]} was left in the folder for temporary files"
    temporary = [name for name in content(place.card) if is_temporary(name)]
    assert not temporary, f"{temporary[0]} was left on the card"


def check_camera(place: Place, before: dict[str, object], runs: int) -> None:
    """The camera is as it was, but for what the command is to change."""
    now = settings_of(place.camera)
    for name, value in before.items():
        if name not in place.case.may_change:
            assert now[name] == value, f"the camera's {name}: {now[name]} instead of {value}"
    taken = place.camera.state.shots
    most = runs * place.case.shots + (RETRIES if place.case.shots else 0)
    assert taken <= most, f"{taken} exposures where {most} may be"


def check_no_script(place: Place, *, after: str) -> None:
    """No script goes on, once the camera had the time to notice that its host is gone."""
    if not place.hurry():
        place.camera.scripts.kill()
        raise AssertionError(f"a script goes on {after}")


def brought_so_far(case: Case, place: Place) -> set[str]:
    """Return the sources of moves that are at their targets already."""
    return whole_at_target(case.files, place)  # type: ignore[arg-type]


def _is_part(name: str) -> bool:
    return name.lower().endswith(tuple(ENDINGS)) or ".part" in Path(name).name


def _why_broken(place: Place, name: str, data: bytes, healthy: Healthy) -> str:
    """Return what is wrong with a file that a case made here, or ""."""
    if place.case.silent or name.endswith((".bin", ".txt")):
        return "" if data == healthy.here.get(name) else "not what it is when nothing fails"
    if name.endswith(".lvdump"):
        for _ in read_dump(io.BytesIO(data)):
            pass
        return ""
    if name.endswith((".ppm", ".png")):
        return _why_no_picture(data)
    if data in place.taken.files.values():
        return _why_cut_off(name, data, healthy)
    offered = place.taken.offered
    if name.endswith(".dng"):
        swapped = (
            np.frombuffer(raw, "<u2").byteswap().tobytes() for raw in offered if len(raw) % 2 == 0
        )
        sizes = {len(head) + THUMBNAIL: head for head in offered}
        for frame in swapped:
            head = sizes.get(len(data) - len(frame))
            if head is not None and data.endswith(frame):
                return ""
        return f"no whole DNG ({len(data)} bytes)"
    return "" if data in offered else f"not what the camera gave ({len(data)} bytes)"


def _why_cut_off(name: str, data: bytes, healthy: Healthy) -> str:
    """Return "" for a file that is whole by itself: the card may have been full when it came."""
    if name.lower().endswith(".jpg"):
        return "" if data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9" else "no whole JPEG"
    if name.endswith((".DNG", ".CR2")):
        sizes = {len(d) for n, d in healthy.here.items() if n[-4:] == name[-4:]}
        near = any(abs(len(data) - size) < 400 for size in sizes)
        return "" if not sizes or near else f"no whole {name[-3:]} ({len(data)} bytes)"
    return ""


def _why_no_picture(data: bytes) -> str:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
    except OSError as error:
        return f"no whole picture: {error}"
    return ""
