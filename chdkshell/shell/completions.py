"""`chdkshell install-completions`: completion for the host's shells, and the man page."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from chdkshell import disk
from chdkshell.errors import ChdkShellError, HostFileError
from chdkshell.shell.emit import GENERATED
from chdkshell.shell.output.errortext import error_text
from chdkshell.shell.program import INSTALL_OPTIONS, VERBS

FOLDER = Path(__file__).parent / "data" / "completions"
"""What scripts/generate wrote."""


class Placed(NamedTuple):
    """A file and where it goes."""

    source: Path
    target: Path


def run_install(arguments: Sequence[str]) -> int:
    """Put the files in place, or remove them, and say which; return the exit status."""
    options = _parser().parse_args(arguments)
    done = "removed" if options.uninstall else "written"
    if options.pretend:
        done = f"would be {done}"
    status = 0
    for placed in places(options.prefix):
        try:
            changed = _change(placed, options.uninstall, options.pretend)
        except (ChdkShellError, OSError) as error:
            print(f"ERROR: {error_text(error)}", file=sys.stderr)
            status = 1
            continue
        if changed:
            print(f"{placed.target}: {done}")
    if not (options.uninstall or options.prefix or options.pretend or status):
        _say_what_is_left()
    return status


def places(prefix: Path | None) -> list[Placed]:
    """Return where each file goes: below `prefix`, or where this user's shells look.

    PowerShell has no such folder: its file is run by the user's profile.
    """
    if sys.platform == "win32":
        return [Placed(FOLDER / "chdkshell.ps1", _powershell_script(prefix))]
    if prefix:
        share = prefix / "share"
        fish = share / "fish/vendor_completions.d"
    else:
        share = _base("XDG_DATA_HOME", ".local/share")
        fish = _base("XDG_CONFIG_HOME", ".config") / "fish/completions"
    return [
        Placed(FOLDER / "chdkshell.bash", share / "bash-completion/completions/chdkshell"),
        Placed(FOLDER / "_chdkshell", share / "zsh/site-functions/_chdkshell"),
        Placed(FOLDER / "chdkshell.fish", fish / "chdkshell.fish"),
        Placed(FOLDER / "chdkshell.ps1", _powershell_script(prefix)),
        Placed(FOLDER / "chdkshell.1", share / "man/man1/chdkshell.1"),
    ]


def _powershell_script(prefix: Path | None) -> Path:
    if prefix:
        folder = prefix / "share"
    elif sys.platform == "win32":
        folder = _base("LOCALAPPDATA", "AppData/Local")
    else:
        folder = _base("XDG_DATA_HOME", ".local/share")
    return folder / "chdkshell" / "chdkshell.ps1"


def _base(variable: str, default: str) -> Path:
    """Return the base folder that a variable names. A relative one counts as none, as XDG says."""
    named = Path(os.environ.get(variable, ""))
    return named if named.is_absolute() else Path.home() / default


def _change(placed: Placed, uninstall: bool, pretend: bool) -> bool:
    """Write or remove one file; return False where there is nothing to do."""
    target = placed.target
    there = target.exists()
    if there and GENERATED not in target.read_text("utf-8", "replace"):
        raise HostFileError(f"{target} is not by chdkshell, and stays as it is; move it away first")
    if uninstall and not there:
        return False
    if pretend:
        return True
    if uninstall:
        disk.remove(str(target))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(placed.source.read_bytes())
    return True


def _say_what_is_left() -> None:
    """Say what this user's shells must know before they find the files."""
    if sys.platform != "win32":
        folder = _base("XDG_DATA_HOME", ".local/share") / "zsh/site-functions"
        print(f"zsh: put fpath=({folder} $fpath) before compinit in ~/.zshrc", file=sys.stderr)
    if sys.platform == "win32" or shutil.which("pwsh"):
        script = str(_powershell_script(None)).replace("'", "''")
        print(
            f"PowerShell: put the line  . '{script}'  into the file that $PROFILE names; where "
            "scripts may not run, Set-ExecutionPolicy -Scope CurrentUser RemoteSigned lets them",
            file=sys.stderr,
        )


def _parser() -> argparse.ArgumentParser:
    verb = next(verb for verb in VERBS if verb.options is INSTALL_OPTIONS)
    parser = argparse.ArgumentParser(
        prog=f"chdkshell {verb.name}", description=verb.help, allow_abbrev=False
    )
    for option in INSTALL_OPTIONS:
        if option.value:
            parser.add_argument(option.name, metavar=option.value, help=option.help, type=Path)
        else:
            parser.add_argument(option.name, help=option.help, action="store_true")
    return parser
