"""Results as JSON: one object on one line for each command, and for what it tells meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chdkshell.errors import CardError, ChdkShellError, PtpError, ScriptError
from chdkshell.reasons import Reason
from chdkshell.shell.output.errortext import error_hint
from chdkshell.shell.results import Result, ResultPart
from chdkshell.shell.results.jsonvalues import to_json

Summary = dict[str, int] | None
About = Mapping[str, Any]
NOTHING: About = {}


def success(
    command: str,
    emitted: Sequence[Result],
    result: Result | None,
    summary: Summary = None,
    as_list: bool = False,
    about: About = NOTHING,
) -> str:
    """Return the object for a command that succeeded; `emitted` is what it gave before `result`.

    `as_list`: the result is a list, also of one thing or of none. `about` comes first in it.
    """
    value = to_json(result)
    if emitted:
        value = _all_of(emitted if result is None else [*emitted, result])
    if as_list and not isinstance(value, list):
        value = [] if value is None else [value]
    answer = {**about, "command": command, "ok": True, "result": value}
    return _dump(answer if summary is None else {**answer, "summary": summary})


def failure(
    command: str,
    error: BaseException,
    message: str,
    emitted: Sequence[Result],
    summary: Summary = None,
    as_list: bool = True,
    about: About = NOTHING,
) -> str:
    """Return the object for a command that failed; `emitted` is what it gave before.

    Not `as_list`: its result is one thing, where it came to that. `about` comes first in it.
    """
    answer: dict[str, Any] = {**about, "command": command, "ok": False, "error": message}
    if isinstance(error, ChdkShellError) or (isinstance(error, OSError) and error.strerror):
        reason = error.reason if isinstance(error, ChdkShellError) else Reason.HOST_FILE
        answer |= {"reason": reason.value, "hint": error_hint(error)}
    if isinstance(error, ScriptError):
        answer |= {"kind": error.kind, "line": error.line, "source": error.source}
    elif isinstance(error, CardError):
        answer["path"] = error.path
    elif isinstance(error, PtpError):
        answer["code"] = error.code
    if emitted:
        given = _all_of(emitted)
        is_one = not as_list and isinstance(given, list) and len(given) == 1
        answer["result"] = given[0] if is_one else given
    if summary is not None:
        answer["summary"] = summary
    return _dump(answer)


def event(command: str, kind: str, value: Result, about: About = NOTHING) -> str:
    """Return the object for something that happens while a command runs."""
    return _dump({**about, "command": command, "event": kind, "result": to_json(value)})


def _all_of(results: Sequence[Result]) -> Any:
    """Return results as a list; parts of one result are that result."""
    parts = [result for result in results if isinstance(result, ResultPart)]
    if len(parts) == len(results):
        return type(parts[0]).joined(parts)
    return to_json(results)


def _dump(answer: dict[str, Any]) -> str:
    return json.dumps(answer)
