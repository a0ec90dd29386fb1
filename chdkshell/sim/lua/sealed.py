"""What string.dump gives: native code that only this process takes back, since it trusts such code.

It has the header of the firmware's precompiled chunks (lib/lua/lundump.c): 32-bit integers are its
numbers. A chunk of another process, or one that was changed, is refused as bad code.
"""

from __future__ import annotations

import hmac
import secrets

HEADER = b"\x1bLua" + bytes((0x51, 0, 1, 4, 4, 4, 4, 1))
"""Signature, version 5.1, format, little endian, and the sizes of C's types."""

_KEY = secrets.token_bytes(32)
_DIGEST = "sha256"
_DIGEST_SIZE = 32
_LENGTH_SIZE = 4


def seal(code: bytes) -> bytes:
    """Return native code as a precompiled chunk."""
    digest = hmac.digest(_KEY, code, _DIGEST)
    return HEADER + len(code).to_bytes(_LENGTH_SIZE, "little") + digest + code


def unseal(chunk: bytes) -> tuple[bytes | None, bytes]:
    """Return the native code in a precompiled chunk, or None and what the firmware says of it."""
    if len(chunk) < len(HEADER):
        return None, b"unexpected end"
    if not chunk.startswith(HEADER):
        return None, b"bad header"
    rest = chunk[len(HEADER) :]
    size, rest = int.from_bytes(rest[:_LENGTH_SIZE], "little"), rest[_LENGTH_SIZE:]
    digest, code = rest[:_DIGEST_SIZE], rest[_DIGEST_SIZE : _DIGEST_SIZE + size]
    if len(code) < size or not digest:
        return None, b"unexpected end"
    if not hmac.compare_digest(digest, hmac.digest(_KEY, code, _DIGEST)):
        return None, b"bad code"
    return code, b""
