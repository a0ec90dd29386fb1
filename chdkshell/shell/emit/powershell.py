"""Completion for PowerShell, Windows' own (5.1) and the one of all systems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chdkshell.shell.command import Command
from chdkshell.shell.emit import GENERATED, separate, switch_word, words
from chdkshell.shell.program import OPTIONS, VERBS, Option

_SCRIPT = """\
# PowerShell completion for chdkshell. {generated}

Register-ArgumentCompleter -Native -CommandName chdkshell -ScriptBlock {{
    param($wordToComplete, $commandAst, $cursorPosition)

    # Each item is a word, a "|", and what the word is for.
    $commands = @(
{commands}
    )
    $switches = New-Object System.Collections.Hashtable
{switches}
    $options = New-Object System.Collections.Hashtable
{options}
    $values = New-Object System.Collections.Hashtable
{values}
    # What takes a value that is not known here: PowerShell offers files.
    $takes = @({takes})
    # Options with their value in the next word.
    $separate = @({separate})

    $result = 'System.Management.Automation.CompletionResult'
    $kinds = [System.Management.Automation.CompletionResultType]
    $compare = [System.StringComparison]

    # Offers items that begin with a text, each with what stands before it in the same word.
    function Show-Item($items, $text, $ahead) {{
        foreach ($item in $items) {{
            $name, $what = $item -split '\\|', 2
            if ($name.StartsWith($text, $compare::Ordinal)) {{
                $parts = @("$ahead$name", $name, $kinds::ParameterValue, $what)
                New-Object $result -ArgumentList $parts
            }}
        }}
    }}

    # Offers files and folders likewise; the word was begun with $quote.
    function Show-File($text, $ahead, $quote) {{
        $folder = $text -replace '[^/\\\\]*$', ''
        $begun = $text.Substring($folder.Length)
        $place = $folder
        if (-not $place) {{ $place = '.' }}
        foreach ($found in Get-ChildItem -LiteralPath $place -ErrorAction SilentlyContinue) {{
            $name = $found.Name
            if (-not $name.StartsWith($begun, $compare::OrdinalIgnoreCase)) {{ continue }}
            if ($found.PSIsContainer) {{ $name += '/' }}
            $written = $name
            if ($quote -eq '"') {{ $written = $name -replace '[`$"]', '`$0' }}
            if ($quote -eq "'") {{ $written = $name -replace "'", "''" }}
            $parts = @("$ahead$folder$written", $name, $kinds::ProviderItem, $name)
            New-Object $result -ArgumentList $parts
        }}
    }}

    # The words before the cursor, and the one that it is in.
    $before = @()
    $begun = ''
    foreach ($element in $commandAst.CommandElements) {{
        $place = $element.Extent
        if ($place.EndOffset -lt $cursorPosition) {{
            $before += $place.Text
        }} elseif ($place.StartOffset -lt $cursorPosition) {{
            $begun = $place.Text.Substring(0, $cursorPosition - $place.StartOffset)
        }}
    }}
    $last = $before[-1]
    $verb = ''
    if ($before.Count -gt 1 -and $options.ContainsKey($before[1])) {{ $verb = $before[1] }}

    # The command: the first word that is no option, nor the value of one.
    $command = ''
    for ($at = 1; $at -lt $before.Count -and -not $verb; $at++) {{
        if ($separate -ccontains $before[$at]) {{
            $at++
        }} elseif (-not $before[$at].StartsWith('-')) {{
            $command = $before[$at]
            break
        }}
    }}

    if ($command -and $begun.StartsWith('-')) {{
        Show-Item $switches[$command] $begun ''
    }} elseif ($command -ceq 'help') {{
        Show-Item $commands $begun ''
    }} elseif ($last -ceq '-e' -and -not $verb -and -not $command) {{
        $quote = ''
        $line = $begun
        if ($line -match '^[''"]') {{
            $quote = $line.Substring(0, 1)
            $line = $line.Substring(1)
        }}
        $ahead = $line -replace '\\S*$', ''
        $word = $line.Substring($ahead.Length)
        if (-not $ahead.Trim()) {{
            Show-Item $commands $word "$quote$ahead"
        }} elseif ($word.StartsWith('-')) {{
            $name = ($line.Trim() -split '\\s', 2)[0]
            Show-Item $switches[$name] $word "$quote$ahead"
        }} else {{
            Show-File $word "$quote$ahead" $quote
        }}
    }}
    if ($command -or ($last -ceq '-e' -and -not $verb)) {{ return }}
    $key = "$verb $last".Trim()
    if ($values.ContainsKey($key)) {{
        Show-Item $values[$key] $begun ''
    }} elseif ($begun -cmatch '^({joined})(.+)$') {{
        Show-File $Matches[2] $Matches[1] ''
    }} elseif ($takes -cnotcontains $key) {{
        Show-Item $options[$verb] $begun ''
        if (-not $verb) {{ Show-Item $commands $begun '' }}
    }}
}}
"""


def powershell(commands: Sequence[Command]) -> str:
    """Return the completion for PowerShell, in ASCII: 5.1 reads other text by the system's code."""
    switches = []
    for command in commands:
        names = [name for name in command.names if name.isalnum()]
        if command.switches and names:
            items = [(switch_word(param), param.help) for param in command.switches]
            switches += _table("switches", names, items)
    first = [(verb.name, verb.help) for verb in VERBS] + _named(OPTIONS)
    options = _table("options", [""], first)
    values, takes = [], []
    for verb, known in [("", OPTIONS), *((verb.name, verb.options) for verb in VERBS)]:
        if verb:
            options += _table("options", [verb], _named(known))
        for option in known:
            key = f"{verb} {option.name}".strip()
            if option.values:
                values += _table("values", [key], [(value, value) for value in option.values])
            elif option.value and not option.joined and option.value != "CMD":
                takes.append(_quoted(key))
    joined = [option.name for option in OPTIONS if option.joined and option.value == "FILE"]
    text = _SCRIPT.format(
        generated=GENERATED,
        commands="\n".join(f"        {_item(*word)}" for word in words(commands)),
        switches="\n".join(switches),
        options="\n".join(options),
        values="\n".join(values),
        takes=", ".join(takes),
        separate=", ".join(map(_quoted, separate())),
        joined="|".join(joined),
    )
    return text.encode("ascii").decode("ascii")


def _named(options: Iterable[Option]) -> list[tuple[str, str]]:
    return [(option.name, option.help) for option in options]


def _table(table: str, keys: Sequence[str], items: Iterable[tuple[str, str]]) -> list[str]:
    """Return the lines that put items into a table, under each of the keys."""
    lines = [f"        {_item(*item)}" for item in items]
    head = f"    foreach ($name in {', '.join(map(_quoted, keys))}) {{ ${table}[$name] = @("
    return [head, *lines, "    ) }"]


def _item(name: str, what: str) -> str:
    return _quoted(f"{name}|{what}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
