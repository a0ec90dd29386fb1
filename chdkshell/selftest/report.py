"""What came of a run, to send along with a report of a fault.

It says nothing of whose camera and computer they are: no serial number, no address, no names of
files, no pictures.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chdkshell.camera import Camera
from chdkshell.chdk.transfer import free_path, host_error
from chdkshell.errors import ChdkError
from chdkshell.selftest.outcomes import CheckResult, Outcome
from chdkshell.transport.base import split_address

FORM = 1
"""Goes up by one where a name in the report changes its meaning."""

_CARD_PATH = re.compile(r"\bA/[^\s,;:'\")\]]*")

_BUILD = (
    *("platform", "platsub", "version", "build_number", "build_revision", "build_date", "os"),
    "platformid",
)
"""What is taken of what get_buildinfo returns."""


@dataclass(frozen=True, slots=True)
class HostFacts:
    """The computer: program and Python with their versions, system, processor, and libusb."""

    program: str
    python: str
    platform: str
    machine: str
    libusb: str


@dataclass(frozen=True, slots=True)
class SelftestReport:
    """All of it. `link` is the kind of the connection: usb, ip or sim."""

    host: HostFacts
    link: str
    camera: dict[str, object]
    results: Sequence[CheckResult]
    ended_early: str
    seconds: float

    def count(self, outcome: Outcome) -> int:
        """Return how many checks ended so."""
        return sum(result.outcome is outcome for result in self.results)

    def json(self) -> dict[str, Any]:
        """Return the report in terms that JSON has."""
        return {
            "form": FORM,
            "host": asdict(self.host),
            "link": self.link,
            "camera": self.camera,
            "passed": self.count(Outcome.PASSED),
            "failed": self.count(Outcome.FAILED),
            "absent": self.count(Outcome.ABSENT),
            "ended_early": self.ended_early,
            "seconds": round(self.seconds, 1),
            "checks": [{**asdict(r), "outcome": r.outcome.name.lower()} for r in self.results],
        }


def link_of(camera: Camera) -> str:
    """Return the kind of a camera's connection: usb, ip or sim."""
    return split_address(camera.session.transport.address)[0]


def describe(camera: Camera) -> dict[str, object]:
    """Return what kind of camera it is, and which CHDK it runs."""
    facts: dict[str, object] = {
        "model": camera.model,
        "firmware": camera.info.device_version,
        "protocol": camera.chdk_version,
        "packet_bytes": camera.session.transport.max_packet_size,
    }
    try:
        build = camera.lua("return get_buildinfo()", 10.0)
        facts["propset"] = camera.lua("return get_propset()", 10.0)
    except ChdkError:
        return facts
    if isinstance(build, dict):
        facts["chdk"] = {key: build[key] for key in _BUILD if key in build}
    return facts


def without_names(result: CheckResult, *secrets: str) -> CheckResult:
    """Return a result without names of files on the card, and without `secrets`."""
    seen, expected = (anonymous(text, *secrets) for text in (result.seen, result.expected))
    return CheckResult(
        result.check, result.outcome, seen, expected, result.seconds, result.measured
    )


def anonymous(text: str, *secrets: str) -> str:
    """Return `text` without names of files on the card, and without `secrets`."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "...")
    return _CARD_PATH.sub("A/...", text)


def default_path(model: str) -> Path:
    """Return the name of a new report in the current folder."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", model).strip("-") or "camera"
    return free_path(Path(f"selftest-{name}-{time.strftime('%Y%m%d-%H%M%S')}.json"))


def write(report: SelftestReport, path: Path) -> None:
    """Write a report. A file that is there is replaced. Raises `HostFileError`."""
    try:
        path.write_text(json.dumps(report.json(), indent=1) + "\n", "utf-8")
    except OSError as error:
        raise host_error("write", path, error) from error
