"""Fixtures that several test files share."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from support.control_room import control_room
from support.emulated_usb.fixtures import usb_bus, usb_shim
from support.posix_needs import has_head
from support.trace_links import tshark

from chdkshell.share import server
from chdkshell.sim.pace import FAST, PACE_VARIABLE

# The same examples each time, so that a run tells of the change and not of chance; new ones come
# with --hypothesis-profile=explore. No deadline: a busy machine is slow, which is no failure.
settings.register_profile("chdkshell", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("chdkshell")

# Simulated cameras of tests are as quick as they can be, in processes of their own, too.
os.environ[PACE_VARIABLE] = FAST.name

# A busy machine may take its time to hear that the client before is gone.
server.HANDOVER_SECONDS = 30.0

__all__ = ["control_room", "peer", "tshark", "usb_bus", "usb_shim"]


def pytest_configure() -> None:
    """Heed Ctrl-C and the signals that end a program, as what the tests start then does: a shell
    has what it runs in the background ignore the keys, and nohup SIGHUP.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGQUIT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many workers `-n auto` starts: two a core, for half the time tests only wait."""
    return 2 * (os.cpu_count() or 1)


class _SkippedModule(pytest.Module):
    """A test file that is not imported."""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        pytest.skip(f"{self.path.name} needs a POSIX system", allow_module_level=True)


@pytest.hookimpl
def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Module | None:
    """Skip a test file that says at its head that it needs a POSIX system where this is none."""
    if hasattr(os, "fork") or not has_head(module_path):
        return None
    return _SkippedModule.from_parent(parent, path=module_path)


@pytest.fixture(scope="session")
def peer() -> Callable[[str], str]:
    """Return a function that finds an independent program by its name.

    Where it is missing the test is skipped, or fails with CHDKSHELL_REQUIRE_PEERS=1.
    """

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None and os.environ.get("CHDKSHELL_REQUIRE_PEERS") == "1":
            pytest.fail(f"{name} is not installed, and CHDKSHELL_REQUIRE_PEERS=1 asks for it")
        if path is None:
            pytest.skip(f"{name} is not installed")
        return path

    return find
