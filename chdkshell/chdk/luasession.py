"""A Lua session on the camera: variables, functions and held keys live from chunk to chunk.

with LuaSession(cam.scripts) as session:
    session.evaluate("x = get_zoom()")
    session.evaluate("x + 1")

A script on the camera (lua/repl.lua) takes the chunks as messages. Where a chunk that waits fails,
the script ends with it, and a new one gets the variables and functions of before.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from chdkshell.chdk.constants import MessageType, ScriptStatus
from chdkshell.chdk.luachunks import Chunk, read_chunk
from chdkshell.chdk.luadata import LuaValue, encode_string, parse, serialize
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.scripts import MAX_COLLECTED, Scripts
from chdkshell.errors import Cancelled, ChdkError, ChdkShellError, ScriptError
from chdkshell.flow import NEVER, CancelToken

INTERRUPT_SECONDS = 2.0
"""How long a chunk has to end after an interrupt, before its script is killed."""

_POLL_SECONDS = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
_POSITION = re.compile(r"[^\n:]*:(\d+): ")
_NO_YIELD = "attempt to yield across metamethod/C-call boundary"


@dataclass(frozen=True, slots=True)
class Described:
    """A value that cannot be sent, such as a function, as text for people."""

    text: str


SessionValue = LuaValue | Described
Printer = Callable[[str], None]


class SessionRestartedError(ScriptError):
    """A chunk failed while it might wait, and its script with it; a new one has taken over.

    `lost` names the variables that could not be carried over.
    """

    def __init__(self, cause: ScriptError, lost: tuple[str, ...]) -> None:
        super().__init__(cause.kind, cause.text, cause.reason, cause.line, cause.source)
        self.lost = lost
        if lost:
            self.hint = f"lost with the script: {', '.join(lost)}"


@dataclass(slots=True)
class _Answer:
    values: list[SessionValue] = field(default_factory=list)
    problem: ScriptError | None = None


@dataclass(slots=True)
class _State:
    """What a script that takes over gets."""

    variables: LuaValue = None
    lost: tuple[str, ...] = ()
    functions: dict[str, str] = field(default_factory=dict)


class LuaSession:
    """Chunks of Lua that run one after another in one environment on the camera."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts
        self._state = _State()
        self._waiting: frozenset[str] = frozenset()
        self._pieces: list[bytes] = []
        self._id = 0
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def evaluate(
        self, code: str, on_print: Printer = lambda text: None, cancel: CancelToken = NEVER
    ) -> tuple[SessionValue, ...]:
        """Run a chunk, or evaluate an expression, and return its values.

        `on_print` gets what the chunk prints, a line at a time. Raises `ScriptError` where the
        chunk fails; the session goes on. `cancel` interrupts the chunk: `Cancelled`.
        """
        cancel.check()
        chunk = read_chunk(code)
        waits = chunk.waits(self._waiting)
        if waits:
            self._save(cancel)
        self._send(b"u" if waits else b"p", chunk.code)
        try:
            answer = self._answer(on_print, cancel)
        except ScriptError as error:
            taken_over = self._take_over(error)
            if cancel.is_set():
                raise Cancelled from None
            raise taken_over from None
        except Cancelled:
            if not self._runs():
                self._take_over(ScriptError("runtime", "interrupted"))
            raise
        if answer.problem is not None:
            if answer.problem.reason == _NO_YIELD:
                self._waiting |= chunk.names
            raise answer.problem
        self._learn(chunk, waits)
        return tuple(answer.values)

    def send(self, data: str | bytes) -> None:
        """Send a message to the chunk that runs; it takes it with read_usb_msg."""
        self._scripts.send(b"m" + encode_string(data), self._id)

    def close(self) -> None:
        """End the session: its script ends, and lets go the keys that it holds."""
        with contextlib.suppress(ChdkShellError):
            if self._runs():
                self._scripts.send(b"q", self._id)
                self._scripts.wait(timeout=INTERRUPT_SECONDS)
        with contextlib.suppress(ChdkShellError):
            if self._runs():
                self._scripts.kill()

    # ---- the script ----

    def _open(self) -> None:
        self._pieces.clear()
        self._id = self._scripts.start("lua_session()", libraries=("repl",))

    def _runs(self) -> bool:
        return bool(self._scripts.status() & ScriptStatus.RUNNING)

    def _send(self, kind: bytes, text: str) -> None:
        self._scripts.send(kind + encode_string(text), self._id)

    def _learn(self, chunk: Chunk, waits: bool) -> None:
        self._state.functions.update(chunk.functions)
        if waits:
            self._waiting |= chunk.assigned

    def _save(self, cancel: CancelToken) -> None:
        """Ask for the variables, so that they outlive the script."""
        self._scripts.send(b"s", self._id)
        (saved,) = self._answer(lambda text: None, cancel).values
        if isinstance(saved, dict):
            lost = saved.get("lost")
            names = lost if isinstance(lost, list) else []
            self._state.variables = saved.get("kept")
            self._state.lost = tuple(str(name) for name in names)

    def _take_over(self, error: ScriptError) -> SessionRestartedError:
        """Start a script in place of one that failed, with what that had before the chunk."""
        self._open()
        variables = self._state.variables or {}
        lines = [f"for name,value in pairs({serialize(variables)}) do _G[name]=value end"]
        for code in (*lines, *self._state.functions.values()):
            self._send(b"p", code)
            self._answer(lambda text: None, NEVER)
        return SessionRestartedError(error, self._state.lost)

    # ---- answers ----

    def _answer(self, on_print: Printer, cancel: CancelToken) -> _Answer:
        """Collect what the script sends, to the end of its answer. Raises where the script ends."""
        answer = _Answer()
        interrupted_at: float | None = None
        step = 0
        while True:
            if cancel.is_set() and interrupted_at is None:
                interrupted_at = time.monotonic()
                self._scripts.send(b"i", self._id)
            message = self._next_message()
            if message is not None:
                step = 0
                if self._take(message, answer, on_print):
                    if interrupted_at is not None:
                        raise Cancelled
                    return answer
                continue
            if interrupted_at is not None:
                self._kill_if_late(interrupted_at)
            time.sleep(_POLL_SECONDS[min(step, len(_POLL_SECONDS) - 1)])
            step += 1

    def _next_message(self) -> ScriptMessage | None:
        """Take a message of the session's script. Raises `ScriptError` where that has ended."""
        message = self._scripts.protocol.read_message()
        if message is None:
            if not self._scripts.status():
                raise ScriptError("runtime", "the session's script has ended")
            return None
        if message.script_id != self._id:
            self._scripts.keep(message)
            return None
        if message.type == MessageType.ERROR:
            raise _problem("runtime", message.text)
        return message

    def _kill_if_late(self, since: float) -> None:
        if time.monotonic() - since > INTERRUPT_SECONDS:
            self._scripts.kill()
            raise Cancelled

    def _take(self, message: ScriptMessage, answer: _Answer, on_print: Printer) -> bool:
        """Take one message. Returns whether the answer ends with it."""
        kind, data = message.data[:1], message.data[1:]
        self._pieces.append(data)
        if kind == b"+":
            if sum(map(len, self._pieces)) > MAX_COLLECTED:
                raise ChdkError("the camera sent more than can be kept")
            return False
        data = b"".join(self._pieces)
        self._pieces.clear()
        match kind:
            case b">":
                on_print(_text(data))
            case b"=" | b"v":
                answer.values.append(parse(data))
            case b"~":
                answer.values.append(Described(_text(data)))
            case b"e" | b"c":
                answer.problem = _failure(kind, data)
        return kind in (b"o", b"e", b"c", b"v")


def _failure(kind: bytes, data: bytes) -> ScriptError:
    if kind == b"c":
        return _problem("compile", _text(data))
    try:
        value = parse(data)
    except ChdkShellError:
        value = data
    text = value if isinstance(value, str) else _text(data)
    return _problem("runtime", text)


def _problem(kind: str, text: str) -> ScriptError:
    position = _POSITION.match(text)
    if position is None:
        return ScriptError(kind, text)
    return ScriptError(kind, text, text[position.end() :], int(position[1]))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
