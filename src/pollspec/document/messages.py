"""An HTTP request and its answer, as the judge sees them: raw, in memory, read strictly."""

from __future__ import annotations

import functools
import json
import re
import urllib.parse
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

TYPES = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*"?)+')
"""The members of a header between its commas; those in a quoted text part nothing."""


class Missing:
    """The value of what is not there; unlike null."""

    def __repr__(self) -> str:
        return "nothing"

    def __bool__(self) -> bool:
        return False

    def __deepcopy__(self, memo: object) -> Missing:
        return self

    def __reduce__(self) -> str:
        """Another process has its own one, which this is there."""
        return "MISSING"


MISSING: Final = Missing()
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reading:
    """A body as JSON. `unreadable`: it is no JSON text. `ambiguous`: readers will differ on what it says."""

    value: Any
    unreadable: str = ""
    ambiguous: str = ""


EMPTY = Reading(MISSING, unreadable="an empty body")

DEEPEST = 200
"""Objects and lists within one another that a body may have (RFC 8259, 9, lets a reader set a limit)."""

LARGEST = 308
"""Digits of a whole number; one with more is out of the range of a double, like 1e309."""


_decode = msgspec.json.Decoder().decode
SPACED = (b" :", b"\t:", b"\n:", b"\r:")
"""White space before a colon: a name may stand apart from it, and is then not counted."""
LONG = re.compile(rb"\d{309}")
"""A number of more digits than LARGEST."""


def read(content: bytes) -> Reading:
    """Read a body as RFC 8259 has it: no NaN, no trailing garbage, UTF-8; names given twice are noticed.

    What is plainly well-formed, with as many names read as are written, is read fast; the rest is looked at closely.
    """
    if not content:
        return EMPTY
    try:
        value = _decode(content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _closely(content)
    sound = content.count(b'":') == _names(value) and not any(text in content for text in SPACED)
    return Reading(value) if sound and not _may_be_deep(content) and not _may_be_long(content) else _closely(content)


def _names(value: Any) -> int:
    """How many members the objects in a value have."""
    inside: Iterable[Any] = ()
    number = 0
    if type(value) is dict:
        inside, number = value.values(), len(value)
    elif type(value) is list:
        inside = value
    for inner in inside:
        if type(inner) is dict or type(inner) is list:
            number += _names(inner)
    return number


def _may_be_long(content: bytes) -> bool:
    """Whether a number has too many digits: so many in a row have one at every LARGEST-th place or so."""
    sample = content[:: LARGEST + 1]
    return sample.translate(None, b"0123456789") != sample and LONG.search(content) is not None


def _may_be_deep(content: bytes) -> bool:
    return content.count(b"[") + content.count(b"{") > DEEPEST


def _closely(content: bytes) -> Reading:
    """The same, slower, with the reason why a text is none and the doubts about one that is."""
    doubts: list[str] = []
    try:
        text = content.decode("utf-8")
        if text.startswith("\ufeff"):
            doubts.append("a byte order mark")
        value = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=lambda pairs: _members(pairs, doubts),
            parse_constant=_constant,
            parse_float=_number,
            parse_int=_whole,
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return Reading(MISSING, unreadable="a lone surrogate, which is no character")
    except UnicodeDecodeError as error:
        return Reading(MISSING, unreadable=f"invalid UTF-8 at byte {error.start}")
    except RecursionError:
        return Reading(MISSING, unreadable=TOO_DEEP)
    except ValueError as error:
        return Reading(MISSING, unreadable=str(error)[:200])
    if _may_be_deep(content) and _is_deep(value):
        return Reading(MISSING, unreadable=TOO_DEEP)
    return Reading(value, ambiguous="; ".join(doubts[:3]))


TOO_DEEP = f"nested more than {DEEPEST} deep"


def _members(pairs: list[tuple[str, Any]], doubts: list[str]) -> dict[str, Any]:
    """An object; a doubt for the first name that it has twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        counted = Counter(name for name, _ in pairs)
        twice = next(name for name in counted if counted[name] > 1)
        doubts.append(f"the name {twice!r} twice in one object" if len(twice) <= 80 else "a long name twice")
    return found


def _constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON value")


def _number(text: str) -> float:
    if (value := float(text)) in (float("inf"), float("-inf")):
        raise ValueError(f"the number {text[:20]} is out of every range")
    return value


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > LARGEST:
        raise ValueError(f"the number {text[:20]}... of {len(text)} digits is out of every range")
    return int(text)


def _is_deep(value: Any) -> bool:
    """Whether there are more objects and lists within one another than DEEPEST."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return any(isinstance(inner, dict | list) for inner in level)


def header(headers: Headers, name: str) -> str | Missing:
    """A header's value, several joined by a comma (RFC 9110, 5.3)."""
    return _fields(headers).get(name.lower(), MISSING)


@functools.lru_cache(maxsize=1024)
def _fields(headers: Headers) -> dict[str, str]:
    """The values by names in lower case."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found


@dataclass(frozen=True, eq=False)
class Request:
    """What is asked. `path` is decoded by template: `parameters` are the path's values; `target` is as sent."""

    operation: str
    method: str
    target: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Headers = ()
    content: bytes = b""

    @functools.cached_property
    def query(self) -> dict[str, str]:
        """The query's parameters; the first value of each."""
        pairs = urllib.parse.parse_qsl(urllib.parse.urlsplit(self.target).query, keep_blank_values=True)
        return dict(reversed(pairs))

    @functools.cached_property
    def body(self) -> Any:
        """The body as JSON, or MISSING."""
        return read(self.content).value if self.content else MISSING


@dataclass(frozen=True, eq=False)
class Answer:
    """What came back. `content` has its codings (gzip) undone; `flaw` says what was wrong with them."""

    status: int
    headers: Headers = ()
    content: bytes = b""
    flaw: str = ""

    @functools.cached_property
    def reading(self) -> Reading:
        """The body read as JSON. A Content-Type that stands twice makes it ambiguous as well."""
        if self.flaw:
            return Reading(MISSING, unreadable=self.flaw)
        found, types = read(self.content), _types(header(self.headers, "content-type"))
        if len(types) < 2:
            return found
        twice = f"the Content-Type {len(types)} times: {', '.join(sorted(types))}"
        return replace(found, ambiguous="; ".join(filter(None, [found.ambiguous, twice])))

    def forget(self) -> None:
        """Free what was read of the body; it is read anew when it is wanted."""
        self.__dict__.pop("reading", None)

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case; "" where there is none.

        Where several stand (a gateway adds its own) and differ: all of them, whatever their order.
        """
        return _media_type(header(self.headers, "content-type"))


@functools.lru_cache(maxsize=1024)
def _types(value: str | Missing) -> list[str]:
    """The Content-Type, which is to stand once (RFC 9110, 8.3), as often as it does; a comma parts two as well."""
    texts = [] if isinstance(value, Missing) else TYPES.findall(value)
    return [text.strip() for text in texts if text.strip()]


@functools.lru_cache(maxsize=1024)
def _media_type(value: str | Missing) -> str:
    return ", ".join(sorted({text.split(";")[0].strip().lower() for text in _types(value)}))
