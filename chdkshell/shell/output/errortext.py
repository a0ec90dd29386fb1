"""What failures say: on stderr, and in JSON."""

from __future__ import annotations

import os

from chdkshell.errors import (
    CardError,
    ChdkShellError,
    HostFileError,
    ScriptError,
    printable,
    printable_name,
)
from chdkshell.shell import compat


def error_text(error: BaseException, as_chdkptp: bool = False, for_people: bool = False) -> str:
    """Return what a failure says on stderr: what happened, then what to do.

    `for_people`: an error in a script has the line that it is about, where that is known.
    """
    text = error_message(error)
    finding = printable(_finding(error))
    if finding and for_people:
        text, finding = error_words(error), ""
    if as_chdkptp and isinstance(error, ChdkShellError):
        text = printable(compat.error_message(error))
    else:
        text = "; ".join(filter(None, (text, finding, printable(error_hint(error)))))
    if isinstance(error, ScriptError):
        text += f"\n{error.excerpt}" if for_people and error.excerpt else _script_place(error)
    return text


def error_hint(error: BaseException) -> str:
    """Return what to do about a failure, "" where nothing is known."""
    step = ""
    if isinstance(error, ChdkShellError):
        from chdkshell.shell.advice import next_step

        step = next_step(error)
    cause = error.__cause__ if isinstance(error, HostFileError) else error
    return _working_folder() if not step and isinstance(cause, FileNotFoundError) else step


def _finding(error: BaseException) -> str:
    """Return what a look at the card found about an error, with the path where that is another."""
    if not isinstance(error, CardError) or not error.finding:
        return ""
    return error.finding if error.path in str(error) else f"{error.path}: {error.finding}"


def error_words(error: BaseException) -> str:
    """Return what happened as people say it: a camera may only have a number for it."""
    if isinstance(error, CardError) and error.finding:
        return printable_name(f"{error.path}: {error.finding}")
    return error_message(error)


def error_message(error: BaseException) -> str:
    """Return what happened, without a hint."""
    if isinstance(error, ChdkShellError):
        return printable(str(error))
    if isinstance(error, OSError) and error.strerror:
        name = f"{error.filename}: " if error.filename is not None else ""
        return printable(f"{name}{error.strerror}")
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    what = printable(str(error)).replace("\n", " ")
    return (
        f"this is a bug in chdkshell: {type(error).__name__}: {what}; "
        "`set err_trace=always`, or CHDKSHELL_TRACEBACK=1 in the environment, shows where"
    )


def _script_place(error: ScriptError) -> str:
    """Return the line that says where in the script an error lies."""
    if error.line is None:
        return ""
    return f"\n{error.source or 'user code'}: {error.line}"


def _working_folder() -> str:
    try:
        return f"the working folder is {os.getcwd()}"  # noqa: PTH109 - pathlib is slow to import
    except FileNotFoundError:
        return "the working folder itself was removed"
