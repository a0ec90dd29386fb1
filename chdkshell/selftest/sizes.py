"""Sizes of data phases that are known to hang some cameras."""

from __future__ import annotations

from collections.abc import Iterable

from chdkshell.chdk.transfersizes import EARLY_DRYOS, PIECE, SHORT_OF_PIECE, upload_size
from chdkshell.errors import CameraTimeoutError, ChdkShellError, TransferStalledError
from chdkshell.selftest.bench import Bench
from chdkshell.selftest.checks import Kind, Trial
from chdkshell.selftest.outcomes import CheckFailedError, require_bytes, require_equal

MULTIPLES = (1, 2, 8, 128)
"""Multiples of 512 that are gone around."""

STEPS = 8
"""So many sizes from 0x23F4 on, a quarter of 512 apart: two of them are bad on early DryOS."""

NAME = "RISKY.BIN"


def around_pieces(bench: Bench) -> str:
    """Uploads in data phases around multiples of 512, which a camera reads in several calls."""
    spread = range(-SHORT_OF_PIECE - 2, 3)
    return uploads(bench, [PIECE * n + more for n in MULTIPLES for more in spread])


def early_dryos(bench: Bench) -> str:
    """Data from 0x23F4 bytes on, in one call and in several."""
    sizes = [EARLY_DRYOS + step * PIECE // 4 for step in range(STEPS)]
    for size in sizes:
        data = bench.data(size)
        try:
            bench.camera.protocol.set_temp_data(data, bench.cancel)
            got = bench.camera.protocol.get_temp_data(True, bench.cancel)
        except (CameraTimeoutError, TransferStalledError) as error:
            raise stalled(size, error) from error
        require_bytes(f"{size} bytes", got, data)
    return f"{len(sizes)} at once; {uploads(bench, sizes)}"


def uploads(bench: Bench, sizes: Iterable[int]) -> str:
    """Upload files in data phases of these sizes."""
    header = upload_size(bench.path(NAME).encode(), 0)
    count = 0
    for size in sizes:
        try:
            path = bench.upload(NAME, bench.data(size - header))
        except (CameraTimeoutError, TransferStalledError) as error:
            raise stalled(size, error) from error
        bench.measured["largest"] = size
        entry = bench.camera.files.stat(path, bench.cancel)
        require_equal(f"a file sent in {size} bytes", entry.size, size - header)
        count += 1
    return f"{count} uploads of {min(sizes)} to {max(sizes)} bytes"


def stalled(size: int, error: ChdkShellError) -> CheckFailedError:
    """Return what to say of a camera that hangs."""
    return CheckFailedError(f"the camera hangs at data of {size} bytes ({error})", "it takes them")


CHECKS = (
    Trial("sizes around 512", "the camera takes them", around_pieces, kind=Kind.RISKY),
    Trial("sizes from 0x23F4", "the camera takes them", early_dryos, kind=Kind.RISKY),
)
