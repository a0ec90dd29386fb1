"""`chdkshell share`: a camera that is here, as a PTP/IP camera for programs elsewhere."""

from __future__ import annotations

import argparse
import math
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

from chdkshell import waits
from chdkshell.errors import Cancelled, ChdkShellError, UsageError
from chdkshell.flow import CancelToken
from chdkshell.shell.output.errortext import error_text
from chdkshell.shell.program import SHARE_OPTIONS
from chdkshell.shell.signals import Signals

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def run_share(arguments: Sequence[str]) -> int:
    """Serve until Ctrl-C, a signal or, over a pipe, the client ends it; return the exit status."""
    options = _parser().parse_args(arguments)
    signals, stop = Signals(), CancelToken()
    try:
        with signals.watched(), signals.cancelling(stop):
            if options.list:
                _list()
            elif options.stdio:
                _serve_pipe(options, stop)
            else:
                _serve_port(options, stop)
    except (ChdkShellError, OSError) as error:
        if isinstance(error, Cancelled):
            return 0
        _say(f"ERROR: {error_text(error)}")
        return 1
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _list() -> None:
    from chdkshell.share.cameralist import cameras_line
    from chdkshell.transport.greeting import greeting

    line = cameras_line()
    sys.stdout.buffer.write(greeting() + line)
    sys.stdout.buffer.flush()


def _serve_pipe(options: argparse.Namespace, stop: CancelToken) -> None:
    """Serve over standard input and output. What else would be printed goes to stderr."""
    from chdkshell.share.forwarding import ForwardedCamera
    from chdkshell.share.stdio import serve_pipe

    camera = ForwardedCamera(options.camera)
    incoming, outgoing = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    failures: list[ChdkShellError | OSError] = []
    ended = threading.Event()

    def serve() -> None:
        try:
            serve_pipe(camera, incoming, outgoing)
        except (ChdkShellError, OSError) as error:
            failures.append(error)
        finally:
            ended.set()

    threading.Thread(target=serve, name="share", daemon=True).start()
    try:
        waits.until(ended.wait, None, stop.check, waits.LOOK_SECONDS)
    finally:
        camera.lose()
    for failure in failures:
        raise failure


def _serve_port(options: argparse.Namespace, stop: CancelToken) -> None:
    from chdkshell.share.forwarding import ForwardedCamera
    from chdkshell.share.server import CameraServer

    def lost(error: BaseException | None) -> None:
        if error is not None:
            _say(f"WARNING: {error_text(error)}")

    camera = ForwardedCamera(options.camera)
    try:
        with CameraServer(camera, options.host, options.port, lost) as server:
            if options.host not in LOOPBACK:
                _say(
                    f"WARNING: whoever reaches {options.host} can use the camera: PTP/IP asks for "
                    "no password; over ssh, `connect ssh:HOST` needs no port"
                )
            about = f"{camera.model}, {camera.address}"
            print(f"sharing {about} at {server.address}", flush=True)
            print(f"for gphoto2: --port {server.gphoto_port}", flush=True)
            with suppress(Cancelled):
                stop.wait(math.inf)
    finally:
        camera.lose()


def _parser() -> argparse.ArgumentParser:
    from chdkshell.ptp.packet import PORT

    parser = argparse.ArgumentParser(
        prog="chdkshell share",
        description="Serve a camera that is here as a PTP/IP camera, until it is stopped.",
    )
    parser.add_argument(
        "camera",
        metavar="CAMERA",
        nargs="?",
        type=_address,
        default="usb:",
        help="its address, as connect takes it: usb:serial=S, 001:004, sim:; else the one on USB",
    )
    for option in SHARE_OPTIONS:
        if not option.value:
            parser.add_argument(option.name, help=option.help, action="store_true")
            continue
        convert = _port if option.name == "--port" else str
        parser.add_argument(option.name, metavar=option.value, help=option.help, type=convert)
    parser.set_defaults(port=PORT, host="127.0.0.1")
    return parser


def _address(text: str) -> str:
    from chdkshell.shell.devices import address_of
    from chdkshell.transport.base import split_address

    address = address_of(text, None, None) or text
    try:
        split_address(address)
    except UsageError as error:
        raise argparse.ArgumentTypeError(f"{error}; {error.detail}") from None
    return address


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: 0 to 65535")
    return int(text)
