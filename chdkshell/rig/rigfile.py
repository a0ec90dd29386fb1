"""The file that says which camera has which number and name, and how each is known again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.camera import Camera
from chdkshell.chdk.transfer import write_whole
from chdkshell.errors import ChdkShellError, HostFileError, NoDeviceError, UsageError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.reasons import Reason
from chdkshell.rig.connecting import connect_all
from chdkshell.rig.selection import check_name
from chdkshell.transport.base import list_devices, split_address

if TYPE_CHECKING:
    from chdkshell.rig.members import Member
    from chdkshell.trace.tracer import Tracer


@dataclass(frozen=True, slots=True)
class SavedCamera:
    """A camera of the file: known by its serial number, or by what it hangs on."""

    number: int
    name: str
    address: str
    model: str
    serial: str
    place: str

    def fits(self, camera: Camera) -> bool:
        """Whether a camera is this one."""
        if self.serial and self.serial != camera.serial:
            return False
        if self.place and self.place != camera.place:
            return False
        return self.model == camera.model and bool(self.serial or self.place)

    def __str__(self) -> str:
        told = f"serial {self.serial}" if self.serial else self.place
        return f"{self.name or self.number} ({self.model}, {told})"


def write_rig(path: str | Path, members: Sequence[Member]) -> None:
    """Write the cameras of a rig. Raises `UsageError` where two cannot be told apart."""
    entries = []
    serials = [member.camera.serial for member in members]
    for member in members:
        camera = member.camera
        is_unique = bool(camera.serial) and serials.count(camera.serial) == 1
        if not is_unique and not camera.place:
            raise UsageError(
                f"{member.label} cannot be told from others: it has no serial number of its own, "
                "and what it hangs on is not known"
            )
        known_by_serial = camera.serial if is_unique else ""
        place = "" if is_unique else camera.place
        entries.append(
            SavedCamera(
                member.number, member.name, camera.address, camera.model, known_by_serial, place
            )
        )
    lines = ",\n".join(f"  {json.dumps(asdict(entry))}" for entry in entries)
    write_whole(Path(path), f'{{"cameras": [\n{lines}\n]}}\n'.encode())


def read_rig(path: str | Path) -> list[SavedCamera]:
    """Read the cameras of a file. Raises `HostFileError`, and `UsageError` for what is none."""
    try:
        text = Path(path).read_text("utf-8")
    except OSError as error:
        raise HostFileError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise _no_rig(path) from error
    try:
        entries = [SavedCamera(**each) for each in json.loads(text)["cameras"]]
    except (ValueError, KeyError, TypeError) as error:
        raise _no_rig(path) from error
    for entry in entries:
        texts = (entry.name, entry.address, entry.model, entry.serial, entry.place)
        if not all(isinstance(each, str) for each in texts) or not isinstance(entry.number, int):
            raise _no_rig(path)
        if entry.name:
            check_name(entry.name)
    names = [entry.name for entry in entries if entry.name]
    if len(set(names)) < len(names) or len({e.number for e in entries}) < len(entries):
        raise UsageError(f"{path} gives a name or a number to two cameras")
    return entries


def _no_rig(path: str | Path) -> UsageError:
    return UsageError(f"{path} describes no cameras", "a rig that was saved is such a file")


def find_saved(
    entries: Sequence[SavedCamera],
    connected: Iterable[Camera],
    timeout: float | None = None,
    tracer: Tracer | None = None,
    cancel: CancelToken = NEVER,
) -> list[Camera | ChdkShellError]:
    """Return the camera of each entry: one that is `connected`, or one that is connected now.

    Where one is not there, its error is in its place. Cameras on USB are looked for at all ports.
    """
    known = [camera for camera in connected if camera.is_connected]
    before = list(known)
    missing = [entry for entry in entries if not any(entry.fits(camera) for camera in known)]
    addresses = {e.address for e in missing if split_address(e.address)[0] != "usb"}
    if any(split_address(entry.address)[0] == "usb" for entry in missing):
        here = {camera.session.transport.address for camera in known}
        addresses |= {d.address for d in list_devices("usb") if d.address not in here}
    failures = []
    for each in connect_all(sorted(addresses), timeout, tracer, cancel):
        if isinstance(each, Camera):
            known.append(each)
        else:
            failures.append(each)
    found: list[Camera | ChdkShellError] = []
    for entry in entries:
        fitting = [camera for camera in known if entry.fits(camera) and camera not in found]
        found.append(fitting[0] if fitting else _not_there(entry, failures))
    for camera in known:
        if camera not in before and camera not in found:
            camera.close()
    return found


def _not_there(entry: SavedCamera, failures: Sequence[ChdkShellError]) -> ChdkShellError:
    why = next((e for e in failures if f"at {entry.address}" in e.notes), None)
    text = f"{entry} is not there" + (f": {why}" if why else "")
    return NoDeviceError(text, reason=Reason.NOT_THERE)
