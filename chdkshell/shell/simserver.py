"""`chdkshell sim`: simulated cameras on the network, for any PTP/IP client."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chdkshell.errors import Cancelled, ChdkShellError, UsageError, printable
from chdkshell.flow import CancelToken
from chdkshell.shell.output.errortext import error_text
from chdkshell.shell.program import SIM_OPTIONS
from chdkshell.shell.signals import Signals
from chdkshell.shell.simparts import STANDARD_INPUT, Parts

if TYPE_CHECKING:
    from chdkshell.sim.camera import SimCamera
    from chdkshell.sim.individual import Individual


def run_sim(arguments: Sequence[str]) -> int:
    """Serve until Ctrl-C or a signal that ends programs; return the exit status."""
    options = _parser().parse_args(arguments)
    if options.model == "list":
        _list_models()
        return 0
    signals, stop = Signals(), CancelToken()
    try:
        _check(options)
        with signals.watched(), signals.cancelling(stop):
            if options.processes > 1:
                return _serve_in_parts(arguments, options, stop)
            _serve(options, stop)
    except (ChdkShellError, OSError) as error:
        sys.stderr.write(f"ERROR: {error_text(error)}\n")  # at once: other parts write there too
        return 1
    return 0


def _list_models() -> None:
    from chdkshell.sim.models import table_of_models

    print(table_of_models())


def _check(options: argparse.Namespace) -> None:
    """Raise `UsageError` for what no camera can be, once for all processes."""
    from chdkshell.sim.models import model_named

    _individual(options, 0)
    if options.model and model_named(options.model) is None:
        raise UsageError(
            f"there is no model '{printable(options.model)}'",
            "'chdkshell sim --model list' names them",
        )
    if _is_rig(options) and options.keys:
        raise UsageError("--keys presses the keys of one camera", "leave out --count and --first")


def _is_rig(options: argparse.Namespace) -> bool:
    return options.count > 1 or options.first is not None


def _serve_in_parts(
    arguments: Sequence[str], options: argparse.Namespace, stop: CancelToken
) -> int:
    """Have other processes serve the cameras until `stop`. Returns the exit status."""
    from chdkshell.sim.edge import follow
    from chdkshell.sim.pipes import open_pipe

    with Parts() as parts:
        for words, count in _shares(options):
            parts.begin([*arguments, *words], count)
        if not parts.tell():
            return 1
        if options.edge:
            follow(open_pipe(Path(options.edge)), parts.edge, lambda: None)
        with suppress(Cancelled):
            stop.wait(math.inf)
    return 0


def _shares(options: argparse.Namespace) -> list[tuple[list[str], int]]:
    """Return what each process is told beside the arguments, and how many cameras it has."""
    shares, at = [], 0
    processes = min(options.processes, options.count)
    for index in range(processes):
        count = options.count // processes + (index < options.count % processes)
        own = {
            "--processes": 1,
            "--count": count,
            "--first": (options.first or 1) + at,
            "--port": options.port and options.port + at,
            "--edge": STANDARD_INPUT,
        }
        shares.append(([str(word) for pair in own.items() for word in pair], count))
        at += count
    return shares


def _serve(options: argparse.Namespace, stop: CancelToken) -> None:
    from chdkshell.sim.edge import Edge, follow
    from chdkshell.sim.interfaces.ipserver import IpServer
    from chdkshell.sim.pipes import open_pipe

    is_rig = _is_rig(options)
    with ExitStack() as stack:
        cameras, places = [], []
        for index in range(options.count):
            camera = _camera(options, _individual(options, index))
            stack.callback(camera.close)
            cameras.append(camera)
            port = options.port and options.port + index
            server = stack.enter_context(IpServer(camera, host=options.host, port=port))
            card = camera.card.root
            if is_rig:
                serial, process = camera.device_info.serial_number, os.getpid()
                about = f"serial {serial}, process {process}, card: {card}"
                places.append(f"simulated camera at {server.address} ({about})")
                continue
            places.append(f"simulated camera at {server.address} (card: {card})")
            places.append(f"for gphoto2: --port {server.gphoto_port}")
        if options.keys:
            cameras[0].hands.follow(options.keys)
        edge = Edge([camera.state for camera in cameras])
        if options.edge == STANDARD_INPUT:
            follow(sys.stdin.fileno(), edge, stop.set)
        elif options.edge:
            follow(open_pipe(Path(options.edge)), edge, lambda: None)
        print("\n".join(places), flush=True)  # whoever reads it finds the pipes there
        with suppress(Cancelled):
            stop.wait(math.inf)


def _individual(options: argparse.Namespace, index: int) -> Individual:
    from chdkshell.sim.individual import INDIVIDUAL_OPTIONS, Individual

    given = {n: getattr(options, n.replace("-", "_"), None) for n in INDIVIDUAL_OPTIONS}
    settings = {name: value for name, value in given.items() if value is not None}
    if _is_rig(options):
        settings["number"] = str((options.first or 1) + index)
    return Individual.from_options(settings)


def _camera(options: argparse.Namespace, individual: Individual) -> SimCamera:
    from chdkshell.sim.camera import SimCamera
    from chdkshell.sim.display.screen import SCREEN_OPTIONS, ScreenSetup
    from chdkshell.sim.fresh_card import is_empty
    from chdkshell.sim.lua.heap import heap_size
    from chdkshell.sim.pace import pace_named

    settings: dict[str, Any] = {"model": options.model} if options.model else {}
    serial, card = options.serial, options.card
    if _is_rig(options):
        serial = f"{serial}{individual.number}" if serial else individual.serial
        if card is not None:
            card = card / serial
            card.mkdir(parents=True, exist_ok=True)
    if serial:
        settings["serial"] = serial
    given = {key: value for key in SCREEN_OPTIONS if (value := getattr(options, key))}
    if options.sensor is not None:
        settings["sensor"] = options.sensor
    if options.lua_heap:
        settings["lua_heap"] = heap_size(options.lua_heap)
    if card is not None and card.is_dir():
        settings["boot"] = options.boot or is_empty(card)
    return SimCamera(
        card=card,
        screen=ScreenSetup.from_options(given),
        craw=options.craw,
        pace=pace_named(options.pace),
        native_calls=options.native_calls,
        chdk=not options.no_chdk,
        individual=individual,
        **settings,
    )


def _parser() -> argparse.ArgumentParser:
    from chdkshell.ptp.packet import PORT

    parser = argparse.ArgumentParser(
        prog="chdkshell sim",
        description="Serve simulated cameras by PTP/IP until they are stopped.",
    )
    types: dict[str, Callable[[str], object]] = {
        "--port": _port,
        "--card": Path,
        "--keys": Path,
        "--sensor": _bits,
        "--count": _at_least_one,
        "--processes": _at_least_one,
        "--first": _at_least_one,
    }
    for option in SIM_OPTIONS:
        if not option.value:
            parser.add_argument(option.name, help=option.help, action="store_true")
            continue
        convert = types.get(option.name, str)
        parser.add_argument(option.name, metavar=option.value, help=option.help, type=convert)
    parser.set_defaults(port=PORT, host="127.0.0.1", count=1, processes=1)
    return parser


def _at_least_one(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 10_000):
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 to 9999")
    return int(text)


def _bits(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"'{text}' is no number of bits: 10, 12 or 14")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: 0 to 65535")
    return int(text)
