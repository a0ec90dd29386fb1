"""Commands about the camera's memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import UsageError
from chdkshell.shell.arguments import Integer, Named, Target
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.memory import MemoryDump, MemoryFile

WORD_BYTES = 4
DEFAULT_WORD_FORMAT = "0x%08x"
WORD_FORMAT = r"(?:[^%]|%%)*%[-+ #0]*[0-9]{0,2}(?:\.[0-9]{1,2})?[diouxX](?:[^%]|%%)*"
"""One printf conversion for a number, with widths of at most two digits as Lua allows."""


class WordFormat(Named):
    """A printf format for one number."""

    def parse(self, text: str) -> str:
        if not re.fullmatch(WORD_FORMAT, text):
            raise UsageError(
                f"bad format '{text}'", "one number as in printf, such as %d or 0x%08x"
            )
        return text


@command("rmem", topic="memory", needs=Needs.CHDK)
def rmem(
    context: Context,
    address: Arg[int, Integer(hint="address"), "Where to begin, such as 0x1900."],
    count: Arg[int, Integer(low=1), "How many bytes, or words with -i32."] = 1,
    *,
    i32: Arg[
        str | bool, WordFormat("fmt"), "Show 32-bit words, in a printf format if given."
    ] = False,
    f: Arg[Target | None, "Write the bytes to a file and do not show them."] = None,
    buf: Arg[bool, "Copy through a buffer on the camera, for memory that DMA cannot read."] = False,
) -> MemoryDump | MemoryFile:
    """Read the camera's memory and show it.

    Example: rmem 0x1900 64
    Example: rmem -i32=%d 0x1900 8
    Example: rmem -f=rom.bin 0xffc00000 0x400000
    """
    from pathlib import Path

    from chdkshell.chdk.constants import MemoryMode
    from chdkshell.chdk.transfer import write_whole
    from chdkshell.shell.results.memory import MemoryDump, MemoryFile

    word_format = DEFAULT_WORD_FORMAT if i32 is True else i32 or None
    size = count * WORD_BYTES if i32 else count
    mode = MemoryMode.BUFFERED if buf else MemoryMode.DIRECT
    with context.progress(f"memory at 0x{address:08x}") as progress:
        data = context.camera.protocol.get_memory(address, size, mode, progress, context.cancel)
    if f is None:
        return MemoryDump(address, data, word_format)
    write_whole(Path(f), data)
    return MemoryFile(address, len(data), f)
