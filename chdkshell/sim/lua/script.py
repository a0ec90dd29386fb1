"""One script's Lua: a fresh interpreter with the firmware's libraries and nothing of the host's.

The interpreter is Lua 5.1 (lupa.lua51). Files of lua/ set it up, and keep what they need of the
standard libraries in a table that no script can reach; Python functions come in as C closures.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from chdkshell.chdk.constants import MessageType
from chdkshell.sim.lua.api import Args, Caller, Function, Library, Wait, answer
from chdkshell.sim.lua.forms import Form
from chdkshell.sim.lua.heap import HEAP_LIMIT, Heap
from chdkshell.sim.lua.open_files import OpenDirectories, OpenFiles, read_source

if TYPE_CHECKING:
    from chdkshell.sim.card import Card
    from chdkshell.sim.lua.mailbox import Mailbox
    from chdkshell.sim.state import CameraState

log = logging.getLogger(__name__)

PAUSE = 0.001
"""Seconds that a script which does not yield gives other threads, after each of its slices."""

SLICE_MS = 10
"""How long a script runs at most until other threads get their turn, in the clock's ms."""

HOOK_INSTRUCTIONS = 997
"""How many instructions lie between two calls of the hook (lua/core.lua)."""

RESTORE_MS = 1000
"""How long a script's function `restore` may take, in the clock's ms."""

_LIBRARIES = (b"io", b"os", b"rawop", b"hook_preshoot", b"hook_raw", b"hook_shoot")
"""Tables of the firmware's own functions, besides the global ones."""

_CORE = (
    "core", "frames", "arith", "base", "tables", "pattern", "strings", "debug", "finalizers",
    "load", "files", "rawop", "fmath", "imath", "script",
)  # fmt: skip


@cache
def _names(text: bytes) -> frozenset[str]:
    return frozenset(text.decode().split())


@cache
def _source(name: str) -> bytes:
    return Path(__file__).with_name(name + ".lua").read_bytes()


@cache
def _compiled(name: str) -> bytes:
    """Return a file of lua/ as bytecode: it is loaded for every script."""
    from lupa import lua51

    compile_ = b"return string.dump(assert(loadstring(..., '=[C]')))"
    return bytes(lua51.LuaRuntime(encoding=None).execute(compile_, _source(name)))


