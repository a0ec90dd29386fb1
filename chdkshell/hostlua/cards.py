"""What the Lua files of this project use beside the C layer: scripts, trees of files, commands."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from chdkshell.errors import CardError, IncompleteError, ScriptError, ScriptRunningError
from chdkshell.hostlua.arguments import (
    NIL,
    Fields,
    LuaTable,
    data,
    instance,
    is_table,
    path,
    table,
    text,
)
from chdkshell.hostlua.calls import message_table
from chdkshell.hostlua.connections import LuaConnection, spec_of
from chdkshell.hostlua.faults import Fault
from chdkshell.hostlua.services import Host
from chdkshell.lua.tokens import Token, TokenKind, tokenise
from chdkshell.lua.values import LuaUnsupported

if TYPE_CHECKING:
    from chdkshell.chdk.card.copying import CopyOptions, Report
    from chdkshell.chdk.card.files import Files
    from chdkshell.chdk.card.selection import Selection


@contextlib.contextmanager
def _failures() -> Iterator[None]:
    """Have failures of scripts and files carry the types that chdkptp's chdku gives them."""
    try:
        yield
    except ScriptError as error:
        raise Fault(f"exec_{error.kind}", str(error)) from None
    except ScriptRunningError as error:
        raise Fault("execlua_scriptrun", str(error)) from None
    except (CardError, IncompleteError) as error:
        raise Fault("remote", str(error)) from None


class CardCalls:
    """Calls that take a connection, and commands of the program."""

    def __init__(self, host: Host) -> None:
        self._host = host

    # ---- scripts ----

    def start(self, con: object, code: object, options: object = None) -> int:
        """Start a script with this project's libraries; return its id."""
        camera, fields = instance(con, LuaConnection, 1).camera, Fields(options)
        with _failures():
            started = camera.scripts.start(
                data(code, 2),
                kill_running=fields.get("clobber") is True,
                flush=fields.get("flush_cam_msgs") is not False,
            )
        if camera not in self._host.started:
            self._host.started.append(camera)
        return started

    def call(self, con: object, code: object, options: object = None) -> tuple[object, ...]:
        """Run a script to its end; return its messages, how many values it has, and those."""
        camera, fields = instance(con, LuaConnection, 1).camera, Fields(options)
        with _failures():
            result = camera.scripts.run(
                data(code, 2),
                kill_running=fields.get("clobber") is True,
                flush=fields.get("flush_cam_msgs") is not False,
                cancel=self._host.cancel,
            )
        values = [_value(message.read(self._host.cancel)) for message in result.returns]
        told = [message_table(message) for message in result.messages]
        return (told, len(values), *values)

    # ---- files ----

    def download_tree(
        self, con: object, paths: object, folder: object, options: object = None
    ) -> list[str]:
        """Copy files and folders from the card; return the copies."""
        files, fields = instance(con, LuaConnection, 1).camera.files, Fields(options)
        target = path(folder, 3) or "."
        with _failures():
            return _targets(self._download(files, _paths(paths), target, fields))

    def _download(self, files: Files, paths: list[str], folder: str, fields: Fields) -> Report:
        from chdkshell.chdk.card.copying import always, never
        from chdkshell.chdk.card.copyplan import plan
        from chdkshell.chdk.card.targets import TreeTargets

        entries = files.walk(paths, _selection(fields), cancel=self._host.cancel)
        return files.download_copies(
            plan(entries, TreeTargets(folder, literal=True)),
            never if fields.get("overwrite") is False else always,
            _copy_options(fields),
            cancel=self._host.cancel,
        )

    def upload_tree(
        self, con: object, paths: object, directory: object, options: object = None
    ) -> list[str]:
        """Copy files and folders to the card; return the copies."""
        from chdkshell.chdk.card.uploading import find_local

        files, fields = instance(con, LuaConnection, 1).camera.files, Fields(options)
        with _failures():
            items = find_local(_paths(paths), text(directory, 3), _selection(fields))
            options_ = _copy_options(fields)
            report = files.upload_items(items, options=options_, cancel=self._host.cancel)
            return _targets(report)

    def readfile(self, con: object, remote: object) -> bytes:
        """Return what is in a file on the card."""
        files = instance(con, LuaConnection, 1).camera.files
        with _failures():
            return files.read(text(remote, 2), cancel=self._host.cancel)

    def mkdir_m(self, con: object, remote: object) -> None:
        """Make a directory on the card with those above it."""
        files = instance(con, LuaConnection, 1).camera.files
        with _failures():
            files.mkdir(text(remote, 2), self._host.cancel)

    # ---- values ----

    def is_data(self, source: object) -> bool:
        """Whether a text is a value of Lua that calls nothing: tables, and what is in them."""
        written = data(source, 1).decode("latin-1")
        tokens = tokenise(written)
        return tokens[-1].start >= len(written.rstrip()) and all(map(_is_of_a_value, tokens))

    # ---- the program ----

    def command(self, line: object, con: object = None) -> tuple[bool, str]:
        """Run a command line of this program, on the camera of a connection if it has one."""
        camera = con.found if isinstance(con, LuaConnection) else None
        if camera is not None:
            self._host.services.use(camera)
        return self._host.services.run_command(text(line, 1))

    def current(self) -> dict[str, str] | tuple[None]:
        """Return where the camera is that commands use, nil where none is connected."""
        camera = self._host.services.current()
        return NIL if camera is None else spec_of(camera.session.transport.address)

    def get_option(self, name: object) -> bool | int | str:
        """Return an option."""
        return self._host.services.get_option(text(name, 1))

    def set_option(self, name: object, value: object) -> None:
        """Set an option."""
        word = str(value).lower() if isinstance(value, bool) else text(value, 2)
        self._host.services.set_option(text(name, 1), word)

    def functions(self) -> dict[str, Callable[..., object]]:
        """Return the library that only the Lua files of this project use."""
        names = [name for name in vars(CardCalls) if not name.startswith("_")]
        return {name: getattr(self, name) for name in names if name != "functions"}


def _is_of_a_value(token: Token) -> bool:
    if token.kind is TokenKind.KEYWORD:
        return token.text in ("nil", "true", "false")
    return token.kind is not TokenKind.OP or token.text not in ("(", ")", ":")


def _value(value: object) -> object:
    """Return a value of the camera as it goes to the host's Lua."""
    if isinstance(value, LuaUnsupported):
        return value.type_name
    if isinstance(value, list):  # Lua counts from 1, and has no entry for nil
        return {number: _value(item) for number, item in enumerate(value, 1)}
    if isinstance(value, dict):
        return {key: _value(item) for key, item in value.items()}
    return value


def _paths(value: object) -> list[str]:
    if is_table(value):
        words: LuaTable = table(value, 2)
        return [text(word, 2) for word in words.values()]
    return [text(value, 2)]


def _selection(fields: Fields) -> Selection:
    from chdkshell.chdk.card.selection import ALL, DEPTH, Selection

    named: dict[str, Any] = {
        name: text(fields.get(name), 4)
        for name in ("fmatch", "dmatch", "rmatch")
        if fields.get(name) is not None
    }
    depth = fields.integer("maxdepth", DEPTH)
    return Selection(**named, maxdepth=depth) if named or depth != DEPTH else ALL


def _copy_options(fields: Fields) -> CopyOptions:
    from chdkshell.chdk.card.copying import CopyOptions

    return CopyOptions(
        keep_time=fields.get("mtime") is not False, pretend=fields.get("pretend") is True
    )


def _targets(report: Report) -> list[str]:
    return [copied.target for copied in report.copied]
