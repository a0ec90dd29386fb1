"""The prompt of a terminal: history, completion, colours, the toolbar."""

from __future__ import annotations

import sys
from asyncio import get_running_loop
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.layout.processors import TabsProcessor
from prompt_toolkit.styles import DynamicStyle

from chdkshell.flow import CancelToken
from chdkshell.lua.check import chunk_goes_on
from chdkshell.shell.breakoff import interrupts_going_to
from chdkshell.shell.historyfile import HISTORY_FILE
from chdkshell.shell.language import PIPE
from chdkshell.shell.luacheck import without_equals
from chdkshell.shell.prefs import EXEC
from chdkshell.shell.prompt import toolbar
from chdkshell.shell.prompt.background import Background
from chdkshell.shell.prompt.cameraview import CameraView
from chdkshell.shell.prompt.complete import ShellCompleter
from chdkshell.shell.prompt.countedcompleter import CountedCompleter
from chdkshell.shell.prompt.editing import key_bindings
from chdkshell.shell.prompt.highlight import LineLexer, LuaLexerForRepl, style
from chdkshell.shell.prompt.keepalive import KeepAlive
from chdkshell.shell.prompt.keyboard import PromptKeyboard
from chdkshell.shell.prompt.lineparts import PartKind, analyse, analyse_all
from chdkshell.shell.prompt.lines import expand_prefix, prompt_text
from chdkshell.shell.prompt.luacomplete import LuaCompleter, UserNames
from chdkshell.shell.prompt.userfiles import (
    LUA_HISTORY_FILE,
    KnownCameras,
    open_history,
)
from chdkshell.shell.typed import typed

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from chdkshell.shell.dispatch import Shell

ASK_AGAIN_SECONDS = 0.05
"""After what time a completion that could not begin is tried again."""


