"""Ctrl-C while the signs of life begin: they can be stopped nevertheless."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from chdkshell.chdk.lifesigns import LifeSigns


def test_a_thread_that_did_not_start_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(thread: threading.Thread) -> None:
        raise KeyboardInterrupt

    scripts: Any = SimpleNamespace(last_id=None)
    signs = LifeSigns(scripts)
    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        signs.start()
    signs.stop()
