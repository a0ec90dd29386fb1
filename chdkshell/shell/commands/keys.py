"""The camera's keys, and its switch."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import ArgumentType, Integer
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chdkshell.shell.context import Context


class KeyName(ArgumentType):
    """The name of a key, as CHDK's press and click take it."""

    hint = "key"
    KEYS = (
        *("shoot_half", "shoot_full", "shoot_full_only", "up", "down", "left", "right", "set"),
        *("menu", "display", "print", "erase", "zoom_in", "zoom_out", "video", "playback"),
    )

    def complete(self, prefix: str) -> list[str]:
        return [key for key in self.KEYS if key.startswith(prefix)]


Key = Arg[str, KeyName(), "The key: shoot_half, shoot_full, up, set, menu ..."]


@command("press", topic="camera", needs=Needs.CHDK)
def press(
    context: Context,
    key: Key,
    *,
    t: Arg[int, Integer(0, 3_600_000, "ms"), "How long to hold it."] = 1000,
) -> None:
    """Press a key and hold it for a while.

    A key goes up when the script that pressed it ends: to hold one longer, give -t.
    Example: press shoot_half -t=3000
    """
    from chdkshell.chdk.lifesigns import LifeSigns

    with LifeSigns(context.camera.scripts):
        _key(context, f"press(%s) sleep_with_host({t}) release(%s)", key, ("host_messages",))


@command("release", topic="camera", needs=Needs.CHDK)
def release(context: Context, key: Key) -> None:
    """Let a key go.

    Example: release shoot_half
    """
    _key(context, "release(%s)", key)


@command("click", topic="camera", needs=Needs.CHDK)
def click(context: Context, key: Key) -> None:
    """Press a key and let it go.

    Example: click menu
    """
    _key(context, "click(%s)", key)


@command("shutdown", topic="camera", needs=Needs.CHDK)
def shutdown(context: Context) -> None:
    """Switch the camera off, and disconnect.

    Example: shutdown
    """
    context.camera.scripts.start("sleep(500) shut_down()")
    context.connections.close_current()


def _key(context: Context, code: str, key: str, libraries: Sequence[str] = ()) -> None:
    from chdkshell.errors import ScriptError, UsageError, printable
    from chdkshell.lua.literals import serialize

    try:
        code = code.replace("%s", serialize(key))
        context.camera.lua(code, libraries=libraries, cancel=context.cancel)
    except ScriptError as error:
        if "unknown key" not in error.message:
            raise
        known = ", ".join(KeyName.KEYS)
        raise UsageError(f"unknown key {printable(key)}", f"such as {known}") from error
