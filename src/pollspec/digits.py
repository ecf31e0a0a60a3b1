"""Digits that stand for bytes: base64 of either alphabet, base32, hex; told from other letters, and read."""

from __future__ import annotations

import binascii
from collections.abc import Callable
from typing import NamedTuple


class Digits(NamedTuple):
    """Letters that stand for bytes, `group` of them for `size` bytes; a `run` of one of `alphabets` may say something.

    `values`: the letter for each byte of a text, that of the digit 0 for what is no digit.
    """

    group: int
    size: int
    run: int
    alphabets: tuple[bytes, ...]
    values: bytes
    decode: Callable[[bytes], bytes]

    def are_in(self, content: bytes) -> bool:
        """Whether a text has so many of them in a row."""
        return any(b"1" * self.run in content.translate(marks) for marks in self.alphabets)

    def said(self, content: bytes) -> list[bytes]:
        """What a text says in them, whichever letter begins a group."""
        values = content.translate(self.values) + self.values[:1] * self.group
        ends = (len(values) - (len(values) - skipped) % self.group for skipped in range(self.group))
        return [self.decode(values[skipped:end]) for skipped, end in enumerate(ends)]


def _values(zero: bytes, letters: bytes, values: bytes) -> bytes:
    table = bytearray(zero * 256)
    for letter, value in zip(letters, values, strict=True):
        table[letter] = value
    return bytes(table)


def _marks(letters: bytes) -> bytes:
    """A table that makes each of some letters a 1, and all else a 0."""
    return _values(b"0", letters, b"1" * len(letters))


def _base32(digits: bytes) -> bytes:
    return int(digits, 32).to_bytes(len(digits) * 5 // 8, "big") if digits else b""


UPPER, LOWER, TEN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz", b"0123456789"
BASE64, BASE32 = UPPER + LOWER + TEN + b"+/", TEN + LOWER[:22]
DIGITS = (
    Digits(
        *(4, 3, 11, (_marks(BASE64 + b"-_"),)),
        _values(b"A", BASE64 + b"-_", BASE64 + b"+/"),
        binascii.a2b_base64,
    ),
    Digits(
        *(8, 5, 13, (_marks(UPPER + TEN[2:8]), _marks(LOWER + TEN[2:8]))),
        _values(b"0", UPPER + LOWER + TEN[2:8], BASE32[:26] * 2 + BASE32[26:]),
        _base32,
    ),
    Digits(
        *(2, 1, 16, (_marks(TEN + UPPER[:6] + LOWER[:6]),)),
        _values(b"0", TEN + UPPER[:6] + LOWER[:6], TEN + LOWER[:6] * 2),
        binascii.unhexlify,
    ),
)
