"""The measures of short calls: start-up, a listing, Lua."""

from __future__ import annotations

import statistics

from bench_children import (
    PYTHON,
    folder_with,
    python,
    report,
    run,
    simulated_camera,
    small_files,
)

LISTING = """
import sys, time, chdkshell
with chdkshell.connect(sys.argv[1]) as cam:
    first, found = [], []
    def receive(items):
        first or first.append(time.perf_counter())
        found.extend(items)
    start = time.perf_counter()
    cam.files.walk(["DCIM"], on_entries=receive)
    whole = time.perf_counter() - start
    assert sum(not item.is_dir for item in found) == 10_000
    start_2 = time.perf_counter()
    for _ in range(500):
        cam.protocol.script_status()
    print(whole, first[0] - start, time.perf_counter() - start_2)
"""

LUA_CALLS = """
import sys, time, chdkshell
with chdkshell.connect(sys.argv[1]) as cam:
    cam.lua("return 1")
    start = time.perf_counter()
    for _ in range(100):
        assert cam.lua("return 1") == 1
    ours = time.perf_counter() - start
    start = time.perf_counter()
    for _ in range(400):
        cam.protocol.script_status()
    print(ours, time.perf_counter() - start)
"""


def start_up() -> None:
    """`chdkshell -e "help quit"` against `python -c pass`."""
    ours, bare = [], []
    for _ in range(15):
        ours.append(run(PYTHON, "-m", "chdkshell", "-r", "-e", "help quit").seconds)
        bare.append(python("pass").seconds)
    a, b = statistics.median(ours) * 1000, statistics.median(bare) * 1000
    report("start-up", a, b, "ms", a / b, "aim: under 3 times `python -c pass`")


def listing() -> None:
    """10,000 files in 100 folders from a camera with 500 KB for Lua, against 500 transactions."""
    with (
        small_files(100, 100, 10) as root,
        simulated_camera(root / "card", "--lua-heap", "500K") as address,
    ):
        rounds = [python(LISTING, address).output.split() for _ in range(3)]
    whole, first, bare = (
        statistics.median(float(words[n]) * 1000 for words in rounds) for n in range(3)
    )
    report("10,000 files listed", whole, bare, "ms", whole / bare, f"first row: {first:.0f} ms")


def lua_calls() -> None:
    """`luar return 1` a hundred times, against four bare transactions each."""
    with folder_with("X", 1) as root, simulated_camera(root) as address:
        ours, bare = (float(word) * 1000 for word in python(LUA_CALLS, address).output.split())
        more = f"of four bare transactions each; {ours / 100:.2f} ms a call"
        report("luar return 1, 100 x", ours, bare, "ms", ours / bare, more)
