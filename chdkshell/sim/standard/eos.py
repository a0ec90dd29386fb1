"""What the simulated EOS does for its own operations: a computer controls it.

The order of operations and events is from public sources (libgphoto2's device report of the R6).
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from chdkshell.ptp.codes import OperationCode, ResponseCode
from chdkshell.ptp.eos import (
    CAPTURED_TO_HOST,
    OBJECT_NOT_READY,
    SHOWN_ON_HOST,
    EosEvent,
    EosOperation,
    EosProperty,
    EosRecord,
    pack_records,
)
from chdkshell.ptp.objects import ObjectInfo
from chdkshell.sim.chdk_commands import Answer
from chdkshell.sim.shot import Shot
from chdkshell.sim.standard.eosevents import EosEvents, focused, new_object, offered
from chdkshell.sim.standard.eosproperties import (
    SHOTS_ON_CARD,
    SHOTS_ON_HOST,
    SimSetting,
    eos_settings,
)
from chdkshell.sim.standard.objectoperations import Operation, send
from chdkshell.sim.state import CameraState
from chdkshell.streams import Sink, Source

MAX_SETTING = 1 << 12
"""Bytes of a setting that the camera takes."""

NAME_BYTES, MAX_FIRMWARE = 32, 1 << 28
"""Bytes of a firmware's name, and of the longest firmware that is kept."""

FIRST_HANDLE = 0x91900001
"""The handle of the first picture in memory: not one of the card's."""

HALF, FULL = 1, 2
"""Bits of the release button."""

VIEWFINDER_PICTURE = 1
"""The type of the viewfinder's record that is a JPEG file."""

_TAKES_NOTHING = (0x911D, 0x9130, 0x9131, 0x913D, 0x9154, 0x9155, 0x9158, 0x9159, 0x9160, 0x902F)
"""Operations that are accepted, and change nothing that can be seen here."""


