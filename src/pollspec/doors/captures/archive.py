"""An archive of recorded traffic: HAR 1.2, or JSON Lines with a HAR entry a line. Its content tells which.

A HAR is mapped into memory, put in order of time, and read an entry at a time. JSON Lines is read as it comes, in the
order of the file, and takes the memory of one line. An entry that cannot be read is skipped and counted.
"""

from __future__ import annotations

import functools
import itertools
from array import array
from collections.abc import Iterator, Sequence
from typing import IO

from msgspec import Raw

from pollspec.doors.captures import formats, har
from pollspec.doors.captures.damage import salvaged
from pollspec.doors.captures.entries import Entry, shows_credentials
from pollspec.doors.captures.har import Misshapen, Unreadable
from pollspec.errors import CaptureError

LEAVE_OUT_NOTHING = frozenset({"mitmproxy", "harfile"})
"""Writers that at most replace a value."""
NAMED = 3
"""Entries that cannot be read, of which the reason is told."""
RELEASED = 4096
"""Entries after which the memory of the part of the file that was read is given back."""

_log, _moment, _shown, _entrylike = (
    har.decoder(har.Har),
    har.decoder(har.Moment),
    har.decoder(har.Shown),
    har.decoder(har.Entrylike),
)


class Archive:
    """The entries of a file (`-`: standard input) that a server answered, or should have; read once.

    Raises CaptureError where the file is no archive. Afterwards `unread` says what of it could not be read.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._what, self._counted, self._skipped = "entry", 0, 0
        self._reasons: list[str] = []
        self._damage = ""

    def __iter__(self) -> Iterator[Entry]:
        with formats.opened(self.path) as file:
            yield from self._of(file)

    def _of(self, file: IO[bytes]) -> Iterator[Entry]:
        """JSON Lines where one of the first two lines is an entry by itself, and not one in a list; otherwise a HAR."""
        first = file.readline(formats.LONGEST)
        if _is_entry(first):
            return self._of_lines(file, (first,))
        second = file.readline(formats.LONGEST) if first.endswith(b"\n") else b""
        if _is_entry(second) and not first.rstrip().endswith(b"["):
            return self._of_lines(file, (first, second))
        formats.check(self.path, first.removeprefix(formats.BOM).lstrip() or second.lstrip())
        return self._of_har(formats.whole(self.path, file, (first, second)))

    @property
    def unread(self) -> str:
        """How many entries could not be read, and why; "" where all could."""
        more = [f"{self._skipped - NAMED} more"] if self._skipped > NAMED else []
        skipped = f"{self._skipped} of {self._counted} entries could not be read: {'; '.join(self._reasons + more)}"
        return "; ".join(([skipped] if self._skipped else []) + ([self._damage] if self._damage else []))

    def _skip(self, place: int, why: str) -> None:
        self._skipped += 1
        if len(self._reasons) < NAMED:
            self._reasons.append(f"{self._what} {place + 1}: {why}")

    def _entry(self, data: Raw | bytes | memoryview, place: int, number: int, complete: bool) -> Entry | None:
        """The entry at a place of the file; None where a browser answered it itself, or where it cannot be read."""
        self._counted += 1
        try:
            entry = Entry(data, number, complete, functools.partial(self._skip, place))
        except Unreadable as error:
            self._skip(place, str(error))
            return None
        return None if entry.from_cache else entry

    def _of_lines(self, file: IO[bytes], begins: tuple[bytes, ...]) -> Iterator[Entry]:
        """One entry a line. A line tells of itself only, so that it says the same in any other file."""
        self._what = "line"
        try:
            for place, line in enumerate(itertools.chain(begins, formats.lines(file))):
                line = line.removeprefix(formats.BOM).strip()
                if line and (entry := self._entry(line, place, place, complete=False)):
                    yield entry
        except formats.BROKEN:
            self._damage = f"the file is broken after line {place + 1}"

    def _of_har(self, data: memoryview) -> Iterator[Entry]:
        """In order of time; numbered as in the file where that is the same order."""
        formats.check_encoding(self.path, data)
        listed, complete = self._listed(data)
        starts = array("d")
        for one in listed:
            starts.append(_start(one, starts))
            complete = complete or _tells(one)
        ordered = all(before <= after for before, after in itertools.pairwise(starts))
        places = range(len(listed)) if ordered else sorted(range(len(listed)), key=starts.__getitem__)
        for number, place in enumerate(places):
            if number % RELEASED == 0:
                formats.release(data)
            if entry := self._entry(listed[place], place, number, complete):
                yield entry

    def _listed(self, data: memoryview) -> tuple[Sequence[Raw | memoryview], bool]:
        """The entries, and whether their writer leaves out nothing."""
        try:
            log = _log(data).log
        except Misshapen as error:
            raise CaptureError(f"{self.path} is no HAR: {error}", formats.HINT) from None
        except Unreadable as error:
            return self._salvaged(data, str(error)), False
        writer = log.creator.get("name") if isinstance(log.creator, dict) else None
        return log.entries, str(writer).lower() in LEAVE_OUT_NOTHING

    def _salvaged(self, data: memoryview, why: str) -> list[memoryview]:
        """The entries of a file that is damaged, or cut off."""
        listed, ended = salvaged(data)
        cut = f"is cut off after {len(data)} bytes"
        if listed and ended:
            self._damage = f"the file is damaged ({why}): {len(listed)} entries were found in it"
        elif listed:
            self._damage = f"the file {cut}, after entry {len(listed)}"
        elif why == har.CUT_OFF:
            raise CaptureError(f"{self.path} {cut}, before an entry is whole", "export it again")
        else:
            raise CaptureError(f"{self.path} is no HAR: {why}", formats.HINT)
        return listed


def _is_entry(line: bytes) -> bool:
    try:
        _entrylike(line.removeprefix(formats.BOM))
    except Unreadable:
        return False
    return True


def _start(data: Raw | memoryview, before: Sequence[float]) -> float:
    """When an entry began; where it does not tell, when the one before did."""
    try:
        return har.instant(_moment(data).started)[0]
    except Unreadable:
        return before[-1] if before else 0.0


def _tells(data: Raw | memoryview) -> bool:
    """Whether an entry shows headers that are left out where any are."""
    try:
        return shows_credentials(_shown(data))
    except Unreadable:
        return False


def entries(path: str) -> Archive:
    """The entries of an archive."""
    return Archive(path)
