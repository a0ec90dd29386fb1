"""One line, one command: find it, bind its arguments, see that it has what it needs, run it."""

from __future__ import annotations

import enum
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from chdkshell.errors import Cancelled, ChdkShellError
from chdkshell.packages import missing_package
from chdkshell.shell import commands  # noqa: F401 - importing them declares them
from chdkshell.shell.aliases import Aliases
from chdkshell.shell.binding import bind, ignored_parts
from chdkshell.shell.breakoff import breakable, hidden_end, shielded
from chdkshell.shell.command import REGISTRY, Command, Needs, Registry
from chdkshell.shell.context import Context
from chdkshell.shell.explaining import explain
from chdkshell.shell.extensions import Extensions
from chdkshell.shell.output.closed import OutputClosedError
from chdkshell.shell.parse import split_command
from chdkshell.shell.prefs import Trace
from chdkshell.shell.segments import LineStep, steps
from chdkshell.shell.settingsfolder import settings_folder
from chdkshell.shell.streaming import streams

if TYPE_CHECKING:
    from chdkshell.camera import Camera
    from chdkshell.rig.members import Member
    from chdkshell.shell.context import Ask
    from chdkshell.shell.output.render import Renderer
    from chdkshell.shell.prefs import Prefs
    from chdkshell.shell.signals import Signals


class Status(enum.IntEnum):
    """How a command ended, as the program's exit status."""

    OK = 0
    FAILED = 1
    USAGE = 2
    BUG = 70
    INTERRUPTED = 130
    OUTPUT_CLOSED = 141


