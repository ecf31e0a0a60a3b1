"""OpenAPI runtime expressions: `$statusCode`, `$request.query.token`, `$response.body#/state`, text around `{...}`.

Each is compiled once, to a function of the request and the answer.
"""

from __future__ import annotations

import functools
import re
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pollspec.document import pointers
from pollspec.document.messages import MISSING, Answer, Missing, Request, header

GRAMMAR = re.compile(
    r"\$(?:(?P<whole>statusCode|method|url)"
    r"|(?P<side>request|response)\.(?:(?P<place>header|query|path)\.(?P<name>[^{}\s]+)|body(?:\#(?P<pointer>[^{}\s]*))?))"
)

Getter = Callable[[Request, Answer | None], Any]
"""The one value of an expression; MISSING where there is none."""


@dataclass(frozen=True)
class Expression:
    """One runtime expression, taken apart. `side`: request, response or "" (status, method, url)."""

    text: str
    side: str
    place: str
    name: str

    @property
    def parameter(self) -> tuple[str, str]:
        """Where a request's value is put: (path, query, header or body; name or pointer)."""
        return self.place, self.name


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Take a runtime expression apart; ValueError if it is none."""
    match = GRAMMAR.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is no runtime expression: expected one like $request.query.token or $response.body#/state"
        )
    if match["whole"]:
        return Expression(text, "", match["whole"], "")
    if match["place"]:
        return Expression(text, match["side"], match["place"], match["name"])
    pointers.tokens(match["pointer"] or "")
    return Expression(text, match["side"], "body", match["pointer"] or "")


def is_expression(value: object) -> bool:
    """Whether a text of a document is a runtime expression, or holds one in braces."""
    return (
        isinstance(value, str) and re.search(r"(^|\{)\$(request|response|statusCode|method|url)\b", value) is not None
    )


def find(text: str, request: Request, answer: Answer | None = None) -> Iterator[tuple[str, Any]]:
    """Each value of an expression with its place (for a `*` there are several); MISSING where there is none."""
    expression = parse(text)
    if expression.place == "body":
        yield from pointers.find(_body(expression.side)(request, answer), expression.name)
    else:
        yield text, getter(text)(request, answer)


def value(text: str, request: Request, answer: Answer | None = None) -> Any:
    """The one value of an expression, or of a text with expressions in braces; MISSING where there is none."""
    return getter(text)(request, answer)


@functools.lru_cache(maxsize=4096)
def getter(text: str) -> Getter:
    """An expression, or a text with expressions in braces, compiled; ValueError if it is neither."""
    if not text.startswith("$"):
        return _filled(text)
    expression = parse(text)
    if expression.place == "body":
        return _member(expression.side, pointers.tokens(expression.name))
    return _plain(expression)


def _filled(text: str) -> Getter:
    """A text with the values of its expressions; MISSING where one of them is."""
    parts = re.split(r"\{(\$[^{}]+)\}", text)
    if len(parts) == 1:
        return lambda request, answer: text
    getters = [getter(part) if index % 2 else None for index, part in enumerate(parts)]

    def get(request: Request, answer: Answer | None) -> Any:
        found = [part if take is None else take(request, answer) for part, take in zip(parts, getters, strict=True)]
        return MISSING if any(part is MISSING for part in found) else "".join(map(str, found))

    return get


def total(said: str | Sequence[str]) -> Getter:
    """An expression compiled, or the sum of several; what is not there adds nothing, and MISSING where none is."""
    if isinstance(said, str):
        return getter(said)
    getters = [getter(text) for text in said]

    def get(request: Request, answer: Answer | None) -> Any:
        values = [value for get in getters if (value := get(request, answer)) is not MISSING and value is not None]
        plain = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        return sum(values) if values and plain else MISSING

    return get


Extract = Callable[[Any], dict[str, Any]]
"""What a value tells, by the expressions that it is asked for by; nothing where it tells none."""


def asked_for(text: str) -> tuple[str, ...]:
    """The expressions that an identifier is asked for by: the text itself, or those in its braces."""
    return (text,) if text.startswith("$") else tuple(re.findall(r"\{(\$[^{}]+)\}", text))


@functools.lru_cache(maxsize=1024)
def extractor(text: str) -> Extract:
    """What takes identifiers out of a value: all of it, or what stands in place of the expressions in braces.

    A text that begins with a slash is the end of a link's path: its origin, a prefix and its query are its own affair.
    """
    if text.startswith("$"):
        return lambda value: {} if value is MISSING else {text: value}
    parts = re.split(r"\{(\$[^{}]+)\}", text)
    pattern = "".join("([^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    shape = re.compile(f"(?:.*){pattern}/?" if text.startswith("/") else pattern)

    def extract(value: Any) -> dict[str, Any]:
        found = shape.fullmatch(_path(value) if text.startswith("/") else value) if isinstance(value, str) else None
        return dict(zip(parts[1::2], map(urllib.parse.unquote, found.groups()), strict=True)) if found else {}

    return extract


def _path(link: str) -> str:
    try:
        return urllib.parse.urlsplit(link).path
    except ValueError:
        return ""


def _body(side: str) -> Getter:
    """The body of a request or an answer; that of a redirect (3xx) is of something else."""
    if side == "request":
        return lambda request, answer: request.body

    def get(request: Request, answer: Answer | None) -> Any:
        return MISSING if answer is None or 300 <= answer.status < 400 else answer.reading.value

    return get


def _member(side: str, tokens: list[str]) -> Getter:
    body = _body(side)
    if "*" in tokens:
        return lambda request, answer: next((v for _, v in pointers.walk(body(request, answer), tokens)), MISSING)

    def get(request: Request, answer: Answer | None) -> Any:
        found = body(request, answer)
        for token in tokens:
            found = found.get(token, MISSING) if type(found) is dict else pointers.step(found, token)
        return found

    return get


def _plain(expression: Expression) -> Getter:
    name = expression.name
    match expression.side, expression.place:
        case "", "statusCode":
            return lambda request, answer: MISSING if answer is None else answer.status
        case "", "method":
            return lambda request, answer: request.method
        case "", _:
            return lambda request, answer: request.target
        case "request", "path":
            return lambda request, answer: request.parameters.get(name, MISSING)
        case "request", "query":
            return lambda request, answer: request.query.get(name, MISSING)
        case "request", _:
            return lambda request, answer: header(request.headers, name)
    if name.lower() == "location":
        return lambda request, answer: MISSING if answer is None else _location(answer, request)
    return lambda request, answer: MISSING if answer is None else header(answer.headers, name)


def _location(answer: Answer, request: Request) -> str | Missing:
    """A Location; a relative one is resolved against what was asked (RFC 9110, 10.2.2)."""
    location = header(answer.headers, "location")
    if isinstance(location, Missing):
        return location
    try:
        return urllib.parse.urljoin(request.target, location)
    except ValueError:
        return location
