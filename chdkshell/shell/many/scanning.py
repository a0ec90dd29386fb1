"""Pages of a book, two at a time: a camera for the left ones, and one for the right ones."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell import disk
from chdkshell.chdk.shooting.destinations import DownloadDestination
from chdkshell.chdk.transfer import free_path, make_folder
from chdkshell.errors import Cancelled, UsageError
from chdkshell.rig.syncreport import SyncRequest
from chdkshell.shell.many.presses import show_pictures
from chdkshell.shell.many.synchronised import SyncPrinter
from chdkshell.shell.shots.lastnumber import next_number

if TYPE_CHECKING:
    from chdkshell.rig.members import Member
    from chdkshell.rig.syncreport import SyncReport
    from chdkshell.shell.context import Context

PAGE = "${page}"
INCOMING = ".incoming"
"""The folder in which files arrive, before they have their names. Each shot has one of its own, so
that what came alone before takes no names away."""


class Scan:
    """A book on its way into a folder. `page` is the left page of the next shot."""

    def __init__(
        self, context: Context, folder: Path, sides: tuple[Member, Member], name: str, first: int
    ) -> None:
        if PAGE not in name:
            raise UsageError(f"{name} has no {PAGE}", f"as in {PAGE}${{ext}}")
        self._context = context
        self._folder = folder
        self._sides = sides
        self._name = name
        make_folder(folder)
        last = next_number(str(folder / name.replace(PAGE, "${shotseq}"))) - 1
        pairs = max(0, -(-(last - first + 1) // 2))
        self.first = first
        self.page = first + 2 * pairs

    def take(self) -> bool:
        """Shoot the next two pages; returns whether both came."""
        done = self._shoot(self.page, replaces=False)
        self.page += 2 * done
        return done

    def retake(self) -> bool:
        """Shoot the last two pages once more, in place of the files that they have."""
        if self.page == self.first:
            raise UsageError("there is no page to take once more")
        return self._shoot(self.page - 2, replaces=True)

    def _shoot(self, page: int, *, replaces: bool) -> bool:
        incoming = free_path(self._folder / INCOMING)
        names = {
            side.label: self._name.replace(PAGE, f"{page + index:04d}")
            for index, side in enumerate(self._sides)
        }
        downloads = {
            side.label: DownloadDestination(str(incoming / names[side.label]), side.camera.naming)
            for side in self._sides
        }
        printer = SyncPrinter(self._context, has_files=False)
        report = self._context.connections.rig.shoot(
            SyncRequest(downloads=downloads),
            selection=",".join(str(side.number) for side in self._sides),
            listener=printer,
            cancel=self._context.cancel,
        )
        came = self._arrived(report)
        problems = [error for error in report.problems if not isinstance(error, Cancelled)]
        if problems or len(came) < len(self._sides):
            for problem in problems:
                self._context.warn(f"pages {page} and {page + 1}: {problem}")
            for path in came.values():
                self._context.warn(f"{path} came alone: it stays there")
            _remove_empty(incoming)
            self._context.cancel.check()
            return False
        placed = []
        for side in self._sides:
            target = self._folder / came[side.label].relative_to(incoming)
            target = target if replaces else free_path(target)
            make_folder(target.parent)
            disk.replace(str(came[side.label]), str(target))
            self._context.after_download(str(target), "")
            placed.append((side, "", target))
        _remove_empty(incoming)
        show_pictures(self._context, placed)
        return True

    def _arrived(self, report: SyncReport) -> Mapping[str, Path]:
        return {
            label: shot.downloads[0]
            for each in report.shots
            for label, shot in each.cameras.items()
            if shot.downloads
        }


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # something is left in it, or it was never made
        folder.rmdir()
