"""USB devices as Linux shows them in sysfs, written down in a file and built anew in a folder.

A line is `PATH = TEXT`, or `PATH -> TARGET` for a link; `[FOLDER]` begins those below a folder.
"""

from __future__ import annotations

from pathlib import Path

TREES = Path(__file__).resolve().parents[1] / "data" / "sysfs"


def build_tree(name: str, root: Path) -> None:
    """Build the tree of the file `name` below `root`."""
    folder = root
    for line in (TREES / f"{name}.txt").read_text().splitlines():
        if line.startswith("["):
            folder = root / line.strip("[]")
            folder.mkdir(parents=True, exist_ok=True)
        elif " -> " in line:
            path, target = line.split(" -> ")
            (folder / path).symlink_to(target)
        elif " = " in line:
            path, text = line.split(" = ")
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text + "\n")
