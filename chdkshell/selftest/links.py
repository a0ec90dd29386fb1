"""The link to the camera: what it is, single transactions, full packets, and coming back."""

from __future__ import annotations

import statistics
import time

from chdkshell.chdk.constants import PROTOCOL_VERSION, ScriptStatus, ScriptSupport
from chdkshell.connection import RECONNECT_SECONDS
from chdkshell.ptp.codes import OperationCode
from chdkshell.selftest.bench import SCRIPT_SECONDS, Bench
from chdkshell.selftest.checks import Trial
from chdkshell.selftest.outcomes import require, require_bytes, require_equal

TRANSACTIONS = 200

ROUNDS = 5
"""How often each size is tried: the quickest counts."""

HEADER = 12
"""Bytes of the header of a data phase on USB."""

FULL = (64 - HEADER, 512 - HEADER, 1024 - HEADER)
"""Bytes of data that fill packets of 64 or 512 bytes: an empty packet ends them."""

LATE_SECONDS = 0.15
"""How much longer than others a transaction may take that ends with a full packet."""


def identity(bench: Bench) -> str:
    """The camera says what it is, and what it can do."""
    camera = bench.camera
    require(bool(camera.model), "the camera has no name", "its model")
    major, minor = camera.chdk_version or (0, 0)
    require(major == PROTOCOL_VERSION[0], f"protocol {major}.{minor}", f"{PROTOCOL_VERSION[0]}.x")
    require(OperationCode.CHDK in camera.info.operations_supported, "CHDK is not listed", "it is")
    support = camera.protocol.script_support(bench.cancel)
    require(ScriptSupport.LUA in support, "CHDK has no Lua", "Lua")
    return f"{camera.model}, CHDK protocol {major}.{minor} with Lua"


def transactions(bench: Bench) -> str:
    """Many small transactions, each with its answer."""
    times = []
    for _ in range(TRANSACTIONS):
        start = time.perf_counter()
        bench.camera.protocol.script_status(cancel=bench.cancel)
        times.append((time.perf_counter() - start) * 1000)
    median, longest = statistics.median(times), max(times)
    bench.measured.update(
        count=TRANSACTIONS, median_ms=round(median, 3), longest_ms=round(longest, 3)
    )
    return f"{TRANSACTIONS}, half of them in {median:.2f} ms, the longest {longest:.2f} ms"


def full_packets(bench: Bench) -> str:
    """Data that end with a full packet take no longer than others."""
    sizes = [size + more for size in FULL for more in (-1, 0, 1)]
    scripts = bench.camera.scripts
    shortest = dict.fromkeys(sizes, float("inf"))
    code = ",".join(map(str, sizes))
    scripts.start(
        f"for _=1,{ROUNDS} do for _,n in ipairs({{{code}}}) do "
        "write_usb_msg(string.rep('#',n),10000) end end"
    )
    for _ in range(ROUNDS):
        for size in sizes:
            bench.wait_message()
            start = time.perf_counter()
            message = scripts.read_message()
            shortest[size] = min(shortest[size], time.perf_counter() - start)
            require_bytes("data", message.data if message else b"", b"#" * size)
    scripts.wait(timeout=SCRIPT_SECONDS, cancel=bench.cancel)
    usual = statistics.median(seconds for size, seconds in shortest.items() if size not in FULL)
    for size in FULL:
        bench.measured[f"full_{size + HEADER}_ms"] = round(shortest[size] * 1000, 3)
        require(
            shortest[size] <= usual + LATE_SECONDS,
            f"{size} bytes took {shortest[size] * 1000:.0f} ms: their last packet comes late",
            f"{usual * 1000:.0f} ms, as others",
        )
    bench.measured["others_ms"] = round(usual * 1000, 3)
    return f"{', '.join(map(str, FULL))} bytes and those next to them"


def reconnect(bench: Bench) -> str:
    """The same camera is found again, with what is on its card."""
    camera = bench.camera
    before = camera.model, camera.serial, camera.chdk_version
    data = bench.data(bench.quiet_size(3000))
    path = bench.write("BEFORE.BIN", data)
    start = time.monotonic()
    camera.reconnect(RECONNECT_SECONDS, bench.cancel)
    seconds = time.monotonic() - start
    after = camera.model, camera.serial, camera.chdk_version
    require(before == after, "another camera", "the same")
    require(not camera.scripts.status() & ScriptStatus.RUNNING, "a script runs", "none")
    require_equal("what a script returns", bench.lua("return 6*7"), 42)
    require_bytes("the file from before", bench.read(path), data)
    bench.measured["seconds"] = round(seconds, 3)
    return f"connected again in {seconds:.1f} s"


FIRST = (
    Trial("identity", "it says what it is", identity),
    Trial("transactions", "each is answered", transactions),
    Trial("full packets", "they take no longer than others", full_packets),
)

LAST = (Trial("reconnect", "the same camera is found again", reconnect),)