class Prompt:
    """Reads lines at a terminal that can move its cursor. Use it in a `with` statement."""

    def __init__(self, shell: Shell, folder: str) -> None:
        self._shell = shell
        self._folder = folder
        self._names = UserNames()
        self.background = Background()
        connections = shell.context.connections
        self._cameras = KnownCameras(folder)
        self.view = CameraView(
            connections,
            self.background,
            on_change=self._refresh,
            on_listing=lambda: self._soon(self._complete_again),
            on_error=lambda: self._soon(lambda: run_in_terminal(self._tell_late_errors)),
            cameras=self._cameras,
        )
        self._completer = CountedCompleter(
            ShellCompleter(shell.context, shell.registry, self.view, self._names)
        )
        self._session: PromptSession[str] = PromptSession(
            history=open_history(folder, HISTORY_FILE, shell.context.warn),
            completer=self._completer,
            lexer=LineLexer(shell.registry, self._host_is_lua),
            key_bindings=key_bindings(self._code_in),
            bottom_toolbar=self._toolbar,
            **{**_look(), "complete_in_thread": False},  # the completer does
        )
        self.background.submit("warm up", _warm_up)
        self._keyboard = PromptKeyboard(sys.stdin.fileno(), self._clear_progress)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(self.background)
        self._open.enter_context(self._keyboard.watched())
        self._cameras.remember(self._shell.context.connections.all())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def lines(self) -> Iterator[str]:
        """Yield what is entered, until Ctrl-D. The camera is left alone between the lines."""
        while True:
            self._session.editing_mode = editing_mode(self._shell)
            message = prompt_text(self._shell.context.connections)
            self.background.resume()
            try:
                text = typed(self._session, message, self._tell_late_errors)
            except EOFError:
                return
            except KeyboardInterrupt:
                continue
            finally:
                self.background.pause()
            yield text
            self.view.forget_listings()

    def lua_lines(self) -> Iterator[str]:
        """Yield the chunks of a Lua session, until Ctrl-D. The camera is left alone."""
        context = self._shell.context
        session: PromptSession[str] = PromptSession(
            history=open_history(self._folder, LUA_HISTORY_FILE, context.warn),
            completer=LuaCompleter(self.view, self._names),
            lexer=LuaLexerForRepl(),
            key_bindings=key_bindings(without_equals, chunk_goes_on),
            bottom_toolbar=lambda: self._lua_toolbar(session),
            **_look(),
        )
        session.editing_mode = editing_mode(self._shell)
        with interrupts_going_to(lambda *_: None):  # each chunk has a handler of its own
            while True:
                try:
                    with context.signals.waiting(has_interrupts=True):
                        text = typed(session, "lua> ")
                except EOFError:
                    return
                except KeyboardInterrupt:
                    continue
                self._names.learn(text)
                with self._keyboard.held():
                    yield text

    def _lua_toolbar(self, session: PromptSession[str]) -> StyleAndTextTuples:
        lua = session.default_buffer.document.text_before_cursor
        return toolbar.signature_text(lua) or toolbar.SESSION_TEXT

    def run(self, line: str) -> bool:
        """Run a line, and remember the names that it defines. Returns whether it succeeded."""
        self._tell_late_errors()
        lua = self._lua_in(line)
        if lua:
            self._names.learn(lua)
        context = self._shell.context
        seconds = context.prefs.number("keepalive")
        try:
            with (
                KeepAlive(context.connections.all, seconds),
                self._keyboard.held(not self._is_interactive(line)),
            ):
                return self._shell.run(line)
        finally:
            self._cameras.remember(context.connections.all())

    def _is_interactive(self, line: str) -> bool:
        return any(
            (each.command is not None and each.command.interactive)
            or any(part.kind is PartKind.SIGN and part.text == PIPE for part in each.parts)
            for each in analyse_all(line, self._shell.registry)
        )

    def lending_keys(self) -> AbstractContextManager[None]:
        """Let what a command asks be answered in sight; else keys are kept for the next prompt."""
        return self._keyboard.held(False)

    def _clear_progress(self) -> None:
        bar = self._shell.context.renderer.bar
        if bar is not None:
            bar.give_way()

    def _host_is_lua(self) -> bool:
        return self._shell.context.prefs.get(EXEC) == "lua"

    def _lua_in(self, text: str) -> str | None:
        """Return the camera's Lua in a text, None where there is none."""
        return self._text_in(text, PartKind.LUA)

    def _code_in(self, text: str) -> str | None:
        """Return the Lua in a text, of the camera or of this computer."""
        lua = self._lua_in(text)
        if lua is None and self._host_is_lua():
            return self._text_in(text, PartKind.HOST_CODE)
        return lua

    def _text_in(self, text: str, kind: PartKind) -> str | None:
        with suppress(Exception):
            text = expand_prefix(text, self._shell.registry)
        parts = analyse(text, self._shell.registry).parts
        return parts[-1].text if parts and parts[-1].kind is kind else None

    def _toolbar(self) -> StyleAndTextTuples:
        document = self._session.default_buffer.document
        lua = self._lua_in(document.text_before_cursor)
        signature = toolbar.signature_text(lua) if lua else None
        folder = self._shell.context.connections.folder
        return signature or toolbar.status_text(self.view.status, folder)

    def _refresh(self) -> None:
        self._soon(self._session.app.invalidate)

    def _soon(self, act: Callable[[], object]) -> None:
        """Have the prompt do something, if it still waits for keys."""
        app = self._session.app
        loop, context = app.loop, app.context  # another thread ends them when a line is entered
        if loop is not None and context is not None:
            with suppress(RuntimeError):  # the loop was closed just now
                loop.call_soon_threadsafe(context.copy().run, act)

    def _tell_late_errors(self) -> None:
        while self.view.late_errors:
            self._shell.context.renderer.late_error(self.view.late_errors.popleft())

    def _complete_again(self) -> None:
        """A listing has come: offer what is in it, if nothing was chosen meanwhile."""
        buffer = self._session.default_buffer
        state = buffer.complete_state
        if state is not None and state.complete_index is not None:
            return
        if buffer.text.strip() and buffer.document.is_cursor_at_the_end:
            if state is not None:
                buffer.cancel_completion()  # what is shown, such as switches, is not all
            begun = self._completer.begun
            buffer.start_completion(complete_event=CompleteEvent(text_inserted=True))
            get_running_loop().call_later(ASK_AGAIN_SECONDS, self._complete_unless, begun)

    def _complete_unless(self, begun_before: int) -> None:
        """A completion begins only when the one before has ended, which knew less: try again."""
        if self._completer.begun == begun_before and self._session.app.is_running:
            self._soon(self._complete_again)


def editing_mode(shell: Shell) -> EditingMode:
    """Return the keys that the option asks for."""
    return EditingMode.VI if shell.context.prefs.get("keys") == "vi" else EditingMode.EMACS


def _look() -> dict[str, Any]:
    """Return how prompts look and work."""
    return {
        "complete_in_thread": True,
        "include_default_pygments_style": False,  # its names are dark blue on any background
        "complete_while_typing": True,
        "style": DynamicStyle(style),
        "auto_suggest": AutoSuggestFromHistory(),
        "enable_open_in_editor": True,
        "enable_suspend": True,
        "tempfile_suffix": ".lua",
        "prompt_continuation": _continuation,
        "reserve_space_for_menu": 6,
        "input_processors": [TabsProcessor(char1=" ", char2=" ")],
    }


def _continuation(width: int, number: int, is_wrapped: bool) -> str:
    """Return what stands before a line that is not the first; one too long for the screen goes on
    without, so that it can be copied."""
    return "" if is_wrapped else "." * (width - 2) + "> "


def _warm_up(cancel: CancelToken) -> None:
    """Load what the first key presses would have to wait for."""
    import gc

    from chdkshell.lua.check import check
    from chdkshell.shell import knowledge

    knowledge.functions()
    check("return 1")
    gc.freeze()  # else each collection looks at all modules, and a key waits for it
