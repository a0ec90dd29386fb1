"""CHDK's commands, byte by byte: the expected bytes are typed by hand or were recorded."""

from collections.abc import Callable

import pytest
from support.chdk_replay import (
    CHDK,
    GENERAL_ERROR,
    NOT_SUPPORTED,
    Answer,
    Asked,
    playing,
    protocol,
    recorded,
    replayed,
)

from chdkshell.chdk import versions
from chdkshell.chdk.constants import (
    CaptureData,
    DisplayData,
    MemoryMode,
    MessageStatus,
    ScriptFlag,
    ScriptLanguage,
    ScriptStart,
    ScriptStatus,
    ScriptSupport,
)
from chdkshell.chdk.dataphase import script_payload
from chdkshell.chdk.protocol import CaptureChunk, CaptureState, ChdkProtocol, ExecutedScript
from chdkshell.errors import (
    AnswerTooLongError,
    ChdkError,
    ChdkVersionError,
    NoChdkError,
    PtpError,
    UsageError,
)
from chdkshell.shell.advice import next_step
from chdkshell.streams import BytesSink, BytesSource

VERSION_29 = Answer((2, 9))


Call = Callable[[ChdkProtocol], object]

# ---- against the firmware's recorded answers ----


def test_version_is_asked_for_once() -> None:
    chdk, check = replayed("version")
    assert chdk.version() == (2, 9)
    assert chdk.version() == (2, 9)
    check()


def test_script_support_and_status() -> None:
    chdk, check = replayed(
        "script support", "status: running", "status: running", "nothing returned: status when done"
    )
    assert chdk.script_support() == ScriptSupport.LUA
    assert chdk.script_status() == ScriptStatus.RUNNING
    assert chdk.script_status() == ScriptStatus.RUNNING
    assert chdk.script_status() == ScriptStatus(0)
    check()


def test_write_message() -> None:
    chdk, check = replayed(
        "message to echo",
        "message while nothing runs",
        "message for another script id",
        "input message 17",
    )
    assert chdk.write_message(b"hello \0 world") == MessageStatus.QUEUED
    assert chdk.write_message(b"nobody") == MessageStatus.NO_SCRIPT
    assert chdk.write_message(b"wrong", 9999) == MessageStatus.BAD_SCRIPT_ID
    assert chdk.write_message(b"m") == MessageStatus.QUEUE_FULL
    check()


def test_execute_script() -> None:
    names = ("return values", "compile error", "refused while running", "kill: empty script")
    pairs = [recorded(name) for name in names]
    chdk, player = protocol(VERSION_29, *(answer for _, answer in pairs))
    all_flags = (
        ScriptFlag.NO_KILL | ScriptFlag.FLUSH_CAMERA_MESSAGES | ScriptFlag.FLUSH_HOST_MESSAGES
    )
    first = chdk.execute_script(b"return 1,-1,'a',nil,true,false,2147483647", all_flags)
    assert first == ExecutedScript(1, ScriptStart.STARTED)
    assert chdk.execute_script(b"foo bar", all_flags).start == ScriptStart.COMPILE_ERROR
    assert chdk.execute_script(b"return 1", all_flags).start == ScriptStart.RUNNING
    assert chdk.execute_script(b"", all_flags & ~ScriptFlag.NO_KILL).start == ScriptStart.STARTED
    assert player.asked[1:] == [asked for asked, _ in pairs]


def test_ubasic_is_refused() -> None:
    pair = recorded("uBASIC is refused")
    chdk, player = protocol(VERSION_29, pair[1])
    with pytest.raises(PtpError, match="Parameter Not Supported") as error:
        chdk.execute_script(b"print 1", ScriptFlag(0x700), ScriptLanguage.UBASIC)
    assert error.value.code == 0x2006
    assert player.asked[1] == pair[0]


def test_temp_data() -> None:
    chdk, check = replayed(
        "temp data: download before any",
        "temp data: set",
        "temp data: download",
        "temp data: download and clear",
        "temp data: after clear",
    )
    with pytest.raises(PtpError, match=r"^General Error: the camera was asked its temporary data"):
        chdk.get_temp_data()
    chdk.set_temp_data(b"abc")
    assert chdk.get_temp_data() == b"abc"
    assert chdk.get_temp_data(clear=True) == b"abc"
    with pytest.raises(PtpError):
        chdk.get_temp_data()
    check()


def test_upload_file() -> None:
    chdk, check = replayed("upload", "upload empty file", "upload into a missing directory")
    chdk.upload_file(b"A/VEC.TXT", BytesSource(b"0123456789"))
    chdk.upload_file(b"A/VEC0.TXT", BytesSource())
    with pytest.raises(PtpError, match=r"^General Error: .* A/NOPE/X.TXT$"):
        chdk.upload_file(b"A/NOPE/X.TXT", BytesSource(b"x"))
    check()


def test_download_file() -> None:
    chdk, check = replayed("download: name", "download")
    sink = BytesSink()
    assert chdk.download_file(b"A/VEC.TXT", sink) == 10
    assert sink.data == b"0123456789"
    check()


