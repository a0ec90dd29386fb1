"""The command that runs a script as the camera's menu does."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import ScriptError, UsageError
from chdkshell.shell.arguments import ScriptName, ScriptValue
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.results import Result


@command("run", topic="scripts", needs=Needs.CHDK)
def run(
    context: Context,
    script: Arg[ScriptName | None, "A script here, or in A/CHDK/SCRIPTS on the card."] = None,
    *parameter: Arg[ScriptValue, "Values of its parameters, as in a=5; else the defaults."],
    menu: Arg[bool, "Begin with the values that the camera's menu keeps for it."] = False,
    list_: Arg[bool, "Show the card's scripts, or the parameters of one, and run none."] = False,
) -> Result | None:
    """Run a script as the camera's menu does, and show what it prints, sends and returns.

    The parameters are those of its header (@param, #name=value): their values are checked, and set
    before the file is loaded. Those that are not given have the defaults of the header, whatever
    was chosen in the camera's menu; with -menu they have what was chosen there last (A/CHDK/DATA).
    A script of this computer is uploaded to A/CHDK/SCRIPTS/RUN, with the modules that it requires
    and that lie beside it. Ctrl-C ends it: its `restore` is called.
    Example: run INTERVAL n=2 s=1
    Example: run -menu INTERVAL n=1
    Example: run -list
    Example: run -list INTERVAL
    """
    if list_ and menu:
        raise UsageError("-list shows the defaults", "`run -menu SCRIPT` tells the menu's values")
    if script is None:
        if parameter or not list_:
            raise UsageError("run needs a script", "`run -list` shows those of the card")
        return _scripts_of_the_card(context)
    from chdkshell.shell.scripting.files import find_script

    found = find_script(context, script)
    if list_:
        from chdkshell.shell.results.cardscripts import ScriptParameters

        return ScriptParameters(found)
    from chdkshell.chdk.cardscripts import bring, run_script
    from chdkshell.shell.scripting.files import at_home, check_names, menu_values
    from chdkshell.shell.scripting.output import ScriptOutput

    given = dict(parameter)
    check_names(found, given)
    code = found.code(given, menu_values(context, found) if menu else None)
    camera, output = context.camera, ScriptOutput(context)
    bring(camera.files, found, lambda path: _tell_upload(context, path), context.cancel)
    try:
        done = run_script(camera.scripts, code, output.receive, context.cancel)
    except ScriptError as error:
        raise at_home(error, found) from None
    finally:
        output.finish()
    output.show_returns(done)
    return None


def _scripts_of_the_card(context: Context) -> Result:
    from chdkshell.chdk.cardscripts import list_scripts
    from chdkshell.shell.results.cardscripts import ScriptList

    camera = context.camera
    return ScriptList(tuple(list_scripts(camera.files, camera.scripts, context.cancel)))


def _tell_upload(context: Context, path: str) -> None:
    if context.renderer.for_people:
        context.notice(f"uploading {path}")
