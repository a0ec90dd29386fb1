"""What is typed at a prompt of prompt_toolkit, through any number of Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import AnyFormattedText

from chdkshell.shell.breakoff import interrupts_going_to


def typed(
    session: PromptSession[str],
    message: AnyFormattedText,
    pre_run: Callable[[], None] | None = None,
) -> str:
    """Return what is typed. Raises `EOFError`, and `KeyboardInterrupt` at Ctrl-C.

    The handler that prompt_toolkit has leaves moments without any, in which Ctrl-C breaks off the
    prompt's own work, and goes on with one that comes when the prompt has ended already.
    """
    app = session.app

    def end() -> None:
        if app.is_running:
            app.key_processor.send_sigint()

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if app.is_running and app.loop is not None and app.context is not None:
            with suppress(RuntimeError):  # the loop was closed just now
                app.loop.call_soon_threadsafe(app.context.copy().run, end)

    with interrupts_going_to(on_interrupt):
        return session.prompt(message, pre_run=pre_run, handle_sigint=False)
