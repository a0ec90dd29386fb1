"""A camera that is served over standard input and output, to one client."""

from __future__ import annotations

import os

from chdkshell.share.served import ServedCamera
from chdkshell.share.server import Reception
from chdkshell.transport.greeting import greeting
from chdkshell.transport.onepipe import OnePipe


def serve_pipe(camera: ServedCamera, incoming: int, outgoing: int) -> None:
    """Greet and serve the client at the other ends of two file descriptors until it ends.

    Raises `TransportError` where the camera went away.
    """
    losses: list[BaseException | None] = []
    os.write(outgoing, greeting())
    pipe = OnePipe(incoming, outgoing)
    reception = Reception(camera, losses.append)
    reception.greet(pipe.command)
    reception.greet(pipe.event)
    for loss in filter(None, losses):
        raise loss
