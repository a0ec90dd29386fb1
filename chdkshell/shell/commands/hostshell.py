"""The command that runs commands of this computer's own shell."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import ChdkShellError, UsageError, printable
from chdkshell.shell.arguments import HostCommand
from chdkshell.shell.command import command

if TYPE_CHECKING:
    from chdkshell.shell.context import Context


@command("sh", topic="general", interactive=True)
def sh(context: Context, line: Arg[HostCommand, "The command, as it stands."]) -> None:
    """Run a command of this computer.

    It has the terminal, and all signs in it are its own. `lcd` changes the folder that it runs in.
    Example: sh ls -l
    Example: sh ls *.JPG | wc -l
    """
    from chdkshell.shell import programs

    if not line.strip():
        raise UsageError("sh needs a command of this computer", "as in `sh ls -l`")
    context.renderer.flush()
    program = programs.start(line, stdout=context.renderer.stdout_of_programs)
    status = programs.at_terminal(program, context.signals)
    if status:
        raise ChdkShellError(f"the command '{printable(line)}' ended with status {status}")
