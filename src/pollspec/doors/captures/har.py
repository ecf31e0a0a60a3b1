"""HAR 1.2: what is read of it, and nothing else; a decoder skips the rest.

Each type names the members that are read, as http://www.softwareishard.com/blog/har-12-spec/ has them; those with `_`
are browsers' own. `null` is taken for a missing member, and a number in quotes for a number: some writers do so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct, field


class Unreadable(Exception):
    """Why an entry cannot be read, in words. They hold no value of the entry, which may be a secret."""


class Misshapen(Unreadable):
    """It is JSON, of another shape than HAR's."""


class Pair(Struct, gc=False):
    """A header or a field of a form."""

    name: str
    value: str | int | float | bool | None = None


class PostData(Struct, gc=False):
    """The request's body: `text`, or the fields of a form."""

    text: str | None = None
    params: list[Pair] | None = None
    encoding: str | None = None
    media: str | None = field(default=None, name="mimeType")


class Request(Struct, gc=False):
    """What was asked. `size`: bytes of the body, -1 where it is not known."""

    method: str
    url: str
    headers: list[Pair] | None = None
    post: PostData | None = field(default=None, name="postData")
    size: float | None = field(default=None, name="bodySize")


class Content(Struct, gc=False):
    """The answer's body, its content coding undone. `comment`: where some writers say that they cut it."""

    text: str | None = None
    encoding: str | None = None
    size: float | None = None
    comment: Any = None


class Response(Struct, gc=False):
    """What came back. `status` 0: nothing did."""

    status: int | None = None
    headers: list[Pair] | None = None
    content: Content | None = None
    size: float | None = field(default=None, name="bodySize")
    redirect: str | None = field(default=None, name="redirectURL")
    error: Any = field(default=None, name="_error")


class Whole(Struct, gc=False):
    """An entry. `time`: milliseconds; so are the parts in `timings`, where -1 says that one does not apply."""

    request: Request
    response: Response | None = None
    started: str | None = field(default=None, name="startedDateTime")
    time: float | None = None
    timings: Any = None
    error: Any = field(default=None, name="_error")


class Line(Struct, gc=False):
    """A request line."""

    method: str
    url: str


class Head(Struct, gc=False):
    """What tells whose an entry is."""

    request: Line
    from_cache: Any = field(default=None, name="_fromCache")
    fetched: Any = field(default=None, name="_fetchType")


class Moment(Struct, gc=False):
    """When an entry began."""

    started: Any = field(default=None, name="startedDateTime")


class Name(Struct, gc=False):
    """A header without its value."""

    name: str


class Side(Struct, gc=False):
    """A request or a response, of which the names of the headers are read."""

    headers: list[Name] | None = None


class Shown(Struct, gc=False):
    """Which headers an entry shows."""

    request: Side | None = None
    response: Side | None = None


class Log(Struct, gc=False):
    """A capture: its entries, and who wrote it."""

    entries: list[Raw]
    creator: Any = None


class Har(Struct, gc=False):
    """A HAR file."""

    log: Log


class Entrylike(Struct, gc=False):
    """What makes a line of JSON Lines an entry."""

    request: Raw


Read = TypeVar("Read")
KINDS = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "null": "null",
    "object": "an object",
    "str": "a text",
}
MISMATCH = re.compile(r"Expected `(\w+)[^`]*`, got `(\w+)[^`]*`(?: - at `\$\.?([^`]*)`)?")
LACK = re.compile(r"Object missing required field `(\w+)`(?: - at `\$\.?([^`]*)`)?")

RANGE = re.compile(r"\w+(?: value)? out of range - at `\$\.?([^`]*)`")


def decoder(kind: type[Read]) -> Callable[[Raw | bytes | memoryview], Read]:
    """A function that reads JSON as one of these types; Unreadable where it is none."""
    decode = msgspec.json.Decoder(kind, strict=False).decode

    def read(data: Raw | bytes | memoryview) -> Read:
        try:
            return decode(data)
        except msgspec.ValidationError as error:
            raise Misshapen(words(error)) from None
        except (ValueError, RecursionError) as error:
            raise Unreadable(words(error)) from None

    return read


def words(error: Exception) -> str:
    """What the decoder found, in plain words. No value stands in it, only where it stood and of which kind it was."""
    text = str(error)
    if match := MISMATCH.fullmatch(text):
        expected, got, place = match.groups()
        return f"{place or 'it'} is {KINDS.get(got, got)}, expected {KINDS.get(expected, expected)}"
    if match := LACK.fullmatch(text):
        return f"{match[2]}.{match[1]} is missing" if match[2] else f"{match[1]} is missing"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "invalid UTF-8"
    if "surrogate" in text or "hex escape" in text:
        return "half of a surrogate pair, which is no character"
    if match := RANGE.fullmatch(text):
        return f"{match[1]}: number out of range"
    return CUT_OFF if "truncated" in text else text.replace("JSON is malformed", "no JSON")


CUT_OFF = "cut off"
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:)(\d\d)(?:[.,](\d+))?(?:[Zz]|[+-]\d\d:?\d\d)?", re.ASCII)


def instant(text: object) -> tuple[float, float]:
    """A date-time (RFC 3339; without an offset: UTC) as seconds since 1970, and by how much it may have been cut off.

    Of a fraction of a second six digits are read. A leap second (:60) is the first one of the next minute.
    """
    if not isinstance(text, str) or (match := MOMENT.fullmatch(text)) is None:
        raise Unreadable("startedDateTime is missing" if text is None else NO_MOMENT)
    leap = match[2] == "60"
    try:
        moment = datetime.fromisoformat(f"{match[1]}59{text[match.end(2) :]}" if leap else text.upper())
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise Unreadable(NO_MOMENT) from None
    return seconds + leap, CUT[min(len(match[3] or ""), 6)]


CUT = [10.0**-digits for digits in range(7)]
"""By how many seconds a time may have been cut off, by the digits of its fraction."""
NO_MOMENT = "startedDateTime is no date-time, expected one like 2026-11-22T06:00:00.250Z"
