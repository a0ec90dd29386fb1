"""Calls that show: the state, what happens, and the picture; and who holds the controls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.responses import Response

from chdkshell.page.calls import Asked, call
from chdkshell.page.feeds import FrameFeed
from chdkshell.page.problems import CallRefusedError
from chdkshell.page.shapes import (
    CameraReport,
    HolderReport,
    Nothing,
    RoomReport,
    SessionReport,
    Take,
    Watch,
)
from chdkshell.page.streams import EndlessResponse

BOUNDARY = "frame"

FRAME_SECONDS = 10.0
"""How long a single frame is waited for."""


@call("GET", "/api/session", in_picture=True)
async def get_session(asked: Asked, form: Nothing) -> SessionReport:
    """Tell the token that calls which change something need."""
    return SessionReport(asked.room.token)


@call("GET", "/api/state", in_picture=True)
async def get_state(asked: Asked, form: Nothing) -> RoomReport:
    """Tell what there is: the cameras, who holds the controls, and what is allowed."""
    return asked.room.report(asked.client)


@call("GET", "/api/events", content="text/event-stream", in_picture=True)
async def get_events(asked: Asked, form: Nothing) -> Response:
    """Tell what happens as it does, as server-sent events.

    `room` comes first, and is what api/state tells. Others have the camera's number and name.
    `state` is a camera's report, `holder` who holds the controls, `shot` a picture that was taken,
    `transfer` how far one has come, `problem` what went wrong, `back` a camera that was found
    again, `beat` comes every second.
    """

    def first() -> bytes:
        return f"event: room\ndata: {json.dumps(room.report(asked.client).as_json())}\n\n".encode()

    room = asked.room
    events = room.hub.events(first)
    return EndlessResponse(events, "text/event-stream")


@call("POST", "/api/controls", in_picture=True)
async def take_controls(asked: Asked, form: Take) -> HolderReport:
    """Take the controls, whoever holds them, or let them go."""
    controls = asked.room.controls
    if form.take:
        controls.take(asked.client, form.name)
    else:
        controls.leave(asked.client)
    held, name = controls.holder()
    return HolderReport(name, bool(held) and held == asked.client)


@call("GET", "/api/cameras/{camera}", in_picture=True)
async def get_camera(asked: Asked, form: Nothing) -> CameraReport:
    """Tell a camera's state and settings."""
    return asked.station.report()


@call(
    "GET",
    "/api/cameras/{camera}/stream",
    content="multipart/x-mixed-replace",
    in_picture=True,
)
async def get_stream(asked: Asked, form: Watch) -> Response:
    """Show what the camera's screen shows, as MJPEG."""
    feed = asked.station.frames.feed(form.overlay or asked.room.options.overlay)
    if feed.is_full:
        raise CallRefusedError(503, "there are too many viewers")
    return EndlessResponse(_parts(feed), f"multipart/x-mixed-replace; boundary={BOUNDARY}")


@call("GET", "/api/cameras/{camera}/frame.jpg", content="image/jpeg", in_picture=True)
async def get_frame(asked: Asked, form: Watch) -> Response:
    """Show what the camera's screen shows now, as one JPEG picture."""
    station = asked.station
    if not station.is_present:
        raise CallRefusedError(503, "the camera is gone")
    feed = station.frames.feed(form.overlay or asked.room.options.overlay)
    with feed.viewer() as admitted:
        if not admitted:
            raise CallRefusedError(503, "there are too many viewers")
        pictures = feed.pictures()
        try:
            picture = await asyncio.wait_for(anext(pictures), FRAME_SECONDS)
        except (TimeoutError, StopAsyncIteration):
            raise CallRefusedError(503, "no frame came") from None
        finally:
            await pictures.aclose()
    return Response(picture, media_type="image/jpeg")


@call("GET", "/stream", content="multipart/x-mixed-replace", in_picture=True)
async def get_first_stream(asked: Asked, form: Watch) -> Response:
    """Show what the first camera's screen shows, as MJPEG: a short path for other programs."""
    return await get_stream(asked, form)


@call("GET", "/frame.jpg", content="image/jpeg", in_picture=True)
async def get_first_frame(asked: Asked, form: Watch) -> Response:
    """Show what the first camera's screen shows now: a short path for other programs."""
    return await get_frame(asked, form)


async def _parts(feed: FrameFeed) -> AsyncIterator[bytes]:
    with feed.viewer() as admitted:
        if not admitted:
            return
        pictures = feed.pictures()
        yield f"--{BOUNDARY}\r\n".encode()
        async for picture in pictures:
            # The boundary after a picture makes browsers show it without waiting for the next.
            yield (
                b"Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n--%b\r\n"
                % (len(picture), picture, BOUNDARY.encode())
            )
