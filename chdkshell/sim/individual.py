"""What tells a simulated camera from others of its model: its clock, its link, its shutter."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chdkshell.errors import UsageError
from chdkshell.hostnames import expanded
from chdkshell.sim.clock import Clock

INDIVIDUAL_OPTIONS = ("number", "drift", "uptime", "latency", "shutter-lag", "shutter-log")
"""What says which camera of several one is, in its address and on the command line."""

RIG_DRIFT, RIG_UPTIME = 50.0, 600.0
"""The clocks of cameras that have a number, unless the options say more: ppm, and seconds."""

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds from `low` to `high`, each as likely as any other."""

    low: float = 0.0
    high: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Spread:
        """Read `3` or `2:5`. Raises `UsageError`."""
        low, _, high = text.partition(":")
        spread = cls(_number(low, "ms"), _number(high or low, "ms"))
        if spread.high < spread.low:
            raise UsageError(f"'{text}' ends before it begins", "write the shorter time first: 2:5")
        return spread


@dataclass(frozen=True, slots=True)
class Individual:
    """One camera of a rig. What is random of it depends on `number` alone, which counts from 1.

    Its clock is fast or slow by up to `drift` ppm, and it has been on for up to `uptime` seconds.
    A transaction takes `latency` longer, half of it on each way, and the shutter opens
    `shutter_lag` after all else is done. Each exposure is a line in the file `shutter_log`.
    """

    number: int = 1
    drift: float = 0.0
    uptime: float = 1.0
    latency: Spread = field(default_factory=Spread)
    shutter_lag: Spread = field(default_factory=Spread)
    shutter_log: Path | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, str]) -> Individual:
        """Read the options of an address, of those in INDIVIDUAL_OPTIONS. Raises `UsageError`."""
        is_numbered = "number" in options
        drift, uptime = (RIG_DRIFT, RIG_UPTIME) if is_numbered else (0.0, 1.0)
        number = options.get("number", "1")
        if not re.fullmatch(r"[1-9][0-9]{0,3}", number):
            raise UsageError(f"'{number}' is no number of a camera", "1 to 9999")
        log = options.get("shutter-log")
        return cls(
            int(number),
            _number(options["drift"], "ppm") if "drift" in options else drift,
            _number(options["uptime"], "seconds") if "uptime" in options else uptime,
            Spread.parse(options.get("latency", "0")),
            Spread.parse(options.get("shutter-lag", "0")),
            expanded(log) if log else None,
        )

    @property
    def serial(self) -> str:
        """The serial number, unless it is given another."""
        return f"SIM{self.number:04d}"

    def clock(self) -> Clock:
        """Return the camera's clock, which begins to run."""
        own = random.Random(self.number)
        drift = own.uniform(-self.drift, self.drift)
        return Clock(1 + drift / 1e6, own.uniform(min(1.0, self.uptime), self.uptime))


class Delay:
    """Takes a time out of `spread`, another one each time."""

    def __init__(self, spread: Spread, seed: int) -> None:
        self._spread = spread
        self._random = random.Random(seed)

    def draw(self) -> float:
        """Return how many ms it takes this time."""
        return self._random.uniform(self._spread.low, self._spread.high)

    def pass_half(self) -> None:
        """Let half of it pass: the way there, or the way back."""
        if self._spread.high:
            time.sleep(self.draw() / 2000)


class ShutterLog:
    """A line for each exposure: nanoseconds of the host's `time.perf_counter_ns`, camera, exposure.

    Several processes may write to one file: a line is one write to its end.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)

    def note(self, serial: str, exposure: int) -> None:
        """Write that the shutter opens now."""
        os.write(self._file, f"{time.perf_counter_ns()} {serial} {exposure}\n".encode())

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _number(text: str, unit: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise UsageError(f"'{text}' is no number of {unit}", "like 3 or 2.5")
    return float(text)
