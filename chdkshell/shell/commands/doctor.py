"""The command that looks for what keeps a camera from being used."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import ChdkShellError
from chdkshell.shell.command import command

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.doctor import RuleFile


@command("doctor", topic="connection")
def doctor(
    context: Context,
    *,
    write_udev_rule: Arg[bool, "Print the udev rule that gives access, and where it goes."] = False,
) -> RuleFile | None:
    """Find out why a camera cannot be used, and what mends it.

    Looks at libusb, USB, the device nodes and their permissions, the udev rule, programs that take
    cameras for themselves, the camera's answer, its CHDK and whether that runs scripts; on Linux
    also at ports that lack power or speed, and at the room that controllers have for more cameras.
    In front of each stands ok, !! for what is wrong, or -- for what is just worth knowing. Nothing
    is changed.
    Example: doctor
    Example: doctor -write-udev-rule
    """
    from chdkshell.shell.results.doctor import Check, RuleFile

    if write_udev_rule:
        from chdkshell.shell.doctor.rules import udev_rule

        rule = udev_rule()
        return RuleFile(rule.path, rule.text, rule.command)
    from chdkshell.shell.doctor.checks import Doctor

    wrong = 0
    for finding in Doctor(connected=context.connections.all()).findings():
        wrong += finding.ok is False
        context.emit(Check(finding.check, finding.ok, finding.seen, finding.mend))
    if wrong:
        things = "1 thing is wrong" if wrong == 1 else f"{wrong} things are wrong"
        raise ChdkShellError(things, "what mends it stands after the arrow")
    return None
