"""Scripts that tell much in messages, and at the end what came of it.

The camera keeps 15 messages for the host. Values that a script returns while they wait are lost
without a word (`lua_script_finish` in CHDK's modules/luascript.c), so here they are a message, too:
a message can wait until there is room.
"""

from __future__ import annotations

from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.scripts import MessageHandler, Scripts
from chdkshell.errors import CardError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import parse
from chdkshell.lua.values import LuaValue

_MARK = b"="


def call_with_messages(
    scripts: Scripts,
    call: str,
    library: str,
    on_message: MessageHandler,
    cancel: CancelToken = NEVER,
) -> LuaValue | tuple[LuaValue, ...]:
    """Call a function of a library, and return its values as `Scripts.call` does.

    `on_message` gets the messages that the function sends. Raises what `Scripts.call` raises, and
    `CardError` where the script ended without a word.
    """
    answers: list[bytes] = []

    def receive(message: ScriptMessage) -> None:
        if message.data.startswith(_MARK):
            answers.append(message.data[len(_MARK) :])
        else:
            on_message(message)

    scripts.call(
        f"send_answer({call})",
        libraries=(library, "send_answer"),
        on_message=receive,
        cancel=cancel,
    )
    if not answers:
        raise CardError(
            "the camera's script ended without an answer", detail="the same call again may do"
        )
    return _values(parse(answers[-1], cancel))


def _values(answer: LuaValue) -> LuaValue | tuple[LuaValue, ...]:
    if not isinstance(answer, list) or not all(isinstance(part, list | dict) for part in answer):
        raise CardError("the camera sent something else than an answer")
    # an empty table is a nil
    values = tuple(part[0] if isinstance(part, list) and part else None for part in answer)
    return values[0] if len(values) == 1 else values or None
