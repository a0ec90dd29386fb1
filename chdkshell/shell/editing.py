"""Keys of the prompt, and when Enter ends a line."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.application import get_app
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from chdkshell.shell.luacheck import is_unfinished

LuaIn = Callable[[str], str | None]
"""Gives the Lua in a text of the prompt, or None where there is none."""


GoesOn = Callable[[str], bool]
"""Says whether Lua only lacks its end."""


def key_bindings(lua_in: LuaIn, lua_goes_on: GoesOn = is_unfinished) -> KeyBindings:
    """Return what Enter, Alt-Enter and Tab do. Enter ends a line, unless its Lua goes on."""
    bindings = KeyBindings()

    @Condition
    def goes_on() -> bool:
        return line_goes_on(get_app().current_buffer.document.text, lua_in, lua_goes_on)

    @Condition
    def at_end() -> bool:
        document = get_app().current_buffer.document
        return not document.text_after_cursor.strip()

    @bindings.add("enter", filter=goes_on & at_end)
    def _(event: KeyPressEvent) -> None:
        _new_line(event)

    @bindings.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        _new_line(event)

    @bindings.add("tab")
    def _(event: KeyPressEvent) -> None:
        _complete(event)

    return bindings


def _complete(event: KeyPressEvent) -> None:
    """Begin to complete, or go to the next of what is offered; what alone is offered is taken."""
    buffer = event.current_buffer
    state = buffer.complete_state
    if state is None:
        buffer.start_completion(insert_common_part=True)
    elif len(state.completions) == 1:
        if state.current_completion is None:
            buffer.apply_completion(state.completions[0])
        buffer.cancel_completion()
        buffer.start_completion()
    else:
        buffer.complete_next()


def line_goes_on(text: str, lua_in: LuaIn, lua_goes_on: GoesOn = is_unfinished) -> bool:
    """Whether `text` holds Lua that only lacks its end. A blank last line ends it anyway."""
    if "\n" in text and not text.rpartition("\n")[2].strip():
        return False
    lua = lua_in(text)
    return lua is not None and bool(lua.strip()) and lua_goes_on(lua)


def _new_line(event: KeyPressEvent) -> None:
    buffer = event.current_buffer
    line = buffer.document.current_line_before_cursor
    buffer.insert_text("\n" + line[: len(line) - len(line.lstrip())])
