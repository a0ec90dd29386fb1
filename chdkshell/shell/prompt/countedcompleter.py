"""Completion in a thread, of which the event loop knows when it begins."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from prompt_toolkit.completion import CompleteEvent, Completion, ThreadedCompleter
from prompt_toolkit.document import Document


class CountedCompleter(ThreadedCompleter):
    """Completes in a thread. `begun` counts the completions as the event loop begins them: one that
    was begun before a listing came may not know it, whether its thread already runs or not."""

    begun = 0

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        """Yield what `get_completions` yields in a thread."""
        self.begun += 1
        async with aclosing(super().get_completions_async(document, complete_event)) as found:
            async for completion in found:
                yield completion