class Shell:
    """Runs lines. `status` is that of the last command that counts for the exit status."""

    def __init__(
        self,
        prefs: Prefs,
        renderer: Renderer,
        *,
        ask: Ask | None = None,
        signals: Signals | None = None,
        registry: Registry = REGISTRY,
    ) -> None:
        aliases = Aliases(None if prefs.compat else settings_folder)
        extensions = None if prefs.compat else Extensions()
        self.registry = registry.speaking(prefs.compat, aliases, extensions)
        self.context = Context(
            prefs, renderer, self.run, self._beside, _connect_unasked, ask, signals, self.registry
        )
        self.status = Status.OK
        self.error: BaseException | None = None

    def _beside(self, member: Member, renderer: Renderer, ask: Ask | None) -> Shell:
        """Return a shell for one camera of several, that Ctrl-C ends as it ends this one."""
        registry = self.registry
        shell = Shell(renderer.prefs, renderer, ask=ask, registry=registry)
        shell.registry = shell.context.registry = registry
        shell.context.connections = self.context.connections.beside(member.camera)
        shell.context.share_cancel(self.context.cancel)
        shell.context.member = member
        return shell

    @property
    def exit_status(self) -> int:
        """What the program returns: what a Lua program asked for where nothing failed."""
        return int(self.status) or self.context.exit_value or 0

    @property
    def stops(self) -> bool:
        """Whether a batch must not go on after the last command."""
        if self.context.finished or self.status is Status.INTERRUPTED:
            return True
        return self.status is not Status.OK and self.context.prefs.flag("cli_error_exit")

    def run(self, line: str) -> bool:
        """Run one line and show what comes of it. Returns whether it succeeded.

        Of several commands in it, each runs where the one before succeeded.
        Raises nothing but `OutputClosedError` and `EndedBySignal`: whatever else goes wrong becomes
        a message.
        """
        self.context.signals.require_going_on()
        if self.context.renderer.at_prompt:
            self._tell_late_errors()
        self._tell_news()
        for step in steps(line, self.registry):
            if not shielded(self._run, step):
                return False
            if self.context.finished:
                break
        return True

    def _run(self, step: LineStep) -> bool:
        output = self.context.renderer.command("")
        try:
            if step.error:
                raise step.error
            parts = split_command(step.text, self.context.compat)
            if parts is None:
                return True
            output = self.context.renderer.command(parts.name)
            self.context.renderer.copy_command(step.text)
            command = self.registry.find(parts.name, step.text)
            output.declared = command.name
            folder = self.context.connections.folder
            arguments = bind(command, parts.rest, parts.start, self.context.compat, folder)
            self._tell_ignored(command, parts.rest)
            if self.context.member:
                arguments = self._of_member(self.context.member, command, *arguments)
            is_alone = streams(command, *arguments)
            with (
                self._redirected(step),
                self.context.renderer.lending_stdout() if is_alone else nullcontext(),
            ):
                with (
                    self._running(command) as caught,
                    self.context.giving_to(output),
                    nullcontext() if step.pipe else self.context.working(command),
                    self.context.awaiting_programs(),
                ):
                    result = breakable(self._call, command, *arguments)
                breakable(output.finish, result)
            is_ended = caught or self.context.is_cancelled
            status = Status.INTERRUPTED if is_ended else Status.OK
        except OutputClosedError:
            raise
        except (Exception, KeyboardInterrupt) as raised:
            error = hidden_end(raised) or missing_package(raised) or raised
            if isinstance(error, SystemExit):
                raise error from None
            explain(self.context, error)
            status = self._status_of(error)
            if status is not Status.INTERRUPTED or not self.context.ends_quietly:
                output.fail(error)
            self._show_traceback(error, status)
            self.status = status
            self.error = error
            return False
        if not command.keeps_status:
            self.status = status
        return status is Status.OK

    def _of_member(
        self, member: Member, command: Command, words: list[Any], switches: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        """Return a command's arguments for one camera of several, which has to be there."""
        from chdkshell.shell.many.checks import check_command, filled

        check_command(command)
        member.check_there()
        return filled(command, words, switches, member)

    def connect(self, address: str) -> bool:
        """Connect without a word. A failure is told as one of the command `connect`."""
        from chdkshell.camera import connect
        from chdkshell.shell.leftscripts import settle_scripts

        try:
            connections = self.context.connections
            timeout, tracer = connections.timeout, connections.tracer
            camera = connect(address, timeout=timeout, tracer=tracer)
            connections.use(camera)
            settle_scripts(self.context, camera)
        except OutputClosedError:
            raise
        except Exception as raised:
            error = missing_package(raised) or raised
            self.context.renderer.command("connect").fail(error)
            self.status = self._status_of(error)
            self._show_traceback(error, self.status)
            return False
        return True

    def close(self) -> None:
        """Disconnect all cameras and end the trace."""
        self.context.connections.close_all()
        self.context.trace_to("")

    def _tell_late_errors(self) -> None:
        """Tell the errors of scripts that ended meanwhile, which a command may discard."""
        camera = self.context.connections.current
        if camera is None or not camera.is_connected or camera.chdk_version is None:
            return
        with suppress(ChdkShellError):  # the command itself finds out that the camera is gone
            for error in camera.scripts.late_errors():
                self.context.renderer.late_error(error)

    def _tell_news(self) -> None:
        """Tell which cameras of several dropped off meanwhile, and which came back."""
        rig = self.context.connections.made_rig
        if rig is not None and self.context.member is None:
            for text in rig.news():
                self.context.notice(text)

    def _tell_ignored(self, command: Command, text: str) -> None:
        ignored = [] if self.context.compat else ignored_parts(command, text)
        if ignored:
            self.context.warn(f"{command.name} does not take '{' '.join(ignored)}': ignored")

    def _call(self, command: Command, words: list[Any], switches: dict[str, Any]) -> Any:
        if command.needs in (Needs.CAMERA, Needs.CHDK):
            camera = self.context.camera
            if command.needs is Needs.CHDK and camera.chdk_version is None:
                raise camera.protocol.no_chdk()
        if self.context.prefs.flag("cli_time") or self.context.prefs.flag("cli_xferstats"):
            with self._measured():
                return command.run(self.context, *words, **switches)
        return command.run(self.context, *words, **switches)

    def _running(self, command: Command) -> AbstractContextManager[list[int]]:
        """Let the first signal cancel a command that uses the camera, and the next break it off.

        Other commands are broken off at once. Gives the list of the signals that came.
        """
        self.context.renew_cancel()
        if command.needs is Needs.NOTHING:
            return nullcontext([])
        return self.context.signals.cancelling(self.context.cancel)

    def _redirected(self, step: LineStep) -> AbstractContextManager[None]:
        """Send the results of a command to where the signs after it say."""
        if not step.is_redirected:
            return nullcontext()
        from chdkshell.shell.output.redirect import redirected

        renderer = self.context.renderer
        ask = self.context.ask if renderer.takes_answers else None
        return redirected(step, renderer, ask, self.context.signals)

    @contextmanager
    def _measured(self) -> Iterator[None]:
        """Tell how long a command took and what it moved, where the options ask for it."""
        context, start = self.context, time.monotonic()
        before = _moved(context)
        try:
            yield
        finally:
            seconds = time.monotonic() - start
            if context.prefs.flag("cli_time"):
                context.renderer.info(f"time {seconds:.4f}")
            if context.prefs.flag("cli_xferstats"):
                after = _moved(context)
                read, written = (
                    max(0, now - then) for now, then in zip(after, before, strict=True)
                )
                rates = [f"{count / seconds:.0f}" if seconds else "-" for count in (read, written)]
                context.renderer.info(f"r {read} {rates[0]}/s w {written} {rates[1]}/s")

    def _status_of(self, error: BaseException) -> Status:
        if isinstance(error, KeyboardInterrupt):
            self.context.cancel.set()
            return Status.INTERRUPTED
        if isinstance(error, Cancelled):
            return Status.INTERRUPTED
        return Status.FAILED if isinstance(error, (ChdkShellError, OSError)) else Status.BUG

    def _show_traceback(self, error: BaseException, status: Status) -> None:
        trace = self.context.prefs.trace
        if trace is Trace.ALWAYS or (trace is Trace.CRITICAL and status is Status.BUG):
            self.context.renderer.traceback(error)


def _moved(context: Context) -> tuple[int, int]:
    """Return how many bytes of data were read from and written to the current camera."""
    camera = context.connections.current
    if camera is None or not camera.is_connected:
        return 0, 0
    return camera.session.bytes_read, camera.session.bytes_written


def _connect_unasked(context: Context) -> Camera:
    """Connect to a camera for a command that needs one."""
    from chdkshell.shell.devices import connect_unasked

    return connect_unasked(context)