class Script:
    """A script in its own interpreter. `start` compiles it, `run_slice` runs it to its next wait.

    `killed` may be set by any thread; everything else belongs to the thread that runs the script.
    """

    card: Card
    state: CameraState
    mailbox: Mailbox
    files: OpenFiles
    directories: OpenDirectories
    log: BinaryIO | None
    heap: Heap
    heap_limit: int | None

    def __init__(
        self,
        card: Card,
        state: CameraState,
        mailbox: Mailbox,
        library: Library,
        script_id: int,
        heap_limit: int | None = HEAP_LIMIT,
    ) -> None:
        self.card = card
        self.state = state
        self.mailbox = mailbox
        self.id = script_id
        self.heap_limit = heap_limit
        self.killed = threading.Event()
        self.wait: Wait | None = None
        self.files = OpenFiles()
        self.log: BinaryIO | None = None
        self.histograms: dict[int, Any] = {}
        self.motion: Any = None
        self.max_count = 25
        self.max_ms = 10
        self._slice_end = 0.0
        self._slice_start = 0.0
        self.by_host = True
        self.interrupted = False
        self._restore_end = float("inf")
        self._ran = 0
        self._resume: Callable[..., Any] | None = None
        self._lua: Any = None
        self._firmware: Any = None
        self._set_up(library, heap_limit)

    # ---- setting up -------------------------------------------------------------------------

    def _set_up(self, library: Library, heap_limit: int | None) -> None:
        from lupa import lua51

        lua = lua51.LuaRuntime(
            encoding=None,
            register_eval=False,
            register_builtins=False,
            unpack_returned_tuples=True,
            attribute_filter=_deny,
            max_memory=0,
        )
        self._lua = lua
        self.heap = Heap(lua)
        self._firmware = lua.table()
        self._firmware[b"globals"] = lua.globals()
        self._firmware[b"paced"] = bool(self.state.pace.instructions)
        as_function = lua.globals()[b"python"][b"as_function"]
        callbacks = (
            self._tick, self._prepare, self._rewrite, self._read_source, self._seal, self._unseal,
            self._find, self._start_thread,
        )  # fmt: skip
        self._load_file("core", as_function, self._settle, *callbacks)
        for name in _CORE[1:]:
            self._load_file(name)
        self._expose_all(library)
        self._lua_names = _names(self._firmware[b"lua_names"]())
        self._compile(_source("firmware"))()
        if heap_limit is not None:
            # The collector waits until memory has grown by a share of all that is in use, which
            # here includes this module's own Lua: by as much it has to begin earlier.
            collect = self._firmware[b"collectgarbage"]
            collect(b"setpause", 110)
            collect(b"setstepmul", 400)
            self.heap.limit(heap_limit, collect)

    def _load_file(self, name: str, *args: Any) -> None:
        loadstring = self._firmware[b"loadstring"] or self._lua.globals()[b"loadstring"]
        loadstring(_compiled(name))(self._firmware, *args)

    def _compile(self, source: bytes) -> Any:
        return self._firmware[b"compile"](source, b"=")

    def _expose_all(self, library: Library) -> None:
        firmware, globals_ = self._firmware, self._lua.globals()
        functions = _placed(library, self.state.identity.protocol)
        methods, histogram_methods = self._lua.table(), self._lua.table()
        tables = {b"_G": globals_, b"F": firmware, b"file": methods}
        tables[b"histogram"] = histogram_methods
        for name in _LIBRARIES:
            tables[name] = globals_[name] = self._lua.table()
        names = " ".join(functions).encode()
        call = answer(self, tuple(functions.values()))
        firmware[b"expose"](call, names, self._lua.table_from(tables))
        firmware[b"finish_files"](methods)
        firmware[b"finish_rawop"](histogram_methods)
        firmware[b"finish_os"]()
        self._message, self._field = firmware[b"message"], firmware[b"field"]
        self._length, self._time_finely = firmware[b"length"], firmware[b"time_finely"]
        files, directories = firmware[b"reachable_files"], firmware[b"reachable_directories"]
        self.files.attach(
            firmware[b"file_number"], firmware[b"new_file"], lambda: self.array(files())
        )
        self.directories = OpenDirectories(lambda: self.array(directories()))
        for name in (b"stdin", b"stdout", b"stderr"):
            globals_[b"io"][name] = self.files.closed()
        loaded = globals_[b"package"][b"loaded"]
        for name in b"_G package table io os string math imath fmath debug".split():
            loaded[name] = globals_[name]

    # ---- what Lua calls ---------------------------------------------------------------------

    def _tick(self, counts: float) -> bool | None:
        """The instruction hook: whether the script has to end, None: it wants too much memory.

        Pauses one that ran its slice. `counts` says that these are instructions on a camera, too,
        and how many where they are not as many as usual.
        """
        if self.killed.is_set() or time.monotonic() >= self._restore_end:
            return True
        if time.monotonic() >= self._slice_end:
            self.killed.wait(PAUSE)
            self._slice_end = time.monotonic() + self.state.clock.seconds(SLICE_MS)
        if counts and self.state.pace.instructions:
            self._keep_pace(HOOK_INSTRUCTIONS if counts is True else int(counts))
        if self.killed.is_set():
            return True
        return False if self.heap.enforce() else None

    def _keep_pace(self, instructions: int) -> None:
        """Let as much time pass as a camera needs for the instructions that ran, and yield there.

        A slice that was not used up has its rest carried over, since the hook strikes less often
        than on a camera.
        """
        clock, pace = self.state.clock, self.state.pace
        self._ran += instructions
        limit = pace.slice_instructions(self.max_count, self.max_ms)
        done = self._slice_start + min(self._ran, limit) / pace.instructions
        if self._ran >= limit:
            self._ran -= int(limit)
            done = self._slice_start = pace.next_look(done)
        self.killed.wait(clock.seconds(max(0.0, done - clock.exact_ticks())))

    def _settle(self) -> bool:
        return self.heap.settle()

    def _prepare(self, source: bytes) -> tuple[bytes, bytes | None]:
        from chdkshell.lua.check import probe

        self.heap.lift()
        found = probe(source.decode("latin-1"))
        malformed = found.malformed
        return found.text.encode("latin-1"), malformed.encode("latin-1") if malformed else None

    def _rewrite(self, source: bytes, form: int) -> tuple[bytes | None, bytes | None, int]:
        from chdkshell.lua.parser import NotLuaError
        from chdkshell.sim.lua.rewrite import rewrite

        self.heap.lift()
        try:
            done = rewrite(source.decode("latin-1"), self._lua_names, Form(int(form)))
        except NotLuaError as error:
            return None, str(error).encode(), 0
        return done.text.encode("latin-1"), None, done.form

    def _read_source(self, path: bytes) -> bytes | None:
        self.heap.lift()
        return read_source(self.card, path)

    def _seal(self, code: bytes) -> bytes:
        from chdkshell.sim.lua.sealed import seal

        self.heap.lift()
        return seal(code)

    def _unseal(self, chunk: bytes) -> tuple[bytes | None, bytes]:
        from chdkshell.sim.lua.sealed import unseal

        self.heap.lift()
        return unseal(chunk)

    def _find(self, text: bytes, piece: bytes, start: int) -> int:
        self.heap.lift()
        return text.find(piece, int(start) - 1) + 1

    def _start_thread(self, function: Any) -> None:
        from lupa.lua51 import LuaError as LupaError

        self.heap.lift()
        with contextlib.suppress(LupaError, StopIteration, MemoryError):
            function.coroutine().send(None)

    def table(self, content: dict[Any, Any]) -> Any:
        """Return a new Lua table with `content`."""
        return self._lua.table_from(content)

    def message(self, value: Any) -> tuple[int, bytes | int] | None:
        """Return subtype and data of the message for a Lua value (see lua/script.lua)."""
        result = self._message(value)
        return result if isinstance(result, tuple) else None

    # Lupa's own access to tables gives wrong results inside a call from Lua: it takes the call's
    # arguments for results. Calls of Lua functions are right.

    def field(self, table: Any, key: Any) -> Any:
        """Return a field of a Lua table."""
        return self._field(table, key)

    def array(self, table: Any) -> list[Any]:
        """Return the values at 1, 2, 3 ... of a Lua table."""
        return [self._field(table, index) for index in range(1, int(self._length(table)) + 1)]

    def time_finely(self, on: bool) -> None:
        """Note whether the script measures time: what it takes for a loop is then exact."""
        self._time_finely(on)

    # ---- running ----------------------------------------------------------------------------

    def start(self, source: bytes) -> bytes | None:
        """Compile the script. Returns the compiler's message where it is wrong."""
        from lupa.lua51 import LuaError as LupaError

        self.heap.lift()
        try:
            result = self._firmware[b"start"](source)
        except (LupaError, MemoryError) as error:
            result = None, _text_of(error)
        if isinstance(result, tuple):
            self.close()
            return bytes(result[1])
        self.heap.lift()
        self._resume = result
        return None

    def run_slice(self, *values: Any) -> tuple[bool, bytes | None]:
        """Run until the script waits or ends. Returns whether it goes on, and its error's text."""
        from lupa.lua51 import LuaError as LupaError

        assert self._resume is not None
        self.wait = None
        if not values:
            self.heap.settle()
        clock = self.state.clock
        self._slice_end = time.monotonic() + clock.seconds(SLICE_MS)
        self._slice_start, self._ran = clock.exact_ticks(), 0
        try:
            result = self._resume(*values)
        except (LupaError, MemoryError) as error:
            return False, _text_of(error)
        finally:
            self.heap.lift()
        if isinstance(result, tuple):
            return bool(result[0]), result[1]
        return bool(result), None

    def restore(self) -> bytes | None:
        """Call the script's function `restore`, if it has one. Returns its error's text."""
        from lupa.lua51 import LuaError as LupaError

        self._restore_end = time.monotonic() + self.state.clock.seconds(RESTORE_MS)
        self.heap.lift()
        try:
            result = self._firmware[b"restore"]()
        except (LupaError, MemoryError) as error:
            result = _text_of(error)
        return bytes(result) if result else None

    def close(self) -> None:
        """Close the files that the script left open, and give up the interpreter.

        Lua holds Python functions that hold this object: without this none of it would be freed.
        """
        if self._firmware is not None:
            self._firmware[b"sethook"]()
            self._firmware[b"close"]()
        self.files.close_all()
        if self.log is not None:
            self.log.close()
        self._resume = self._lua = self._firmware = None
        self._message = self._field = self._length = self._time_finely = None


def _placed(library: Library, protocol: tuple[int, int]) -> dict[str, Function]:
    """Return all functions by the tables they belong to, and their names there."""
    functions = {n if "." in n else f"_G.{n}": f for n, f in library.functions_of(protocol).items()}
    functions |= {f"file.{name}": method for name, method in library.file_methods.items()}
    functions |= {f"F.{name}": function for name, function in library.base.items()}
    return functions | {"F.send_result": _send_result}


def _text_of(error: Exception) -> bytes:
    """Return the text of an error that ended all of a script's Lua; want of memory has none."""
    return str(error).encode("utf-8", "replace") or b"not enough memory"


def _deny(obj: object, name: object, setting: bool) -> str:
    raise AttributeError("no access")


def _send_result(script: Caller, args: Args) -> None:
    """Queue a returned value for the host that started the script. -1 is the failure of its
    serializer, nil a serializer's no-string.
    """
    subtype = args.value(1)
    if not script.by_host:
        return
    if subtype is None:
        script.mailbox.error(script.id, b"error creating return msg")
    elif subtype < 0:
        script.mailbox.error(script.id, args.string(2))
    else:
        script.mailbox.post(MessageType.RETURN, int(subtype), script.id, args.value(2))
