"""What a client of standard PTP can be asked for, by name, and what comes of it as JSON has it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from chdkshell.errors import ChdkShellError
from chdkshell.ptp.objects import ALL_STORAGES
from chdkshell.ptp.session import Session
from chdkshell.standard import capture, transfer
from chdkshell.standard.device import PtpDevice
from chdkshell.standard.objecttree import ObjectTree
from chdkshell.standard.tethering import Tether
from chdkshell.standard.transfer import ByteRange
from chdkshell.streams import BytesSink, BytesSource
from chdkshell.transport.usb import UsbTransport

EVENT_SECONDS = 5.0
"""How long an event is waited for."""


class Client:
    """A connection to a camera over `link`, which stands for an open USB device."""

    def __init__(self, link: Any, folder: Path) -> None:
        self.session = Session(UsbTransport(link))
        self.session.open()
        self.device = PtpDevice(self.session, self.session.get_device_info())
        self.tree = ObjectTree(self.device)
        self.folder = folder
        self._tether: Tether | None = None

    def ask(self, call: list[Any]) -> Any:
        """Run one of the calls below, and return what came: `{"error": text}` for an error."""
        name, *args = call
        try:
            result = getattr(self, f"do_{name}")(*args)
        except ChdkShellError as error:
            return {"error": str(error)}
        return json.loads(json.dumps(result, default=_plain))

    # ---- calls ----

    def do_info(self) -> Any:
        return self.device.info._asdict()

    def do_storages(self) -> Any:
        return self.device.storages()

    def do_handles(self, storage: int = ALL_STORAGES, code: int = 0, parent: int = 0) -> Any:
        return self.device.handles(storage, code, parent)

    def do_object(self, handle: int) -> Any:
        return self.device.object_info(handle)

    def do_content(self, handle: int) -> Any:
        sink = BytesSink()
        self.device.get_object(handle, sink)
        return sink.data

    def do_part(self, handle: int, offset: int, length: int) -> Any:
        return self.device.get_partial_object(handle, offset, length)

    def do_object_of(self, path: str) -> Any:
        return self.device.object_info(self.tree.resolve(path).handle)

    def do_thumb_of(self, path: str) -> Any:
        return self.device.thumb(self.tree.resolve(path).handle)

    def do_delete(self, path: str) -> Any:
        node = self.tree.resolve(path)
        return self.device.delete_object(node.handle)

    def do_move(self, path: str, folder: str) -> Any:
        node, target = self.tree.resolve(path), self.tree.resolve(folder)
        return self.device.move_object(node.handle, target.storage, target.handle)

    def do_protect(self, path: str) -> Any:
        return self.device.protect(self.tree.resolve(path).handle, 1)

    def do_format(self, storage: int) -> Any:
        return self.device.format_store(storage)

    def do_properties(self) -> Any:
        return list(self.device.properties())

    def do_property(self, name: int | str) -> Any:
        return self.device.property(name)

    def do_set(self, name: int | str, value: str) -> Any:
        return self.device.set_property(name, value)

    def do_reset(self, name: int | str) -> Any:
        return self.device.reset_property(name)

    def do_walk(self, path: str) -> Any:
        top = self.tree.resolve(path)
        return [[node.path, node.handle, node.size] for node in self.tree.walk(top)]

    def do_get(self, path: str) -> Any:
        target = self.folder / "got"
        transfer.get(self.device, self.tree.resolve(path), target)
        return target.read_bytes()

    def do_get_part(self, path: str, offset: int, length: int) -> Any:
        target = self.folder / "part"
        wanted = ByteRange(offset, length)
        transfer.get(self.device, self.tree.resolve(path), target, wanted)
        return target.read_bytes()

    def do_send(self, folder: str, name: str, content: str) -> Any:
        file = self.folder / name
        file.write_bytes(bytes.fromhex(content))
        return transfer.send(self.device, file, self.tree.resolve(folder), name)

    def do_mkdir(self, folder: str, name: str) -> Any:
        return transfer.make_folder(self.device, self.tree.resolve(folder), name)

    def do_capture(self) -> Any:
        return capture.capture(self.device, EVENT_SECONDS)

    def do_events(self, count: int) -> Any:
        events = (self.session.next_event(EVENT_SECONDS) for _ in range(count))
        return [None if event is None else event._asdict() for event in events]

    def do_tether_begins(self) -> None:
        self._tether = Tether(lambda: self.device)

    def do_tether(self) -> Any:
        assert self._tether is not None
        return [[node.path, node.handle] for node in self._tether.wait()]

    def do_raw(self, operation: int | str, *params: int) -> Any:
        return self.device.try_transaction(operation, *params, force=True)

    def do_raw_out(self, operation: int | str, data: str, *params: int) -> Any:
        return self.device.try_transaction(operation, *params, data=bytes.fromhex(data), force=True)

    def do_send_unannounced(self, content: str) -> Any:
        return self.device.send_object(BytesSource(bytes.fromhex(content)))


def calls() -> list[str]:
    """Return the names of all calls."""
    return [name.removeprefix("do_") for name in vars(Client) if name.startswith("do_")]


def _plain(value: object) -> Any:
    if isinstance(value, bytes | bytearray):
        return bytes(value).hex()
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: getattr(value, name) for name in names}
    raise TypeError(f"{value!r} is nothing for JSON")
