"""A path on the card, used like a path of `pathlib`."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import IO

from chdkshell.chdk.card.files import Files
from chdkshell.chdk.card.lookup import stat_if_there
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.paths import ROOT, join_path, without_slash
from chdkshell.errors import CardError, UsageError


class CardPath:
    """A path on the camera's card. Nothing of it need be there, and nothing is kept of it.

    It compares without regard to case, as the card does. `CardError` says what the camera refused.

    >>> folder = cam.path("A/DCIM") / "100CANON"
    >>> sorted(path.name for path in folder.glob("*.JPG"))[0]
    'IMG_0001.JPG'
    """

    def __init__(self, files: Callable[[], Files], path: str) -> None:
        self._files = files
        self._path = without_slash(path)

    def __str__(self) -> str:
        return self._path

    def __repr__(self) -> str:
        return f"CardPath({self._path!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CardPath):
            return NotImplemented
        return self._path.casefold() == other._path.casefold()

    def __hash__(self) -> int:
        return hash(self._path.casefold())

    def __lt__(self, other: CardPath) -> bool:
        return self._path.casefold() < other._path.casefold()

    def __truediv__(self, name: str) -> CardPath:
        """Return the path of `name`, which may have several parts, below this one."""
        return CardPath(self._files, join_path(self._path, name))

    # ---- its parts ----

    @property
    def name(self) -> str:
        """The last part, "" for the top directory."""
        return "" if self._path == ROOT else PurePosixPath(self._path).name

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The ending of the name with its dot, or ""."""
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> CardPath:
        """The directory that it is in; the top directory for that itself."""
        return CardPath(self._files, self._path.removesuffix(self.name).rstrip("/"))

    # ---- what is there ----

    def stat(self) -> CardEntry:
        """Return size (bytes), time and kind. Raises `CardError` where nothing is there."""
        return self._files().stat(self._path)

    def exists(self) -> bool:
        """Whether anything is there."""
        return self._files().exists(self._path)

    def is_file(self) -> bool:
        """Whether a file is there."""
        entry = self._entry()
        return entry is not None and entry.is_file

    def is_dir(self) -> bool:
        """Whether a directory is there."""
        entry = self._entry()
        return entry is not None and entry.is_dir

    def iterdir(self) -> Iterator[CardPath]:
        """Yield what is in the directory, files before directories. Raises `CardError`."""
        for entry in self._entries():
            yield CardPath(self._files, entry.path)

    def glob(self, pattern: str) -> Iterator[CardPath]:
        """Yield the paths below the directory that match, such as "*.JPG" and "**/IMG_*".

        Case does not count. Raises `UsageError` for an empty pattern or one from the top on.
        """
        parts = pattern.split("/")
        if not all(parts):
            raise UsageError(f"{pattern!r} is no pattern for names below a directory")
        yield from self._glob(parts)

    def _glob(self, parts: list[str]) -> Iterator[CardPath]:
        first, rest = parts[0], parts[1:]
        if first == "**" and rest:
            yield from self._glob(rest)
        for entry in self._entries():
            path = CardPath(self._files, entry.path)
            if first == "**":
                if entry.is_dir:
                    if not rest:
                        yield path
                    yield from path._glob(parts)
            elif fnmatchcase(path.name.casefold(), first.casefold()):
                if not rest:
                    yield path
                elif entry.is_dir:
                    yield from path._glob(rest)

    def _entry(self) -> CardEntry | None:
        return stat_if_there(self._files().card, self._path)

    def _entries(self) -> list[CardEntry]:
        entries = self._files().scandir(self._path)
        if len(entries) == 1 and not entries[0].depth and entries[0].is_file:
            raise CardError(f"{self._path} is not a directory", self._path)
        return entries

    # ---- what is in it ----

    def read_bytes(self) -> bytes:
        """Return the whole file. Raises `CardError` and `PtpError`."""
        return self._files().read(self._path)

    def read_text(self, encoding: str = "utf-8") -> str:
        """Return the whole file as text. Raises `CardError` and `PtpError`."""
        return self.read_bytes().decode(encoding)

    def write_bytes(self, data: bytes) -> int:
        """Make or replace the file; return how many bytes were written. Raises `CardError`."""
        self._files().write(self._path, data)
        return len(data)

    def write_text(self, text: str, encoding: str = "utf-8") -> int:
        """Make or replace the file with text; return how many bytes were written."""
        return self.write_bytes(text.encode(encoding))

    def open(self, mode: str = "rb", encoding: str = "utf-8") -> IO[bytes] | IO[str]:
        """Open the file in memory: "rb", "r" (text) or "wb".

        What is read comes at once, and what was written goes to the card when it is closed; a
        `with` that fails writes nothing. Raises `UsageError` for another mode, and `CardError`.
        """
        match mode:
            case "rb":
                return io.BytesIO(self.read_bytes())
            case "r":
                return io.StringIO(self.read_text(encoding))
            case "wb":
                return _Written(self)
        raise UsageError(f"a file of the card cannot be opened with {mode!r}", "rb, r or wb")

    # ---- changing ----

    def mkdir(self) -> None:
        """Make the directory with its parents. One that is there is fine. Raises `CardError`."""
        self._files().mkdir(self._path)

    def rename(self, target: str | CardPath) -> CardPath:
        """Rename or move it and return where it is; a directory as target takes it in.

        A file at the target is never replaced: that raises `CardError`.
        """
        return CardPath(self._files, self._files().move(self._path, str(target)))

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove the file. Raises `CardError` for a directory, and where nothing is there."""
        entry = self._entry() if missing_ok else self.stat()
        if entry is None:
            return
        if entry.is_dir:
            raise CardError(f"{self._path} is a directory", self._path)
        self._files().remove(self._path)

    def rmdir(self) -> None:
        """Remove the directory, which must be empty. Raises `CardError`."""
        if not self.stat().is_dir:
            raise CardError(f"{self._path} is not a directory", self._path)
        self._files().remove(self._path)


class _Written(io.BytesIO):
    """A file that goes to the card when it is closed."""

    def __init__(self, path: CardPath) -> None:
        super().__init__()
        self._path: CardPath | None = path

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            self._path = None
        self.close()

    def close(self) -> None:
        path, self._path = self._path, None
        data = b"" if self.closed else self.getvalue()
        super().close()
        if path is not None:
            path.write_bytes(data)
