"""Datasets of standard PTP that are not as they were sent: read alone, and by who asked for them.

The whole ones are those that the cameras in `tests/data/ptp_peers` gave, and some that none of
these has.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from support.peer_replay import RECORDINGS, steps_of

from campaign_parts.mutate import changed
from chdkshell.errors import ChdkShellError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.codes import OperationCode, ResponseCode
from chdkshell.ptp.container import HEADER_SIZE, ContainerType, unpack_event, unpack_header
from chdkshell.ptp.datasets import DeviceInfo, Reader
from chdkshell.ptp.names import CodeKind, CodeNames
from chdkshell.ptp.objects import ObjectInfo, StorageInfo, dated
from chdkshell.ptp.properties import DevicePropDesc, Enumeration
from chdkshell.ptp.session import Session
from chdkshell.ptp.transaction import Event, Request, Response, Transport
from chdkshell.ptp.values import STRING, DataType, shown
from chdkshell.standard.datasets import fields_of
from chdkshell.standard.device import PtpDevice
from chdkshell.standard.objecttree import Node, ObjectTree
from chdkshell.standard.transfer import entry_of
from chdkshell.streams import Sink, Source

EACH = 200
"""Datasets that one case changes."""

EVENT = "event"
WHOLE = "asked"

SELDOM_SEEN = (
    DevicePropDesc(0xD02C, DataType(0x4006), True, (5,), (6,), Enumeration(((5,), (6, 7)))),
    DevicePropDesc(0xD402, STRING, True, "A", "B", Enumeration(("A", "B"))),
    DevicePropDesc(0xD100, DataType(10), True, (1 << 128) - 1, 1),
    DevicePropDesc(0xD101, DataType(0x4009), True, (-1,), ()),
    DevicePropDesc(0xD033, DataType(0x4002), True, (), (0x41, 0x6E, 0)),
)


def _device_info(data: bytes) -> None:
    info = DeviceInfo.unpack(data)
    names = CodeNames.of(info)
    for code in info.operations_supported:
        names.name(CodeKind.OPERATION, code)


def _object_info(data: bytes) -> None:
    info = ObjectInfo.unpack(data)
    dated(info.captured)
    entry_of(Node(f"A/{info.name}", 1, info.storage, info))


def _property(data: bytes) -> None:
    desc = DevicePropDesc.unpack(data)
    assert isinstance(desc.allowed, str)
    shown(desc.value, desc.data_type)
    desc.parse(shown(desc.default, desc.data_type))


def _array(data: bytes) -> None:
    Reader(data).array(4)


READERS: dict[int, Callable[[bytes], object]] = {
    OperationCode.GET_DEVICE_INFO: _device_info,
    OperationCode.GET_STORAGE_IDS: _array,
    OperationCode.GET_STORAGE_INFO: StorageInfo.unpack,
    OperationCode.GET_OBJECT_HANDLES: _array,
    OperationCode.GET_OBJECT_INFO: _object_info,
    OperationCode.GET_DEVICE_PROP_DESC: _property,
}


class Answering(Transport):
    """A camera that has one answer for each operation, and no end of room."""

    address = "play:"

    def __init__(self, answers: dict[int, bytes]) -> None:
        self._answers = answers
        self.left = 2000
        """Transactions that it runs: where none ends, nobody asks for ever."""

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        self.left -= 1
        assert self.left, "it is asked without end"
        data = self._answers.get(request.code)
        if data is not None and sink is not None:
            sink.begin(len(data))
            sink.write(data)
        return Response(ResponseCode.OK, request.transaction_id)

    def next_event(self, seconds: float) -> Event | None:
        return None

    def reset(self) -> None:
        pass

    def close(self) -> None:
        pass


class Datasets:
    """The family of cases. `run` raises `AssertionError` with what is wrong."""

    def __init__(self) -> None:
        self._whole: dict[int | str, list[bytes]] = {}
        for path in sorted(RECORDINGS.glob("*.jsonl")):
            for step in steps_of(path):
                for way, data in step.transfers:
                    self._keep(way, data)
        descriptions = self._whole.setdefault(OperationCode.GET_DEVICE_PROP_DESC, [])
        descriptions += [desc.pack() for desc in SELDOM_SEEN]

    def _keep(self, way: str, data: bytes) -> None:
        if way == EVENT:
            self._whole.setdefault(EVENT, []).append(data)
        elif way == "in" and len(data) >= HEADER_SIZE:
            header = unpack_header(data)
            if header.type is ContainerType.DATA and header.code in READERS:
                self._whole.setdefault(header.code, []).append(data[HEADER_SIZE:])

    def run(self, rng: random.Random) -> tuple[str, str, int]:
        """Run one case. Returns what was read, by what, and how many datasets were changed."""
        kind = rng.choice([*self._whole, WHOLE])
        name = kind if isinstance(kind, str) else OperationCode(kind).name.lower()
        for _ in range(EACH):
            if kind == WHOLE:
                _ask(rng, self._whole)
                continue
            data = changed(rng, rng.choice(self._whole[kind]))
            try:
                _read(kind, data)
            except ChdkShellError:
                continue
            except Exception as error:
                raise AssertionError(f"{name}: {error!r} from {data.hex()}") from error
        return name, name, EACH


def _read(kind: int | str, data: bytes) -> None:
    if isinstance(kind, str):
        unpack_event(data)
        return
    fields_of(kind, data)
    READERS[kind](data)


def _ask(rng: random.Random, whole: dict[int | str, list[bytes]]) -> None:
    """Let a client ask for all that there is, with one answer changed."""
    answers = {code: rng.choice(data) for code, data in whole.items() if isinstance(code, int)}
    hurt = rng.choice(list(answers))
    answers[hurt] = changed(rng, answers[hurt])
    try:
        session = Session(Answering(answers))
        device = PtpDevice(session, session.get_device_info())
        for one in device.properties():
            assert one.desc or one.problem
        tree = ObjectTree(device)
        for drive in tree.storages():
            for node in tree.walk(tree.find(f"{drive}/")):
                assert node.name
        device.storages()
    except ChdkShellError:
        return
    except Exception as error:
        said = {OperationCode(code).name: data.hex() for code, data in answers.items()}
        raise AssertionError(f"asked: {error!r} with {said}") from error
