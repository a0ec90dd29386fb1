"""The prompt's measure: from a key press to the screen, while cameras are busy."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench_children import (
    MIB,
    folder_with,
    processor_seconds,
    report,
    simulated_camera,
)

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

LINES = ("ls A/DCIM/100CANON/IMG", "luar return get_zoom(), os.stat('A/DCIM')") * 4
"""What is typed. Paths are too, so that the camera is asked for a listing meanwhile."""


class Keys(NamedTuple):
    """What keys took: the median and the 99th percentile from press to screen, and the processor
    time of one, which does not depend on what else the machine does. In ms."""

    median: float
    p99: float
    processor: float


def key_times(address: str, delay: float) -> Keys:
    """Type lines at a prompt; from then on, the camera takes `delay` seconds for each answer."""
    from support.slow_link import SlowLink
    from support.terminal import Terminal

    times = []
    with (
        tempfile.TemporaryDirectory() as home,
        SlowLink(address) as link,
        Terminal("-r", "--device", link.address, home=Path(home)) as terminal,
    ):
        terminal.wait_prompt("con> ")
        terminal.wait_for("free")
        link.delay = delay
        before = processor_seconds(terminal.child.pid)
        for text in LINES:
            for count in range(1, len(text) + 1):
                begun = time.perf_counter()
                terminal.type(text[count - 1])
                seen = f"> {text[:count]}".rstrip()
                while seen not in terminal.text:
                    terminal.feed(0.001)
                times.append(time.perf_counter() - begun)
            terminal.type("\x15")
            terminal.wait_without(text)
        used = processor_seconds(terminal.child.pid) - before
        link.delay = 0
    ordered = sorted(seconds * 1000 for seconds in times)
    p99 = ordered[int(len(ordered) * 0.99)]
    return Keys(statistics.median(ordered), p99, used * 1000 / len(ordered))


def busy_download(address: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start a batch that downloads a big file again and again, with `tee`."""
    command = [sys.executable, "-m", "chdkshell", "-r", "--device", address, "-e", "tee copy.txt"]
    for number in range(20):
        command += ["-e", f"download BIG.BIN big{number % 2}.bin"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)


def prompt() -> None:
    """From a key to the screen: at rest, beside a download, and with a slow camera (aim: 50 ms)."""
    with (
        folder_with("BIG.BIN", 100 * MIB) as root,
        folder_with("X", 1) as card,
        simulated_camera(root) as busy,
        simulated_camera(card) as address,
    ):
        at_rest = key_times(address, 0)
        download = busy_download(busy, root / "out")
        try:
            beside = key_times(address, 0)
        finally:
            download.kill()
            download.wait()
        slow = key_times(address, 2.0)
    for name, keys in (("at rest", at_rest), ("beside a download", beside), ("2 s camera", slow)):
        more = (
            f"median {keys.median:.1f} ms, 99 of 100 keys within ours; aim: 50 ms;"
            f" {keys.processor:.1f} ms of the processor a key"
        )
        report(f"key, {name}", keys.p99, 50, "ms", keys.p99 / 50, more)
