"""What can be done to a camera's card, whatever way leads to it.

`chdkcard` has the way through CHDK, whose Lua walks and deletes on the camera itself;
`chdkshell.standard.card` has that of standard PTP. All that copies, lists and deletes files
is made of this alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple, Protocol

from chdkshell.chdk.card.cardanswers import CardSpace, Removed, RemoveOptions
from chdkshell.chdk.card.copying import SourceRemoved
from chdkshell.chdk.card.selection import ALL, ImageRange, Selection
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.records import Record
from chdkshell.streams import Sink

if TYPE_CHECKING:
    from chdkshell.chdk.card.uploadsource import UploadBytes, UploadSource

EntriesListener = Callable[[Sequence[CardEntry]], None]
"""Is told of items as they come, some at a time."""

CountListener = Callable[[int, str], None]
"""Is told, again and again, how many items have come, and the directory that is being read.

All later items lie in that directory, in those below it, or in those that follow it. For a file
that was given it is the file.
"""


class ImageList(Record):
    """Pictures, with the camera's counter of files and the directory that takes the next one."""

    items: list[CardEntry]
    count: int
    directory: str


class Written(NamedTuple):
    """What became of a file that was sent: under its name on the card, or why not.

    `short`: the card did not take all of it.
    """

    path: str
    ok: bool
    message: str
    short: bool = False


class UploadTargets(NamedTuple):
    """What is where files are to go: by the path in lower case; and the folders that are missing.

    Missing are those that were not made, since that is a pretence.
    """

    there: dict[str, CardEntry]
    missing: list[str]


class FileWriter(Protocol):
    """Sends files to the card, each whole under its name or not at all."""

    @property
    def is_due(self) -> bool:
        """Whether so much waits that `finish` should be called."""
        ...

    def send(
        self,
        source: UploadSource | UploadBytes,
        target: str,
        mtime: int | None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> None:
        """Send a file. `mtime` is the time that it is to get, in the camera's time.

        After anything that ends it, nothing of it is left, unless the link is gone.
        """
        ...

    def finish(self, cancel: CancelToken = NEVER) -> list[Written]:
        """Have all that was sent under its name; return what became of each file."""
        ...


class CardAccess(Protocol):
    """A camera's card. Paths are whole, from `A/` on, and have no "/" at their end but there.

    `CardError` says what the camera refused, and on which path.
    """

    @property
    def camera(self) -> str:
        """Which camera it is, to tell what was begun with another one (`Session.camera`)."""
        ...

    def aside(self) -> AbstractContextManager[bool]:
        """Give True where the card may be looked at in the background, held meanwhile."""
        ...

    # ---- looking ----

    def stat(self, path: str, cancel: CancelToken = NEVER) -> CardEntry:
        """Return the entry of a path. Raises `CardError` where nothing is there."""
        ...

    def list_tree(
        self,
        paths: Sequence[str],
        selection: Selection = ALL,
        on_entries: EntriesListener | None = None,
        cancel: CancelToken = NEVER,
        on_count: CountListener | None = None,
    ) -> list[CardEntry]:
        """Return what `selection` means in `paths`, files before the directories beside them.

        Each directory comes before what is in it, and the given ones come too. Directories come in
        the order of their names with a "/". With `on_entries`, items go there instead, as they
        come, and the list is empty. Raises `CardError` where a path is not there or cannot be read.
        """
        ...

    def list_images(
        self,
        paths: Sequence[str],
        selection: Selection,
        numbers: ImageRange,
        on_entries: EntriesListener | None = None,
        cancel: CancelToken = NEVER,
        on_count: CountListener | None = None,
        descending: bool = False,
    ) -> ImageList:
        """Return the files that `selection` and `numbers` mean in `paths`.

        `descending` has the directories in the other order. Else as `list_tree`.
        """
        ...

    def picture_counter(self, cancel: CancelToken = NEVER) -> int | None:
        """Return the camera's counter of pictures, None where it does not tell it."""
        ...

    def space(self, cancel: CancelToken = NEVER) -> CardSpace:
        """Return how large the card is and how much of it is free."""
        ...

    def look_why(self, path: str, is_making: bool, cancel: CancelToken = NEVER) -> str:
        """Look for why something on a path failed; return that, or "" where it is unknown.

        `is_making`: the path was to be made.
        """
        ...

    # ---- content ----

    def read(
        self, path: str, sink: Sink, progress: Progress = SILENT, cancel: CancelToken = NEVER
    ) -> int:
        """Give a whole file to `sink`; return how many bytes that were."""
        ...

    def read_rest(
        self,
        original: CardEntry,
        start: int,
        receive: Callable[[bytes], None],
        cancel: CancelToken = NEVER,
    ) -> None:
        """Give the bytes of a file from `start` to its end to `receive`, in pieces.

        Raises `CardError` where it has another size or time than `original`, or is not there, and
        where the camera cannot send a part of it.
        """
        ...

    def thumbnail(self, item: CardEntry, cancel: CancelToken = NEVER) -> bytes | None:
        """Return the thumbnail of a picture as JPEG, None where it has none."""
        ...

    # ---- changing ----

    def make_folder(self, path: str, cancel: CancelToken = NEVER) -> None:
        """Make a directory in one that is there. Raises `CardError` where it is there already."""
        ...

    def make_folders(self, path: str, cancel: CancelToken = NEVER) -> None:
        """Make a directory with its parents. One that is there already is fine."""
        ...

    def move(self, old: str, new: str, cancel: CancelToken = NEVER) -> str:
        """Give a file or directory another path, or move it into a directory; return its path."""
        ...

    def copy_file(
        self, source: str, target: str, size: int, progress: Progress, cancel: CancelToken
    ) -> None:
        """Copy a file of `size` bytes on the card. A target that is there is an error."""
        ...

    def remove(self, path: str, cancel: CancelToken = NEVER) -> None:
        """Remove one file or empty directory."""
        ...

    def remove_trees(
        self,
        targets: Sequence[str],
        options: RemoveOptions,
        on_removed: Callable[[Removed], None] | None = None,
        cancel: CancelToken = NEVER,
    ) -> list[Removed]:
        """Remove files and directories with all that is in them, as `Files.remove_tree` says."""
        ...

    def remove_files(
        self, items: Sequence[CardEntry], on_removed: Callable[[SourceRemoved], None]
    ) -> None:
        """Delete files that are still what the listing said. They should be few: no cancel."""
        ...

    # ---- writing ----

    def prepare(
        self,
        directories: Sequence[str],
        targets: Sequence[str],
        pretend: bool = False,
        cancel: CancelToken = NEVER,
    ) -> UploadTargets:
        """Make the directories that uploads need; return what is under the names of their targets.

        What uploads that were broken off left in them is taken away. `pretend` changes nothing.
        """
        ...

    def writer(self) -> FileWriter:
        """Return what sends files."""
        ...

    def write_unchecked(
        self,
        path: str,
        source: UploadSource | UploadBytes,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> None:
        """Send a file straight to its name, in what way is quickest."""
        ...
