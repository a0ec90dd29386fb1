"""Disks as Windows has them: images that ntfs-3g mounts."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

SIZE = 20 << 30
"""Bytes of an image, of which the host's disk holds only those that were written."""

FUSE = Path("/dev/fuse")
_FUSE_NUMBER = os.makedev(10, 229)


@contextmanager
def ntfs(root: Path, peer: Callable[[str], str], program: str, options: str) -> Iterator[Path]:
    """Give the folder of a new disk that `program` (ntfs-3g, lowntfs-3g) has mounted.

    Skips where the system lets nobody mount by FUSE, and says why.
    """
    mkntfs, mounter, unmounter = peer("mkntfs"), peer(program), peer("umount")
    _need_fuse()
    image, folder = root / f"{program}.img", root / program
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(SIZE)
    subprocess.run([mkntfs, "-F", "-Q", "-q", str(image)], check=True, capture_output=True)
    mounted = subprocess.run(
        [mounter, "-o", options, str(image), str(folder)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if mounted.returncode or not os.path.ismount(folder):
        said = " ".join(mounted.stderr.split())
        if "Operation not permitted" in said or "fuse" in said.lower():
            pytest.skip(f"FUSE is not to be had here: {said}")
        pytest.fail(f"{program} did not mount the image: {said}")
    try:
        yield folder
    finally:
        subprocess.run([unmounter, "-l", str(folder)], check=True)
        image.unlink()


def _need_fuse() -> None:
    if not FUSE.exists() and hasattr(os, "geteuid") and os.geteuid() == 0:
        with suppress(OSError):
            os.mknod(FUSE, stat.S_IFCHR | 0o600, _FUSE_NUMBER)
    try:
        os.close(os.open(FUSE, os.O_RDWR))
    except OSError as error:
        pytest.skip(f"FUSE is not to be had here: {FUSE}: {error.strerror}")
