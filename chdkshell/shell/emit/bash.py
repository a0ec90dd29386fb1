"""Completion for bash."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chdkshell.shell.command import Command
from chdkshell.shell.emit import GENERATED, pattern, separate, switch_word, words
from chdkshell.shell.program import OPTIONS, VERBS, Option

_SCRIPT = """\
# bash completion for chdkshell. {generated}

# The switches of the command named $1.
_chdkshell_switches() {{
    case $1 in
{switches}
    esac
}}

# Completes a command line of chdkshell: the argument of -e.
_chdkshell_line() {{
    local line=$1 word=${{1##*[[:blank:]]}}
    if [[ $line != *[[:blank:]]* ]]; then
        COMPREPLY=($(compgen -W '{names}' -- "$word"))
    elif [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$(_chdkshell_switches "${{line%%[[:blank:]]*}}")" -- "$word"))
        COMPREPLY=("${{COMPREPLY[@]/#/${{line%"$word"}}}}")
    else
        COMPREPLY=($(compgen -f -- "$word"))
        COMPREPLY=("${{COMPREPLY[@]/#/${{line%"$word"}}}}")
    fi
}}

# Completes what follows the option $1 of the verb $2: fails where that takes no value.
_chdkshell_value() {{
    case $2:$1 in
{values}
        *) return 1 ;;
    esac
}}

# Puts the command of the line into the variable command: the first word that is no option.
_chdkshell_command() {{
    local at word
    for (( at = 1; at < COMP_CWORD; at++ )); do
        word=${{COMP_WORDS[at]}}
        case $word in
            =) (( at++ )) ;;
            {separate}) [[ ${{COMP_WORDS[at + 1]-}} == = ]] || (( at++ )) ;;
            -*) ;;
            *) command=$word; return ;;
        esac
    done
}}

_chdkshell() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}
    local verb= command=
    COMPREPLY=()
    case ${{COMP_WORDS[1]}} in {verbs}) (( COMP_CWORD > 1 )) && verb=${{COMP_WORDS[1]}} ;; esac
    [[ -z $verb ]] && _chdkshell_command
    # bash takes = for a word of its own
    if [[ $current == = ]]; then
        current= previous=${{COMP_WORDS[COMP_CWORD - 1]}}
    elif [[ $previous == = ]]; then
        previous=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
    if [[ -n $command && $current == -* ]]; then
        COMPREPLY=($(compgen -W "$(_chdkshell_switches "$command")" -- "$current"))
    elif [[ -n $command && $command == help ]]; then
        COMPREPLY=($(compgen -W '{names}' -- "$current"))
    elif [[ -n $command ]]; then
        COMPREPLY=($(compgen -f -- "$current"))
    elif [[ $previous == -e && -z $verb ]]; then
        _chdkshell_line "${{current#[\\"\\']}}"
    elif _chdkshell_value "$previous" "$verb"; then
        [[ ${{COMPREPLY[0]-}} == *: ]] && compopt -o nospace 2>/dev/null
    else
        case $verb in
{options}
        esac
    fi
    return 0
}}

complete -F _chdkshell chdkshell
"""


def bash(commands: Sequence[Command]) -> str:
    """Return the completion for bash."""
    switches = [
        f"        {pattern(command)}) echo '{' '.join(map(switch_word, command.switches))}' ;;"
        for command in commands
        if command.switches
    ]
    takes = [*_values("", OPTIONS)]
    offers = []
    for verb in VERBS:
        takes += _values(verb.name, verb.options)
        offers.append(_offer(verb.name, [option.name for option in verb.options]))
    joined = [option for option in OPTIONS if option.joined and option.value == "FILE"]
    known = [name for name, _ in words(commands)]
    plain = [verb.name for verb in VERBS] + [option.name for option in OPTIONS] + known
    offers.append(_offer("*", plain, joined))
    return _SCRIPT.format(
        generated=GENERATED,
        switches="\n".join(switches),
        names=" ".join(known),
        separate="|".join(separate()),
        values="\n".join(takes),
        verbs="|".join(verb.name for verb in VERBS),
        options="\n".join(offers),
    )


def _values(verb: str, options: Iterable[Option]) -> Iterable[str]:
    """Yield the cases of options that take a value: files, folders, words, or what nobody knows."""
    known = {"FILE": "-f", "DIR": "-d"}
    unknown = []
    for option in options:
        case = f"{verb}:{option.name}"
        if not option.value or option.joined or option.value == "CMD":
            continue
        if option.values or option.value in known:
            how = known.get(option.value) or f"-W '{' '.join(option.values)}'"
            yield f'        {case}) COMPREPLY=($(compgen {how} -- "$current")) ;;'
        else:
            unknown.append(case)
    if unknown:
        yield f"        {'|'.join(unknown)}) ;;"


def _offer(case: str, names: Iterable[str], joined: Iterable[Option] = ()) -> str:
    """Return the case of a verb: its options, and the files that are joined to some of them."""
    lines = [
        f"            {case})",
        f"""COMPREPLY=($(compgen -W '{" ".join(names)}' -- "$current"))""",
    ]
    for option in joined:
        rest = f'"${{current#{option.name}}}"'
        lines.append(f"[[ $current == {option.name}?* ]] &&")
        lines.append(f"    COMPREPLY=($(compgen -f -P {option.name} -- {rest}))")
    return ("\n" + " " * 16).join([*lines, ";;"])
