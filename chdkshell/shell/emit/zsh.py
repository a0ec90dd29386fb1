"""Completion for zsh."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chdkshell.shell.command import Command
from chdkshell.shell.emit import GENERATED, pattern, quoted, separate, switch_word, words
from chdkshell.shell.program import OPTIONS, VERBS, Option

_SCRIPT = """\
#compdef chdkshell
# {generated}

_chdkshell_commands() {{
    local -a commands=(
{commands}
    )
    _describe command commands
}}

# What may come first: a command, or what the program does instead.
_chdkshell_first() {{
    local -a verbs=(
{verb_items}
    )
    _describe verb verbs
    _chdkshell_commands
}}

# The switches of the command named $1.
_chdkshell_switches() {{
    local -a switches
    case $1 in
{switches}
    esac
    _describe -o switch switches
}}

# Completes a command line of chdkshell: the argument of -e.
_chdkshell_line() {{
    local line=${{(Q)PREFIX}}
    if [[ $line != *[[:blank:]]* ]]; then
        _chdkshell_commands
        return
    fi
    compset -P '*[[:blank:]]'
    if [[ $PREFIX == -* ]]; then
        _chdkshell_switches ${{line%%[[:blank:]]*}}
    else
        _files
    fi
}}

_chdkshell() {{
    local verb=
    if (( CURRENT > 2 )); then
        case ${{words[2]}} in {verbs}) verb=${{words[2]}} ;; esac
    fi
    local at command=
    for (( at = 2; at < CURRENT; at++ )); do
        case ${{words[at]}} in
            {separate}) (( at++ )) ;;
            -*) ;;
            *) command=${{words[at]}}; break ;;
        esac
    done
    if [[ -z $verb && -n $command ]]; then
        if [[ $PREFIX == -* ]]; then
            _chdkshell_switches $command
        elif [[ $command == help ]]; then
            _chdkshell_commands
        else
            _files
        fi
        return
    fi
    if [[ -n $verb ]]; then
        shift words
        (( CURRENT-- ))
    fi
    case $verb in
{options}
    esac
}}

_chdkshell "$@"
"""


def zsh(commands: Sequence[Command]) -> str:
    """Return the completion for zsh."""
    described = [f"        {_item(name, summary)}" for name, summary in words(commands)]
    switches = [
        f"        {pattern(command)}) switches=("
        + " ".join(_item(switch_word(param), param.help) for param in command.switches)
        + ") ;;"
        for command in commands
        if command.switches
    ]
    cases = [_case(verb.name, verb.options) for verb in VERBS]
    cases.append(_case("*", OPTIONS, quoted("1::command:_chdkshell_first")))
    return _SCRIPT.format(
        generated=GENERATED,
        commands="\n".join(described),
        switches="\n".join(switches),
        verb_items="\n".join(f"        {_item(verb.name, verb.help)}" for verb in VERBS),
        separate="|".join(separate()),
        verbs="|".join(verb.name for verb in VERBS),
        options="\n".join(cases),
    )


def _item(name: str, what: str) -> str:
    return quoted(f"{name}:{_escaped(what)}")


def _case(verb: str, options: Iterable[Option], *more: str) -> str:
    """Return the case of a verb: the specifications of its options."""
    specs = [*(_option(option) for option in options), *more]
    lines = [f"        {verb})", "_arguments -s \\", *(f"    {spec} \\" for spec in specs)]
    lines[-1] = lines[-1].removesuffix(" \\")
    return ("\n" + " " * 12).join([*lines, ";;"])


def _option(option: Option) -> str:
    takes = bool(option.value)
    kind = "-" if option.joined else "=" if takes and option.name.startswith("--") else ""
    spec = f"{option.name}{kind}[{_escaped(option.help)}]"
    if takes:
        colons = "::" if option.joined else ":"
        spec += f"{colons}{_escaped(option.value)}:{_action(option)}"
    return quoted(f"*{spec}" if option.name == "-e" else spec)


def _action(option: Option) -> str:
    """Return what completes the value of an option."""
    known = {"CMD": "_chdkshell_line", "FILE": "_files", "DIR": "_files -/"}
    if not option.values:
        return known.get(option.value, " ")
    values = _escaped(" ".join(option.values))
    if option.values[0].endswith(":"):  # more follows in the same word
        return f'{{compadd -S "" - {values}}}'
    return f"({values})"


def _escaped(text: str) -> str:
    """Escape what means something in a specification of _arguments or _describe."""
    for character in "\\[]:":
        text = text.replace(character, f"\\{character}")
    return text
