"""What a command gets: the camera, the options, and ways to tell, to ask and to be stopped."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Protocol

from chdkshell.errors import Cancelled
from chdkshell.shell.command import REGISTRY, Registry
from chdkshell.shell.connections import Connections
from chdkshell.shell.console import is_terminal
from chdkshell.shell.prefs import (
    AFTERWARDS_SECONDS,
    ON_DOWNLOAD,
    ON_SHOT,
    environment_asks_for_plain,
)
from chdkshell.shell.signals import Signals

if TYPE_CHECKING:
    from chdkshell.camera import Camera
    from chdkshell.flow import CancelToken, Progress
    from chdkshell.hostlua.state import HostLua
    from chdkshell.rig.members import Member
    from chdkshell.shell.afterwards import Afterwards
    from chdkshell.shell.command import Command
    from chdkshell.shell.dngshelf import DngShelf
    from chdkshell.shell.output.render import CommandOutput, Renderer
    from chdkshell.shell.prefs import Prefs
    from chdkshell.shell.results import Result

Ask = Callable[[str], str]
"""Puts a question to the user and returns the answer."""


class PromptServices(Protocol):
    """What commands use of the prompt at a terminal."""

    def lua_lines(self) -> Iterator[str]:
        """Yield the chunks of a Lua session, until Ctrl-D."""
        ...

    def lending_keys(self) -> AbstractContextManager[None]:
        """Let what a command asks be answered in sight; else keys are kept for the next prompt."""
        ...


class MemberShell(Protocol):
    """A shell for one camera of several, beside the one that the user has."""

    error: BaseException | None
    context: Context

    def run(self, line: str) -> bool:
        """Run a line, and say whether it succeeded; else `error` is why not."""
        ...


class MakesShellBeside(Protocol):
    """Makes a shell for one camera of several, which Ctrl-C ends as it ends the user's."""

    def __call__(self, member: Member, renderer: Renderer, ask: Ask | None, /) -> MemberShell:
        """Return the shell, which writes to `renderer`."""
        ...


