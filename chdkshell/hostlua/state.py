"""A Lua state on this computer, which keeps its variables from chunk to chunk."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from chdkshell.camera import Camera
from chdkshell.errors import Cancelled, ChdkShellError
from chdkshell.flow import CancelToken
from chdkshell.hostlua import buffers, images, localfiles, ptpnames, raws
from chdkshell.hostlua.bridge import METHODS, Bridge
from chdkshell.hostlua.calls import CameraCalls
from chdkshell.hostlua.cards import CardCalls
from chdkshell.hostlua.connections import ConnectionList, LuaConnection, quietly_ended, spec_of
from chdkshell.hostlua.faults import response_codes
from chdkshell.hostlua.methods import MAIN, OWN_LUA
from chdkshell.hostlua.ptpcalls import PtpCalls
from chdkshell.hostlua.services import PROGRAM_API, Host, Services
from chdkshell.hostlua.signals import LuaSignals
from chdkshell.hostlua.system import Exit, System


class HostLuaError(ChdkShellError):
    """A chunk did not compile (`kind` "compile") or failed ("call"). `etype` is the error's.

    `line` is where the chunk was, for an error whose text does not begin with a line.
    """

    def __init__(self, kind: str, text: str, etype: str = "", line: int | None = None) -> None:
        super().__init__(f"{kind} failed:{text}")
        self.kind = kind
        self.etype = etype
        self.line = line


class Exited(NamedTuple):
    """The program asked to end the program that it runs in."""

    value: int


def _program_api(folder: str | None) -> tuple[int, int]:
    """Return the version of the C core that the files in a folder ask for in their main file.

    They refuse another one, although what they call is there.
    """
    if folder is None:
        return PROGRAM_API
    text = (Path(folder) / f"{MAIN}.lua").read_text("latin-1")
    found = [re.search(rf"\.{name}\s*~=\s*([0-9]{{1,4}})\b", text) for name in ("MAJOR", "MINOR")]
    major, minor = (
        int(match[1]) if match else known for match, known in zip(found, PROGRAM_API, strict=True)
    )
    return major, minor


class HostLua:
    """A Lua state with the C layer in it, and above it the Lua files of a folder.

    `folder` is the user's own chdkptp's, None for the files of this project. Raises
    `HostLuaError` where the files there do not load, and `ChdkShellError` where there are none.
    """

    def __init__(self, services: Services, folder: str | None, arguments: tuple[str, ...]) -> None:
        self.host = Host(services, arguments, _program_api(folder))
        self.folder = folder
        self._signals = LuaSignals()
        self._bridge = Bridge(self.host, self._signals)
        self._connections = ConnectionList(self.host)
        self._core: Any = self._start_core()
        self._is_set_up = False

    # ---- what there is ----

    def _start_core(self) -> Any:
        runtime = self._bridge.runtime
        host, connections = self.host, self._connections
        chdk = {
            **connections.functions(),
            "get_ptp_codes": ptpnames.get_ptp_codes,
            "get_ptp_code_groups": ptpnames.get_ptp_code_groups,
        }
        con: dict[str, Callable[..., object]] = {
            "connect": connections.connect,
            "disconnect": connections.disconnect,
            "is_connected": connections.is_connected,
            **CameraCalls(host).functions(),
            **PtpCalls(host).functions(),
            **ptpnames.PtpTransactions(host).functions(),
        }
        libraries: dict[str, Mapping[str, Callable[..., object]]] = {
            "chdk": chdk,
            "chdk_connection": con,
            "lbuf": buffers.METHODS
            | {"new": buffers.new, "is_lbuf": buffers.is_lbuf, "put": buffers.put},
            "liveimg": images.FUNCTIONS,
            "rawimg": raws.FUNCTIONS,
            "lfs": localfiles.FUNCTIONS,
            "signal": self._signals.functions(),
            "own": CardCalls(host).functions(),
            **System(host, self._signals).libraries(),
        }
        guarded = {library: self._guarded(calls) for library, calls in libraries.items()}
        guarded["objects"] = runtime.table_from(
            {kind.__name__: self._guarded(methods) for kind, methods in METHODS.items()}
        )
        start = runtime.compile((OWN_LUA / "core.lua").read_bytes(), name=b"=core.lua")
        return start(
            runtime.table_from(guarded),
            runtime.table_from(
                {
                    "due": lambda: self._bridge.to_lua(self._signals.due()),
                    "stopped": lambda: self.host.stopped is not None,
                    "look": self._bridge.guarded("look", lambda: None),
                    "codes": self._bridge.to_lua(response_codes()),
                    "kind_of": self._bridge.kind_of,
                    "own_folder": str(OWN_LUA).encode("utf-8", "surrogateescape"),
                }
            ),
        )

    def _guarded(self, calls: Mapping[str, Callable[..., object]]) -> Any:
        """Return functions for Lua by their names."""
        return self._bridge.runtime.table_from(
            {name: self._bridge.guarded(name, call) for name, call in calls.items()}
        )

    def _set_up(self) -> None:
        """Load the files above the C layer, once. What fails is tried again the next time."""
        folder = self.folder if self.folder is not None else str(OWN_LUA)
        arguments, self.host.arguments = self.host.arguments, ("-r",)  # no startup file, no prompt
        try:
            self._core.add_path(folder.encode("utf-8", "surrogateescape"))
            self._finish(self._core.run(f"require'{MAIN}'", f"={MAIN}", False))
            self._is_set_up = True
        finally:
            self.host.arguments, self.host.exit_value = arguments, None

    # ---- running ----

    def run(
        self,
        code: bytes,
        name: str,
        cancel: CancelToken,
        *,
        camera: Camera | None = None,
        shows_calls: bool = False,
    ) -> tuple[object, ...] | Exited:
        """Run a chunk; return its values, or that it asked to end the program.

        `camera` is the one that `con` is to stand for. A chunk may be an expression, which gives
        its values; one that is a call alone does with `shows_calls`, else it needs `return`. What
        ends it ends scripts on the camera that it started, too. Raises `HostLuaError`, and
        `Cancelled`.
        """
        self.host.cancel, self.host.stopped = cancel, None
        self.host.started.clear()
        try:
            with self._signals.heeded():
                if not self._is_set_up:
                    self._set_up()
                if camera is not None and camera.is_connected:
                    self._stand_for(camera)
                return self._finish(self._core.run(code, name, shows_calls))
        except Exit:
            return Exited(self.host.exit_value or 0)
        except (Cancelled, KeyboardInterrupt):
            for started in self.host.started:
                quietly_ended(started)
            raise

    def _finish(self, outcome: tuple[Any, ...] | str) -> tuple[object, ...]:
        """Return the values of a chunk, or raise what became of it."""
        how, count, *values = outcome if isinstance(outcome, tuple) else (outcome, 0)
        if self.host.stopped is not None:
            raise self.host.stopped
        if how == "ok":
            return (*values, *[None] * int(count))[: int(count)]
        text = str(count).encode("latin-1", "replace").decode("utf-8", "backslashreplace")
        etype, line, *_ = *values, None, None
        raise HostLuaError(str(how), text, str(etype or ""), int(line) if line else None)

    def lacks(self, name: str) -> bool:
        """Whether a program asked this project's Lua files for what they do not have."""
        return self.folder is None and bool(self._core.lacks(name))

    def text_of(self, values: Sequence[object]) -> str:
        """Return values as Lua writes them; tables over several lines."""
        text = str(self._core.text(*values))
        return text.encode("latin-1").decode("utf-8", "backslashreplace")

    def _stand_for(self, camera: Camera) -> None:
        """Have the variable `con` be the connection to a camera, unless it is."""
        address = camera.session.transport.address
        spec = spec_of(address)
        now = self._core.current()
        if isinstance(now, LuaConnection) and now.found is camera:
            return
        self._connections.at(spec).adopt(camera)
        self._core.stand_for(self._bridge.to_lua(dict(spec)))
        if self.host.stopped is not None:
            raise self.host.stopped

    @property
    def camera(self) -> Camera | None:
        """The camera that the variable `con` stands for, None where it is not connected."""
        now = self._core.current()
        return now.found if isinstance(now, LuaConnection) else None
