"""One line at a time: what commands need, how errors and Ctrl-C end them, the status."""

from __future__ import annotations

import io
import json
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated as Arg
from typing import Any

import pytest

from chdkshell.errors import Cancelled, ChdkShellError, NoChdkError
from chdkshell.shell import commands  # noqa: F401 - importing them declares them
from chdkshell.shell.arguments import RestOfLine
from chdkshell.shell.command import REGISTRY, Needs, Registry, command
from chdkshell.shell.context import Context
from chdkshell.shell.dispatch import Shell, Status
from chdkshell.shell.output.closed import OutputClosedError
from chdkshell.shell.output.render import Renderer
from chdkshell.shell.prefs import OutputKind, Prefs


class Bench:
    """A shell with a registry of its own, and what it wrote."""

    def __init__(self, output: OutputKind = OutputKind.PLAIN) -> None:
        self.registry = Registry()
        for known in REGISTRY:
            self.registry.add(known)
        self.out = io.StringIO()
        self.err = io.StringIO()
        self.prefs = Prefs(output)
        renderer = Renderer(self.prefs, self.out, self.err)
        self.shell = Shell(self.prefs, renderer, registry=self.registry)
        self.context = self.shell.context

    def add(self, function: Callable[..., Any], needs: Needs = Needs.NOTHING) -> None:
        """Declare a function as a command of its own name."""
        function.__doc__ = f"Do it.\n\nExample: {function.__name__}\n"
        command(function.__name__, topic="test", needs=needs, registry=self.registry)(function)

    def connect(self, chdk_version: tuple[int, int] | None = (2, 9)) -> None:
        """Pretend that a camera is connected."""
        camera: Any = SimpleNamespace(
            is_connected=True,
            chdk_version=chdk_version,
            session=SimpleNamespace(bytes_read=100, bytes_written=10),
            protocol=SimpleNamespace(no_chdk=lambda: NoChdkError("the camera does not run CHDK")),
        )
        self.context.connections.current = camera


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_blank_line_changes_nothing(bench: Bench) -> None:
    bench.shell.status = Status.FAILED
    assert bench.shell.run("   ")
    assert bench.shell.status is Status.FAILED
    assert bench.out.getvalue() == bench.err.getvalue() == ""


@pytest.mark.parametrize("line", ["# comment", "quit"])
def test_comments_and_quit_keep_the_status(bench: Bench, line: str) -> None:
    bench.shell.status = Status.FAILED
    assert bench.shell.run(line)
    assert bench.shell.status is Status.FAILED


def test_results_go_to_stdout_and_errors_to_stderr(bench: Bench) -> None:
    assert bench.shell.run("set cli_time")
    assert not bench.shell.run("nosuch")
    assert bench.out.getvalue() == "cli_time=false\n"
    assert bench.err.getvalue() == "ERROR: unknown command 'nosuch'; `help` lists the commands\n"
    failed = bench.shell.status
    assert bench.shell.run("set cli_time")
    assert (failed, bench.shell.status) == (Status.FAILED, Status.OK)


def test_a_camera_is_needed_before_anything_runs(bench: Bench) -> None:
    calls: list[str] = []
    bench.add(lambda_("snap", calls), Needs.CHDK)
    assert not bench.shell.run("snap")
    assert bench.err.getvalue().startswith("ERROR: not connected; connect a camera first")
    bench.connect(chdk_version=None)
    assert not bench.shell.run("snap")
    assert "the camera does not run CHDK; start CHDK on the camera" in bench.err.getvalue()
    assert calls == []
    bench.connect()
    assert bench.shell.run("snap")
    assert calls == ["snap"]


def lambda_(name: str, calls: list[str]) -> Callable[..., None]:
    """Return a function of that name that notes its calls."""

    def function(context: Context) -> None:
        calls.append(name)

    function.__name__ = name
    return function


def test_a_camera_that_went_away_is_no_camera(bench: Bench) -> None:
    bench.connect()
    camera: Any = bench.context.connections.current
    camera.is_connected = False
    bench.context.prefs.set("autoconnect", "0")
    assert not bench.shell.run("ls")
    assert bench.err.getvalue() == "ERROR: not connected; `reconnect` opens the last camera again\n"


