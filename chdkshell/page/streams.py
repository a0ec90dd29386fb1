"""Answers without an end: frames as MJPEG, and events. Who takes nothing for long is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

STALL_SECONDS = 20.0
"""How long somebody may take no byte before the connection is ended."""


class EndlessResponse(Response):
    """Parts as they come, until there are no more or nobody takes them."""

    def __init__(self, parts: AsyncIterator[bytes], media_type: str) -> None:
        super().__init__(media_type=media_type)
        del self.headers["content-length"]
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all parts."""
        gone = asyncio.ensure_future(_gone(receive))
        sending = asyncio.ensure_future(self._send(send))
        try:
            await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (gone, sending):
                task.cancel()
            await asyncio.gather(gone, sending, return_exceptions=True)

    async def _send(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        try:
            async for part in self._parts:
                message = {"type": "http.response.body", "body": part, "more_body": True}
                await asyncio.wait_for(send(message), STALL_SECONDS)
            await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            raise ConnectionResetError("it takes nothing") from None
        finally:
            await self._parts.aclose()  # type: ignore[attr-defined]


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
