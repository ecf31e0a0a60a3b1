"""The readings of a text: as it stands, with its escapes undone again and again, with its digits decoded.

A place in a reading leads back to the text.
"""

from __future__ import annotations

import functools
import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pollspec.digits import DIGITS, Digits

ROUNDS = 8
"""How many escapes of a kind upon each other are undone."""
CONTROLS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


class Reading:
    """A text in bytes (UTF-8). `END`: what stands where it ends, or is cut off, be it within escapes."""

    END = re.compile(rb"(?:[\\%&][\w#]{0,8}){0,3}(?:(\.\.\.)|\Z)")

    def __init__(self, content: bytes) -> None:
        self.content, self.lowered = content, content.lower()

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where in the text itself that stands which is read from `start` to `end`; rather too much than too little."""
        return start, end

    def repeats(self, start: int, end: int) -> bool:
        """Whether the reading from which it was read says the same there in the same words."""
        return False

    def ends(self, end: int) -> str:
        """`cut` where dots stand for the rest of the text, `end` where it ends; else ""."""
        found = self.END.match(self.content, end)
        return "" if found is None else "cut" if found[1] else "end"


# --- escapes


def _of_json(found: re.Match[bytes]) -> bytes:
    text, kind = found[0], found[0][1:2]
    if kind in b"uU":
        units = bytes.fromhex(re.sub(rb"\\[uU]", b"", text).decode())
        return units.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")
    return bytes([int(text[2:], 16)]) if kind in b"xX" else CONTROLS.get(kind, text[1:])


def _of_url(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[0].replace(b"%", b"").decode())


def _of_html(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if text[1:2] != b"#":
        names = (html.unescape(name) for name in (text.decode(), text.decode().lower()))
        return next((name.encode() for name in names if not name.endswith(";")), text)
    number = int(text[3:-1], 16) if text[2:3] in b"xX" else int(text[2:-1])
    return chr(number).encode("utf-8", "surrogatepass") if number < 0x110000 else text


class Escape(NamedTuple):
    """What an escape looks like, and what it says. A run of them counts as one where each says one byte."""

    pattern: re.Pattern[bytes]
    said: Callable[[re.Match[bytes]], bytes]


JSON = (
    rb"\\(?:u00[0-7][0-9a-f](?:\\u00[0-7][0-9a-f])*|ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|u[0-9a-f]{4}"
    rb"|x[0-9a-f]{2}|(?-i:[\"'\\/bfnrt]))"
)
ESCAPES = (
    Escape(re.compile(JSON, re.IGNORECASE), _of_json),
    Escape(re.compile(rb"%[0-9a-f]{2}(?:%[0-9a-f]{2})*", re.IGNORECASE), _of_url),
    Escape(re.compile(rb"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE), _of_html),
)


def may_escape(content: bytes) -> bool:
    """Whether a text has what an escape begins with."""
    return b"\\" in content or b"%" in content or b"&" in content


ESCAPED = re.compile(b"|".join(b"(?:%b)" % escape.pattern.pattern for escape in ESCAPES), re.IGNORECASE)


class Piece(NamedTuple):
    """What stands from `at` on in a reading stood from `start` to `end` in its source."""

    at: int
    start: int
    end: int


class Undone(Reading):
    """A reading with its escapes of one kind undone."""

    def __init__(self, content: bytes, source: Reading, escape: Escape) -> None:
        super().__init__(content)
        self.END = source.END
        self.source, self.escape = source, escape

    @functools.cached_property
    def _pieces(self) -> list[Piece]:
        pieces, at, done = list[Piece](), 0, 0
        for found in self.escape.pattern.finditer(self.source.content):
            pieces.append(Piece(at, done, found.start()))
            at += found.start() - done
            pieces.append(Piece(at, *found.span()))
            at, done = at + len(self.escape.said(found)), found.end()
        return [*pieces, Piece(at, done, len(self.source.content)), Piece(len(self.content), 0, 0)]

    @functools.cached_property
    def _ats(self) -> list[int]:
        return [piece.at for piece in self._pieces]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """By the pieces; in a run of escapes all are of one width."""
        first, last = self._number(start), self._number(end - 1)
        begin = self._pieces[first].start + (start - self._ats[first]) * self._wide(first)
        until = self._pieces[last].end - (self._ats[last + 1] - end) * self._wide(last)
        return self.source.place(begin, until)

    def repeats(self, start: int, end: int) -> bool:
        """Every second piece is an escape."""
        number = self._number(start)
        return number % 2 == 0 and end <= self._ats[number + 1]

    def _number(self, at: int) -> int:
        """Of the piece that stands there."""
        return bisect_right(self._ats, at, hi=len(self._ats) - 1) - 1

    def _wide(self, number: int) -> int:
        """How many bytes of the source stand for one of a piece."""
        piece = self._pieces[number]
        return (piece.end - piece.start) // max(1, self._ats[number + 1] - piece.at)


def undone(reading: Reading) -> Iterator[Reading]:
    """A reading, and each time that escapes of a kind are undone in it."""
    yield reading
    if not may_escape(reading.content):
        return
    before = None
    for _ in range(ROUNDS):
        if before is reading:
            return
        before = reading
        for escape in ESCAPES:
            content = escape.pattern.sub(escape.said, reading.content)
            if content != reading.content:
                reading = Undone(content, reading, escape)
                yield reading


# --- digits


class Decoded(Reading):
    """A reading with all that stands in it taken for digits; their first group begins after `skipped` letters.

    What is no digit says zeros.
    """

    END = re.compile(rb"(?s)(?:[\\%&][\w#]{0,8}){0,3}.?(?:(\0)|\Z)")

    def __init__(self, content: bytes, source: Reading, digits: Digits, skipped: int) -> None:
        super().__init__(content)
        self.source, self.digits, self.skipped = source, digits, skipped

    def place(self, start: int, end: int) -> tuple[int, int]:
        """All letters that have a part in it."""
        group, size = self.digits.group, self.digits.size
        until = self.skipped - (-end * group // size)
        return self.source.place(self.skipped + start * group // size, min(until, len(self.source.content)))


def decoded(reading: Reading, concerns: Callable[[bytes], bool]) -> Iterator[Reading]:
    """What a reading says in digits, whichever letter begins a group. Too short a run of digits is taken for none.

    All that it says in digits of a kind is left out at once where that has no escape, and `concerns` nobody.
    """
    for digits in DIGITS:
        if not digits.are_in(reading.content):
            continue
        said = digits.said(reading.content)
        together = b"\n".join(said)
        if ESCAPED.search(together) or concerns(together):
            for skipped, content in enumerate(said):
                yield Decoded(content, reading, digits, skipped)


def readings(content: bytes, concerns: Callable[[bytes], bool]) -> Iterator[Reading]:
    """A text as it stands and without its escapes; and what it then says in digits, with their escapes and without.

    `concerns`: whether a text may hold what is looked for. Of what is said in digits, what holds none may be left out.
    """
    several = list(undone(Reading(content)))
    yield from several
    for said in decoded(several[-1], concerns):
        yield from undone(said)
