"""A Lua session on the camera: variables, functions and held keys live from chunk to chunk.

with LuaSession(cam.scripts) as session:
    session.evaluate("x = get_zoom()")
    session.evaluate("x + 1")

A script on the camera (lua/repl.lua) takes the chunks as messages. An error in a chunk does not
end it: chdk/luachunks.py tells how.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from chdkshell.chdk.collecting import MessageBudget, Waiter
from chdkshell.chdk.constants import MessageType, ScriptStatus
from chdkshell.chdk.lifesigns import LifeSigns
from chdkshell.chdk.luachunks import read_chunk
from chdkshell.chdk.marks import Mark
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import Cancelled, ChdkShellError, NoScriptError, ScriptError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import parse
from chdkshell.lua.values import LuaValue, encode_string

INTERRUPT_SECONDS = 2.0
"""How long a chunk has to end after an interrupt, before its script is killed."""

_POSITION = re.compile(r"([^\n]*?):(\d{1,9}): ")
_CHUNK = "chunk "
_NO_YIELD = "attempt to yield across metamethod/C-call boundary"
_GONE = "a new session has begun: variables, functions and held keys are gone"


@dataclass(frozen=True, slots=True)
class Described:
    """A value that cannot be sent, such as a function, as text for people."""

    text: str


SessionValue = LuaValue | Described
Printer = Callable[[str], None]


class SessionRestartedError(ScriptError):
    """The session's script ended, and a new one took its place, which knows nothing of before.

    A person at the camera can end it, or memory that runs out, and a chunk that does not heed an
    interrupt has to be killed with it.
    """

    def __init__(self, cause: ScriptError) -> None:
        super().__init__(cause.kind, cause.text, cause.message, cause.line, cause.source)
        self.add_note(_GONE)


@dataclass(slots=True)
class _Answer:
    values: list[SessionValue] = field(default_factory=list)
    problem: ScriptError | None = None
    budget: MessageBudget = field(default_factory=MessageBudget)

    @property
    def fails_to_compile(self) -> bool:
        return self.problem is not None and self.problem.kind == "compile"


class LuaSession:
    """Chunks of Lua that run one after another in one environment on the camera.

    `script_id` is the id of the script that runs them. `lost_lines` counts what they printed and
    the camera had no room to keep.
    """

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts
        self._waiting: frozenset[str] = frozenset()
        self._pieces: list[bytes] = []
        self._budget = MessageBudget()
        self.script_id = 0
        self.lost_lines = 0
        self._signs = LifeSigns(scripts)
        self._codes: list[str] = []
        self._open()
        self._signs.start()

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
        chunk fails; the session goes on, but for `SessionRestartedError`. Its `source` is "chunk 3"
        where the line is one of the session's third chunk, and "" for that of this one. `cancel`
        interrupts the chunk: `Cancelled`. What `on_print` raises, and an answer that cannot be
        kept, end the session's script, too.
        """
        cancel.check()
        with self._signs.paused():
            return self._evaluate(code, on_print, cancel)

    def _evaluate(
        self, code: str, on_print: Printer, cancel: CancelToken
    ) -> tuple[SessionValue, ...]:
        chunk = read_chunk(code, self._waiting)
        self._waiting = chunk.waiting
        kind = b"u" if chunk.waits else b"p"
        try:
            answer = self._run(kind, chunk.code, code, on_print, cancel)
            if answer.fails_to_compile and chunk.code != chunk.plain:
                # the compiler is to judge what the user wrote, and may have no room for more
                answer = self._run(kind, chunk.plain, code, on_print, cancel)
        except (ScriptError, NoScriptError) as error:
            self._open()
            cause = error if isinstance(error, ScriptError) else _ended()
            raise SessionRestartedError(cause) from None
        if answer.problem is None:
            return tuple(answer.values)
        if answer.problem.message == _NO_YIELD and chunk.called - self._waiting:
            self._waiting |= chunk.called
            answer.problem.detail = "what it calls is known to wait now: try again"
        raise answer.problem

    def code_of(self, source: str) -> str:
        """Return the code of the chunk that is an error's `source`, or "" where that is none."""
        number = source.removeprefix(_CHUNK)
        known = number != source and int(number) <= len(self._codes)
        return self._codes[int(number) - 1] if known else ""

    def send(self, data: str | bytes) -> None:
        """Send a message to the chunk that runs; it takes it with read_usb_msg."""
        self._scripts.send(b"m" + encode_string(data), self.script_id)

    def close(self) -> None:
        """End the session: its script ends, and lets go the keys that it holds."""
        self._signs.stop()
        with contextlib.suppress(ChdkShellError):
            try:
                if self._runs():
                    self._scripts.send(b"q", self.script_id)
                    self._scripts.wait(timeout=INTERRUPT_SECONDS)
            except NoScriptError:  # its script has ended, and what runs is another's
                return
        with contextlib.suppress(ChdkShellError):
            if self._runs():
                self._scripts.kill()

    # ---- the script ----

    def _open(self) -> None:
        self._forget_pieces()
        self._waiting = frozenset()
        self._codes.clear()
        self.script_id = self._scripts.start("lua_session()", libraries=("repl",), mark=Mark.OWN)

    def _forget_pieces(self) -> None:
        self._pieces.clear()
        self._budget = MessageBudget()

    def _runs(self) -> bool:
        return bool(self._scripts.status() & ScriptStatus.RUNNING)

    def _run(
        self, kind: bytes, text: str, code: str, on_print: Printer, cancel: CancelToken
    ) -> _Answer:
        """Send one chunk, for the user's `code`, and return what comes of it."""
        self._codes.append(code)
        self._scripts.send(kind + encode_string(text), self.script_id)
        try:
            return self._answer(on_print, cancel)
        except (Cancelled, ScriptError, NoScriptError):
            raise
        except Exception as error:
            self._begin_anew()
            if isinstance(error, ChdkShellError):
                error.add_note(_GONE)
            raise

    def _begin_anew(self) -> None:
        """Replace the script: what it still has to say would be taken for the next answer."""
        with contextlib.suppress(ChdkShellError):
            self._scripts.kill()
            self._open()

    # ---- answers ----

    def _answer(self, on_print: Printer, cancel: CancelToken) -> _Answer:
        """Collect what the script sends, to the end of its answer. Raises where the script ends."""
        answer = _Answer()
        interrupted_at: float | None = None
        waiter = Waiter(None, NEVER)
        while True:
            if cancel.is_set() and interrupted_at is None:
                interrupted_at = time.monotonic()
                self._scripts.send(b"i", self.script_id)
            message = self._next_message()
            if message is not None:
                waiter.restart()
                if self._receive(message, answer, on_print, cancel):
                    if interrupted_at is not None:
                        raise Cancelled("interrupted")
                    return answer
                continue
            if interrupted_at is not None:
                self._kill_if_late(interrupted_at)
            waiter.pause()

    def _next_message(self) -> ScriptMessage | None:
        """Take a message of the session's script. Raises `ScriptError` where that has ended."""
        message = self._scripts.receive()
        if message is None:
            if not self._scripts.status():
                raise _ended()
            return None
        if message.script_id != self.script_id:
            self._scripts.keep(message)
            return None
        if message.type == MessageType.ERROR:
            raise self._problem("runtime", message.text)
        return message

    def _kill_if_late(self, since: float) -> None:
        if time.monotonic() - since > INTERRUPT_SECONDS:
            self._scripts.kill()
            self._open()
            raise Cancelled("killed: it did not heed the interrupt", _GONE)

    def _receive(
        self, message: ScriptMessage, answer: _Answer, on_print: Printer, cancel: CancelToken
    ) -> bool:
        """Take one message. Returns whether the answer ends with it."""
        kind, data = message.data[:1], message.data[1:]
        self._pieces.append(data)
        if kind == b"+":
            self._budget.add(data)
            return False
        data = b"".join(self._pieces)
        self._forget_pieces()
        if kind in (b"=", b"~"):
            answer.budget.add(data)
        match kind:
            case b">":
                for line in _text(data).split("\n"):
                    on_print(line)
            case b"!":
                self.lost_lines += int(data) if data.isdigit() and len(data) < 10 else 0
            case b"=":
                # a cancelled one is what ends the chunk, where its answer is collected
                with contextlib.suppress(Cancelled):
                    answer.values.append(parse(data, cancel))
            case b"~":
                answer.values.append(Described(_text(data)))
            case b"e" | b"c":
                answer.problem = self._failure(kind, data)
        return kind in (b"o", b"e", b"c")

    def _failure(self, kind: bytes, data: bytes) -> ScriptError:
        if kind == b"c":
            return self._problem("compile", _text(data))
        try:
            value = parse(data)
        except ChdkShellError:
            value = None
        return self._problem("runtime", value if isinstance(value, str) else _text(data))

    def _problem(self, kind: str, text: str) -> ScriptError:
        position = _POSITION.match(text)
        if position is None:
            return ScriptError(kind, text)
        source, line = position.groups()
        if source.isdigit():
            source = "" if int(source) == len(self._codes) else f"{_CHUNK}{source}"
        return ScriptError(kind, text, text[position.end() :], int(line), source)


def _ended() -> ScriptError:
    return ScriptError("runtime", "the session's script has ended on the camera")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
