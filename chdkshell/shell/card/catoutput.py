"""The content of a file on its way to stdout."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from chdkshell.chdk.card.lookup import stat_file
from chdkshell.chdk.paths import encode_path
from chdkshell.errors import printable
from chdkshell.shell.faces.render import OutputClosedError
from chdkshell.shell.prefs import Face
from chdkshell.shell.results.files import FileText
from chdkshell.streams import Buffer

if TYPE_CHECKING:
    from chdkshell.shell.context import Context

MAX_RESULT = 16 << 20
"""Bytes of a file that become a JSON result."""


def show_file(context: Context, path: str) -> None:
    """Write a file of the card to stdout: bytes as they are, printable text on a terminal."""
    camera = context.camera
    if context.prefs.face is Face.JSON:
        data = camera.files.read(path, MAX_RESULT, cancel=context.cancel)
        context.emit(FileText(path, data))
        return
    # a path that is no file has a clear message
    stat_file(camera.scripts, path, context.cancel)
    camera.protocol.download_file(encode_path(path), _StdoutSink(context), cancel=context.cancel)


class _StdoutSink:
    """Passes bytes on to stdout as they come."""

    def __init__(self, context: Context) -> None:
        self._stdout = context.renderer.stdout
        self._is_terminal = self._stdout.isatty()
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def begin(self, length: int | None) -> None:
        """Nothing to prepare."""

    def write(self, data: Buffer) -> None:
        try:
            raw = getattr(self._stdout, "buffer", None)
            if self._is_terminal or raw is None:
                self._stdout.write(printable(self._decoder.decode(bytes(data))))
            else:
                self._stdout.flush()
                raw.write(data)
            self._stdout.flush()
        except BrokenPipeError as error:
            raise OutputClosedError from error
