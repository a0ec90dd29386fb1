"""The prompt's measure: from a key press to the screen, while cameras are busy."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_children import MIB, folder_with, report, simulated_camera

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

KEYS = "luar return get_zoom(), os.stat('A/DCIM')"


def key_times(address: str, delay: float) -> list[float]:
    """Type lines at a prompt; return each key's time to the screen in seconds.

    From the prompt on, the camera takes `delay` seconds for each answer. Paths are typed too, so
    that it is asked for a listing meanwhile.
    """
    from slow_link import SlowLink
    from terminal import Terminal

    times = []
    with (
        tempfile.TemporaryDirectory() as home,
        SlowLink(address) as link,
        Terminal("-r", "--device", link.address, home=Path(home)) as terminal,
    ):
        terminal.wait_prompt("con> ")
        terminal.wait_for("free")
        link.delay = delay
        for text in ("ls A/DCIM/100CANON/IMG", KEYS):
            for count in range(1, len(text) + 1):
                begun = time.perf_counter()
                terminal.type(text[count - 1])
                seen = f"> {text[:count]}".rstrip()
                while seen not in terminal.text:
                    terminal.feed(0.001)
                times.append(time.perf_counter() - begun)
            terminal.type("\x15")
            terminal.wait_without(text)
        link.delay = 0
    return times


def busy_download(address: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start a batch that downloads a big file again and again, with `tee`."""
    command = [sys.executable, "-m", "chdkshell", "-r", "--device", address, "-e", "tee copy.txt"]
    for number in range(20):
        command += ["-e", f"download BIG.BIN big{number % 2}.bin"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)


def worst(times: list[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile, in ms."""
    ordered = sorted(times)
    return statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.99)] * 1000


def prompt() -> None:
    """From a key to the screen: at rest, beside a download, and with a slow camera (aim: 50 ms)."""
    with (
        folder_with("BIG.BIN", 100 * MIB) as root,
        folder_with("X", 1) as card,
        simulated_camera(root) as busy,
        simulated_camera(card) as address,
    ):
        at_rest = worst(key_times(address, 0))
        download = busy_download(busy, root / "out")
        try:
            beside = worst(key_times(address, 0))
        finally:
            download.kill()
            download.wait()
        slow = worst(key_times(address, 2.0))
    for name, times in (("at rest", at_rest), ("beside a download", beside), ("2 s camera", slow)):
        more = f"median {times[0]:.1f} ms, 99 of 100 keys within ours; aim: 50 ms"
        report(f"key, {name}", times[1], 50, "ms", times[1] / 50, more)
