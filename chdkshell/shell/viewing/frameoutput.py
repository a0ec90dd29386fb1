"""Where the pictures of live view frames go: to files, or to the input of a program."""

from __future__ import annotations

import enum
import importlib
import io
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.chdk.imaging import netpbm
from chdkshell.chdk.imaging.composite import composite
from chdkshell.chdk.templates.substitution import Template
from chdkshell.chdk.templates.variables import FRAMES
from chdkshell.chdk.transfer import write_whole
from chdkshell.errors import Cancelled, HostFileError, LiveViewError, UsageError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.shell import programs
from chdkshell.shell.results.liveview import FramePicture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chdkshell.chdk.imaging.liveview import Frame
    from chdkshell.chdk.templates.formats import Value


class FrameView(enum.Enum):
    """What of a frame is shown. The value begins the names of its files."""

    VIEWPORT = "vp"
    BITMAP = "bm"
    COMPOSITE = "screen"


class Format(enum.Enum):
    """How a picture is written. The value is the ending of its files."""

    NETPBM = "ppm"
    PNG = "png"
    JPEG = "jpg"

    def suffix(self, view: FrameView) -> str:
        """Return the ending of files with `view`."""
        return "pam" if self is Format.NETPBM and view is FrameView.BITMAP else self.value


class Pipe(enum.Enum):
    """Whether pictures go to a program: none, one for each picture, or one for all of them."""

    NO = enum.auto()
    EACH = enum.auto()
    ALL = enum.auto()


class FrameOutput:
    """One picture of each frame, and where it goes. `close` ends a program that takes all.

    `target` is a file name or a command, with substitutions unless `substitute` is False; True
    stands for a name made from the time. Raises `UsageError` for a wrong template, a pipe without
    its command, and an overlay as JPEG. `cancel` ends waits for a program.
    """

    def __init__(
        self,
        view: FrameView,
        target: str | bool,
        form: Format = Format.NETPBM,
        pipe: Pipe = Pipe.NO,
        substitute: bool = True,
        cancel: CancelToken = NEVER,
    ) -> None:
        if target is True and pipe is not Pipe.NO:
            raise UsageError(
                f"a pipe for {view.value} needs a command", f"write -{view.value}=<command>"
            )
        if view is FrameView.BITMAP and form is Format.JPEG:
            raise UsageError("JPEG has no transparency, which the overlay needs", "use -png")
        name = target if isinstance(target, str) else default_name(view, form)
        self._template = Template(name, FRAMES) if substitute else None
        self._text = name
        self._view = view
        self._form = form
        self._pipe = pipe
        self._cancel = cancel
        self._program: _Program | None = None
        # Loaded now: the first frame would be late otherwise.
        importlib.import_module("chdkshell.chdk.imaging.framedecode")
        if view is FrameView.COMPOSITE or form is not Format.NETPBM:
            importlib.import_module("PIL.Image")

    def uses(self, variable: str) -> bool:
        """Whether the target's name holds the substitution `variable`."""
        return self._template is not None and variable in self._template.variables()

    def write(self, number: int, frame: Frame, values: Mapping[str, Value]) -> FramePicture:
        """Write the picture of frame `number`.

        Raises `LiveViewError` where the frame has no such picture, and `HostFileError` where it
        cannot be written.
        """
        picture = _encoded(_picture(frame, self._view), self._form)
        if self._pipe is Pipe.ALL:
            if self._program is None:
                self._program = _Program(self._target(values), self._cancel)
            self._program.write(picture)
            return FramePicture(number, self._view.value, "")
        target = self._target(values)
        if self._pipe is Pipe.EACH:
            program = _Program(target, self._cancel)
            try:
                program.write(picture)
            finally:
                program.close()
        else:
            write_whole(Path(target), picture)
        return FramePicture(number, self._view.value, target)

    def close(self) -> None:
        """End the program that takes all pictures. Raises `HostFileError` if it failed."""
        program, self._program = self._program, None
        if program is not None:
            program.close()

    def _target(self, values: Mapping[str, Value]) -> str:
        return self._text if self._template is None else self._template.fill(values)


def default_name(view: FrameView, form: Format) -> str:
    """Return the template for files that were given no name."""
    return f"{view.value}_${{time,%014.3f}}.{form.suffix(view)}"


def _picture(frame: Frame, view: FrameView) -> NDArray[np.uint8]:
    match view:
        case FrameView.VIEWPORT:
            picture = frame.viewport_rgb()
        case FrameView.BITMAP:
            picture = frame.bitmap_rgba()
        case FrameView.COMPOSITE:
            picture = composite(frame)
    if picture is None:
        name = "viewport" if view is FrameView.VIEWPORT else "overlay"
        raise LiveViewError(f"no {name} data", "is the camera's display switched on?")
    return picture


def _encoded(picture: NDArray[np.uint8], form: Format) -> bytes:
    out = io.BytesIO()
    if form is Format.NETPBM:
        write = netpbm.write_ppm if picture.shape[2] == 3 else netpbm.write_pam
        write(out, picture)
        return out.getvalue()
    from PIL import Image

    Image.fromarray(picture).save(out, "PNG" if form is Format.PNG else "JPEG", quality=90)
    return out.getvalue()


class _Program:
    """A command of the host's shell that reads pictures."""

    def __init__(self, command: str, cancel: CancelToken) -> None:
        self._command = command
        self._cancel = cancel
        self._program = programs.start(command, stdin=subprocess.PIPE)

    def write(self, data: bytes) -> None:
        try:
            self._program.write(data, self._cancel)
        except OSError as error:
            raise HostFileError(f"the command '{self._command}' does not read on") from error

    def close(self) -> None:
        """Wait for the program's end. Raises `HostFileError` for an exit status other than 0.

        Where all was cancelled before, it may go on with what it was given.
        """
        is_cancelled = self._cancel.is_set()
        assert self._program.process.stdin is not None
        # That it does not read on was told by the write before, or is no loss.
        with suppress(OSError):
            self._program.process.stdin.close()
        if is_cancelled:
            self._program.status(programs.END_SECONDS)
            return
        try:
            status = self._program.status(None, self._cancel)
        except Cancelled:
            self._program.end()
            raise
        if status:
            raise HostFileError(f"the command '{self._command}' ended with status {status}")
