"""Completion for fish."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chdkshell.shell.command import Command
from chdkshell.shell.emit import GENERATED, separate, switch_word, words
from chdkshell.shell.program import OPTIONS, VERBS, Option

_SCRIPT = """\
# fish completion for chdkshell. {generated}

function __chdkshell_commands
{commands}
end

# The switches of the command named $argv[1].
function __chdkshell_switches
    switch $argv[1]
{switches}
    end
end

# Completes a command line of chdkshell: the argument of -e.
function __chdkshell_line
    set -l line (commandline -ct | string replace -r '^["\\']' '' | string replace -a '\\\\ ' ' ')
    set -l parts (string match -r '^(.*\\s)(\\S*)$' -- $line)
    if test (count $parts) -lt 3
        __chdkshell_commands
        return
    end
    set -l before $parts[2]
    switch $parts[3]
        case '-*'
            for each in (__chdkshell_switches (string split -m 1 ' ' -- $line)[1])
                echo -- $before$each
            end
        case '*'
            for path in $parts[3]*
                set -l kind file
                test -d $path; and set path $path/; and set kind folder
                printf '%s\\t%s\\n' $before$path $kind
            end
    end
end

# The command of the line: the first word that is no option of the program, nor the value of one.
function __chdkshell_command
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if contains -- $word {separate}
            set skip 1
        else if not string match -q -- '-*' $word
            echo -- $word
            return 0
        end
    end
    return 1
end

function __chdkshell_no_command
    not __chdkshell_command >/dev/null
end

# Completes what follows the command of the line.
function __chdkshell_words
    set -l command (__chdkshell_command)
    contains -- $command {verbs_list}; and return
    set -l word (commandline -ct)
    if string match -q -- '-*' $word
        __chdkshell_switches $command
    else if test $command = help
        __chdkshell_commands
    else
        __fish_complete_path $word
    end
end

complete -c chdkshell -f
complete -c chdkshell -n __chdkshell_no_command -a '(__chdkshell_commands)'
complete -c chdkshell -n __chdkshell_command -a '(__chdkshell_words)'
{verbs}
{options}
"""

_VALUED = {"FILE": "-r -F", "DIR": "-x -a '(__fish_complete_directories)'"}


def fish(commands: Sequence[Command]) -> str:
    """Return the completion for fish."""
    described = [f"    {_item(name, summary)}" for name, summary in words(commands)]
    switches = []
    for command in commands:
        if command.switches:
            switches.append(f"        case {' '.join(map(_quoted, command.names))}")
            switches += [
                f"            {_item(switch_word(param), param.help)}" for param in command.switches
            ]
    verbs = " ".join(verb.name for verb in VERBS)
    options = [*_options(OPTIONS, "__chdkshell_no_command")]
    for verb in VERBS:
        options += _options(verb.options, f"__fish_seen_subcommand_from {verb.name}")
    return _SCRIPT.format(
        generated=GENERATED,
        commands="\n".join(described),
        switches="\n".join(switches),
        verbs="\n".join(
            f"complete -c chdkshell -n __chdkshell_no_command -a {verb.name}"
            f" -d {_quoted(verb.help)}"
            for verb in VERBS
        ),
        options="\n".join(options),
        separate=" ".join(separate()),
        verbs_list=verbs,
    )


def _item(name: str, what: str) -> str:
    return f"printf '%s\\t%s\\n' {_quoted(name)} {_quoted(what)}"


def _options(options: Iterable[Option], condition: str) -> Iterable[str]:
    for option in options:
        kind = "-l" if option.name.startswith("--") else "-s"
        parts = [kind, option.name.lstrip("-")]
        if option.value and not option.joined:
            parts.append(_value(option))
        yield (
            f"complete -c chdkshell -n '{condition}' {' '.join(parts)} -d {_quoted(option.help)}"
        )


def _value(option: Option) -> str:
    if option.value == "CMD":
        return "-x -a '(__chdkshell_line)'"
    if option.values:
        return f"-x -a {_quoted(' '.join(option.values))}"
    return _VALUED.get(option.value, "-x")


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
