"""The operations of a document: what is asked, and which answers are documented."""

from __future__ import annotations

import functools
import json
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pollspec.document.source import Place

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110, 9.2.1)."""


NO_PARAMETERS = frozenset({"accept", "content-type", "authorization"})
"""Headers that OpenAPI knows by other words than parameters (3.1, 4.8.12.2.1), in lower case."""


def is_json(media_type: str) -> bool:
    """Whether a media type is one of JSON (RFC 6839, 3.1)."""
    return media_type.rpartition("/")[2].rpartition("+")[2] == "json"


def written(value: Any) -> str:
    """A value as a URL or a header has it: a text as it is, all else as in JSON."""
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True)
class Parameter:
    """A request parameter; `place` is path, query or header. One with `content` has its example as JSON text.

    `style`, `explode`: as OpenAPI has them; "" and None are its defaults.
    """

    name: str
    place: str
    required: bool
    schema: Mapping[str, Any]
    example: Any
    style: str = ""
    explode: bool | None = None

    @property
    def expression(self) -> str:
        """As conditions and subjects name it."""
        return f"$request.{self.place}.{self.name}"

    def carried(self, value: Any) -> list[tuple[str, str]]:
        """What a request has for a value, by name (OpenAPI 3.1, 4.8.12.4)."""
        apart = self.style in {"", "form"} and self.place == "query" if self.explode is None else self.explode
        if isinstance(value, list):
            between = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(self.style, ",")
            texts = [written(one) for one in value]
            return [(self.name, text) for text in (texts if apart else [between.join(texts)])]
        if isinstance(value, Mapping):
            inner = [(str(name), written(one)) for name, one in value.items()]
            if self.style == "deepObject":
                return [(f"{self.name}[{name}]", text) for name, text in inner]
            return inner if apart else [(self.name, ",".join(text for pair in inner for text in pair))]
        return [(self.name, written(value))]


@dataclass(frozen=True)
class Response:
    """A documented response; `media` maps a media type to its schema.

    `status`: as documented: a code, a class (`2XX`) or `default`, which is whatever is not documented otherwise.
    `code`: a status code that falls under it and under no other.
    """

    status: str
    node: Mapping[str, Any]
    media: Mapping[str, Mapping[str, Any]]
    examples: Mapping[str, Any]
    headers: Mapping[str, Mapping[str, Any]]
    place: Place
    code: int

    def __hash__(self) -> int:
        return hash((self.status, self.place))

    @property
    def id(self) -> str:
        """Its component's name where it has one, so that statuses that share it are one belief; else its status."""
        return str(self.place[-1]) if self.place[0] == "components" else self.status

    @property
    def schema(self) -> Mapping[str, Any]:
        """The schema of the body, in its first media type."""
        return next(iter(self.media.values()), {})

    def schema_in(self, media_type: str) -> Mapping[str, Any]:
        """The schema of the body in a media type; that of the first for one that is not documented."""
        return self.media.get(self.kind(media_type) or "", self.schema)

    def kind(self, media_type: str) -> str | None:
        """What of the documented a media type falls under: it itself, or a range (RFC 9110, 12.5.1)."""
        ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
        return next((one for one in ranges if one in self.media), None)

    @property
    def sent(self) -> tuple[str, ...]:
        """The media types that it may be sent in; JSON, or plain text, of a range."""
        return tuple(
            ("text/plain" if media == "text/*" else "application/json") if media.endswith("/*") else media
            for media in self.media
        )

    @property
    def is_success(self) -> bool:
        """Whether it is no refusal and no failure; `default` is one where no other is documented."""
        return self.code < 400

    @property
    def is_exact(self) -> bool:
        """Whether it is documented for one status code."""
        return self.status.isdecimal()

    def covers(self, status: int) -> bool:
        """Whether a status code falls under this response."""
        return self.status in {str(status), "default"} or self.status.upper() == f"{status // 100}XX"


@functools.lru_cache(maxsize=1024)
def _template(path: str) -> tuple[re.Pattern[str], list[str]]:
    """A path template as a pattern, with the names of its parameters."""
    parts = re.split(r"\{([^{}]+)\}", path)
    pattern = "".join("([^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    return re.compile(pattern), parts[1::2]


@dataclass(frozen=True)
class Operation:
    """One operation of a document."""

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    bodies: Mapping[str, Mapping[str, Any]]
    responses: tuple[Response, ...]
    secured: bool
    node: Mapping[str, Any]
    place: Place

    def response(self, status: int) -> Response | None:
        """The documented response for a status code, or None; the one that says most of it (OpenAPI 3.1, 4.8.16)."""
        covering = [response for response in self.responses if response.covers(status)]
        return max(covering, key=lambda response: (response.is_exact, response.status != "default"), default=None)

    @property
    def required(self) -> frozenset[str]:
        """The expressions of the parameters that a request must have."""
        return frozenset(parameter.expression for parameter in self.parameters if parameter.required)

    @property
    def success(self) -> Response | None:
        """The first documented response that is no refusal and no failure, or None."""
        return next((response for response in self.responses if response.is_success), None)

    @property
    def body(self) -> Any:
        """The example of a request body, or None."""
        for media in self.bodies.values():
            return media["example"]
        return None

    @property
    def writes(self) -> bool:
        """Whether it may change something at the target: it is not a safe method."""
        return self.method not in SAFE

    def match(self, path: str) -> dict[str, str] | None:
        """The path's parameters, or None if the path is not this operation's."""
        pattern, names = _template(self.path)
        if (match := pattern.fullmatch(path)) is None:
            return None
        return {name: urllib.parse.unquote(value) for name, value in zip(names, match.groups(), strict=True)}
