"""Pipes as if on Windows: their encoding, and the error that says that nobody reads any more."""

# needs: POSIX

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.fake_windows import environment_there, program
from support.timeouts import TIMEOUT

from chdkshell.shell.output.closed import reader_is_gone

OUTPUT_CLOSED = 141


@contextmanager
def running(*arguments: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(
        [*program(), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment_there(),
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


@pytest.mark.parametrize(
    "arguments",
    [
        ("-r", "--sim", "-e", "watch 0 ls"),
        *(
            pytest.param(arguments, marks=pytest.mark.slow)
            for arguments in (
                ("-r", "--sim", "-e", "luar while true do write_usb_msg('on', 1000) end"),
                ("-r", "--sim", "-e", "lvdumpimg -count=100 -vp=-"),
                ("-r", "--sim", "--json", *("-e", "version", "-e", "help") * 30),
            )
        ),
    ],
)
def test_a_reader_that_goes_ends_the_program(arguments: tuple[str, ...], tmp_path: Path) -> None:
    with running(*arguments, folder=tmp_path) as child:
        assert child.stdout
        assert child.stderr
        child.stdout.readline()
        child.stdout.close()
        child.wait(TIMEOUT)
        assert (child.returncode, child.stderr.read()) == (OUTPUT_CLOSED, b"")


@pytest.mark.parametrize("option", ["-h", "--version"])
def test_so_it_does_before_the_first_line(option: str, tmp_path: Path) -> None:
    with running(option, folder=tmp_path) as child:
        assert child.stdout
        assert child.stderr
        child.stdout.close()
        child.wait(TIMEOUT)
        assert (child.returncode, child.stderr.read()) == (OUTPUT_CLOSED, b"")


def test_what_is_redirected_is_utf_8_both_ways(tmp_path: Path) -> None:
    given = ["\ufeff# \u4e2d", "exec print('\u4e2d\u00fc')"]
    given += ["exec import sys; print('\u4e2d', file=sys.stderr)", ""]
    with running("-r", folder=tmp_path) as child:
        out, err = child.communicate("\n".join(given).encode(), TIMEOUT)
    assert out.decode().splitlines() == ["\u4e2d\u00fc"]
    assert err.decode().splitlines() == ["\u4e2d"]


def windows_error(number: int) -> OSError:
    error = OSError(errno.EACCES, "an error of Windows")
    error.winerror = number  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("error", "there", "here"),
    [
        (BrokenPipeError(), True, True),
        (OSError(errno.EINVAL, "Invalid argument"), True, False),
        (windows_error(232), True, False),
        (windows_error(109), True, False),
        (windows_error(5), False, False),
        (OSError(errno.ENOSPC, "No space left on device"), False, False),
        (ValueError(), False, False),
        (None, False, False),
    ],
)
def test_errors_that_say_it(
    error: BaseException | None, there: bool, here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reader_is_gone(error) == here
    monkeypatch.setattr(sys, "platform", "win32")
    assert reader_is_gone(error) == there
