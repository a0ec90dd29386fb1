"""Lua on this computer in the shell: its state, its cameras, its output and its command line."""

from __future__ import annotations

import contextlib
import io
import re
from typing import TYPE_CHECKING

from chdkshell.errors import ConnectError, UsageError
from chdkshell.hostlua.state import Exited, HostLua, HostLuaError
from chdkshell.hostlua.values import to_plain
from chdkshell.shell.linesource import standard_input
from chdkshell.shell.luafolder import PATH_VARIABLE, lua_folder
from chdkshell.shell.prefs import OutputKind, find_pref
from chdkshell.shell.results.general import HostLuaValues

if TYPE_CHECKING:
    from chdkshell.camera import Camera
    from chdkshell.flow import CancelToken
    from chdkshell.shell.context import Context
    from chdkshell.shell.parse import RawText
    from chdkshell.transport.base import Device


def run_lua(context: Context, code: RawText) -> HostLuaValues | None:
    """Run a chunk that the user typed or named, in the shell's one Lua state.

    `con` is the current camera, and the camera that `con` is afterwards is the current one. What a
    call alone gives is shown to people; programs have it as from chdkptp, by `return`. Raises
    `HostLuaError` with the line of a fault, and `Cancelled`.
    """
    host = _state(context)
    loaded = code.load()
    source = loaded.encode("utf-8", "surrogateescape") if isinstance(loaded, str) else loaded
    name = f"@{code.file}" if code.file else source.decode("latin-1")
    connections = context.connections
    with context.signals.cancelling(context.cancel):
        try:
            given = host.run(
                _without_mark(source),
                name,
                context.cancel,
                camera=connections.current,
                shows_calls=context.renderer.for_people,
            )
        except HostLuaError as error:
            if not context.compat:
                error.detail = error.detail or _detail(host, error, code.file)
            raise
        finally:
            context.exit_value = host.host.exit_value
            camera = host.camera
            if camera is not None and camera is not connections.current:
                connections.use(camera)
    if isinstance(given, Exited):
        context.quits = True
        return None
    shown = _as_chdkptp(given) if context.compat else given
    if not shown:
        return None
    return HostLuaValues([to_plain(value) for value in shown], f"={host.text_of(shown)}")


_MODULE = re.compile(r"module '([^']*)' not found")
_CALLED = re.compile(r"attempt to call (?:field|method) '([^']*)' \(a nil value\)")


def _detail(host: HostLua, error: HostLuaError, file: str | None) -> str:
    """Return where a program was if its error does not say it, or where what it lacks may be."""
    if file and error.line:
        return f"at {file}:{error.line}"
    missing, called = _MODULE.search(str(error)), _CALLED.search(str(error))
    if missing and host.folder is None:
        name = missing[1]
    elif called and host.lacks(called[1]):
        name = called[1]
    else:
        return ""
    return f"{PATH_VARIABLE}=DIR names chdkptp's own files, if {name} is there"


def _as_chdkptp(values: tuple[object, ...]) -> tuple[object, ...]:
    """Return values without the nils at their end."""
    while values and values[-1] is None:
        values = values[:-1]
    return values


def _without_mark(source: bytes) -> bytes:
    """Return a file's code without the byte order mark of editors on Windows."""
    return source.removeprefix(b"\xef\xbb\xbf")


def _state(context: Context) -> HostLua:
    """Return the shell's Lua state: a new one where the folder of its files has changed."""
    folder = lua_folder(context.prefs)
    if context.host_lua is None or context.host_lua.folder != folder:
        context.host_lua = HostLua(ShellServices(context), folder, ())
    return context.host_lua


class ShellServices:
    """What Lua programs use of the shell."""

    def __init__(self, context: Context) -> None:
        self._context = context

    # ---- the terminal ----

    def write(self, data: bytes) -> None:
        """Write to stdout; to stderr where that holds JSON or a file."""
        self._context.renderer.write_bytes(data)

    def write_error(self, data: bytes) -> None:
        """Write to stderr."""
        self._context.renderer.write_bytes(data, beside=True)

    def read_line(self, prompt: bytes) -> bytes | None:
        """Return the next line of standard input; Ctrl-C ends the wait."""
        if prompt:
            self.write(prompt)
        with self._context.alone(), self._context.signals.waiting():
            line = standard_input().readline()
        read = line.encode("utf-8", "surrogateescape")
        if read and prompt and self._context.converses:
            self.write(read.rstrip(b"\r\n") + b"\n")
        return read or None

    # ---- cameras ----

    def devices(self) -> list[Device]:
        """Return the cameras on USB, and those elsewhere that are known."""
        from chdkshell.transport.base import Device, list_devices

        found: list[Device] = []
        with contextlib.suppress(ConnectError):
            found += list_devices("usb")
        there = {device.address for device in found}
        for camera in self._context.connections.known():
            address = self._address(camera)
            if address not in there and not address.startswith("usb:"):
                found.append(Device(address))
        return found

    def _address(self, camera: Camera) -> str:
        from chdkshell.shell.devices import link_address

        return link_address(camera)

    def connected(self, address: str) -> Camera | None:
        """Return the camera at an address, None where it is not connected."""
        from chdkshell.shell.devices import is_at

        cameras = self._context.connections.all()
        return next((camera for camera in cameras if is_at(camera, address)), None)

    def open(self, address: str, cancel: CancelToken) -> Camera:
        """Connect a camera, beside those that are."""
        from chdkshell.shell.devices import open_address
        from chdkshell.shell.leftscripts import settle_scripts

        camera = open_address(self._context.connections, address, cancel)
        self._context.connections.keep(camera)
        settle_scripts(self._context, camera)
        return camera

    def close(self, camera: Camera) -> None:
        """Disconnect a camera."""
        if camera is self._context.connections.current:
            self._context.connections.close_current()
        else:
            camera.close()

    def use(self, camera: Camera) -> None:
        """Make a camera the current one."""
        if camera is not self._context.connections.current:
            self._context.connections.use(camera)

    def current(self) -> Camera | None:
        """Return the current camera, None where it is not connected."""
        camera = self._context.connections.current
        return camera if camera is not None and camera.is_connected else None

    # ---- the command line ----

    def run_command(self, line: str) -> tuple[bool, str]:
        """Run a command line; return whether it succeeded, and its plain text."""
        context = self._context
        renderer, prefs = context.renderer, context.prefs
        streams = renderer.stdout, renderer.stderr
        given, told = io.StringIO(), io.StringIO()
        renderer.stdout, renderer.stderr = given, told
        cancel = context.cancel
        try:
            with prefs.temporarily(OutputKind.PLAIN):
                succeeded = context.run_line(line)
        finally:
            renderer.stdout, renderer.stderr = streams
            context.keep_cancel(cancel)
        return succeeded, given.getvalue() if succeeded else _problem(told.getvalue())

    def get_option(self, name: str) -> bool | int | str:
        """Return an option."""
        return self._context.prefs.get(name)

    def set_option(self, name: str, value: str) -> None:
        """Set an option as the command `set` does."""
        name = find_pref(name).name
        succeeded, text = self.run_command(f"set {name}={value}")
        if not succeeded:
            raise UsageError(text.strip())


def _problem(told: str) -> str:
    """Return why a command failed, without the label of an error."""
    before, label, problem = told.partition("ERROR: ")
    return before + problem if label else told
