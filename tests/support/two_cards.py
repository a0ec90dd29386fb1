"""A camera of no particular maker with two cards, which a player answers for."""

from __future__ import annotations

from dataclasses import replace

from chdkshell.ptp.codes import OperationCode, ResponseCode
from chdkshell.ptp.datasets import DeviceInfo, Reader
from chdkshell.ptp.objects import ROOT_ONLY, ObjectFormat, ObjectInfo, StorageInfo
from support.chdk_replay import OK, Answer, Asked

FIRST, EMPTY_SLOT, SECOND = 0x00010001, 0x00020000, 0x00030001
SET_NAME = 0x9804, 0xDC07
"""SetObjectPropValue, and ObjectFileName (MTP 1.1, D.2.31 and B.5)."""

_FOLDER, _JPEG = ObjectFormat.ASSOCIATION, ObjectFormat.EXIF_JPEG


def _number(data: tuple[int, ...]) -> bytes:
    return b"".join(value.to_bytes(4, "little") for value in (len(data), *data))


class TwoCards:
    """Its objects by their handles, and their contents; `named` are the names that were set."""

    def __init__(self, renames: bool = True) -> None:
        self.objects = {
            1: ObjectInfo(FIRST, _FOLDER, name="DCIM"),
            2: ObjectInfo(FIRST, _JPEG, size=5, parent=1, name="ONE.JPG"),
            3: ObjectInfo(SECOND, _FOLDER, name="DCIM"),
            4: ObjectInfo(SECOND, _JPEG, size=6, parent=3, name="TWO.JPG"),
        }
        self.contents = {2: b"first", 4: b"second"}
        self._sent = 0
        codes = [code for code in OperationCode if code != OperationCode.CHDK]
        own = SET_NAME[:1] if renames else ()
        self.info = DeviceInfo("Another", "Two", "1", "", (*codes, *own))

    def answer(self, asked: Asked) -> Answer:
        """Answer a transaction."""
        code, params = asked.code, (*asked.params, 0, 0, 0)
        data: bytes | None = None
        match code:
            case OperationCode.GET_DEVICE_INFO:
                data = self.info.pack()
            case OperationCode.GET_STORAGE_IDS:
                data = _number((FIRST, EMPTY_SLOT, SECOND))
            case OperationCode.GET_STORAGE_INFO:
                free = 1000 if params[0] == FIRST else 2000
                data = StorageInfo(4, 3, 0, 4000, free, 9, "card").pack()
            case OperationCode.GET_OBJECT_HANDLES:
                data = _number(tuple(self._inside(params[0], params[2])))
            case OperationCode.GET_OBJECT_INFO if params[0] in self.objects:
                data = self.objects[params[0]].pack()
            case OperationCode.GET_OBJECT if params[0] in self.contents:
                data = self.contents[params[0]]
            case OperationCode.DELETE_OBJECT if params[0] in self.objects:
                del self.objects[params[0]]
            case OperationCode.MOVE_OBJECT if params[0] in self.objects:
                moved = replace(self.objects[params[0]], storage=params[1], parent=params[2])
                self.objects[params[0]] = moved
            case OperationCode.SEND_OBJECT_INFO if asked.out is not None:
                parent = 0 if params[1] == ROOT_ONLY else params[1]
                info = ObjectInfo.unpack(asked.out)
                self._sent = max(self.objects) + 1
                self.objects[self._sent] = replace(info, storage=params[0], parent=parent)
                return Answer((params[0], params[1], self._sent))
            case OperationCode.SEND_OBJECT if asked.out is not None:
                self.contents[self._sent] = asked.out
            case 0x9804 if asked.params[1:] == SET_NAME[1:] and asked.out is not None:
                name = Reader(asked.out).string()
                self.objects[params[0]] = replace(self.objects[params[0]], name=name)
            case OperationCode.OPEN_SESSION | OperationCode.CLOSE_SESSION:
                pass
            case _:
                return Answer(code=ResponseCode.INVALID_OBJECT_HANDLE)
        return Answer(data=data, code=OK)

    def _inside(self, storage: int, parent: int) -> list[int]:
        place = 0 if parent == ROOT_ONLY else parent
        return [
            handle
            for handle, info in self.objects.items()
            if storage in (0xFFFFFFFF, info.storage) and (not parent or info.parent == place)
        ]
