"""A camera as standard PTP has it: operations by name, storages, objects, properties, events."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from chdkshell.errors import PtpError, UsageError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.ptp.codes import CANON_VENDOR_ID, SENDS_DATA, OperationCode, ResponseCode
from chdkshell.ptp.datasets import MAX_DATASET, DeviceInfo, Reader
from chdkshell.ptp.eos import SENDS_EOS_DATA
from chdkshell.ptp.names import CodeKind, CodeNames, Vocabulary
from chdkshell.ptp.objects import ALL_STORAGES, ObjectInfo, StorageInfo
from chdkshell.ptp.properties import DevicePropDesc
from chdkshell.ptp.session import Session
from chdkshell.ptp.transaction import MAX_PARAMS
from chdkshell.ptp.values import Value
from chdkshell.reasons import Reason
from chdkshell.streams import BytesSink, BytesSource, Sink, Source

ALL_PROPERTIES = 0xFFFFFFFF
"""Stands for every property in ResetDevicePropValue."""


@dataclass(frozen=True, slots=True)
class PtpAnswer:
    """What a transaction came to: the response's code and parameters, and the data that came."""

    code: int
    params: tuple[int, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Storage:
    """A storage of the camera, by its id."""

    id: int
    info: StorageInfo


@dataclass(frozen=True, slots=True)
class ListedProperty:
    """A listed property; `desc` is None where the camera does not describe it, `problem` is why."""

    code: int
    name: str
    desc: DevicePropDesc | None
    problem: str = ""


class PtpDevice:
    """The camera at the other end of `session`, which has told `info`.

    Operations, properties and formats are named by a name in any case ("GetDeviceInfo") or a code.
    What the camera does not list is refused before it is sent, unless `force` says otherwise.
    Every method raises `PtpError` for what the camera refuses, `DatasetError` for an answer that
    makes no sense, `TransportError` and `Cancelled`.
    """

    def __init__(self, session: Session, info: DeviceInfo) -> None:
        self.session = session
        self.info = info

    @functools.cached_property
    def names(self) -> CodeNames:
        """The names of this camera's codes."""
        on_usb = self.session.transport.product_id and "canon" in self.info.model.lower()
        return CodeNames.of(self.info, CANON_VENDOR_ID if on_usb else 0)

    # ---- operations -----------------------------------------------------------------------------

    def operation(self, operation: int | str) -> int:
        """Return the code of an operation. Raises `UsageError` for an unknown name."""
        if isinstance(operation, str):
            return self.names.code(CodeKind.OPERATION, operation)
        return operation

    def supports(self, operation: int) -> bool:
        """Whether the camera lists an operation."""
        return operation in self.info.operations_supported

    def sends_data(self, operation: int) -> bool:
        """Whether this computer sends data with an operation, as far as it is known."""
        is_eos = Vocabulary.EOS in self.names.vocabularies and operation in SENDS_EOS_DATA
        return is_eos or operation in SENDS_DATA

    def require(self, operation: int) -> None:
        """Raise `UsageError` for an operation that the camera does not list."""
        if not self.supports(operation):
            name = self.names.name(CodeKind.OPERATION, operation)
            raise UsageError(
                f"the camera does not list the operation {name} (0x{operation:04X})",
                reason=Reason.OPERATION_NOT_LISTED,
            )

    def transaction(
        self,
        operation: int | str,
        *params: int,
        data: bytes | None = None,
        force: bool = False,
        cancel: CancelToken = NEVER,
    ) -> PtpAnswer:
        """Run one transaction: send `data` if given, else take what comes.

        Raises `UsageError` for an operation that the camera does not list (without `force`), for
        more than five parameters or one of more than 32 bits, and where an operation needs `data`.

        >>> camera.ptp.transaction("GetDevicePropValue", 0x5001).data
        b'\\x03'
        """
        answer = self.try_transaction(operation, *params, data=data, force=force, cancel=cancel)
        if answer.code != ResponseCode.OK:
            raise self.refusal(answer.code, self.operation(operation), answer.params)
        return answer

    def try_transaction(
        self,
        operation: int | str,
        *params: int,
        data: bytes | None = None,
        force: bool = False,
        cancel: CancelToken = NEVER,
    ) -> PtpAnswer:
        """Run one transaction as `transaction` does; a refusal is an answer like any other."""
        code = self.operation(operation)
        if not force:
            self.require(code)
        if len(params) > MAX_PARAMS:
            raise UsageError(f"an operation has at most {MAX_PARAMS} parameters")
        for param in params:
            if not -(1 << 31) <= param < 1 << 32:
                raise UsageError(f"{param} is no parameter", "parameters have 32 bits")
        if data is None and self.sends_data(code):
            name = self.names.name(CodeKind.OPERATION, code)
            raise UsageError(f"{name} sends data to the camera, and there is none")
        sink = BytesSink(MAX_DATASET) if data is None else None
        source = None if data is None else BytesSource(data)
        response = self.session.try_transaction(
            code, *params, source=source, sink=sink, cancel=cancel
        )
        return PtpAnswer(response.code, response.params, (sink.data if sink else None) or b"")

    def refusal(self, code: int, operation: int, params: tuple[int, ...]) -> PtpError:
        """Return the error for a response that is not OK, in the camera's names."""
        asked = self.names.name(CodeKind.OPERATION, operation)
        answered = self.names.name(CodeKind.RESPONSE, code)
        return PtpError(
            code, operation, f"{asked}: the camera answered {answered} (0x{code:04X})", params
        )

    def _dataset(self, operation: int, *params: int, cancel: CancelToken = NEVER) -> bytes:
        return self.transaction(operation, *params, cancel=cancel).data

    # ---- storages and objects -------------------------------------------------------------------

    def storage_ids(self, cancel: CancelToken = NEVER) -> tuple[int, ...]:
        """Return the ids of the storages."""
        return Reader(self._dataset(OperationCode.GET_STORAGE_IDS, cancel=cancel)).array(4)

    def storages(self, cancel: CancelToken = NEVER) -> list[Storage]:
        """Return the storages. One without a card in it is left out."""
        found = []
        for storage_id in self.storage_ids(cancel):
            if storage_id & 0xFFFF:
                data = self._dataset(OperationCode.GET_STORAGE_INFO, storage_id, cancel=cancel)
                found.append(Storage(storage_id, StorageInfo.unpack(data)))
        return found

    def handles(
        self,
        storage: int = ALL_STORAGES,
        format_code: int = 0,
        parent: int = 0,
        cancel: CancelToken = NEVER,
    ) -> tuple[int, ...]:
        """Return the handles of objects. `parent` is a folder's, `ROOT_ONLY`, or 0 for all.

        Some cameras take no `ALL_STORAGES`: they are asked storage by storage then.
        """
        operation = OperationCode.GET_OBJECT_HANDLES
        try:
            data = self._dataset(operation, storage, format_code, parent, cancel=cancel)
        except PtpError as error:
            if storage != ALL_STORAGES or error.code != ResponseCode.INVALID_STORAGE_ID:
                raise
            each = [self.handles(s, format_code, parent, cancel) for s in self.storage_ids(cancel)]
            return tuple(handle for handles in each for handle in handles)
        return Reader(data).array(4)

    def object_info(self, handle: int, cancel: CancelToken = NEVER) -> ObjectInfo:
        """Return what the camera tells about an object."""
        data = self._dataset(OperationCode.GET_OBJECT_INFO, handle, cancel=cancel)
        return ObjectInfo.unpack(data)

    def thumb(self, handle: int, cancel: CancelToken = NEVER) -> bytes:
        """Return an object's thumbnail: a small picture in a format that its info names."""
        return self._dataset(OperationCode.GET_THUMB, handle, cancel=cancel)

    def get_object(
        self,
        handle: int,
        sink: Sink,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> None:
        """Feed the content of an object to `sink`."""
        self.require(OperationCode.GET_OBJECT)
        self.session.transaction(
            OperationCode.GET_OBJECT, handle, sink=sink, progress=progress, cancel=cancel
        )

    def get_partial_object(
        self, handle: int, offset: int, length: int, cancel: CancelToken = NEVER
    ) -> bytes:
        """Return up to `length` bytes of an object from `offset` on, which is below 4 GiB."""
        operation = OperationCode.GET_PARTIAL_OBJECT
        return self._dataset(operation, handle, offset, length, cancel=cancel)

    def delete_object(self, handle: int, cancel: CancelToken = NEVER) -> None:
        """Delete an object; a folder with all that is in it, on most cameras."""
        self.transaction(OperationCode.DELETE_OBJECT, handle, cancel=cancel)

    def send_object_info(
        self, info: ObjectInfo, storage: int, parent: int, cancel: CancelToken = NEVER
    ) -> int:
        """Announce an object, or make a folder, and return its handle."""
        operation = OperationCode.SEND_OBJECT_INFO
        answer = self.transaction(operation, storage, parent, data=info.pack(), cancel=cancel)
        return (*answer.params, 0, 0, 0)[2]

    def send_object(
        self, source: Source, progress: Progress = SILENT, cancel: CancelToken = NEVER
    ) -> None:
        """Send the content of the object that was announced last."""
        self.require(OperationCode.SEND_OBJECT)
        self.session.transaction(
            OperationCode.SEND_OBJECT, source=source, progress=progress, cancel=cancel
        )

    def move_object(
        self, handle: int, storage: int, parent: int, cancel: CancelToken = NEVER
    ) -> None:
        """Move an object into another folder."""
        self.transaction(OperationCode.MOVE_OBJECT, handle, storage, parent, cancel=cancel)

    def protect(self, handle: int, protection: int, cancel: CancelToken = NEVER) -> None:
        """Set whether an object may be deleted: 0 yes, 1 no."""
        operation = OperationCode.SET_OBJECT_PROTECTION
        self.transaction(operation, handle, protection, cancel=cancel)

    def format_store(self, storage: int, cancel: CancelToken = NEVER) -> None:
        """Delete all that is on a storage."""
        self.transaction(OperationCode.FORMAT_STORE, storage, cancel=cancel)

    # ---- properties -----------------------------------------------------------------------------

    def property_code(self, name: int | str) -> int:
        """Return the code of a property. Raises `UsageError` for an unknown name."""
        if isinstance(name, str):
            return self.names.code(CodeKind.PROPERTY, name)
        return name

    def property(self, name: int | str, cancel: CancelToken = NEVER) -> DevicePropDesc:
        """Return what a property is, what it may be, and its value."""
        code = self.property_code(name)
        operation = OperationCode.GET_DEVICE_PROP_DESC
        return DevicePropDesc.unpack(self._dataset(operation, code, cancel=cancel))

    def properties(self, cancel: CancelToken = NEVER) -> Iterator[ListedProperty]:
        """Yield every listed property. One that the camera lists and then refuses comes, too."""
        for code in self.info.device_properties_supported:
            name = self.names.name(CodeKind.PROPERTY, code)
            try:
                desc = self.property(code, cancel)
            except PtpError as error:
                problem = self.names.name(CodeKind.RESPONSE, error.code)
                yield ListedProperty(code, name, None, problem)
            else:
                yield ListedProperty(code, name, desc)

    def set_property(
        self, name: int | str, value: Value | str, cancel: CancelToken = NEVER
    ) -> Value:
        """Set a property and return the value that was sent.

        A text is read by the property's own type. Raises `UsageError` with the allowed values
        where the camera would refuse it; nothing is sent then.
        """
        desc = self.property(name, cancel)
        if isinstance(value, str):
            value = desc.parse(value)
        desc.check(value)
        operation = OperationCode.SET_DEVICE_PROP_VALUE
        self.transaction(operation, desc.code, data=desc.data_type.pack(value), cancel=cancel)
        return value

    def reset_property(self, name: int | str, cancel: CancelToken = NEVER) -> None:
        """Give a property its factory value."""
        code = self.property_code(name)
        self.transaction(OperationCode.RESET_DEVICE_PROP_VALUE, code, cancel=cancel)