def test_downloading_an_empty_file_has_no_data_phase() -> None:
    chdk, check = replayed("download empty file: name", "download empty file")
    sink = BytesSink()
    assert chdk.download_file(b"A/VEC0.TXT", sink) == 0
    assert sink.data is None
    check()


@pytest.mark.parametrize(
    ("name", "path"), [("download missing", b"A/NOPE.TXT"), ("download a directory", b"A/DCIM")]
)
def test_a_failed_download_writes_no_dummy_byte(name: str, path: bytes) -> None:
    chdk, check = replayed(f"{name}: name", name)
    assert recorded(name)[1].data == b"\0"
    sink = BytesSink()
    with pytest.raises(PtpError, match=r"^General Error: .*" + path.decode()) as error:
        chdk.download_file(path, sink)
    assert error.value.code == GENERAL_ERROR
    assert "`ls`" in next_step(error.value)
    assert sink.data is None
    check()


def test_a_capture_that_is_not_there() -> None:
    pairs = [recorded(f"capture {what}, not initialised") for what in ("is ready", "get data")]
    chdk, player = protocol(VERSION_29, *(answer for _, answer in pairs))
    assert chdk.remote_capture_is_ready() == CaptureState(CaptureData(0), 0, False)
    sink = BytesSink()
    with pytest.raises(PtpError, match=r"^General Error"):
        chdk.remote_capture_get_data(CaptureData.JPEG, sink)
    assert sink.data is None
    assert player.asked[1:] == [asked for asked, _ in pairs]


def test_unknown_answers_of_the_memory_commands() -> None:
    chdk, check = replayed("get memory", "get memory")
    assert len(chdk.get_memory(0x1900, 16)) == 16
    assert len(chdk.get_memory(0x1900, 16, MemoryMode.DIRECT)) == 16
    check()


# ---- what was not recorded, typed by hand ----


def test_buffered_memory() -> None:
    chdk, player = protocol(VERSION_29, Answer(data=b"abcd"))
    assert chdk.get_memory(0xFFFF0000, 4, MemoryMode.BUFFERED) == b"abcd"
    assert player.asked[1] == Asked(CHDK, (1, 0xFFFF0000, 4, 1), None)


def test_set_memory() -> None:
    chdk, player = protocol(Answer())
    chdk.set_memory(-4, b"xyz")
    assert player.asked == [Asked(CHDK, (2, 0xFFFFFFFC, 3), b"xyz")]


def test_call_function() -> None:
    chdk, player = protocol(Answer((0xFFFFFFFF,)))
    assert chdk.call_function(0xFF810000, 1, -1) == 0xFFFFFFFF
    assert player.asked == [
        Asked(CHDK, (3,), b"\x00\x00\x81\xff\x01\x00\x00\x00\xff\xff\xff\xff"),
    ]


def test_clear_temp_data() -> None:
    chdk, player = protocol(Answer())
    chdk.clear_temp_data()
    assert player.asked == [Asked(CHDK, (4, 2), None)]


def test_display_data() -> None:
    chdk, player = protocol(VERSION_29, Answer((5,), b"12345"))
    assert chdk.get_display_data(DisplayData.VIEWPORT | DisplayData.BITMAP) == b"12345"
    assert player.asked[1] == Asked(CHDK, (12, 5), None)


def test_captured_data() -> None:
    chdk, player = protocol(
        VERSION_29,
        Answer((1 | 8, 42)),
        Answer((4, 1, 0x200), b"data"),
        Answer((1, 0, 0xFFFFFFFF), b"x"),
    )
    state = chdk.remote_capture_is_ready()
    assert state == CaptureState(CaptureData.JPEG | CaptureData.CANON_RAW, 42, True)
    sink = BytesSink()
    assert chdk.remote_capture_get_data(CaptureData.JPEG, sink) == CaptureChunk(4, True, 0x200)
    assert sink.data == b"data"
    sink = BytesSink()
    chunk = chdk.remote_capture_get_data(CaptureData.CANON_RAW, sink)
    assert chunk == CaptureChunk(1, False, None)
    assert sink.data == b"x"  # a single byte that is no dummy
    assert [asked.params for asked in player.asked[1:]] == [(13,), (14, 1), (14, 8)]


def test_a_long_download_passes_in_pieces() -> None:
    content = bytes(range(256)) * 2000
    chdk, _ = protocol(Answer(), Answer((len(content),), content))
    sink = BytesSink()
    assert chdk.download_file(b"A/X", sink) == len(content)
    assert sink.data == content


# ---- a camera that is old, or has no CHDK ----


