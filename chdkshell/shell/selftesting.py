"""Runs a selftest at the shell: lines as they come, and the report."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.errors import ChdkShellError
from chdkshell.hostnames import expanded
from chdkshell.selftest import report as reports
from chdkshell.selftest.checks import Trial
from chdkshell.selftest.outcomes import CheckResult, Outcome
from chdkshell.selftest.running import Selftest
from chdkshell.shell.results.selftest import CheckLine, SelftestSummary
from chdkshell.version import __version__

if TYPE_CHECKING:
    from chdkshell.shell.context import Context


def run(context: Context, checks: Sequence[Trial], file: str | None) -> SelftestSummary:
    """Run checks, write the report, and return what came of them.

    What could not be put back as it was is a warning, also where an error ends the run.
    """
    camera = context.camera
    secrets = camera.serial, camera.session.transport.address, camera.place, str(Path.home())
    link, facts = reports.link_of(camera), reports.describe(camera)
    context.notice("about two minutes; the lens comes out, and the card is left as it was")
    start = time.monotonic()
    with context.progress("selftest") as progress:

        def begin(check: Trial) -> None:
            progress.describe(check.name)

        def show(result: CheckResult) -> None:
            line = CheckLine(
                result.check,
                result.outcome,
                result.seen,
                result.expected,
                result.seconds,
                result.measured,
            )
            context.output.event("check", line)

        def tell(path: str) -> None:
            context.notice(f"taken and deleted: {path}")

        test = Selftest(camera, checks, begin, show, tell, context.cancel)
        try:
            results = test.run()
        finally:
            for text in test.left:
                context.warn(text)
    made = reports.SelftestReport(
        _host(link),
        link,
        facts,
        [reports.without_names(result, *secrets) for result in results],
        reports.anonymous(test.ended_early, *secrets),
        time.monotonic() - start,
    )
    path = reports.default_path(camera.model) if file is None else expanded(file)
    reports.write(made, path)
    return SelftestSummary(
        made.count(Outcome.PASSED),
        made.count(Outcome.FAILED),
        made.count(Outcome.ABSENT),
        round(made.seconds, 1),
        test.ended_early,
        tuple(test.left),
        str(path),
    )


def _host(link: str) -> reports.HostFacts:
    return reports.HostFacts(
        f"chdkshell {__version__}",
        platform.python_version(),
        platform.platform(),
        platform.machine(),
        _libusb() if link == "usb" else "",
    )


def _libusb() -> str:
    """Return which libusb is used, without where it lies."""
    from chdkshell.shell.doctor.checks import libusb_info

    try:
        info = libusb_info()
    except (ChdkShellError, OSError, AttributeError) as error:
        return f"not known: {type(error).__name__}"
    return f"{info.version} of {info.origin}"
