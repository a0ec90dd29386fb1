"""A file or directory on the card: the one record for it, whoever tells of it."""

from __future__ import annotations

from typing import NamedTuple

_VOLUME_LABEL = 0x08
"""The FAT attribute of the entry that names the card, which is no file."""


class CardEntry(NamedTuple):
    """A file or directory on the card.

    `path` is whole, from `A/` on. `size` is in bytes, and of no use for a directory; `mtime` is in
    the camera's time (`chdk.cameratime`). `attrib` has the FAT attribute bits.

    A listing also tells where it found the entry: `top` is the path that was given and led to it,
    `depth` how many levels below that it lies (0 for what was given itself), and `is_last` that no
    directory follows this one in the one that both are in.
    """

    path: str
    size: int = 0
    mtime: int = 0
    attrib: int = 0
    is_dir: bool = False
    top: str = ""
    depth: int = 0
    is_last: bool = False

    @property
    def is_file(self) -> bool:
        """Whether it is a file: a volume label is neither that nor a directory."""
        return not self.is_dir and not self.attrib & _VOLUME_LABEL

    @property
    def name(self) -> str:
        """The last name of the path; "A/" for the top directory."""
        return self.path.rstrip("/").rpartition("/")[2] or self.path

    @property
    def parts(self) -> tuple[str, ...]:
        """The names below `top`; for a file that was given itself, its own name."""
        if not self.depth:
            return () if self.is_dir else (self.name,)
        return tuple(self.path.split("/")[-self.depth :])