def test_a_bug_is_one_line_and_status_70(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(context: Context) -> None:
        raise ValueError("so\nwrong")

    bench.add(broken)
    assert not bench.shell.run("broken")
    assert bench.shell.status is Status.BUG
    assert bench.err.getvalue().count("\n") == 1
    assert "this is a bug in chdkshell: ValueError: so wrong" in bench.err.getvalue()
    assert "Traceback" not in bench.err.getvalue()
    bench.shell.run("set err_trace=critical")
    bench.shell.run("broken")
    assert "Traceback" in bench.err.getvalue()
    assert "in broken" in bench.err.getvalue()
    assert bench.shell.run("set cli_time")


def test_a_traceback_of_an_expected_error_only_when_asked_for(bench: Bench) -> None:
    def refused(context: Context) -> None:
        raise ChdkShellError("no", "try again")

    bench.add(refused)
    bench.shell.run("set err_trace=critical")
    bench.shell.run("refused")
    assert bench.err.getvalue() == "ERROR: no; try again\n"
    bench.shell.run("set err_trace=always")
    bench.shell.run("refused")
    assert "Traceback" in bench.err.getvalue()


def test_an_error_of_the_host_is_no_bug(bench: Bench) -> None:
    def opens(context: Context) -> None:
        open("/nonexistent/file").close()

    bench.add(opens)
    assert not bench.shell.run("opens")
    assert bench.shell.status is Status.FAILED
    assert bench.err.getvalue().startswith("ERROR: /nonexistent/file: No such file or directory; ")


def test_closed_output_is_passed_on(bench: Bench) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    bench.context.renderer.stdout = Closed()
    with pytest.raises(OutputClosedError):
        bench.shell.run("help")


def test_the_first_interrupt_cancels_and_the_second_breaks_off(bench: Bench) -> None:
    seen: list[object] = []

    def waits(context: Context) -> None:
        signal.raise_signal(signal.SIGINT)
        seen.append(context.cancel.is_set())
        context.cancel.check()

    def insists(context: Context) -> None:
        signal.raise_signal(signal.SIGINT)
        seen.append("once")
        signal.raise_signal(signal.SIGINT)
        seen.append("twice")

    bench.add(waits, Needs.CHDK)
    bench.add(insists, Needs.CHDK)
    bench.connect()
    before = signal.getsignal(signal.SIGINT)
    assert not bench.shell.run("waits")
    assert bench.shell.status is Status.INTERRUPTED
    assert bench.err.getvalue() == "ERROR: cancelled\n"
    assert not bench.shell.run("insists")
    assert bench.shell.status is Status.INTERRUPTED
    assert seen == [True, "once"]
    assert bench.err.getvalue() == "ERROR: cancelled\nERROR: interrupted\n"
    assert signal.getsignal(signal.SIGINT) is before
    assert bench.shell.run("set cli_time"), "the next command has a fresh token"
    assert not bench.context.cancel.is_set()


def test_an_interrupt_that_came_too_late_still_ends_a_batch(bench: Bench) -> None:
    def late(context: Context) -> None:
        signal.raise_signal(signal.SIGINT)

    bench.add(late, Needs.CHDK)
    bench.connect()
    assert not bench.shell.run("late")
    assert bench.shell.status is Status.INTERRUPTED
    assert bench.shell.stops


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_command_that_another_is_about_to_run(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    seen: list[bool] = []

    def about_to_run() -> None:
        monkeypatch.undo()
        signal.raise_signal(number)
        bench.context.renew_cancel()

    def outer(context: Context) -> None:
        monkeypatch.setattr(context, "renew_cancel", about_to_run)
        assert not context.run_line("inner")

    def inner(context: Context) -> None:
        seen.append(context.cancel.is_set())

    for made in (outer, inner):
        bench.add(made, Needs.CHDK)
    bench.connect()
    with bench.context.signals.watched():
        assert not bench.shell.run("outer")
    assert seen == [True]
    assert bench.shell.status is Status.INTERRUPTED


def test_a_command_without_a_camera_is_broken_off_at_once(bench: Bench) -> None:
    def sleeps(context: Context) -> None:
        signal.raise_signal(signal.SIGINT)
        pytest.fail("still running")

    bench.add(sleeps)
    assert not bench.shell.run("sleeps")
    assert bench.shell.status is Status.INTERRUPTED


def test_commands_run_in_other_threads_too(bench: Bench) -> None:
    calls: list[str] = []
    bench.add(lambda_("snap", calls), Needs.CHDK)
    bench.connect()
    thread = threading.Thread(target=bench.shell.run, args=("snap",))
    thread.start()
    thread.join()
    assert calls == ["snap"]


def test_time_and_transfer_are_shown_when_asked_for(bench: Bench) -> None:
    def moves(context: Context) -> None:
        session: Any = context.camera.session
        session.bytes_read += 7
        session.bytes_written += 5

    bench.add(moves, Needs.CHDK)
    bench.connect()
    bench.shell.run("set cli_time=1")
    bench.shell.run("set cli_xferstats=true")
    bench.out.truncate(0)
    bench.shell.run("moves")
    assert "time 0.0" in bench.out.getvalue()
    assert "r 7 " in bench.out.getvalue()
    assert " w 5 " in bench.out.getvalue()


def test_source_stops_at_the_first_error(bench: Bench, tmp_path: Path) -> None:
    script = tmp_path / "a.chdk"
    script.write_bytes(b"\xef\xbb\xbfset cli_time\r\n\r\nnosuch\r\nset cli_verbose\r\n")
    assert not bench.shell.run(f"source {script}")
    assert bench.out.getvalue() == "cli_time=false\n"
    lines = bench.err.getvalue().splitlines()
    assert lines[0].startswith("ERROR: unknown command 'nosuch'")
    assert lines[1] == f"ERROR: error on line 3; of {script}"
    assert bench.context.source_depth == 0


def test_source_nests_to_a_limit_and_recovers(bench: Bench, tmp_path: Path) -> None:
    script = tmp_path / "loop.chdk"
    script.write_text(f"source {script}\n")
    bench.shell.run("set cli_source_max=3")
    assert not bench.shell.run(f"source {script}")
    assert bench.err.getvalue().splitlines()[0].startswith("ERROR: too many nested source calls")
    assert bench.err.getvalue().count("ERROR: error on line 1") == 3
    for _ in range(20):
        assert not bench.shell.run("source /nonexistent")
    assert bench.context.source_depth == 0
    assert "too many" not in bench.err.getvalue().splitlines()[-1]


def test_quit_in_a_sourced_file_ends_it(bench: Bench, tmp_path: Path) -> None:
    script = tmp_path / "a.chdk"
    script.write_text("quit\nset cli_time\n")
    assert bench.shell.run(f"source {script}")
    assert bench.context.finished
    assert bench.out.getvalue() == ""


def test_an_interrupt_ends_a_sourced_file(bench: Bench, tmp_path: Path) -> None:
    def stops(context: Context) -> None:
        context.cancel.set()
        raise Cancelled

    bench.add(stops, Needs.CHDK)
    bench.connect()
    script = tmp_path / "a.chdk"
    script.write_text("stops\nset cli_time\n")
    assert not bench.shell.run(f"source {script}")
    assert bench.shell.status is Status.INTERRUPTED
    assert bench.out.getvalue() == ""


def test_json_is_one_object_a_command() -> None:
    bench = Bench(OutputKind.JSON)

    def several(context: Context, word: Arg[str, RestOfLine("x"), "Any."] = "") -> list[int]:
        results: tuple[Any, ...] = ("first", {"a": b"\xff"})  # JSON takes any value
        for result in results:
            context.emit(result)
        if word:
            raise ChdkShellError("it broke", "mend it")
        return [1, 2]

    bench.add(several)
    for line in ("several", "several x", "set cli_time", "# nothing", "nosuch", "'"):
        bench.shell.run(line)
    assert bench.err.getvalue() == ""
    assert [json.loads(line) for line in bench.out.getvalue().splitlines()] == [
        {"command": "several", "ok": True, "result": ["first", {"a": {"base64": "/w=="}}, [1, 2]]},
        {
            "command": "several",
            "ok": False,
            "error": "it broke",
            "reason": "wrong-use",
            "hint": "mend it",
            "result": ["first", {"a": {"base64": "/w=="}}],
        },
        {"command": "set", "ok": True, "result": {"cli_time": False}},
        {"command": "#", "ok": True, "result": None},
        {
            "command": "nosuch",
            "ok": False,
            "error": "unknown command 'nosuch'",
            "reason": "wrong-use",
            "hint": "`help` lists the commands",
        },
        {
            "command": "",
            "ok": False,
            "error": "bad input '''",
            "reason": "wrong-use",
            "hint": "a line starts with a command's name; see `help`",
        },
    ]


def test_cli_error_exit_stops_a_batch(bench: Bench) -> None:
    bench.shell.run("nosuch")
    assert not bench.shell.stops
    bench.shell.run("set cli_error_exit=true")
    assert not bench.shell.stops
    bench.shell.run("nosuch")
    assert bench.shell.stops


def test_a_bug_while_connecting_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()

    def broken(*arguments: object, **settings: object) -> None:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr("chdkshell.camera.connect", broken)
    assert not bench.shell.connect("sim:")
    assert bench.shell.status is Status.BUG
    assert bench.err.getvalue().startswith(
        "ERROR: this is a bug in chdkshell: ZeroDivisionError: odd; "
    )
    assert bench.err.getvalue().count("\n") == 1
