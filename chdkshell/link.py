"""One connection to a camera, and how it is made."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import (
    DisconnectedError,
    NoChdkError,
    TransportError,
)
from chdkshell.flow import CancelToken
from chdkshell.ptp.codes import OperationCode
from chdkshell.ptp.datasets import DeviceInfo
from chdkshell.ptp.session import Session
from chdkshell.reasons import Reason
from chdkshell.transport.base import open_transport

if TYPE_CHECKING:
    from chdkshell.chdk.card.access import CardAccess
    from chdkshell.chdk.card.files import Files
    from chdkshell.standard.device import PtpDevice
    from chdkshell.standard.eos import Eos
    from chdkshell.trace.tracer import Tracer

HANDSHAKE_SECONDS = 5.0
"""How long a camera may be silent while it is connected, before it is reset, and again after."""


class CameraLink:
    """Everything that belongs to one connection and is replaced by a reconnect."""

    def __init__(
        self,
        session: Session,
        info: DeviceInfo,
        protocol: ChdkProtocol,
        scripts: Scripts,
        chdk_version: tuple[int, int] | None,
    ) -> None:
        self.session = session
        self.info = info
        self.protocol = protocol
        self.scripts = scripts
        self.chdk_version = chdk_version

    @cached_property
    def files(self) -> Files:
        """The files on the card. A script that needs none does not load what works them."""
        from chdkshell.chdk.card.files import Files

        return Files(self._card())

    def _card(self) -> CardAccess:
        if self.chdk_version is None:
            from chdkshell.standard.card import PtpCard

            return PtpCard(self.ptp)
        from chdkshell.chdk.card.chdkcard import ChdkCard

        return ChdkCard(self.protocol, self.scripts)

    @cached_property
    def ptp(self) -> PtpDevice:
        """The camera as standard PTP has it."""
        from chdkshell.standard.device import PtpDevice

        return PtpDevice(self.session, self.info)

    @cached_property
    def eos(self) -> Eos:
        """The camera as an EOS that this computer controls."""
        from chdkshell.standard.eos import Eos

        return Eos(self.ptp)


def open_link(
    address: str, timeout: float | None, tracer: Tracer | None, cancel: CancelToken
) -> CameraLink:
    """Connect to the camera at `address`. Raises `UsageError`, `TransportError` and `PtpError`."""
    transport = open_transport(address, cancel)
    if timeout is not None:
        transport.timeout = timeout
    session = Session(transport)
    if tracer is not None:
        tracer.adopt(session)
    try:
        info = _shake_hands(session, cancel)
        absence = _absence(info)
        # Nobody knows what another maker has under the number of CHDK's operation.
        known = () if absence is Reason.OTHER_MAKER else info.operations_supported or None
        protocol = ChdkProtocol(session, known, absence)
        scripts = Scripts(protocol)
        version = _chdk_version(protocol, cancel)
    except BaseException:
        session.close()
        raise
    return CameraLink(
        session,
        info,
        protocol,
        scripts,
        version,
    )


def _shake_hands(session: Session, cancel: CancelToken) -> DeviceInfo:
    """Open the session and ask for the device info. A camera that is out of step is reset."""
    timeout = session.transport.timeout
    session.transport.timeout = min(timeout, HANDSHAKE_SECONDS)
    try:
        session.open(cancel)
        info = session.get_device_info(cancel)
    except DisconnectedError:
        raise
    except TransportError as error:
        try:
            session.recover()
        except TransportError:
            raise error from None
        session.open(cancel)
        info = session.get_device_info(cancel)
    session.transport.timeout = timeout
    return info


def _absence(info: DeviceInfo) -> Reason:
    """Return why a camera has no CHDK, if it has none. One that names no maker may be Canon's."""
    if info.manufacturer and not info.manufacturer.lower().startswith("canon"):
        return Reason.OTHER_MAKER
    if OperationCode.CHDK in info.operations_supported:
        return Reason.NO_CHDK
    from chdkshell.ptp.eos import EosOperation

    is_eos = EosOperation.SET_REMOTE_MODE in info.operations_supported
    return Reason.EOS if is_eos else Reason.NO_CHDK


def _chdk_version(protocol: ChdkProtocol, cancel: CancelToken) -> tuple[int, int] | None:
    try:
        return protocol.version(cancel=cancel)
    except NoChdkError:
        return None
