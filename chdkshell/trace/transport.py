"""A transport that tells a trace what passes through it."""

from __future__ import annotations

from collections.abc import Iterator

from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.transaction import Event, Request, Response, Transport
from chdkshell.streams import Buffer, NullSink, Sink, Source
from chdkshell.trace.link import Direction, LinkTrace, TraceWriter


class TracedTransport(Transport):
    """Passes everything on to `transport`, and tells `trace` of it."""

    def __init__(self, transport: Transport, trace: LinkTrace) -> None:
        self.address = transport.address
        self.place = transport.place
        self.max_packet_size = transport.max_packet_size
        self.product_id = transport.product_id
        self.timeout = transport.timeout
        self.transport = transport
        self._trace = trace
        self._ended = False

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        self.transport.timeout = self.timeout
        self._trace.request(request, source is not None)
        try:
            response = self.transport.transact(
                request,
                None if source is None else _TracedSource(source, self._trace),
                _TracedSink(NullSink() if sink is None else sink, self._trace),
                cancel,
            )
        except BaseException as error:
            self._trace.failure(error)
            raise
        self._trace.response(response)
        return response

    def next_event(self, seconds: float) -> Event | None:
        event = self.transport.next_event(seconds)
        if event is not None:
            self._trace.event(event)
        return event

    def reset(self) -> None:
        self.transport.reset()
        self._trace.reset()

    def close(self) -> None:
        self.transport.close()
        self._end()

    def untraced(self) -> Transport:
        """End the trace of this link, and return the transport to go on with."""
        self.transport.timeout = self.timeout
        self._end()
        return self.transport

    def _end(self) -> None:
        if not self._ended:
            self._trace.close()
        self._ended = True


class _TracedSource:
    def __init__(self, source: Source, trace: LinkTrace) -> None:
        self._source = source
        self._trace = trace

    @property
    def length(self) -> int | None:
        return self._source.length

    def chunks(self) -> Iterator[Buffer]:
        self._trace.data_begins(Direction.OUT, self._source.length)
        for chunk in self._source.chunks():
            self._trace.data(chunk)
            yield chunk


class _TracedSink:
    def __init__(self, sink: Sink, trace: LinkTrace) -> None:
        self._sink = sink
        self._trace = trace

    def begin(self, length: int | None) -> None:
        self._trace.data_begins(Direction.IN, length)
        self._sink.begin(length)

    def write(self, data: Buffer) -> None:
        self._trace.data(data)
        self._sink.write(data)


def wrap(transport: Transport, writer: TraceWriter) -> TracedTransport:
    """Return a transport that does what `transport` does and writes it to `writer`."""
    return TracedTransport(transport, writer.link(transport))


def unwrap(transport: Transport) -> Transport:
    """Return the transport without its trace; one that has none is returned as it is."""
    return transport.untraced() if isinstance(transport, TracedTransport) else transport
