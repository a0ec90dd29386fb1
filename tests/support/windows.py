"""What Windows does otherwise, brought about on other systems."""

from __future__ import annotations

import ntpath
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from chdkshell import disk

ACCESS_DENIED, SHARING_VIOLATION = 5, 32

_TEXTS = {
    ACCESS_DENIED: "Access is denied",
    SHARING_VIOLATION: (
        "The process cannot access the file because it is being used by another process"
    ),
}


def win_error(number: int, path: str) -> OSError:
    """Return an error as Windows' own calls raise it."""
    error = PermissionError(13, _TEXTS[number], path)
    error.winerror = number  # type: ignore[attr-defined]
    return error


class Held:
    """Other programs that have files open, so that they can be neither replaced nor removed.

    Time passes only in the pauses between tries. `errors` are those raised, in order.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.errors: list[OSError] = []
        self._until: dict[str, tuple[float, tuple[int, ...]]] = {}
        clock = SimpleNamespace(monotonic=lambda: self.now, sleep=self._sleep)
        monkeypatch.setattr(disk, "time", clock)
        for name in ("replace", "unlink", "rename", "utime"):
            monkeypatch.setattr(os, name, self._guarded(getattr(os, name)))

    def hold(self, end: str, seconds: float, *numbers: int) -> None:
        """Have the files whose paths end in `end` open for so long; each try fails by the next.

        The last of `numbers` comes again and again.
        """
        self._until[end] = (self.now + seconds, numbers or (SHARING_VIOLATION,))

    def let_go(self) -> None:
        """Have nothing open any more."""
        self._until = {}

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def _guarded(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*paths: Any, **options: Any) -> Any:
            for path in (os.fspath(p) for p in paths if isinstance(p, str | os.PathLike)):
                for end, (until, numbers) in self._until.items():
                    if path.endswith(end) and self.now < until:
                        number = numbers[min(len(self.errors), len(numbers) - 1)]
                        self.errors.append(win_error(number, path))
                        raise self.errors[-1]
            return real(*paths, **options)

        return guarded


@contextmanager
def windows_paths(
    monkeypatch: pytest.MonkeyPatch, *modules: Any, cwd: str = r"C:\work"
) -> Iterator[Any]:
    """Have the texts of paths in `modules` handled as on Windows, in the folder `cwd`.

    Gives the `os` that they see.
    """

    class Os:
        path = ntpath
        sep, altsep = "\\", "/"

        def __getattr__(self, name: str) -> Any:
            return getattr(os, name)

    with monkeypatch.context() as patch:
        patch.setattr(ntpath, "abspath", lambda path: ntpath.normpath(ntpath.join(cwd, path)))
        patch.setattr(sys, "platform", "win32")
        its_os = Os()
        for module in modules:
            patch.setattr(module, "os", its_os)
        yield its_os
