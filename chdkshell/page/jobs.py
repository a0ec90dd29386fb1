"""Waiting in the server's loop for what a camera's thread does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from chdkshell.page.station import Station

Answer = TypeVar("Answer")


async def run(station: Station, work: Callable[[], Answer], *, keeps_half: bool = False) -> Answer:
    """Have a camera's thread do something, and return what came of it."""
    return await asyncio.wrap_future(station.submit(work, keeps_half=keeps_half))
