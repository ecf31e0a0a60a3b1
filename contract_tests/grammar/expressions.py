"""OpenAPI runtime expressions: `$statusCode`, `$request.query.token`, `$response.body#/state`, text around `{...}`."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..messages import MISSING, Answer, Missing, Request, header
from . import pointers

GRAMMAR = re.compile(
    r"\$(?:(?P<whole>statusCode|method|url)"
    r"|(?P<side>request|response)\.(?:(?P<place>header|query|path)\.(?P<name>[^{}\s]+)|body(?:\#(?P<pointer>[^{}\s]*))?))"
)


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
        body: Any = MISSING
        if expression.side == "request":
            body = request.body
        elif answer is not None and not 300 <= answer.status < 400:  # a redirect's body is of something else
            body = answer.reading.value
        yield from pointers.find(body, expression.name)
    else:
        yield expression.text, _plain(expression, request, answer)


def _plain(expression: Expression, request: Request, answer: Answer | None) -> Any:
    match expression.side, expression.place:
        case "", "statusCode":
            return MISSING if answer is None else answer.status
        case "", "method":
            return request.method
        case "", _:
            return request.target
        case "request", "path":
            return request.parameters.get(expression.name, MISSING)
        case "request", "query":
            return request.query.get(expression.name, MISSING)
        case "request", _:
            return header(request.headers, expression.name)
        case _:
            return (
                MISSING
                if answer is None
                else _resolved(expression.name, header(answer.headers, expression.name), request)
            )


def _resolved(name: str, value: str | Missing, request: Request) -> str | Missing:
    """A header's value; a relative Location is resolved against what was asked (RFC 9110, 10.2.2)."""
    if name.lower() != "location" or isinstance(value, Missing):
        return value
    try:
        return urllib.parse.urljoin(request.target, value)
    except ValueError:
        return value


def value(text: str, request: Request, answer: Answer | None = None) -> Any:
    """The one value of an expression, or of a text with expressions in braces; MISSING where there is none."""
    if text.startswith("$"):
        return next((found for _, found in find(text, request, answer)), MISSING)
    parts = re.split(r"\{(\$[^{}]+)\}", text)
    filled = [value(part, request, answer) if index % 2 else part for index, part in enumerate(parts)]
    return MISSING if any(isinstance(part, Missing) for part in filled) else "".join(map(str, filled))
