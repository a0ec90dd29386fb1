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


@command("rmem", topic="memory", needs=Needs.CHDK)
def rmem(
    context: Context,
    address: Arg[int, Integer(hint="address"), "Where to begin, such as 0x1900."],
    count: Arg[int, Integer(low=1), "How many bytes, or words with -i32."] = 1,
    *,
    i32: Arg[str | bool, Named("fmt"), "Show 32-bit words, in a printf format if given."] = False,
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

    word_format = _word_format(i32)
    size = count * WORD_BYTES if i32 else count
    mode = MemoryMode.BUFFERED if buf else MemoryMode.DIRECT
    with context.progress(f"memory at 0x{address:08x}") as progress:
        data = context.camera.protocol.get_memory(address, size, mode, progress, context.cancel)
    if f is None:
        return MemoryDump(address, data, word_format)
    write_whole(Path(f), data)
    return MemoryFile(address, len(data), f)


def _word_format(i32: str | bool) -> str | None:
    if not i32 and not isinstance(i32, str):
        return None
    if i32 is True:
        return DEFAULT_WORD_FORMAT
    if not re.fullmatch(WORD_FORMAT, str(i32)):
        raise UsageError(f"bad format '{i32}'", "one number as in printf, such as %d or 0x%08x")
    return str(i32)
