"""The session over a scripted transport: ids, responses, broken links, streams."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from chdkshell.errors import Cancelled, DisconnectedError, FramingError, PtpError
from chdkshell.flow import NEVER, CancelToken, Progress
from chdkshell.ptp.codes import EventCode, OperationCode, ResponseCode, code_name
from chdkshell.ptp.session import LAST_TRANSACTION_ID, Session
from chdkshell.ptp.transaction import Event, Request, Response, Transport
from chdkshell.streams import BytesSink, BytesSource, Sink, Source

Answer = Callable[[Request, Source | None, Sink | None], tuple[int, tuple[int, ...]]]


class ScriptedTransport(Transport):
    """Answers each request with what `answer` returns, and keeps the requests."""

    address = "test:"

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer = answer or (lambda request, source, sink: (ResponseCode.OK, ()))
        self.requests: list[Request] = []
        self.closed = False

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        self.requests.append(request)
        code, params = self.answer(request, source, sink)
        return Response(code, request.transaction_id, params)

    def next_event(self, seconds: float) -> Event | None:
        return None

    def reset(self) -> None:
        raise AssertionError("nothing here resets")

    def close(self) -> None:
        self.closed = True


def test_open_session_has_id_0_and_the_next_ids_count_up() -> None:
    transport = ScriptedTransport()
    session = Session(transport)
    session.open()
    session.transaction(OperationCode.CHDK, 8)
    session.transaction(OperationCode.CHDK, -1)
    assert transport.requests == [
        Request(0x1002, 0, (1,)),
        Request(0x9999, 1, (8,)),
        Request(0x9999, 2, (0xFFFFFFFF,)),
    ]


def test_ids_start_over_at_1() -> None:
    transport = ScriptedTransport()
    session = Session(transport)
    session._next_id = LAST_TRANSACTION_ID
    session.transaction(OperationCode.CHDK, 8)
    session.transaction(OperationCode.CHDK, 8)
    assert [r.transaction_id for r in transport.requests] == [0xFFFFFFFE, 1]


def test_a_session_left_open_by_a_dead_client_is_closed_and_opened_anew() -> None:
    stale = True

    def answer(request: Request, source: Source | None, sink: Sink | None) -> tuple[int, tuple[()]]:
        nonlocal stale
        if request.code == 0x1002 and stale:
            return 0x201E, ()
        if request.code == 0x1003:
            stale = False
        return 0x2001, ()

    transport = ScriptedTransport(answer)
    session = Session(transport)
    session.open()
    assert [r.code for r in transport.requests] == [0x1002, 0x1003, 0x1002]
    assert transport.requests[-1].transaction_id == 0
    assert session.is_open


def test_a_refusal_names_the_code_and_the_operation() -> None:
    session = Session(ScriptedTransport(lambda *_: (0x2006, (7, 9))))
    with pytest.raises(PtpError) as caught:
        session.transaction(OperationCode.CHDK, 99)
    error = caught.value
    assert (error.code, error.operation, error.params) == (0x2006, 0x9999, (7, 9))
    assert str(error) == "CHDK: the camera answered ParameterNotSupported (0x2006)"


@pytest.mark.parametrize("failure", [FramingError("bad length"), KeyboardInterrupt()])
def test_a_link_that_failed_is_not_used_again(failure: BaseException) -> None:
    def answer(*_: object) -> tuple[int, tuple[()]]:
        raise failure

    transport = ScriptedTransport(answer)
    session = Session(transport)
    with pytest.raises(type(failure)):
        session.transaction(OperationCode.CHDK, 8)
    with pytest.raises(DisconnectedError):
        session.transaction(OperationCode.CHDK, 8)
    assert len(transport.requests) == 1


class ForgetfulCamera:
    """Answers SessionNotOpen until a session is opened, as after a device reset."""

    def __init__(self, refuses_to_open: bool = False) -> None:
        self.has_session = False
        self.refuses_to_open = refuses_to_open
        self.data: list[bytes] = []

    def __call__(
        self, request: Request, source: Source | None, sink: Sink | None
    ) -> tuple[int, tuple[()]]:
        if source:
            self.data.append(b"".join(bytes(c) for c in source.chunks()))
        if request.code == 0x1002:
            self.has_session = not self.refuses_to_open
        return 0x2001 if self.has_session else 0x2003, ()


def test_a_session_that_the_camera_lost_is_opened_anew_and_the_request_repeated() -> None:
    camera = ForgetfulCamera()
    transport = ScriptedTransport(camera)
    session = Session(transport)
    session.open()
    session.transaction(OperationCode.CHDK, 8)
    camera.has_session = False
    transport.requests.clear()
    session.transaction(OperationCode.CHDK, 7, source=BytesSource(b"return 1"))
    assert transport.requests == [
        Request(0x9999, 2, (7,)),
        Request(0x1002, 0, (1,)),
        Request(0x9999, 1, (7,)),
    ]
    assert camera.data == [b"return 1", b"return 1"]
    assert session.is_open


def test_a_session_that_cannot_be_opened_anew_is_asked_for_once() -> None:
    camera = ForgetfulCamera()
    transport = ScriptedTransport(camera)
    session = Session(transport)
    session.open()
    camera.has_session, camera.refuses_to_open = False, True
    transport.requests.clear()
    with pytest.raises(PtpError, match=r"OpenSession: the camera answered SessionNotOpen"):
        session.transaction(OperationCode.CHDK, 8)
    assert [r.code for r in transport.requests] == [0x9999, 0x1002]


def test_without_a_session_none_is_opened() -> None:
    transport = ScriptedTransport(ForgetfulCamera())
    with pytest.raises(PtpError, match="SessionNotOpen"):
        Session(transport).transaction(OperationCode.CHDK, 8)
    assert len(transport.requests) == 1


def test_a_session_that_the_camera_lost_is_not_opened_to_be_closed() -> None:
    camera = ForgetfulCamera()
    transport = ScriptedTransport(camera)
    session = Session(transport)
    session.open()
    camera.has_session = False
    session.close()
    assert [r.code for r in transport.requests] == [0x1002, 0x1003]


def test_cancelled_leaves_the_session_usable() -> None:
    transport = ScriptedTransport()
    session = Session(transport)
    token = CancelToken()
    token.set()
    with pytest.raises(Cancelled):
        session.transaction(OperationCode.CHDK, 8, cancel=token)
    assert transport.requests == []
    token.clear()
    session.transaction(OperationCode.CHDK, 8, cancel=token)
    assert transport.requests[0].transaction_id == 0, "no id is spent on a call that sent nothing"


def test_progress_and_totals_follow_both_data_phases() -> None:
    def answer(_: Request, source: Source | None, sink: Sink | None) -> tuple[int, tuple[()]]:
        if source:
            assert b"".join(bytes(c) for c in source.chunks()) == b"12345"
        if sink:
            sink.begin(6)
            sink.write(b"abc")
            sink.write(memoryview(b"def"))
        return 0x2001, ()

    class Recorder(Progress):
        def __init__(self) -> None:
            self.calls: list[tuple[str, int | None]] = []

        def start(self, total: int | None) -> None:
            self.calls.append(("start", total))

        def advance(self, count: int) -> None:
            self.calls.append(("advance", count))

    session, seen, sink = Session(ScriptedTransport(answer)), Recorder(), BytesSink()
    session.transaction(OperationCode.CHDK, 10, sink=sink, progress=seen)
    session.transaction(OperationCode.CHDK, 4, source=BytesSource(b"12", b"345"), progress=seen)
    assert sink.data == b"abcdef"
    assert seen.calls == [
        ("start", 6),
        ("advance", 3),
        ("advance", 3),
        ("start", 5),
        ("advance", 2),
        ("advance", 3),
    ]
    assert (session.bytes_read, session.bytes_written) == (6, 5)


def test_exclusive_keeps_other_threads_out() -> None:
    session = Session(ScriptedTransport())
    results: list[bool] = []

    def try_it() -> None:
        with session.exclusive(wait=False) as got:
            results.append(got)

    with session.exclusive():
        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
    try_it()
    assert results == [False, True]


def test_close_is_quiet_when_the_camera_is_gone() -> None:
    def answer(request: Request, *_: object) -> tuple[int, tuple[()]]:
        if request.code == 0x1003:
            raise DisconnectedError("unplugged")
        return 0x2001, ()

    transport = ScriptedTransport(answer)
    session = Session(transport)
    session.open()
    session.close()
    assert transport.closed
    assert not session.is_open


def test_code_names_are_the_standards() -> None:
    assert code_name(0x1001, OperationCode) == "GetDeviceInfo"
    assert code_name(0x1004, OperationCode) == "GetStorageIDs"
    assert code_name(0x2001, ResponseCode) == "OK"
    assert code_name(0x4001, EventCode) == "CancelTransaction"
    assert code_name(0x9801, OperationCode) == "0x9801"
