"""EOS cameras that a computer controls: modes, events and settings.

The numbers and the order of operations are from public sources (sequoia-ptpy's names, libgphoto2's
device reports).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

from chdkshell.errors import PtpError, TransportError, UsageError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.eos import (
    EosOperation,
    EosProperty,
    EosRecord,
    ValueChanged,
    ValuesChanged,
    data_type,
    pack_setting,
    read_record,
    unpack_records,
    unpack_value,
)
from chdkshell.ptp.eosvalues import SCALES, Scale, words_of
from chdkshell.ptp.names import CodeKind, CodeNames, Vocabulary
from chdkshell.ptp.values import DataType, Value
from chdkshell.standard.device import PtpDevice

POLL_SECONDS = 0.05
"""How often GetEvent is asked."""

FIRST_SECONDS, SET_SECONDS = 1.0, 1.0
"""How long a camera may take to tell its settings, and that one was changed."""

MAX_POLLS = 1000
"""Answers with events in a row, after which the rest waits for the next question."""

ASKED_FOR = (
    EosProperty.OWNER,
    EosProperty.ARTIST,
    EosProperty.COPYRIGHT,
    EosProperty.SERIAL_NUMBER,
)
"""Settings that cameras tell only when they are asked."""


@dataclass(frozen=True, slots=True)
class EosSetting:
    """A setting: its value, and what it may be, where the camera lists that."""

    code: int
    name: str
    data_type: DataType
    value: Value
    values: tuple[Value, ...] | None = None

    @property
    def words(self) -> str:
        """The value for people."""
        return words_of(self.code, self.data_type, self.value)

    @property
    def allowed(self) -> str:
        """The allowed values for people, "" where the camera lists none."""
        members = [words_of(self.code, self.data_type, value) for value in self.values or ()]
        return (" | " if self.data_type.is_array else ", ").join(members)

    def parse(self, text: str) -> Value:
        """Return the value that a person wrote. Raises `UsageError` for one that may not be.

        Apertures, times and sensitivities are read as they are shown, their codes in hex.
        """
        scale = SCALES.get(self.code)
        value = self.data_type.parse(text) if scale is None else self._by(scale, text)
        if self.values is not None and value not in self.values:
            raise UsageError(f"'{text}' is not allowed here", f"allowed: {self.allowed}")
        return value

    def _by(self, scale: Scale, text: str) -> Value:
        """Return the code that a text means: of two with the same words, one that is allowed."""
        codes = scale.codes(text)
        if not codes:
            listed = f"allowed: {self.allowed}" if self.values else "or its code, in hex with 0x"
            raise UsageError(f"'{text}' is no value of {self.name}", listed)
        return next((code for code in codes if code in (self.values or ())), codes[0])


class Eos:
    """An EOS camera, as `camera.eos`.

    What a call switches on is switched off again, unless `on` was called before. Every method
    raises `UsageError` for a camera that is no EOS, and what `PtpDevice` raises.
    """

    def __init__(self, device: PtpDevice) -> None:
        self.device = device
        self.names = CodeNames(Vocabulary.EOS, *device.names.vocabularies)
        self.is_on = False
        self._settings: dict[int, bytes] = {}
        self._values: dict[int, tuple[Value, ...]] = {}

    # ---- modes ----------------------------------------------------------------------------------

    def require(self) -> None:
        """Raise `UsageError` for a camera that does not list what it takes to control it."""
        for operation in (
            EosOperation.SET_REMOTE_MODE,
            EosOperation.SET_EVENT_MODE,
            EosOperation.GET_EVENT,
        ):
            self.device.require(operation)

    def on(self, cancel: CancelToken = NEVER) -> None:
        """Let this computer control the camera, and have it tell events, until `off`."""
        self.require()
        device = self.device
        try:
            device.transaction(EosOperation.SET_REMOTE_MODE, 1, cancel=cancel)
            device.transaction(EosOperation.SET_EVENT_MODE, 1, cancel=cancel)
        except BaseException:
            self._off_quietly()
            raise
        self.is_on = True

    def off(self) -> None:
        """Give the camera back to its user."""
        self.is_on = False
        self._settings.clear()
        self._values.clear()
        try:
            self.device.transaction(EosOperation.SET_EVENT_MODE, 0)
        finally:
            self.device.transaction(EosOperation.SET_REMOTE_MODE, 0)

    def _off_quietly(self) -> None:
        with contextlib.suppress(PtpError, TransportError, UsageError):
            self.off()

    @contextlib.contextmanager
    def controlled(self, cancel: CancelToken = NEVER) -> Iterator[None]:
        """Control the camera for as long as this lasts, or go on with doing so."""
        if self.is_on:
            yield
            return
        self.on(cancel)
        try:
            yield
        except BaseException:
            self._off_quietly()
            raise
        self.off()

    # ---- events ---------------------------------------------------------------------------------

    def poll(self, cancel: CancelToken = NEVER) -> list[EosRecord]:
        """Return the events that there are, and take notice of settings in them."""
        answer = self.device.transaction(EosOperation.GET_EVENT, cancel=cancel)
        records = unpack_records(answer.data)
        for record in records:
            told = read_record(record)
            if isinstance(told, ValueChanged):
                self._settings[told.code] = told.body
            elif isinstance(told, ValuesChanged) and told.values is not None:
                self._values[told.code] = told.values
        return records

    def drain(self, cancel: CancelToken = NEVER) -> list[EosRecord]:
        """Return the events that there are until an answer has none."""
        drained: list[EosRecord] = []
        for _ in range(MAX_POLLS):
            records = self.poll(cancel)
            if not records:
                break
            drained += records
        return drained

    # ---- settings -------------------------------------------------------------------------------

    def settings(self, cancel: CancelToken = NEVER) -> list[EosSetting]:
        """Return the settings with their values, by their codes."""
        with self.controlled(cancel):
            self._learn(cancel)
            for code in ASKED_FOR:
                self._ask_for(code, cancel)
            self.drain(cancel)
            return [self._setting(code) for code in sorted(self._settings)]

    def setting(self, name: int | str, cancel: CancelToken = NEVER) -> EosSetting:
        """Return one setting. Raises `UsageError` where the camera has none of that name."""
        with self.controlled(cancel):
            code = self.names.code(CodeKind.PROPERTY, name) if isinstance(name, str) else name
            self._learn(cancel)
            if code not in self._settings:
                self._ask_for(code, cancel)
                self.drain(cancel)
            if code not in self._settings:
                raise UsageError(f"the camera has no setting {self._name(code)}")
            return self._setting(code)

    def set(self, name: int | str, value: Value | str, cancel: CancelToken = NEVER) -> EosSetting:
        """Set a setting, and return it. A text is read by the setting's own type.

        Raises `UsageError` with the allowed values where the camera would refuse it; nothing is
        sent then.
        """
        with self.controlled(cancel):
            setting = self.setting(name, cancel)
            if isinstance(value, str):
                value = setting.parse(value)
            data = pack_setting(setting.code, setting.data_type, value)
            operation = EosOperation.SET_DEVICE_PROP_VALUE_EX
            self.device.transaction(operation, data=data, cancel=cancel)
            deadline = time.monotonic() + SET_SECONDS
            while self._setting(setting.code).value != value and time.monotonic() < deadline:
                if not self.poll(cancel):
                    cancel.wait(POLL_SECONDS)
            return self._setting(setting.code)

    def known(self, code: int) -> Value | None:
        """Return the value of a setting as it was told last, None where it was not."""
        body = self._settings.get(code)
        return None if body is None else unpack_value(code, body)

    def _learn(self, cancel: CancelToken) -> None:
        """Know the camera's settings: it tells them all when events begin, and may take a while."""
        deadline = time.monotonic() + FIRST_SECONDS
        self.drain(cancel)
        while not self._settings and time.monotonic() < deadline:
            cancel.wait(POLL_SECONDS)
            self.drain(cancel)

    def _ask_for(self, code: int, cancel: CancelToken) -> None:
        operation = EosOperation.REQUEST_DEVICE_PROP_VALUE
        if self.device.supports(operation):
            self.device.try_transaction(operation, code, cancel=cancel)

    def _setting(self, code: int) -> EosSetting:
        body = self._settings[code]
        value = unpack_value(code, body)
        return EosSetting(
            code, self._name(code), data_type(code, body), value, self._values.get(code)
        )

    def _name(self, code: int) -> str:
        return self.names.name(CodeKind.PROPERTY, code)
