"""Scripts as files: running one as CHDK's menu would, from the card or brought there first.

What comes from this computer goes into a folder of its own on the card, so that it takes no place
of a file that is there.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from chdkshell.chdk.card.files import Files
from chdkshell.chdk.card.lookup import stat_if_there
from chdkshell.chdk.card.selection import Selection, glob_pattern
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.collecting import MessageHandler, ScriptResult
from chdkshell.chdk.marks import Mark
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.paths import base_name, camera_path, join_path
from chdkshell.chdk.scriptheader import SCANNED, ScriptHeader, parse_header
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import (
    Cancelled,
    CardError,
    ChdkError,
    HostFileError,
    ScriptError,
    ScriptTimeoutError,
    UsageError,
)
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import serialize
from chdkshell.lua.tokens import TokenKind, tokenise

SCRIPTS = "A/CHDK/SCRIPTS"
"""Where CHDK's menu looks for scripts."""

BROUGHT = "A/CHDK/SCRIPTS/RUN"
"""The folder of scripts and modules that come from this computer."""

MAX_SIZE = 1 << 20
"""Bytes of a script that are read: a camera's memory has no room for so many."""

INTERRUPT_SECONDS = 2.0
"""How long a script has to end, with its `restore`, once it was asked to."""

_INTERRUPT = b"\0chdkshell: interrupt"
_UBASIC = ".BAS"


class SourceFile(NamedTuple):
    """A file of this computer with Lua, as it is brought to the card. `name` is that there."""

    path: Path
    name: str
    source: bytes


@dataclass(frozen=True, slots=True)
class CardScript:
    """A script: on the card at `path`, and here where `files` has it and the modules it uses.

    `source` is what is known of its text: all of it, or the beginning of a file on the card.
    """

    path: str
    source: bytes
    files: tuple[SourceFile, ...] = ()

    @property
    def header(self) -> ScriptHeader:
        """What its head says."""
        return parse_header(self.source)

    @property
    def title(self) -> str:
        """Its title, or its name as CHDK shows it where it has none."""
        return self.header.title or base_name(self.path)

    def place(self, source: str) -> SourceFile | None:
        """Return the file of this computer that an error's `source` on the card came from."""
        for file in self.files:
            if source.casefold() == join_path(BROUGHT, file.name).casefold():
                return file
        return None

    def code(self, given: Mapping[str, str], kept: Mapping[str, int] | None = None) -> str:
        """Return the Lua that runs it with parameters as given; it needs the library `run_file`.

        `kept` are values that stand for the defaults. Raises `UsageError` as `ScriptHeader.lua`.
        """
        header = self.header
        folder = serialize(BROUGHT if self.files else False)
        as_13 = serialize(header.needs_wrap13)
        call = f"return run_file({serialize(self.path)},{folder},{as_13})"
        return f"{header.lua(given, kept)} {call}".lstrip()


def read_local(path: Path) -> CardScript:
    """Return a script of this computer with the modules beside it. Raises `HostFileError`."""
    _refuse_ubasic(path.name)
    main = SourceFile(path, path.name, _read(path))
    return CardScript(join_path(BROUGHT, path.name), main.source, (main, *_modules(main)))


def find_on_card(
    files: Files, scripts: Scripts, name: str, cancel: CancelToken = NEVER
) -> CardScript | None:
    """Return a script of the card: by its path, or its name in A/CHDK/SCRIPTS, `.LUA` left out."""
    for path in _candidates(name):
        there = stat_if_there(files.card, path, cancel)
        if there is not None and there.is_file:
            _refuse_ubasic(path)
            return CardScript(path, read_head(scripts, path, cancel))
    return None


def read_head(scripts: Scripts, path: str, cancel: CancelToken = NEVER) -> bytes:
    """Return the beginning of a script on the card, where CHDK looks for its header."""
    heads = read_heads(scripts, [path], cancel)
    if path not in heads:
        raise CardError(f"{path} cannot be read")
    return heads[path]


def read_heads(
    scripts: Scripts, paths: Iterable[str], cancel: CancelToken = NEVER
) -> dict[str, bytes]:
    """Return the beginnings of files on the card by their paths, of those that can be read."""
    asked = list(paths)
    found: dict[str, bytes] = {}

    def receive(message: ScriptMessage) -> None:
        number, _, head = message.data.partition(b" ")
        found[asked[int(number)]] = head

    code = f"send_heads({serialize(asked)},{SCANNED})"
    scripts.call(code, libraries=("script_heads",), on_message=receive, cancel=cancel)
    return found