class EosOperations:
    """What an EOS does. `standard` has the operations on the objects of its card, `info` tells of
    one.

    `firmware` is what was sent by UpdateFirmware: name and bytes, once it was whole.
    """

    def __init__(
        self,
        state: CameraState,
        standard: dict[int, Operation],
        info: Callable[[int], ObjectInfo],
        serial: str,
    ) -> None:
        self._state = state
        self._standard = standard
        self._info = info
        self._settings = {one.code: one for one in eos_settings(state, serial)}
        self.events = EosEvents()
        self.remote = False
        self.pressed = 0
        self._shown = False
        self._memory: dict[int, bytes] = {}
        self._next_handle = FIRST_HANDLE
        self._firmware = b""
        self.firmware: tuple[str, bytes] | None = None
        self._to_card, state.on_shoot = state.on_shoot, self._shot
        op, code = EosOperation, OperationCode
        self.table: dict[int, Operation] = {
            **dict.fromkeys(_TAKES_NOTHING, self._accept),
            code.GET_OBJECT: self._get_object,
            code.GET_PARTIAL_OBJECT: self._get_partial_object,
            0x9101: standard[code.GET_STORAGE_IDS],
            0x9102: standard[code.GET_STORAGE_INFO],
            0x9105: standard[code.DELETE_OBJECT],
            0x9106: standard[code.FORMAT_STORE],
            0x9108: self._device_info,
            0x910F: self._release_at_once,
            0x911B: self._accept,
            0x911C: self._accept,
            op.GET_OBJECT: self._get_object,
            op.GET_PARTIAL_OBJECT: self._get_partial_object,
            op.SET_DEVICE_PROP_VALUE_EX: self._set,
            op.SET_REMOTE_MODE: self._set_remote_mode,
            op.SET_EVENT_MODE: self._set_event_mode,
            op.GET_EVENT: self._get_event,
            op.TRANSFER_COMPLETE: self._transfer_complete,
            op.PC_HDD_CAPACITY: self._capacity,
            op.UPDATE_FIRMWARE: self._update_firmware,
            op.REQUEST_DEVICE_PROP_VALUE: self._request,
            op.REMOTE_RELEASE_ON: self._release_on,
            op.REMOTE_RELEASE_OFF: self._release_off,
            op.GET_VIEWFINDER_DATA: self._viewfinder,
        }

    def end_session(self) -> None:
        """Give the camera back to its user."""
        self._let_go()
        self._firmware = b""

    def _let_go(self) -> None:
        self.remote = self._shown = False
        self.events.switch(False)
        self._memory.clear()
        self._press(0)
        self._settings[EosProperty.EVF_OUTPUT_DEVICE].body = bytes((1, 0, 0, 0))
        self._settings[EosProperty.CAPTURE_DESTINATION].body = bytes((1, 0, 0, 0))
        self._settings[EosProperty.AVAILABLE_SHOTS].body = SHOTS_ON_CARD.to_bytes(4, "little")

    # ---- what changes on the card ---------------------------------------------------------------

    def added(self, handle: int) -> None:
        """Tell of an object that is new on the card."""
        if not self.events.on:
            return
        self.events.tell(new_object(handle, self._info(handle)))

    def removed(self, handle: int) -> None:
        """Tell of an object that is gone."""
        self.events.tell(EosRecord(EosEvent.OBJECT_REMOVED, struct.pack("<I", handle)))

    # ---- modes and events -----------------------------------------------------------------------

    def _accept(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        return self._if_controlled()

    def _if_controlled(self) -> Answer:
        return Answer(ResponseCode.OK if self.remote else ResponseCode.ACCESS_DENIED)

    def _set_remote_mode(
        self, params: tuple[int, ...], source: Source | None, sink: Sink
    ) -> Answer:
        if not params[0]:
            self._let_go()
        self.remote = bool(params[0])
        return Answer()

    def _set_event_mode(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        self.events.switch(bool(params[0]))
        settings = [one for one in self._settings.values() if not one.asked]
        self.events.tell(*(one.told() for one in settings))
        self.events.tell(*(one.values_told() for one in settings))
        return Answer()

    def _get_event(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        return send(sink, pack_records(self.events.take()))

    def _device_info(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        """Tell the codes of events and settings: 32-bit arrays, after the length of it all."""
        arrays = (tuple(EosEvent), tuple(self._settings), ())
        packed = b"".join(struct.pack(f"<I{len(a)}I", len(a), *a) for a in arrays)
        return send(sink, struct.pack("<I", len(packed) + 4) + packed)

    # ---- settings -------------------------------------------------------------------------------

    def _set(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        data = _received(source)
        if not self.remote:
            return Answer(ResponseCode.ACCESS_DENIED)
        if (
            len(data) < 9
            or int.from_bytes(data[:4], "little") != len(data)
            or len(data) > MAX_SETTING
        ):
            return Answer(ResponseCode.INVALID_DEVICE_PROP_FORMAT)
        setting = self._settings.get(int.from_bytes(data[4:8], "little"))
        if setting is None:
            return Answer(ResponseCode.DEVICE_PROP_NOT_SUPPORTED)
        if not setting.takes(data[8:]):
            return Answer(ResponseCode.INVALID_DEVICE_PROP_VALUE)
        self._change(setting, setting.fitted(data[8:]))
        if setting.code == EosProperty.CAPTURE_DESTINATION:
            self._tell_shots(0 if self._goes_to_host else SHOTS_ON_CARD)
        return Answer()

    def _change(self, setting: SimSetting, body: bytes) -> None:
        setting.body = body
        if setting.set is not None:
            setting.set(body)
        self.events.tell(setting.told())

    def _request(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        setting = self._settings.get(params[0])
        if setting is None:
            return Answer(ResponseCode.GENERAL_ERROR)
        self.events.tell(setting.told())
        return self._if_controlled()

    def number(self, code: int) -> int:
        """Return the value of a setting."""
        return int.from_bytes(self._settings[code].body, "little")

    @property
    def _goes_to_host(self) -> bool:
        return bool(self.number(EosProperty.CAPTURE_DESTINATION) & CAPTURED_TO_HOST)

    def _capacity(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        if self.remote and self._goes_to_host:
            self._tell_shots(SHOTS_ON_HOST if params[0] and params[1] else 0)
        return self._if_controlled()

    def _tell_shots(self, count: int) -> None:
        self._change(self._settings[EosProperty.AVAILABLE_SHOTS], count.to_bytes(4, "little"))

    # ---- pictures -------------------------------------------------------------------------------

    def _release_on(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        if not self.remote:
            return Answer(ResponseCode.ACCESS_DENIED)
        if not 1 <= params[0] <= HALF | FULL:
            return Answer(ResponseCode.INVALID_PARAMETER)
        if params[0] & FULL and (self._state.shutter.shooting and not self.pressed & HALF):
            return Answer(ResponseCode.DEVICE_BUSY)
        self._press(self.pressed | params[0])
        return Answer()

    def _release_off(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        self._press(self.pressed & ~params[0])
        return self._if_controlled()

    def _release_at_once(
        self, params: tuple[int, ...], source: Source | None, sink: Sink
    ) -> Answer:
        if not self.remote:
            return Answer(ResponseCode.ACCESS_DENIED)
        self._press(HALF | FULL)
        self._press(0)
        return Answer(params=(0,))

    def _press(self, pressed: int) -> None:
        """Press and release the button's two steps: pressing the second one takes a picture."""
        before, self.pressed = self.pressed, pressed
        shutter = self._state.shutter
        if pressed & FULL and not before & FULL:
            shutter.press("shoot_full")
        elif pressed & HALF and not before & HALF:
            shutter.press("shoot_half")
            self.events.tell(focused())
        if before and not pressed:
            shutter.released()

    def _shot(self, shot: Shot) -> None:
        """Put a picture where it goes: to the card, to memory for the computer, or to both."""
        destination = self.number(EosProperty.CAPTURE_DESTINATION)
        if destination & 1 and self._to_card is not None:
            self._to_card(shot)
        if not destination & CAPTURED_TO_HOST:
            return
        from chdkshell.sim.imaging.pictures import jpeg

        data, handle = jpeg(self._state, shot), self._next_handle
        self._next_handle += 1
        self._memory[handle] = data
        self.events.tell(offered(handle, f"IMG_{shot.number:04d}.JPG", len(data)))

    def _get_object(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        data = self._memory.get(params[0])
        if data is None:
            return self._standard[OperationCode.GET_OBJECT](params, source, sink)
        return send(sink, data)

    def _get_partial_object(
        self, params: tuple[int, ...], source: Source | None, sink: Sink
    ) -> Answer:
        handle, offset, most = params[:3]
        data = self._memory.get(handle)
        if data is None:
            return self._standard[OperationCode.GET_PARTIAL_OBJECT](params, source, sink)
        if offset > len(data):
            return Answer(ResponseCode.INVALID_PARAMETER)
        part = data[offset : offset + most]
        send(sink, part)
        return Answer(params=(len(part),))

    def _transfer_complete(
        self, params: tuple[int, ...], source: Source | None, sink: Sink
    ) -> Answer:
        known = self._memory.pop(params[0], None) is not None
        return Answer(ResponseCode.OK if known else ResponseCode.INVALID_OBJECT_HANDLE)

    def _viewfinder(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        """Send what the camera sees. The first answer after switching on has no picture yet."""
        if not self.remote:
            return Answer(ResponseCode.ACCESS_DENIED)
        on = bool(
            self.number(EosProperty.EVF_MODE)
            and self.number(EosProperty.EVF_OUTPUT_DEVICE) & SHOWN_ON_HOST
        )
        shown, self._shown = self._shown, on
        if not (shown and on):
            return Answer(OBJECT_NOT_READY)
        from chdkshell.sim.imaging.pictures import viewfinder

        record = EosRecord(VIEWFINDER_PICTURE, viewfinder(self._state))
        return send(sink, pack_records([record], end=False))

    # ---- firmware -------------------------------------------------------------------------------

    def _update_firmware(
        self, params: tuple[int, ...], source: Source | None, sink: Sink
    ) -> Answer:
        """Take a piece of a firmware: its place is where the one before ended."""
        total, offset = params[:2]
        data = _received(source)
        name, piece = data[:NAME_BYTES], data[NAME_BYTES:]
        if offset == 0:
            self._firmware = b""
        end = offset + len(piece)
        if not piece or offset != len(self._firmware) or not end <= total <= MAX_FIRMWARE:
            return Answer(ResponseCode.INVALID_PARAMETER)
        self._firmware += piece
        if end == total:
            self.firmware = name.rstrip(b"\0").decode("ascii", "replace"), self._firmware
            self._firmware = b""
        return Answer()


def _received(source: Source | None) -> bytes:
    return b"".join(bytes(part) for part in source.chunks()) if source is not None else b""
