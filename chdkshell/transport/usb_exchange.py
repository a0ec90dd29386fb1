"""One PTP transaction over the two bulk pipes: which container comes when, and what to forgive."""

from __future__ import annotations

from chdkshell.errors import FramingError
from chdkshell.ptp.codes import ResponseCode
from chdkshell.ptp.container import (
    HEADER_SIZE,
    MAX_PARAMS_SIZE,
    ContainerType,
    Header,
    pack_header,
    pack_request,
    unpack_header,
    unpack_params,
)
from chdkshell.ptp.transaction import Request, Response
from chdkshell.streams import Buffer, NullSink, Sink, Source
from chdkshell.transport.usb_link import EndpointStalledError, UsbLink
from chdkshell.transport.usb_pipes import (
    READ_SIZE,
    AnsweredEarlyError,
    InPipe,
    OutPipe,
    TransferTimeout,
)


class Exchange:
    """A transaction under way. What state it is in tells how it can be ended early.

    `stale_id` is the id of an earlier transaction that was cancelled: what the camera still sends
    for it is thrown away.
    """

    def __init__(
        self,
        link: UsbLink,
        incoming: InPipe,
        outgoing: OutPipe,
        request: Request,
        stale_id: int | None,
    ) -> None:
        self.request = request
        self.begun = False
        """The camera may have the command."""
        self.sending = False
        """The data phase to the camera is under way."""
        self.receiving = False
        """The data phase from the camera is under way."""
        self.left: int | None = 0
        """Bytes missing of the data phase from the camera; None where only its end will tell."""
        self._link = link
        self._in = incoming
        self._out = outgoing
        # After a reset the ids start over, so that the new session comes to this one, too.
        self._stale_id = None if stale_id == request.transaction_id else stale_id

    def run(self, source: Source | None, sink: Sink | None, timeout: TransferTimeout) -> Response:
        """Run the transaction from the command to the response."""
        try:
            self._send_command(timeout)
        except EndpointStalledError:
            # A halt that an earlier client left behind: this command has not been seen yet.
            self._link.clear_halts()
            self._send_command(timeout)
        if source is not None:
            self._send_data(source, timeout)
        return self.receive(sink, timeout)

    def _send_command(self, timeout: TransferTimeout) -> None:
        self.begun = True
        self._out.begin()
        self._out.put(pack_request(self.request), timeout)
        self._out.end(timeout)

    def _send_data(self, source: Source, timeout: TransferTimeout) -> None:
        length = source.length
        request = self.request
        self.sending = True
        self._out.begin()
        self._out.put(
            pack_header(ContainerType.DATA, request.code, request.transaction_id, length), timeout
        )
        sent = 0
        try:
            for chunk in source.chunks():
                sent += len(chunk)
                if length is not None and sent > length:
                    break
                self._out.put(chunk, timeout)
            if length is not None and sent != length:
                raise ValueError(f"the source gave {sent} bytes and had announced {length}")
            self._out.end(timeout)
        except AnsweredEarlyError:
            # The camera has seen enough. Its answer says whether that is an error.
            pass
        self.sending = False

    # ---- what the camera sends -------------------------------------------------------------------

    def receive(self, sink: Sink | None, timeout: TransferTimeout) -> Response:
        """Take what the camera sends up to the response. Without a sink data is thrown away."""
        while True:
            header = self._header(timeout)
            stale = header.transaction_id == self._stale_id
            if header.transaction_id != self.request.transaction_id and not stale:
                raise FramingError(
                    f"the camera answered transaction {header.transaction_id} "
                    f"where {self.request.transaction_id} was asked"
                )
            if header.type is ContainerType.DATA:
                target = NullSink() if sink is None or stale else sink
                response = self._data(header, target, timeout)
                if response is not None:
                    return response
            elif header.type is ContainerType.RESPONSE:
                params = unpack_params(self._exactly(header.payload_length or 0, timeout))
                if not stale:
                    return Response(header.code, header.transaction_id, params)
            else:
                raise FramingError(
                    f"the camera sent a {header.type.name.lower()} container in place of an answer"
                )

    def finish(self, timeout: TransferTimeout) -> None:
        """Throw away the rest of the data phase, if it is under way, and the response."""
        if self.receiving and self._take_data(NullSink(), timeout) is not None:
            return
        self.receive(None, timeout)

    def _header(self, timeout: TransferTimeout) -> Header:
        # A zero-length packet that belongs to the container before may come late, or twice.
        start = b""
        while not start:
            start = bytes(self._in.read(HEADER_SIZE, timeout))
        if len(start) < HEADER_SIZE and not self._in.ended:
            start += self._exactly(HEADER_SIZE - len(start), timeout)
        return unpack_header(start)

    def _exactly(self, count: int, timeout: TransferTimeout) -> bytes:
        data = b""
        while len(data) < count:
            part = self._in.read(count - len(data), timeout)
            data += part
            if self._in.ended and len(data) < count:
                raise FramingError(
                    f"the camera sent {len(data)} bytes where {count} had been announced"
                )
        return data

    def _data(self, header: Header, sink: Sink, timeout: TransferTimeout) -> Response | None:
        """Take a data phase. Returns the response if the camera gave it in the middle of it."""
        self.left = header.payload_length
        self.receiving = True
        sink.begin(self.left)
        return self._take_data(sink, timeout)

    def _take_data(self, sink: Sink, timeout: TransferTimeout) -> Response | None:
        response = None
        while response is None and self.left != 0:
            paused = self._in.paused
            part = self._in.read(READ_SIZE if self.left is None else self.left, timeout)
            if paused:
                response = self._early_response(part)
            if response is None:
                self._pass_on(part, sink)
        self.receiving = False
        return response

    def _pass_on(self, part: memoryview, sink: Sink) -> None:
        if self.left is not None:
            self.left -= len(part)
        elif self._in.ended:
            self.left = 0
        if part:
            sink.write(part)

    def _early_response(self, part: Buffer) -> Response | None:
        """Return the response that `part` is, where data should go on. Raises `FramingError`.

        Cameras may pause in a data phase (after the header, most do), so what comes next is data
        unless it can be nothing but the answer to this very transaction.
        """
        if len(part) == self.left or not HEADER_SIZE <= len(part) <= MAX_PARAMS_SIZE:
            return None
        try:
            header = unpack_header(part)
        except FramingError:
            return None
        if (
            header.type is not ContainerType.RESPONSE
            or header.transaction_id != self.request.transaction_id
            or header.payload_length != len(part) - HEADER_SIZE
        ):
            return None
        if self.left is not None and header.code == ResponseCode.OK:
            raise FramingError(f"the camera ended its data {self.left} bytes before their end")
        return Response(header.code, header.transaction_id, unpack_params(part[HEADER_SIZE:]))
