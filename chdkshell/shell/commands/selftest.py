"""The command that tries every part of a camera."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import Cancelled, ChdkShellError, UsageError
from chdkshell.shell.arguments import MadePath
from chdkshell.shell.command import Needs, command
from chdkshell.streams import STDOUT

if TYPE_CHECKING:
    from chdkshell.selftest.checks import Trial
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.selftest import SelftestSummary


@command("selftest", topic="connection", needs=Needs.CHDK)
def selftest(
    context: Context,
    *,
    shoot: Arg[bool, "Take pictures, too; they are deleted after it."] = False,
    sizes: Arg[
        bool, "Last, try sizes at which some cameras hang until their battery is out."
    ] = False,
    report: Arg[
        MadePath | None, "Where the report goes, else selftest-MODEL-TIME.json here."
    ] = None,
    y: Arg[bool, "Go on without a question."] = False,
) -> SelftestSummary:
    """Try every part of the connected camera, and write a report.

    It takes about two minutes. Each line says that a part passed, that it failed and what was seen,
    or that the camera does not have it. The lens comes out. The card is left as it was: all files
    are in A/CHSHTEST, which is removed, and no picture is taken without -shoot. The report has no
    serial number, no names of files and no pictures.
    Example: selftest
    Example: selftest -shoot -y
    """
    from chdkshell.selftest.catalogue import chosen
    from chdkshell.shell.selftesting import run

    if report == STDOUT:
        raise UsageError("a report is no result", "name a file; --json prints results as JSON")
    checks = chosen(shoot, sizes)
    _ask_before(context, checks, sizes, y)
    summary = run(context, checks, report)
    problem = f"{summary.failed} of {len(checks)} checks failed" if summary.failed else ""
    problem = problem or (summary.ended_early and "not all checks were tried")
    if problem or summary.left:
        context.emit(summary)
    if problem:
        raise ChdkShellError(problem, f"send {summary.report} along when you report it")
    if summary.left:
        raise ChdkShellError("the card is not as it was", "`rm A/CHSHTEST` deletes what is left")
    return summary


def _ask_before(context: Context, checks: tuple[Trial, ...], sizes: bool, yes: bool) -> None:
    """Ask before what the card or the camera may suffer from. Raises `Cancelled`, `UsageError`."""
    from chdkshell.selftest.bench import FOLDER
    from chdkshell.selftest.checks import Kind
    from chdkshell.shell.card.confirming import can_be_asked

    asks = can_be_asked(context, yes, False)
    files = context.camera.files
    shots = sum(check.kind is Kind.SHOOTS for check in checks)
    if shots and asks:
        what = "1 picture and delete it" if shots == 1 else f"{shots} pictures and delete them"
        _confirm(context, f"take {what} from the card?")
    if sizes and not yes:
        if not asks:
            raise UsageError("-sizes may hang the camera", "-y says that it may")
        _confirm(context, "a camera that hangs needs its battery taken out: try such sizes?")
    if files.exists(FOLDER, context.cancel):
        if asks:
            _confirm(context, f"{FOLDER} is on the card, as from an earlier run: delete it?")
        elif not yes:
            raise UsageError(f"{FOLDER} is on the card already", f"-y deletes it, or `rm {FOLDER}`")
        files.remove_tree(FOLDER, cancel=context.cancel)


def _confirm(context: Context, question: str) -> None:
    assert context.ask
    if context.ask(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise Cancelled("nothing was done")
