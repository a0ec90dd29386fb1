"""What is typed at a prompt of prompt_toolkit, through any number of Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import AnyFormattedText
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from chdkshell.shell.breakoff import interrupts_going_to


def typed(
    session: PromptSession[str],
    message: AnyFormattedText,
    pre_run: Callable[[], None] | None = None,
) -> str:
    """Return what is typed. Raises `EOFError`, and `KeyboardInterrupt` at Ctrl-C.

    The handler that prompt_toolkit has leaves moments without any, in which Ctrl-C breaks off the
    prompt's own work. The session's keys need those of `interrupt_keys`.
    """

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        app = session.app
        if app.is_running and app.loop is not None and app.context is not None:
            with suppress(RuntimeError):  # the loop was closed just now
                act = app.key_processor.send_sigint
                app.loop.call_soon_threadsafe(app.context.copy().run, act)

    with interrupts_going_to(on_interrupt):
        return session.prompt(message, pre_run=pre_run, handle_sigint=False)


def interrupt_keys() -> KeyBindings:
    """Return what Ctrl-C does: it ends the prompt, and nothing where that is ending already."""
    bindings = KeyBindings()

    @Condition
    def in_the_line() -> bool:
        return get_app().current_buffer.name == DEFAULT_BUFFER

    @bindings.add("c-c", filter=in_the_line)
    @bindings.add(Keys.SIGINT)
    def _(event: KeyPressEvent) -> None:
        if event.app.is_running and not event.app.is_done:
            event.app.exit(exception=KeyboardInterrupt(), style="class:aborting")

    return bindings
