"""Commands about what the user types: history and aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import ChdkShellError, UsageError, printable
from chdkshell.shell.arguments import AliasText, Integer
from chdkshell.shell.command import command
from chdkshell.shell.parse import unquoted

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.habits import AliasList, History


@command("history", topic="general")
def history(
    context: Context, count: Arg[int | None, Integer(low=1), "Only so many, the last."] = None
) -> History:
    """Show what was typed at the prompt, in this run and before.

    Ctrl-R at the prompt searches in it.
    Example: history 20
    """
    from chdkshell.shell.historyfile import typed_lines
    from chdkshell.shell.results.habits import History
    from chdkshell.shell.settingsfolder import settings_folder

    numbered = tuple(enumerate(typed_lines(settings_folder()), 1))
    return History(numbered[-count:] if count else numbered)


@command("alias", topic="general")
def alias(
    context: Context,
    text: Arg[AliasText, "The name and what it is short for; a name alone shows it."] = "",
) -> AliasList | None:
    """Show or make short names for commands with their words, which are kept.

    In the text $1 to $9 stand for the words after the name, $* for all of them; words that no such
    sign stands for follow the text. It may have several commands. NAME= forgets an alias.
    The name of a command stays that command's.
    Example: alias
    Example: alias snap=shoot -tv=$1 -dl=shots/
    Example: alias temp=luar return get_temperature(0)
    Example: alias snap=
    """
    from chdkshell.shell.results.habits import AliasList

    aliases = context.registry.aliases
    name, equals, meaning = (part.strip() for part in text.partition("="))
    if not name and not equals:
        return AliasList(tuple(aliases.all().items()))
    if not equals:
        known = aliases.all().get(name)
        if known is None:
            raise UsageError(f"there is no alias '{printable(name)}'", "`alias` lists them")
        return AliasList(((name, known),))
    if meaning and context.registry.get(name):
        raise UsageError(f"{name} is a command, and stays one", "give the alias another name")
    try:
        aliases.set(name, unquoted(meaning))
    except OSError as error:
        raise ChdkShellError(f"the alias is not kept: {error}") from error
    return None
