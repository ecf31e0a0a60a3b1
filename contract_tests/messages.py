"""An HTTP request and its answer, as the judge sees them: raw, in memory, read strictly."""

from __future__ import annotations

import functools
import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


class Missing:
    """The value of what is not there; unlike null."""

    def __repr__(self) -> str:
        return "nothing"

    def __bool__(self) -> bool:
        return False

    def __deepcopy__(self, memo: object) -> Missing:
        return self


MISSING: Final = Missing()
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reading:
    """A body as JSON. `unreadable`: it is no JSON text. `ambiguous`: readers will differ on what it says."""

    value: Any
    unreadable: str = ""
    ambiguous: str = ""


def read(content: bytes) -> Reading:
    """Read a body as RFC 8259 has it: no NaN, no trailing garbage, UTF-8; names given twice are noticed."""
    doubts: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            names = [name for name, _ in pairs]
            doubts.append(f"the name {next(n for n in names if names.count(n) > 1)!r} twice in one object")
        return dict(pairs)

    def constant(word: str) -> None:
        raise ValueError(f"{word} is no JSON value")

    def number(text: str) -> float:
        if (value := float(text)) in (float("inf"), float("-inf")):
            raise ValueError(f"the number {text[:20]} is out of every range")
        return value

    try:
        text = content.decode("utf-8")
        if text.startswith("\ufeff"):
            doubts.append("a byte order mark")
        value = json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=members, parse_constant=constant, parse_float=number
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return Reading(MISSING, unreadable="a lone surrogate, which is no character")
    except UnicodeDecodeError as error:
        return Reading(MISSING, unreadable=f"invalid UTF-8 at byte {error.start}")
    except RecursionError:
        return Reading(MISSING, unreadable="nested too deeply to be read")
    except ValueError as error:
        return Reading(MISSING, unreadable=str(error)[:200] if content else "an empty body")
    return Reading(value, ambiguous="; ".join(doubts))


def header(headers: Headers, name: str) -> str | Missing:
    """A header's value, several joined by a comma (RFC 9110, 5.3)."""
    values = [value for key, value in headers if key.lower() == name.lower()]
    return ", ".join(values) if values else MISSING


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
        """The body read as JSON."""
        return Reading(MISSING, unreadable=self.flaw) if self.flaw else read(self.content)

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case; "" where there is none."""
        value = header(self.headers, "content-type")
        return "" if isinstance(value, Missing) else value.split(";")[0].strip().lower()
