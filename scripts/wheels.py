"""Ask pip, for each system and Python, whether all that chdkshell needs comes as wheels.

Prints a table: "wheels", "- NAME" for what a marker in pyproject.toml leaves out, and "! NAME" for
what would have to be compiled. Exits with 1 where something would have to be.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


@dataclass(frozen=True)
class Computer:
    """A system and a processor: what pip calls them, and what markers see there."""

    name: str
    tags: tuple[str, ...]
    sys_platform: str
    machine: str

    def environment(self, python: str) -> dict[str, str]:
        """Return what markers see there."""
        return {
            "sys_platform": self.sys_platform,
            "platform_machine": self.machine,
            "python_version": python,
            "python_full_version": f"{python}.0",
            "platform_system": {"win32": "Windows", "darwin": "Darwin"}.get(
                self.sys_platform, "Linux"
            ),
            "os_name": "nt" if self.sys_platform == "win32" else "posix",
        }


def _glibc(machine: str, newest: int) -> tuple[str, ...]:
    versions = [f"manylinux_2_{minor}_{machine}" for minor in range(newest, 16, -1)]
    return (*versions, f"manylinux2014_{machine}", f"linux_{machine}")


COMPUTERS = (
    Computer("Windows x86-64", ("win_amd64",), "win32", "AMD64"),
    Computer("Windows ARM", ("win_arm64",), "win32", "ARM64"),
    Computer("macOS ARM", ("macosx_14_0_arm64",), "darwin", "arm64"),
    Computer("macOS x86-64", ("macosx_13_0_x86_64",), "darwin", "x86_64"),
    Computer("Linux x86-64", _glibc("x86_64", 36), "linux", "x86_64"),
    Computer("Linux ARM, 64 bits", _glibc("aarch64", 36), "linux", "aarch64"),
    Computer("Raspberry Pi OS, 32 bits", _glibc("armv7l", 36), "linux", "armv7l"),
    Computer("Pi 1 and Zero", ("linux_armv6l",), "linux", "armv6l"),
)


def requirements() -> list[Requirement]:
    """Return what pyproject.toml says that the package needs."""
    text = (PROJECT / "pyproject.toml").read_text("utf-8")
    return [Requirement(line) for line in tomllib.loads(text)["project"]["dependencies"]]


def have_wheels(computer: Computer, python: str, names: Iterable[str]) -> bool:
    """Whether pip finds wheels for all of `names`, and for what these need."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"),
                *("--disable-pip-version-check", "--ignore-installed", "--only-binary=:all:"),
                *("--target", folder, "--implementation", "cp", "--python-version", python),
                *(word for tag in computer.tags for word in ("--platform", tag)),
                *names,
            ],
            capture_output=True,
            check=False,
        )
    return done.returncode == 0


def cell(computer: Computer, python: str) -> str:
    """Return what the table says of a system and a Python."""
    environment = computer.environment(python)
    needed: list[tuple[str, str]] = []
    left_out: list[tuple[str, str]] = []
    for requirement in requirements():
        fits = requirement.marker is None or requirement.marker.evaluate(environment)
        plain = f"{requirement.name}{requirement.specifier}"
        (needed if fits else left_out).append((requirement.name, plain))
    lacking = []
    if not have_wheels(computer, python, [plain for _, plain in needed]):
        lacking = [n for n, plain in needed if not have_wheels(computer, python, [plain])]
        lacking = lacking or ["(all together)"]
    words = [f"! {name}" for name in lacking] + [f"- {name}" for name, _ in left_out]
    return ", ".join(words) or "wheels"


def table(computers: Iterable[Computer], pythons: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of the table, a system each as soon as it is known."""
    yield "| system | " + " | ".join(f"Python {python}" for python in pythons) + " |"
    yield "|---" * (len(pythons) + 1) + "|"
    with ThreadPoolExecutor(2) as pool:
        for computer in computers:
            cells = pool.map(lambda python, c=computer: cell(c, python), pythons)
            yield f"| {computer.name} | " + " | ".join(cells) + " |"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of the names of systems; all without")
    parser.add_argument("--python", action="append", help="only this Python, such as 3.13")
    options = parser.parse_args()
    chosen = [
        computer
        for computer in COMPUTERS
        if not options.names or any(n.lower() in computer.name.lower() for n in options.names)
    ]
    compiled = False
    for line in table(chosen, tuple(options.python or PYTHONS)):
        compiled |= "! " in line
        print(line, flush=True)
    return int(compiled)


if __name__ == "__main__":
    sys.exit(main())
