"""Benchmarks: ratios against yardsticks that are measured in the same run, alternating with it.

Absolute times depend on the machine, so each line gives ours, the yardstick's, and the ratio.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import bench_c_client
import bench_calls
import bench_large
import bench_listing
import bench_page
import bench_pictures
import bench_prompt
import bench_responder
import bench_rig
import bench_small

MEASURES: dict[str, Callable[[], None]] = {
    "capture": bench_pictures.capture,
    "start-up": bench_calls.start_up,
    "download": bench_large.download,
    "upload": bench_large.upload,
    "usb": bench_large.usb_download,
    "files": bench_small.mass_download,
    "huge": bench_large.huge_download,
    "listing": bench_calls.listing,
    "rows": bench_listing.rows,
    "lua": bench_calls.lua_calls,
    "decode": bench_pictures.decode,
    "live": bench_pictures.live,
    "page": bench_page.page,
    "prompt": bench_prompt.prompt,
    "responder": bench_responder.responder,
    "cameras": bench_responder.cameras,
    "rig": bench_rig.rig,
    **bench_c_client.MEASURES,
}


def main() -> None:
    """Take the measures that the command line names, or all."""
    # an installed package is compiled: a checkout has to be allowed to keep what it compiles
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    names = sys.argv[1:] or [name for name in MEASURES if name not in bench_c_client.GROUPS]
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise SystemExit(f"no measure {unknown[0]}; there are: {', '.join(MEASURES)}")
    if not set(names) <= {*bench_c_client.MEASURES, "rig"}:
        print(f"{'':<22} {'ours':>9} {'':<5} {'yardstick':>9} {'':<5} {'ratio':>6}")
    for name in names:
        MEASURES[name]()


if __name__ == "__main__":
    main()
