"""The number that a row of shots goes on with: after the highest that its files here have."""

from __future__ import annotations

import os
import re
from pathlib import Path

from chdkshell.errors import UsageError

_VARIABLE = re.compile(r"\$\{(\w+)")
_NUMBER = "shotseq"
_UNFINISHED = re.compile(r"\.(?:part\d*|note|damaged)$")
_MAX_DIGITS = 9


def next_number(template: str) -> int:
    """Return the number after the highest that a file has which `template` could have named.

    It is 1 where there is none. Raises `UsageError` where the template has no ${shotseq}.
    """
    names = template.replace("\\", "/") if os.sep == "\\" else template
    if f"${{{_NUMBER}" not in names:
        raise UsageError("-seq=auto needs names with ${shotseq}", "as in lapse/${shotseq}${ext}")
    base, rest = _split(names)
    pattern = re.compile(_pattern(rest))
    numbers = [
        int(match["number"])
        for name in _files_below(base)
        if not _UNFINISHED.search(name) and (match := pattern.fullmatch(name))
    ]
    return max(numbers, default=0) + 1


def _split(template: str) -> tuple[Path, str]:
    """Split a template into the folder before its first variable, and the rest."""
    before = template.partition("$")[0]
    folder, slash, _ = before.rpartition("/")
    return Path(folder + slash or "."), template[len(folder + slash) :]


def _files_below(base: Path) -> list[str]:
    found = []
    for folder, _, files in os.walk(base):
        for name in files:
            found.append((Path(folder) / name).relative_to(base).as_posix())
    return found


def _pattern(template: str) -> str:
    """Return the regular expression for names that a template gives."""
    parts, at, has_number = [], 0, False
    while at < len(template):
        match = _VARIABLE.match(template, at)
        if match is None:
            parts.append(re.escape(template[at]))
            at += 1
            continue
        end = _end(template, at)
        inner = template[at:end]
        if f"${{{_NUMBER}" not in inner or match[1] not in (_NUMBER, "s_format"):
            parts.append(r"[^/]*?")
        elif has_number:
            parts.append(r"(?:0*(?P=number)|\d+)")
        else:
            parts.append(rf"(?P<number>\d{{1,{_MAX_DIGITS}}})")
            has_number = True
        at = end
    if not has_number:
        raise UsageError("-seq=auto cannot read ${shotseq} in a function", "write it by itself")
    return "".join(parts)


def _end(template: str, start: int) -> int:
    """Return where the substitution ends that begins at `start`."""
    depth = 0
    for at in range(start, len(template)):
        if template.startswith("${", at):
            depth += 1
        elif template[at] == "}":
            depth -= 1
            if depth == 0:
                return at + 1
    return len(template)
