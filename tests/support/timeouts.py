"""How long tests wait for what must come: long enough for a machine that is busy."""

from __future__ import annotations

TIMEOUT = 150.0
"""Seconds. Only a test that fails waits as long."""
