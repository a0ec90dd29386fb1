"""Changes to bytes and numbers, as broken or hostile peers make them."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

EXTREMES = (0, 1, 2, 3, 7, 8, 11, 12, 13, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000)
WORDS = (*EXTREMES, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0x2001, 0x2002, 0x2003, 0x2019)
"""Numbers at which something changes: sizes, signs, types and response codes."""

Mutation = Callable[[random.Random, bytearray], None]


def _flip(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data) * 8)
    data[at >> 3] ^= 1 << (at & 7)


def _set_byte(rng: random.Random, data: bytearray) -> None:
    data[rng.randrange(len(data))] = rng.randrange(256)


def _set_word(rng: random.Random, data: bytearray) -> None:
    if len(data) >= 4:
        struct.pack_into("<I", data, rng.randrange(len(data) // 4) * 4, rng.choice(WORDS))


def _set_half(rng: random.Random, data: bytearray) -> None:
    if len(data) >= 2:
        struct.pack_into("<H", data, rng.randrange(len(data) - 1), rng.choice(EXTREMES[:-1]))


def _cut(rng: random.Random, data: bytearray) -> None:
    del data[rng.randrange(len(data)) :]


def _drop(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data))
    del data[at : at + rng.randint(1, 16)]


def _repeat(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data))
    data[at:at] = data[at : at + rng.randint(1, 64)]


def _insert(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:at] = rng.randbytes(rng.randint(1, 16))


def _scramble(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data))
    size = min(rng.randint(1, 32), len(data) - at)
    data[at : at + size] = rng.randbytes(size)


MUTATIONS: tuple[Mutation, ...] = (
    *(_flip, _set_byte, _set_word, _set_word, _set_half),
    *(_cut, _drop, _repeat, _insert, _scramble),
)


def changed(rng: random.Random, data: bytes) -> bytes:
    """Return `data` with one change, seldom more; it may be what it was."""
    result = bytearray(data)
    for _ in range(1 if rng.random() < 0.8 else rng.randint(2, 5)):
        if result:
            rng.choice(MUTATIONS)(rng, result)
    return bytes(result)


def changed_number(rng: random.Random, value: int) -> int:
    """Return another 32-bit number: a near one, or one at which something changes."""
    if rng.random() < 0.5:
        return rng.choice(WORDS)
    return (value ^ 1 << rng.randrange(32)) & 0xFFFFFFFF


def changed_numbers(rng: random.Random, values: tuple[int, ...]) -> tuple[int, ...]:
    """Return parameters with one changed, left out or added; five at most."""
    result = list(values)
    choice = rng.random()
    if result and choice < 0.7:
        at = rng.randrange(len(result))
        result[at] = changed_number(rng, result[at])
    elif result and choice < 0.85:
        del result[rng.randrange(len(result)) :]
    elif len(result) < 5:
        result.append(rng.choice(WORDS))
    return tuple(result)