@pytest.mark.parametrize(
    ("version", "call", "needed"),
    [
        ((2, 5), lambda c: c.execute_script(b"", ScriptFlag.NO_KILL), "2.6"),
        ((2, 7), lambda c: c.get_memory(0, 4, MemoryMode.BUFFERED), "2.8"),
        ((2, 4), lambda c: c.call_function(1, *range(11)), "2.5"),
        ((2, 4), lambda c: c.remote_capture_is_ready(), "2.5"),
        ((2, 4), lambda c: c.remote_capture_get_data(CaptureData.RAW, BytesSink()), "2.5"),
        ((2, 8), lambda c: c.remote_capture_get_data(CaptureData.CANON_RAW, BytesSink()), "2.9"),
        ((2, 2), lambda c: c.get_display_data(DisplayData.VIEWPORT), "2.3"),
    ],
)
def test_version_gates(version: tuple[int, int], call: Call, needed: str) -> None:
    chdk, player = protocol(Answer(version))
    with pytest.raises(ChdkVersionError, match=f"needs CHDK protocol {needed}, the camera has"):
        call(chdk)
    assert len(player.asked) == 1  # nothing but the version was asked


def test_old_cameras_take_what_they_know() -> None:
    chdk, _ = protocol(Answer((7, 0)), Answer((0,)))
    chdk.execute_script(b"return 1")
    assert chdk.call_function(1, *range(10)) == 0


def test_a_newer_major_version_is_incompatible() -> None:
    assert not versions.supports((3, 0), versions.SCRIPT_FLAGS)
    assert versions.supports((2, 1009), versions.CANON_RAW_CAPTURE)
    with pytest.raises(ChdkVersionError, match="too new"):
        versions.check((3, 0), versions.SCRIPT_FLAGS)


def test_no_chdk() -> None:
    chdk, _ = protocol(Answer(code=NOT_SUPPORTED))
    with pytest.raises(NoChdkError, match="does not run CHDK"):
        chdk.version()


def test_a_camera_that_does_not_list_the_operation_is_not_sent_it() -> None:
    session, player = playing()
    with pytest.raises(NoChdkError):
        ChdkProtocol(session, (0x1001, 0x1002)).version()
    assert player.asked == []


# ---- a camera that lies ----


@pytest.mark.parametrize(
    ("call", "answers"),
    [
        (lambda c: c.get_memory(0, 4), [Answer(data=b"123")]),
        (lambda c: c.get_memory(0, 4), [Answer(data=b"12345")]),
        (lambda c: c.get_memory(0, 4), [Answer()]),
        (lambda c: c.download_file(b"A/X", BytesSink()), [Answer(), Answer((4,), b"12345")]),
        (lambda c: c.download_file(b"A/X", BytesSink()), [Answer(), Answer((4,), b"123")]),
        (lambda c: c.download_file(b"A/X", BytesSink()), [Answer(), Answer((4,))]),
        (lambda c: c.download_file(b"A/X", BytesSink()), [Answer(), Answer((0,), b"\0")]),
        (lambda c: c.read_message(), [Answer((2, 4, 1, 5), b"1234")]),
        (lambda c: c.read_message(), [Answer((2, 4, 1, 3), b"1234")]),
        (lambda c: c.read_message(), [Answer((2, 4, 1, 3))]),
        (lambda c: c.read_message(), [Answer((2, 4, 1, 3), b"", announce=1 << 40)]),
        (lambda c: c.get_display_data(DisplayData.PALETTE), [VERSION_29, Answer((9,), b"1")]),
        (
            lambda c: c.remote_capture_get_data(CaptureData.RAW, BytesSink()),
            [VERSION_29, Answer((9, 0, 0), b"1")],
        ),
    ],
)
def test_lengths_that_differ(call: Call, answers: list[Answer]) -> None:
    chdk, _ = protocol(*answers)
    with pytest.raises((ChdkError, AnswerTooLongError), match="the camera"):
        call(chdk)


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda c: c.version(), Answer((2,))),
        (lambda c: c.script_status(), Answer()),
        (lambda c: c.read_message(), Answer((2, 4, 1), b"x")),
        (lambda c: c.read_message(), Answer((9, 4, 1, 1), b"x")),
        (lambda c: c.write_message(b"x"), Answer((77,))),
        (lambda c: c.execute_script(b"x"), Answer((1, 77))),
    ],
)
def test_answers_that_make_no_sense(call: Call, answer: Answer) -> None:
    chdk, _ = protocol(answer)
    with pytest.raises(ChdkError, match="the camera"):
        call(chdk)


# ---- what is not sent ----


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.get_memory(0, 0),
        lambda c: c.get_memory(0, -1),
        lambda c: c.get_memory(1 << 32, 1),
        lambda c: c.get_memory(0, 1 << 30),
        lambda c: c.set_memory(0, b""),
        lambda c: c.set_temp_data(b""),
        lambda c: c.write_message(b""),
        lambda c: c.call_function(1 << 32),
    ],
)
def test_wrong_use_is_not_sent(call: Call) -> None:
    chdk, player = protocol()
    with pytest.raises(UsageError):
        call(chdk)
    assert player.asked == []


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        (498, 499),
        (499, 513),
        (500, 513),
        (510, 513),
        (511, 513),
        (512, 513),
        (1011, 1025),
        (1023, 1025),
    ],
)
def test_scripts_keep_off_the_sizes_that_cameras_fail_on(source: int, sent: int) -> None:
    payload = script_payload(b"x" * source)
    assert payload == b"x" * source + bytes(sent - source)
