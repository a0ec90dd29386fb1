"""`chdkshell sim`: a simulated camera on the network, for any PTP/IP client."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from chdkshell.errors import Cancelled, ChdkShellError, UsageError, printable
from chdkshell.flow import CancelToken
from chdkshell.shell.output.errortext import error_text
from chdkshell.shell.program import SIM_OPTIONS
from chdkshell.shell.signals import Signals


def run_sim(arguments: Sequence[str]) -> int:
    """Serve until Ctrl-C or a signal that ends programs; return the exit status."""
    options = _parser().parse_args(arguments)
    if options.model == "list":
        _list_models()
        return 0
    signals, stop = Signals(), CancelToken()
    try:
        with signals.watched(), signals.cancelling(stop):
            _serve(options, stop)
    except (ChdkShellError, OSError) as error:
        print(f"ERROR: {error_text(error)}", file=sys.stderr)
        return 1
    return 0


def _list_models() -> None:
    from chdkshell.sim.models import table_of_models

    print(table_of_models())


def _serve(options: argparse.Namespace, stop: CancelToken) -> None:
    from chdkshell.sim.camera import SimCamera
    from chdkshell.sim.display.screen import SCREEN_OPTIONS, ScreenSetup
    from chdkshell.sim.fresh_card import is_empty
    from chdkshell.sim.interfaces.ipserver import IpServer
    from chdkshell.sim.lua.heap import heap_size
    from chdkshell.sim.models import model_named
    from chdkshell.sim.pace import pace_named

    if options.model and model_named(options.model) is None:
        raise UsageError(
            f"there is no model '{printable(options.model)}'",
            "'chdkshell sim --model list' names them",
        )
    names = ("model", "serial")
    settings: dict[str, Any] = {key: value for key in names if (value := getattr(options, key))}
    given = {key: value for key in SCREEN_OPTIONS if (value := getattr(options, key))}
    screen = ScreenSetup.from_options(given)
    if options.sensor is not None:
        settings["sensor"] = options.sensor
    if options.lua_heap:
        settings["lua_heap"] = heap_size(options.lua_heap)
    settings["pace"] = pace_named(options.pace)
    if options.card is not None and options.card.is_dir():
        settings["boot"] = options.boot or is_empty(options.card)
    settings["native_calls"] = options.native_calls
    camera = SimCamera(card=options.card, screen=screen, craw=options.craw, **settings)
    try:
        if options.keys:
            camera.hands.follow(options.keys)
        with IpServer(camera, host=options.host, port=options.port) as server:
            card = camera.card.root
            print(f"simulated camera at {server.address} (card: {card})", flush=True)
            print(f"for gphoto2: --port {server.gphoto_port}", flush=True)
            with suppress(Cancelled):
                stop.wait(math.inf)
    finally:
        camera.close()


def _parser() -> argparse.ArgumentParser:
    from chdkshell.ptp.packet import PORT

    parser = argparse.ArgumentParser(
        prog="chdkshell sim",
        description="Serve a simulated camera by PTP/IP until it is stopped.",
    )
    types: dict[str, Callable[[str], object]] = {
        "--port": _port,
        "--card": Path,
        "--keys": Path,
        "--sensor": _bits,
    }
    for option in SIM_OPTIONS:
        if not option.value:
            parser.add_argument(option.name, help=option.help, action="store_true")
            continue
        convert = types.get(option.name, str)
        parser.add_argument(option.name, metavar=option.value, help=option.help, type=convert)
    parser.set_defaults(port=PORT, host="127.0.0.1")
    return parser


def _bits(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"'{text}' is no number of bits: 10, 12 or 14")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: 0 to 65535")
    return int(text)
