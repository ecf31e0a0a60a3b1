"""The forms in which a secret may stand in a text: this is the one list of them, for masks and for `keeps-secret`.

- As it is; from CASELESS characters on in any case.
- In digits: base64 of either alphabet at any place of a longer text, base32, hex.
- Escaped for JSON and JavaScript (`\\"`, `\\/`, `\\u003c`, `\\x3c`), URLs (`%3C`) or HTML (`&lt;`, `&#60;`, `&#x3c;`):
  only what must be, or every character; once or several times; before it was written in digits, or after.
- In digits of digits.

The first two are looked for as they are written; the others where the text's own escapes and digits are undone.
"""

from __future__ import annotations

import base64
import functools
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from pollspec.readings import Reading, readings, undone

CASELESS = 8
"""Characters. A shorter secret is found in its own case only: in any other it may be an ordinary word."""
BEGINNING = {"": 12, "end": 8, "cut": 4}
"""Bytes of the beginning of a form that give it away: wherever they stand, at a text's end, and where it was cut."""
Encoder = Callable[[bytes], bytes]
ENCODERS: tuple[tuple[Encoder, int, int], ...] = (
    (base64.b64encode, 6, 3),
    (base64.urlsafe_b64encode, 6, 3),
    (base64.b32encode, 5, 1),
    (lambda text: base64.b32encode(text).lower(), 5, 1),
    (base64.b16encode, 4, 1),
    (lambda text: text.hex().encode(), 4, 1),
)
"""How bytes are written in digits of so many bits, and after how many other bytes that is looked for."""


def digits(text: bytes) -> Iterator[bytes]:
    """A text in digits: those that are the same whatever stands around it."""
    for encode, bits, most in ENCODERS:
        for before in range(most):
            until = before + len(text)
            whole = encode(b"\0" * before + text + b"\0" * (-until % 15))
            yield whole[-(-8 * before // bits) : 8 * until // bits]


def forms(secret: str) -> Iterator[bytes]:
    """What is looked for: a secret in any case, also with `+` for spaces and with its escapes undone; its digits."""
    cases = (secret, secret.lower(), secret.upper()) if len(secret) >= CASELESS else (secret,)
    for text in (case.encode("utf-8", "surrogatepass") for case in cases):
        yield text.replace(b" ", b"+")
        yield from (reading.content for reading in undone(Reading(text)))
    yield from digits(secret.encode("utf-8", "surrogatepass"))


class Form(NamedTuple):
    """One form of a secret, in lower case if it is looked for in any."""

    secret: str
    text: bytes
    caseless: bool

    def reach(self, reading: Reading, start: int) -> int:
        """How many bytes of a reading are this form, or so much of its beginning that it is given away; else 0."""
        given = (reading.lowered if self.caseless else reading.content)[start : start + len(self.text)]
        if given == self.text:
            return len(given)
        pairs = zip(given, self.text, strict=False)
        same = next((at for at, (one, other) in enumerate(pairs) if one != other), len(given))
        return same if self.caseless and same >= BEGINNING[reading.ends(start + same)] else 0


class Found(NamedTuple):
    """Where a secret stands in a text, in bytes of UTF-8. `whole`: all of it does."""

    start: int
    end: int
    secret: str
    whole: bool


class _Machine:
    """Looks for the forms of so many secrets at once, by their beginnings in lower case."""

    def __init__(self, known: dict[bytes, list[Form]], size: int) -> None:
        self.known, self.size = known, size
        self._forms, self._beginnings = list(known.values()), BytesAhoCorasick(known)

    def begins_in(self, lowered: bytes) -> bool:
        """Whether the beginning of a form stands in a text in lower case."""
        return bool(self._beginnings.find_matches_as_indexes(lowered))

    def find(self, reading: Reading) -> Iterator[Found]:
        for number, start, _ in self._beginnings.find_matches_as_indexes(reading.lowered, overlapping=True):
            for form in self._forms[number]:
                same = form.reach(reading, start)
                if same and not reading.repeats(start, start + same):
                    yield Found(*reading.place(start, start + same), form.secret, same == len(form.text))


def _concerns(machines: tuple[_Machine, ...], text: bytes) -> bool:
    """Whether one of several machines may find something in a text."""
    lowered = text.lower()
    return any(machine.begins_in(lowered) for machine in machines)


class Finder:
    """Finds secrets in a text: all of them at once, so that the time grows with the text only.

    `shortest`: bytes of the shortest form that is looked for.
    """

    def __init__(self, shortest: int, secrets: Iterable[str] = ()) -> None:
        self.shortest = shortest
        self._new = deque(secrets)
        self._machines: tuple[_Machine, ...] = ()
        self._lock = threading.Lock()

    def add(self, secret: str) -> None:
        """Look for one more."""
        self._new.append(secret)

    def find(self, text: bytes) -> Iterator[Found]:
        """Each place of a secret; one may lie in another."""
        with self._lock:
            if self._new:
                self._machines = self._built()
        machines = self._machines
        for reading in readings(text, functools.partial(_concerns, machines)) if machines else ():
            for machine in machines:
                yield from machine.find(reading)

    def _built(self) -> tuple[_Machine, ...]:
        """A machine for what is new, and for what the smaller machines look for: few are built, and few are there."""
        known, size, machines = dict[bytes, list[Form]](), 0, self._machines
        while self._new:
            secret, size = self._new.popleft(), size + 1
            caseless = len(secret) >= CASELESS
            for text in {text.lower() if caseless else text for text in forms(secret) if len(text) >= self.shortest}:
                known.setdefault(text[: min(BEGINNING.values())].lower(), []).append(Form(secret, text, caseless))
        while machines and machines[-1].size <= size:
            machines, last = machines[:-1], machines[-1]
            size += last.size
            for beginning, several in last.known.items():
                known.setdefault(beginning, []).extend(several)
        return (*machines, _Machine(known, size))


@functools.lru_cache(maxsize=64)
def finder(secrets: tuple[str, ...]) -> Finder:
    """What finds a few secrets."""
    return Finder(CASELESS, secrets)
