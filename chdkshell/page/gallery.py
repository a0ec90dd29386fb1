"""The pictures of one camera's card, as the page shows them: listed, small, whole, and as files."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from chdkshell import disk
from chdkshell.camera import Camera
from chdkshell.chdk.cameratime import camera_to_host
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.paths import escaped_name
from chdkshell.chdk.shooting.cardpictures import wait_written
from chdkshell.chdk.transfer import free_path
from chdkshell.errors import CardError, UsageError
from chdkshell.flow import CancelToken, Progress
from chdkshell.page.problems import CallRefusedError
from chdkshell.page.shapes import PictureReport
from chdkshell.reasons import Reason

MOST_THUMBNAILS = 500
"""Thumbnails that are kept, of some 10 KB each."""

PREVIEW_SIDE = 1600
"""Pixels of the longer side of a preview."""

Publish = Callable[[str, dict[str, Any]], None]
"""Tells all who listen what happens at the camera."""


class CardGallery:
    """The pictures on a card, listed once until something changes. The camera's thread calls it."""

    def __init__(self, camera: Camera, publish: Publish, cancel: CancelToken) -> None:
        self._camera = camera
        self._publish = publish
        self._cancel = cancel
        self._known: dict[str, CardEntry] | None = None
        self._thumbnails: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()

    def forget(self) -> None:
        """Something has changed on the card."""
        self._known = None

    def entries(self) -> list[CardEntry]:
        """Return all pictures, the newest first."""
        return [*reversed(self._listed().values())]

    def _listed(self) -> dict[str, CardEntry]:
        if self._known is None:
            try:
                found = self._camera.files.images(sort="shot", cancel=self._cancel)
            except CardError as error:
                if error.reason is not Reason.NOT_ON_CARD:
                    raise
                found = []  # a new card has no DCIM
            self._known = {entry.path: entry for entry in found}
        return self._known

    def entry(self, path: str) -> CardEntry:
        """Return a picture by its path. Raises `CallRefusedError` for what is none of them."""
        entry = self._listed().get(path)
        if entry is None:
            self.forget()  # it may be a new one
            entry = self._listed().get(path)
        if entry is None:
            raise CallRefusedError(404, "there is no such picture on the card")
        return entry

    def thumbnail(self, path: str) -> bytes:
        """Return the small picture in a file. Raises `CallRefusedError` where it has none."""
        if self._known is None or path not in self._known:
            self.entry(path)
            wait_written(self._camera.scripts, path, self._cancel)
            self.forget()
        entry = self.entry(path)
        key = (entry.path, entry.size, entry.mtime)
        found = self._thumbnails.get(key)
        if found is None:
            found = self._camera.files.card.thumbnail(entry, self._cancel)
            if found is None:
                raise CallRefusedError(404, "the file has no thumbnail")
            self._thumbnails[key] = found
            if len(self._thumbnails) > MOST_THUMBNAILS:
                self._thumbnails.popitem(last=False)
        return found

    def whole(self, path: str) -> Path:
        """Return a copy of a picture in a folder of its own. The caller has to `drop` it."""
        entry = self.entry(path)
        target = Path(tempfile.mkdtemp(prefix="chdkshell-")) / "picture"
        try:
            self._download(entry, target)
        except BaseException:
            drop(target)
            raise
        return target

    def download(self, paths: Sequence[str], folder: Path) -> list[str]:
        """Copy pictures into a folder of this computer; return the names they got there."""
        names = []
        for entry in [self.entry(path) for path in paths]:
            target = free_path(folder / escaped_name(entry.name))
            self._download(entry, target)
            names.append(target.name)
        return names

    def delete(self, paths: Sequence[str]) -> None:
        """Delete pictures that are still as they were listed."""
        entries = [self.entry(path) for path in dict.fromkeys(paths)]
        try:
            self._camera.files.remove_entries(entries, cancel=self._cancel)
        finally:
            self.forget()

    def _download(self, entry: CardEntry, target: Path) -> None:
        progress = _Told(self._publish, entry)
        self._camera.files.download(entry.path, target, progress=progress, cancel=self._cancel)
        progress.tell()


class _Told(Progress):
    """Tells listeners how far a transfer has come, some 20 times for a file."""

    def __init__(self, publish: Publish, entry: CardEntry) -> None:
        self._publish = publish
        self._entry = entry
        self._done = self._told = 0

    def advance(self, count: int) -> None:
        self._done += count
        if self._done - self._told > self._entry.size / 20:
            self.tell()

    def tell(self) -> None:
        """Tell it now."""
        self._told = self._done
        self._publish(
            "transfer",
            {"path": self._entry.path, "done": self._done, "size": self._entry.size},
        )


def drop(copy: Path) -> None:
    """Delete what `CardGallery.whole` made, with what a transfer that was broken off left there."""
    with suppress(OSError):
        disk.insist(lambda: shutil.rmtree(copy.parent))


def report_of(entry: CardEntry) -> PictureReport:
    """Return what the page is told of a picture."""
    return PictureReport(entry.path, entry.name, entry.size, camera_to_host(entry.mtime))


def small(picture: bytes | Path, side: int = PREVIEW_SIDE) -> bytes:
    """Return a picture with at most so many pixels a side, as JPEG. Raises `CallRefusedError`."""
    from PIL import Image, ImageOps

    source = io.BytesIO(picture) if isinstance(picture, bytes) else picture
    try:
        with Image.open(source) as image:
            image.draft("RGB", (side, side))
            turned = ImageOps.exif_transpose(image).convert("RGB")
            turned.thumbnail((side, side))
            out = io.BytesIO()
            turned.save(out, "JPEG", quality=85)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise CallRefusedError(404, "this is no picture that can be shown") from None
    return out.getvalue()


def confirmed(count: int, confirm: int) -> None:
    """Raise `UsageError` unless a deletion of so many files was confirmed with their number."""
    if not count:
        raise UsageError("no file is named")
    if confirm != count:
        files = "1 file" if count == 1 else f"{count} files"
        raise CallRefusedError(409, f"{files} would be deleted", f"confirm={count} deletes them")