class Context:
    """What the functions of commands get as their first argument.

    `run_line` runs a command line and says whether it succeeded, `beside` makes a shell for one
    camera of several, and `namespace` holds the variables of `exec` in Python, `host_lua` those in
    Lua. `output` is where what the command gives goes. `prompt` is that of a terminal, None
    elsewhere. `converses`: a program at the other end of standard input waits for prompts and
    echoes. `starts_up`: the startup file runs. `exit_value` is the status of the program that a Lua
    program asked for. `member` is the camera of several that all is for, None where it is for the
    current one.
    """

    def __init__(
        self,
        prefs: Prefs,
        renderer: Renderer,
        run_line: Callable[[str], bool],
        beside: MakesShellBeside,
        connect: Callable[[Context], Camera],
        ask: Ask | None = None,
        signals: Signals | None = None,
        registry: Registry = REGISTRY,
    ) -> None:
        self.prefs = prefs
        self.registry = registry
        self.renderer = renderer
        self.run_line = run_line
        self.beside = beside
        self._connect = connect
        self.output = renderer.command("")
        self._ask = ask
        self.connections = Connections()
        self.namespace: dict[str, Any] = {}
        self.host_lua: HostLua | None = None
        self.exit_value: int | None = None
        self.images: DngShelf | None = None
        self.prompt: PromptServices | None = None
        self.signals = signals or Signals()
        self.signals.on_hurry = self.connections.break_all
        self.quits = False
        self.converses = False
        self.starts_up = False
        self.source_depth = 0
        self.ends_quietly = False
        self._cancel: CancelToken | None = None
        self._shared_cancel: CancelToken | None = None
        self.member: Member | None = None
        self._programs: Afterwards | None = None

    @property
    def camera(self) -> Camera:
        """The current camera; where none is connected, one is if it is clear which.

        Raises `NotConnectedError`, or why the camera cannot be connected.
        """
        camera = self.connections.current
        if camera is None or not camera.is_connected:
            return self._connect(self)
        return camera

    @property
    def folder(self) -> str:
        """The folder of the card in which paths begin, as `cd` left it, with a "/" at its end."""
        return self.connections.folder or "A/"

    def from_folder(self, text: str) -> str:
        """Return what is typed for a path on the card as it would be at the top of the card."""
        from chdkshell.chdk.paths import path_in

        folder = self.connections.folder
        return path_in(folder, text) if folder else text

    def card_path(self, text: str) -> str:
        """Return a text as a path on the card: below `folder`, if it is no whole path.

        Raises `UsageError`.
        """
        from chdkshell.chdk.paths import camera_path

        return camera_path(self.from_folder(text))

    @property
    def finished(self) -> bool:
        """Whether the program ends after the command that runs: by `quit`, or by a signal."""
        return self.quits or self.signals.ended_by != 0

    @property
    def checks_lua(self) -> bool:
        """Whether Lua is checked before it is sent."""
        return self.renderer.for_people and self.prefs.flag("syntaxcheck")

    @property
    def letters_alone(self) -> bool:
        """Whether whoever types sees letters alone: the terminal understands no more, what is shown
        goes elsewhere, or it is to be as chdkptp's.
        """
        is_dumb = os.environ.get("TERM", "dumb") in ("dumb", "") and sys.platform != "win32"
        is_plain = environment_asks_for_plain() or self.compat
        return is_dumb or is_plain or not is_terminal(self.renderer.stdout)

    @property
    def compat(self) -> bool:
        """Whether to do as chdkptp does where this program differs on purpose."""
        return self.prefs.compat

    @property
    def cancel(self) -> CancelToken:
        """The token that Ctrl-C sets, one for each command."""
        if self._cancel is None:
            from chdkshell.flow import CancelToken

            self._cancel = CancelToken()
        return self._cancel

    @property
    def ask(self) -> Ask | None:
        """Puts a question to the user and returns the answer; None where nobody can answer.

        Neither can whoever wants the text for programs: that of chdkptp, or `set output=plain`.
        """
        if self.compat or self.prefs.plain_is_asked_for:
            return None
        return self._ask_alone if self._ask else None

    @ask.setter
    def ask(self, ask: Ask | None) -> None:
        self._ask = ask

    def _ask_alone(self, question: str) -> str:
        """Put a question while nothing else is shown, and what is typed is."""
        assert self._ask
        with self.alone(), self.signals.waiting():
            return self._ask(question)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Leave the terminal to something that asks there, and hold no keys back."""
        bar = self.renderer.bar
        with (
            bar.away() if bar else nullcontext(),
            self.prompt.lending_keys() if self.prompt else nullcontext(),
        ):
            yield

    @property
    def is_cancelled(self) -> bool:
        """Whether Ctrl-C has ended the command that ran last, or one that ran in it."""
        return self._cancel is not None and self._cancel.is_set()

    def keep_cancel(self, token: CancelToken) -> None:
        """Go on with the token of a command in which another one ran."""
        self._cancel = token

    def renew_cancel(self) -> None:
        """Forget the token of the last command, unless it is shared."""
        self._cancel = self._shared_cancel

    def share_cancel(self, token: CancelToken) -> None:
        """Have one token end all that runs in this context."""
        self._cancel = self._shared_cancel = token

    @contextmanager
    def ending_quietly(self) -> Iterator[None]:
        """Have commands that run meanwhile say nothing of a Ctrl-C, which is how they are ended."""
        before, self.ends_quietly = self.ends_quietly, True
        try:
            yield
        finally:
            self.ends_quietly = before

    @contextmanager
    def giving_to(self, output: CommandOutput) -> Iterator[None]:
        """Have what a command gives go to `output`; `source` runs commands in a command."""
        before, self.output = self.output, output
        try:
            yield
        finally:
            self.output = before

    def emit(self, result: Result) -> None:
        """Give one of several results."""
        self.output.emit(result)

    def warn(self, text: str) -> None:
        """Tell something that needs attention."""
        self.renderer.warning(text)

    def notice(self, text: str) -> None:
        """Tell what happens beside the command."""
        self.renderer.notice(text)

    def tell(self, text: str) -> None:
        """Tell what a command did, unless little is to be told: `cli_verbose`, or as chdkptp."""
        if not self.compat and self.prefs.number("cli_verbose"):
            self.notice(text)

    def after_shot(self, files: Sequence[str], command: str | None = None) -> None:
        """Have what `on_shot` names run for a shot, or `command` in its place."""
        names = {"ARGUMENT": files[0] if files else "", "FILES": "\n".join(files)}
        self._afterwards(command or str(self.prefs.get(ON_SHOT)), {"ACTION": "shot", **names})

    def after_download(self, path: str, source: str, command: str | None = None) -> None:
        """Have what `on_download` names run for a file that arrived, or `command`."""
        names = {"ARGUMENT": path, "SOURCE": source}
        self._afterwards(
            command or str(self.prefs.get(ON_DOWNLOAD)), {"ACTION": "download", **names}
        )

    def _afterwards(self, command: str, environment: dict[str, str]) -> None:
        if not command:
            return
        if self._programs is None:
            from chdkshell.shell.afterwards import Afterwards

            self._programs = Afterwards(self.warn)
        self._programs.add(command, environment, self.prefs.number(AFTERWARDS_SECONDS))

    @contextmanager
    def awaiting_programs(self) -> Iterator[None]:
        """Wait at the end for the programs that run after shots and downloads."""
        try:
            yield
        except BaseException:
            if self._programs is not None:
                with suppress(Cancelled):  # what ends the command is told
                    self._programs.finish(self.cancel)
            raise
        if self._programs is not None:
            self._programs.finish(self.cancel)

    def trace_to(self, path: str) -> None:
        """Trace all cameras into a file; "" ends that. Raises `HostFileError`."""
        problem = self.connections.trace_to(path)
        if problem:
            self.warn(problem)

    @contextmanager
    def progress(self, title: str) -> Iterator[Progress]:
        """Give a `Progress` for one long step: a bar on a terminal, nothing elsewhere."""
        from chdkshell.flow import SILENT

        bar = self.renderer.bar
        if bar is None:
            yield SILENT
            return
        with bar.step(title) as progress:
            yield progress

    @contextmanager
    def working(self, command: Command) -> Iterator[None]:
        """Show on a terminal that a command works, where it takes long and says nothing."""
        with nullcontext() if command.interactive else self.renderer.working(command.name):
            yield
