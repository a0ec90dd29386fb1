"""Keys of the prompt, and when Enter ends a line."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, get_common_complete_suffix
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from chdkshell.lua.check import is_unfinished

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

    @Condition
    def chose_folder() -> bool:
        state = get_app().current_buffer.complete_state
        chosen = state.current_completion if state is not None else None
        before = get_app().current_buffer.document.char_before_cursor
        return chosen is not None and chosen.text.endswith("/") and before == "/"

    @bindings.add("/", filter=chose_folder)
    def _(event: KeyPressEvent) -> None:
        """Take the folder that Tab has chosen, whose slash stands there."""
        event.current_buffer.complete_state = None
        event.current_buffer.start_completion()

    return bindings


def _complete(event: KeyPressEvent) -> None:
    """Write what is sure; offer what is left; go through what is offered.

    What is offered while typing comes a moment later, and may be a part, so Tab asks for itself:
    all is in memory.
    """
    buffer = event.current_buffer
    state = buffer.complete_state
    if state is not None and state.complete_index is not None:
        buffer.complete_next()
        return
    asked = CompleteEvent(completion_requested=True)
    found = list(buffer.completer.get_completions(buffer.document, asked))
    if state is not None and len(state.completions) == len(found) > 1:
        buffer.complete_next()
        return
    buffer.cancel_completion()
    if len(found) == 1:
        buffer.apply_completion(found[0])
    else:
        buffer.insert_text(get_common_complete_suffix(buffer.document, found))
    buffer.start_completion()


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
