"""Pictures taken at the camera itself, fetched as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import Cancelled, ChdkShellError, LeftOnCard, TransportError, UsageError
from chdkshell.shell.arguments import Integer, MadePath, ProgramType
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from pathlib import Path

    from chdkshell.chdk.cardentry import CardEntry
    from chdkshell.shell.context import Context
    from chdkshell.standard.objecttree import Node

AWAY_SECONDS = 600
"""How long a camera is looked for that dropped off: its battery may be changed."""

ANEW = (
    "the camera numbers its objects anew since it came back: what was taken while it was away stays"
    " on its card"
)


@command("tether", topic="ptp", needs=Needs.CAMERA)
def tether(
    context: Context,
    dest: Arg[MadePath | None, "The folder that gets them; else here."] = None,
    *,
    keep: Arg[bool, "Leave the pictures on the card, as it is without -rm."] = False,
    rm: Arg[bool, "Delete each picture from the card when it is safe here."] = False,
    count: Arg[int | None, Integer(1), "End after so many pictures."] = None,
    exec: Arg[  # noqa: A002
        str | None, ProgramType("cmd"), "Run this after each; its file is in $ARGUMENT."
    ] = None,
) -> None:
    """Fetch each picture that is taken at the camera's own button, until Ctrl-C.

    A file that is here under its name stays: the new one gets a number. A camera that drops off is
    waited for, and what was taken meanwhile is fetched then. -rm deletes what is whole on the disk.
    Example: tether pictures/
    """
    from pathlib import Path

    from chdkshell.standard.tethering import Tether

    if keep and rm:
        raise UsageError("-keep and -rm exclude each other", "leave one of them out")
    folder = Path(dest or ".")
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", "make it first, or name another")
    camera = context.camera
    tethered = Tether(lambda: camera.ptp, context.cancel)
    context.notice("take pictures at the camera; Ctrl-C ends this")
    fetching = Fetching(context, folder, rm, exec)
    while count is None or fetching.fetched < count:
        try:
            if tethered.is_numbered_anew(context.cancel):
                context.warn(ANEW)
            fetching.remove_arrived()
            fetching.waiting += tethered.wait(context.cancel)
            while fetching.waiting and (count is None or fetching.fetched < count):
                fetching.fetch_next()
                fetching.remove_arrived()
        except TransportError as error:
            context.warn(f"the camera is gone: {error}; waiting for it")
            camera.reconnect(AWAY_SECONDS, context.cancel)
            context.notice("the camera is back")


class Fetching:
    """Copies pictures, and tells each once. `waiting` are those that are still on the card.

    All of it goes by standard PTP, also where there is CHDK: a full press ends a script.
    """

    def __init__(self, context: Context, folder: Path, remove: bool, program: str | None) -> None:
        self._context = context
        self._camera = context.camera
        self._folder = folder
        self._remove = remove
        self._program = program
        self.waiting: list[Node] = []
        self._arrived: list[CardEntry] = []
        self.fetched = 0

    def fetch_next(self) -> None:
        """Copy the next picture. One that cannot be had is told, and left on the card.

        Raises `TransportError` where the camera is gone: it is the next one then, too; and
        `Cancelled`, which names what is left on the card.
        """
        from chdkshell.chdk.card.files import Files
        from chdkshell.chdk.paths import escaped_name
        from chdkshell.chdk.transfer import free_path
        from chdkshell.shell.results.ptp import StoredObject
        from chdkshell.standard.card import PtpCard

        context, node = self._context, self.waiting[0]
        card = PtpCard(self._camera.ptp)
        path = card.remember(node)
        target = free_path(self._folder / escaped_name(node.name))
        try:
            entry = card.stat(path, context.cancel)
            with context.progress(path) as progress:
                done = Files(card).download(
                    *(path, target), to_disk=self._remove, progress=progress, cancel=context.cancel
                )
        except TransportError:
            raise
        except Cancelled as error:
            error.left_on_card.append(LeftOnCard(path, str(target)))
            error.left_on_card += [LeftOnCard(card.remember(n)) for n in self.waiting[1:]]
            raise
        except ChdkShellError as error:
            self.waiting.pop(0)
            context.warn(f"{path} was not fetched: {error}")
            return
        self.waiting.pop(0)
        self.fetched += 1
        result = StoredObject(path, node.handle, str(target), done.size)
        context.output.event("picture", result)
        context.after_download(str(target), path, self._program)
        if self._remove:
            self._arrived.append(entry)

    def remove_arrived(self) -> None:
        """Delete from the card what lies on the disk. What stays is told."""
        from chdkshell.chdk.card.copying import SourceRemoved
        from chdkshell.chdk.card.lookup import stat_if_there
        from chdkshell.standard.card import PtpCard

        def tell(event: SourceRemoved) -> None:
            if not event.ok:
                self._context.warn(f"kept {event.path}: {event.message}")

        while self._arrived:
            card, entry = PtpCard(self._camera.ptp), self._arrived[0]
            if stat_if_there(card, entry.path) is not None:  # else the camera did not tell
                card.remove_files([entry], tell)
            self._arrived.pop(0)
