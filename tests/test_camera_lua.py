"""The public API: Lua on the simulated camera."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chdkshell.camera import Camera, connect
from chdkshell.chdk.library import load
from chdkshell.errors import (
    Cancelled,
    ScriptError,
    ScriptTimeoutError,
)
from chdkshell.flow import CancelToken, Progress
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer

# ---- Lua on the simulated camera ----


@pytest.fixture(scope="module")
def cam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Camera]:
    with connect(f"sim:card={tmp_path_factory.mktemp('card')}") as camera:
        yield camera


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("return get_zoom()", 0),
        ("return", None),
        ("x=1", None),
        ("return nil", None),
        ("return 1,'a',nil,true", (1, "a", None, True)),
        ("return {}", []),
        ("return {1,{2,{3}}}", [1, [2, [3]]]),
        ("return {a=1,['b c']={[true]=false},[-7]='x'}", {"a": 1, "b c": {True: False}, -7: "x"}),
        ("return {10,20,x=30}", {1: 10, 2: 20, "x": 30}),
        ("return {nil,2}", {2: 2}),
        ("local t={1} return {t,t}", [[1], [1]]),
        ("return -2147483647-1,{-2147483647-1}", (-(2**31), [-(2**31)])),
        (r"return 'a\0b\r\n\"\\\255'", b'a\0b\r\n"\\\xff'),
        (r"return {'a\0b\r\n\"\\\255','\0001'}", [b'a\0b\r\n"\\\xff', "\x001"]),
        ("return 'grüße',{'grüße',['ß']=1}", ("grüße", {1: "grüße", "ß": 1})),
        ("return ('x'):rep(100000)", "x" * 100_000),
        ("return {('\\n\"'):rep(50000)}", ['\n"' * 50_000]),
    ],
)
def test_lua_values(cam: Camera, code: str, value: object) -> None:
    result = cam.lua(code)
    assert result == value
    assert type(result) is type(value)


def test_all_bytes_pass(cam: Camera) -> None:
    every = bytes(range(256))
    assert cam.lua("local t={} for i=0,255 do t[#t+1]=string.char(i) end return t") == [
        chr(b) if b < 128 else bytes([b]) for b in every
    ]


def test_big_tables(cam: Camera) -> None:
    assert cam.lua("local t={} for i=1,3000 do t[i]={i,n='v'..i} end return t") == [
        {1: i, "n": f"v{i}"} for i in range(1, 3001)
    ]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("local t={} t.t=t return t", "cannot send a table that contains itself"),
        ("return {print}", "cannot send a function in a table"),
        ("return {[{}]=1}", "cannot send a table that has a table as a key"),
    ],
)
def test_tables_that_cannot_be_sent(cam: Camera, code: str, reason: str) -> None:
    with pytest.raises(ScriptError, match=f"^{reason}$"):
        cam.lua(code)


@pytest.mark.parametrize(
    ("code", "kind", "line", "message"),
    [
        ("error('boom')", "runtime", 1, ":1: boom"),
        ("local x=1\n\nerror('boom')", "runtime", 3, ":3: boom"),
        ("x=1\nfoo bar", "compile", 2, ":2: '=' expected near 'bar'"),
        ("error('boom',0)", "runtime", None, "boom"),
        ("error({})", "runtime", None, "the script failed without a message"),
    ],
)
def test_errors_tell_the_line_of_the_users_code(
    cam: Camera, code: str, kind: str, line: int | None, message: str
) -> None:
    with pytest.raises(ScriptError) as error:
        cam.lua(code)
    assert (error.value.kind, error.value.line, error.value.source) == (kind, line, "")
    assert str(error.value) == message
    assert cam.lua("return 'fine again'") == "fine again"


def test_an_error_in_a_file_of_the_library_names_the_file(cam: Camera) -> None:
    with pytest.raises(ScriptError) as error:
        cam.lua("return join_path(nil)", libraries=("paths",))
    assert error.value.source == "paths.lua"
    assert error.value.line is not None
    line = load("paths").code.splitlines()[error.value.line - 1]
    assert "string.sub(dir" in line


def test_messages_of_a_script(cam: Camera) -> None:
    seen = []
    value = cam.lua(
        "for i=1,40 do write_usb_msg({i},60000) end return 'done'",
        on_message=lambda message: seen.append(message.value),
    )
    assert value == "done"
    assert seen == [[i] for i in range(1, 41)]


def test_a_script_that_takes_too_long(cam: Camera) -> None:
    with pytest.raises(ScriptTimeoutError):
        cam.lua("while true do sleep(10) end", timeout=0.05)
    cam.scripts.kill()
    assert cam.lua("return 1") == 1


def test_talking_to_a_script(cam: Camera) -> None:
    cam.scripts.start("local m=read_usb_msg(-1) write_usb_msg('got '..m) return #m")
    cam.scripts.send("grüße")
    result = cam.scripts.wait()
    assert [m.value for m in result.messages] == ["got grüße"]
    assert result.value == 7


def test_the_simulated_camera_comes_back(tmp_path: Path) -> None:
    with connect(f"sim:card={tmp_path}") as cam:
        cam.reconnect()
        assert cam.lua("return 2") == 2


@pytest.mark.parametrize("file", [None, "A/it's.BIN"])
def test_rebooting(tmp_path: Path, file: str | None) -> None:
    (tmp_path / "it's.BIN").write_bytes(b"firmware")
    with connect(f"sim:card={tmp_path}") as cam:
        cam.reboot(file, wait=10)
        assert not cam.is_connected
        cam.reconnect()
        assert cam.lua("return 3") == 3


def test_everything_works_over_ptp_ip_too(tmp_path: Path) -> None:
    card = tmp_path / "card"
    card.mkdir()
    (card / "BIG.BIN").write_bytes(bytes(range(256)) * 20_000)
    token = CancelToken()

    class Stopper(Progress):
        def advance(self, count: int) -> None:
            token.set()

    with (
        closing(SimCamera(card=card)) as camera,
        IpServer(camera) as server,
        connect(server.address) as cam,
    ):
        assert cam.lua("return {a={1,2}},'x'") == ({"a": [1, 2]}, "x")
        cam.files.download("BIG.BIN", tmp_path / "x")
        assert (tmp_path / "x").read_bytes() == (card / "BIG.BIN").read_bytes()
        with pytest.raises(Cancelled):
            cam.files.download("BIG.BIN", tmp_path / "y", progress=Stopper(), cancel=token)
        token.clear()
        with pytest.raises(Cancelled):
            cam.files.upload(tmp_path / "x", "UP.BIN", progress=Stopper(), cancel=token)
        assert not cam.files.exists("UP.BIN")
        cam.reconnect()
        assert cam.files.upload(tmp_path / "x", "UP.BIN").size == 256 * 20_000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card", "x"]
