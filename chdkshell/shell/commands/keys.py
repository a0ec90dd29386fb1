"""The camera's keys, and its switch."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import ArgumentType, Integer
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.shell.context import Context


class KeyName(ArgumentType):
    """The name of a key, as CHDK's press and click take it."""

    hint = "key"

    def complete(self, prefix: str) -> list[str]:
        from chdkshell.chdk.controls import KEYS

        return [key for key in KEYS if key.startswith(prefix)]


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
    from chdkshell.chdk.controls import hold_key

    hold_key(context.camera.scripts, key, t, context.cancel)


@command("release", topic="camera", needs=Needs.CHDK)
def release(context: Context, key: Key) -> None:
    """Let a key go.

    Example: release shoot_half
    """
    from chdkshell.chdk.controls import release_key

    release_key(context.camera.scripts, key, context.cancel)


@command("click", topic="camera", needs=Needs.CHDK)
def click(context: Context, key: Key) -> None:
    """Press a key and let it go.

    Example: click menu
    """
    from chdkshell.chdk.controls import click_key

    click_key(context.camera.scripts, key, context.cancel)


@command("shutdown", topic="camera", needs=Needs.CHDK)
def shutdown(context: Context) -> None:
    """Switch the camera off, and disconnect.

    Example: shutdown
    """
    context.camera.scripts.start("sleep(500) shut_down()")
    context.connections.close_current()
