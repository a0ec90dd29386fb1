"""Pictures as chdkptp writes them: ppm for RGB, pam for RGBA."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def write_ppm(file: BinaryIO, rgb: NDArray[np.uint8]) -> None:
    """Write (height, width, 3) RGB bytes as a binary ppm."""
    height, width, _ = rgb.shape
    file.write(b"P6\n%d\n%d\n255\n" % (width, height))
    file.write(rgb.tobytes())


def write_pam(file: BinaryIO, rgba: NDArray[np.uint8]) -> None:
    """Write (height, width, 4) RGBA bytes as a pam."""
    height, width, _ = rgba.shape
    file.write(
        b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
        % (width, height)
    )
    file.write(rgba.tobytes())
