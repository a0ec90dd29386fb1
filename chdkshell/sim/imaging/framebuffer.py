"""How the simulated sensor's pixels lie in the camera's memory.

Written apart from the client's own unpacking (chdk/imaging/rawimage.py), so that a mistake in one
does not hide in the other. A row is one stream of bits, the first pixel's highest bit first; the
camera stores that stream in little-endian words of 16 bits (CHDK: core/raw.c).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WORD = 16
"""Bits of a word of memory."""


def bytes_of_row(width: int, bits: int) -> int:
    """Return the bytes that a row of pixels takes. Raises `ValueError` for no whole words."""
    words, rest = divmod(width * bits, WORD)
    if rest or not words:
        raise ValueError(f"{width} pixels of {bits} bits do not fill whole words")
    return words * WORD // 8


def frame_bytes(rows: NDArray[np.uint16], bits: int) -> bytes:
    """Return rows of pixels as the camera keeps them. Bits above the sensor's are left out."""
    count, width = rows.shape
    words = bytes_of_row(width, bits) * 8 // WORD
    pixels = (rows & ((1 << bits) - 1)).astype(np.uint32)
    stored = np.zeros((count, words), np.uint32)
    # words repeat their pattern once pixels and words end at the same bit
    period = bits // np.gcd(bits, WORD)
    for first in range(int(period)):
        stored[:, first::period] = _words_at(pixels, first, int(period), bits, words)
    return stored.astype("<u2").tobytes()


def _words_at(
    pixels: NDArray[np.uint32], first: int, period: int, bits: int, words: int
) -> NDArray[np.uint32]:
    """Return every `period`-th word of each row, from word `first` on."""
    start, end = first * WORD, (first + 1) * WORD
    step = period * WORD // bits
    count = len(range(first, words, period))
    value = np.zeros((len(pixels), count), np.uint32)
    for index in range(start // bits, -(-end // bits)):
        below = end - (index + 1) * bits  # bits of the word after this pixel, or beyond it if < 0
        part = pixels[:, index::step][:, :count]
        value |= part << below if below >= 0 else part >> -below
    return np.asarray(value & np.uint32(0xFFFF))
