"""The recorded remote capture, as answers that can be played back."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from support.chdk_replay import Answer

RECORDED = Path(__file__).parent.parent / "data" / "capture.jsonl"


@cache
def recorded(name: str) -> Answer:
    """Return the answer of one recorded transaction. Long data is its beginning and zeros."""
    for line in RECORDED.read_text().splitlines():
        step = json.loads(line)
        if step["name"] == name:
            return Answer(tuple(step["rparams"]), _data(step["in"]), step["rc"])
    raise KeyError(name)


def _data(shown: Any) -> bytes | None:
    if isinstance(shown, dict):
        return bytes.fromhex(shown["head"]).ljust(shown["len"], b"\0")
    return None if shown is None else bytes.fromhex(shown)


def recorded_dng_header() -> bytes:
    """Return the header that CHDK's own code made for a sensor of 4704x3504 pixels of 12 bits."""
    header = recorded("DNG header: chunk 1").data
    assert header is not None
    return header