def list_scripts(files: Files, scripts: Scripts, cancel: CancelToken = NEVER) -> list[CardScript]:
    """Return the Lua scripts in A/CHDK/SCRIPTS and its folders, in the order of their paths."""
    if stat_if_there(files.card, SCRIPTS, cancel) is None:
        return []
    wanted = Selection(glob=glob_pattern("*.LUA"))
    entries = [e for e in files.walk(SCRIPTS, wanted, cancel=cancel) if e.is_file]
    heads = read_heads(scripts, [e.path for e in entries], cancel)
    known = sorted(entries, key=_order)
    return [CardScript(e.path, heads.get(e.path, b"")) for e in known]


def bring(
    files: Files,
    script: CardScript,
    on_upload: Callable[[str], None] = lambda path: None,
    cancel: CancelToken = NEVER,
) -> None:
    """Upload what is not on the card yet of a script that is here. `on_upload` gets each path."""
    for file in script.files:
        path = join_path(BROUGHT, file.name)
        there = stat_if_there(files.card, path, cancel)
        same_size = there is not None and there.is_file and there.size == len(file.source)
        if same_size and files.read(path, cancel=cancel) == file.source:
            continue
        if there is None:
            files.mkdir(path.rpartition("/")[0], cancel)
        on_upload(path)
        files.write(path, file.source, cancel=cancel)


def run_script(
    scripts: Scripts, code: str, on_message: MessageHandler, cancel: CancelToken = NEVER
) -> ScriptResult:
    """Run what `CardScript.code` gives to its end. `on_message` gets what it sends as it comes.

    On `Cancelled` the script is asked to end, which calls its `restore`, and killed where it does
    not heed that. Raises `ScriptError`, whose `source` is a path on the card.
    """
    cancel.check()
    script_id = scripts.start(code, libraries=("run_file",), mark=Mark.USERS)
    try:
        return scripts.wait(on_message=on_message, watch_queue=True, cancel=cancel)
    except Cancelled as cancelled:
        problem = _ask_to_end(scripts, script_id, on_message)
        if problem:
            scripts.end_own()
            cancelled.add_note(problem)
        raise
    except ScriptError:
        raise
    except BaseException:
        scripts.end_own()
        raise


def _ask_to_end(scripts: Scripts, script_id: int, on_message: MessageHandler) -> str:
    """Ask a script to end; return what of that failed, "" for nothing."""
    try:
        scripts.send(_INTERRUPT, script_id)
        scripts.wait(timeout=INTERRUPT_SECONDS, on_message=on_message)
    except ScriptTimeoutError:
        return "it was killed, since it did not end when it was asked to"
    except ScriptError as error:
        return f"the restore of the script failed: {error}" if error.text else ""
    except ChdkError:  # it has ended, or takes no messages
        return "it was killed, since it takes no messages" if scripts.status() else ""
    return ""


# ---- files of this computer ----


def _modules(main: SourceFile) -> Iterable[SourceFile]:
    """Yield the modules that a script requires and that lie beside it, and those they require."""
    folder = main.path.parent
    seen: set[str] = set()
    waiting = [main]
    while waiting:
        for name in required(waiting.pop().source):
            path = folder / f"{name}.lua"
            if name not in seen and path.is_file() and path != main.path:
                seen.add(name)
                module = SourceFile(path, f"{name}.lua", _read(path))
                waiting.append(module)
                yield module


def required(source: bytes) -> list[str]:
    """Return the names of the modules that Lua loads by `require` with a text."""
    tokens = tokenise(source.decode("utf-8", "surrogateescape"))
    names = []
    for at, token in enumerate(tokens):
        if token.kind is not TokenKind.NAME or token.text != "require":
            continue
        after = [t for t in tokens[at + 1 : at + 3] if t.text != "("][:1]
        if after and after[0].kind is TokenKind.STRING:
            name = after[0].text.strip("'\"").replace(".", "/")
            if re.fullmatch(r"\w[\w-]*(/\w[\w-]*)*", name):
                names.append(name)
    return names


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SIZE + 1)
    except OSError as error:
        raise HostFileError(f"{path}: {error.strerror}") from error
    if len(data) > MAX_SIZE:
        raise UsageError(f"{path} is too large for a script")
    return data.removeprefix(codecs.BOM_UTF8)  # which the camera's Lua does not know


def _candidates(name: str) -> list[str]:
    endings = [""] if re.search(r"\.\w+\Z", name) else [".LUA", ""]
    return [
        camera_path(f"{place}{name}{ending}")
        for place in ([""] if _is_card_path(name) else [f"{SCRIPTS}/"])
        for ending in endings
    ]


def _is_card_path(name: str) -> bool:
    return name[:2].upper() == "A/"


def _refuse_ubasic(name: str) -> None:
    if name.upper().endswith(_UBASIC):
        raise UsageError(
            f"{name} is uBASIC, and over USB CHDK runs Lua only", "the camera's own menu starts it"
        )


def _order(entry: CardEntry) -> tuple[int, str]:
    return entry.path.count("/"), entry.path.casefold()
