"""How an operation is asked, and what its answers show. `pollspec generate` copies this file beside the pollers."""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import httpx

M = TypeVar("M")
PASSING = frozenset({429, 502, 503, 504})
"""The answers of a busy server or of a gateway: they tell nothing of what was asked."""


class PollingError(Exception):
    """Why it did not end well. `last`: what was seen last."""

    last: Progress[Any] | None = None


class Refused(PollingError):
    """The server does not do what it was asked."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"the server answered {response.status_code}: {' '.join(response.text.split())[:300]}")
        self.response = response


@dataclass(frozen=True)
class Progress(Generic[M]):
    """What one poll showed. `state`: as the answer says it, or the document's word where it is not said in words.

    `kind`: waiting, active, paused, done, failed or gone; "" for a state that the document does not know. `share`: from
    0 to 1, where the answer says it. `body`: the JSON; `model`: the same, None where it does not fit the document.
    """

    state: str
    kind: str
    share: float | None
    model: M | None
    body: Any
    response: httpx.Response

    @property
    def location(self) -> str | None:
        """Where a redirect leads; it is not followed."""
        where = self.response.headers.get("Location")
        return None if where is None else urllib.parse.urljoin(str(self.response.url), where)


@dataclass(frozen=True)
class Given:
    """What a request is about. None leaves a parameter out."""

    path: Mapping[str, object] = field(default_factory=dict)
    query: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, object] = field(default_factory=dict)
    content: str | None = None


@dataclass(frozen=True)
class Call:
    """How an operation is asked. `refusals`: the statuses that the document has for a refusal."""

    method: str
    path: str
    accept: str
    refusals: frozenset[int] = frozenset()
    content_type: str = ""

    def request(self, client: httpx.Client | httpx.AsyncClient, given: Given, left: float) -> httpx.Request:
        """The request, at the client's base URL, with its own headers and timeouts, but for no more than is left."""
        path = re.sub(r"\{([^{}]+)\}", lambda match: _segment(match[1], given.path[match[1]]), self.path)
        query = {name: _text(value) for name, value in given.query.items() if value is not None}
        headers = {name: _text(value) for name, value in given.headers.items() if value is not None}
        headers |= {"Accept": self.accept} | ({"Content-Type": self.content_type} if given.content is not None else {})
        timeouts = {name: min(left, left if most is None else most) for name, most in client.timeout.as_dict().items()}
        return client.build_request(
            self.method,
            path,
            params=query or None,
            headers=headers,
            content=given.content,
            timeout=httpx.Timeout(**timeouts),
        )


@dataclass(frozen=True)
class View(Generic[M]):
    """What an operation shows. `every`, `at_most`: the document's poll policy in seconds.

    What an answer shows is told by one of: `marks`, a stage's name -> its kind and what alone tells it; `states`, a
    state -> its kind; `statuses` and `absent` (a body without a state): the stage's name and kind. `reason`: where it
    says why it failed. `shares`: a part and its whole, "" for 100.
    """

    call: Call
    read: Callable[[bytes], M]
    every: float
    at_most: float
    state: str
    states: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    absent: tuple[str, str] = ("", "")
    marks: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    reason: Sequence[str] = ()
    shares: Sequence[tuple[str, str]] = ()

    def progress(self, response: httpx.Response) -> Progress[M] | None:
        """What an answer shows; None where it tells nothing. Refused is raised where it is a refusal."""
        body = _body(response) if response.is_success else None
        if response.status_code not in self.statuses:
            if self._is_passing(response.status_code) or (response.is_success and body is None):
                return None
            if not response.is_success:
                raise Refused(response)
        state, kind = self._stage(response, body)
        model = None if body is None else _model(self.read, response)
        return Progress(state, kind, self._share(response, body), model, body, response)

    def _is_passing(self, status: int) -> bool:
        """Whether an answer is to be ridden out: a 500 is, unless the document has it for a refusal."""
        return status in PASSING or (status == 500 and status not in self.call.refusals)

    def _stage(self, response: httpx.Response, body: Any) -> tuple[str, str]:
        """The state and its kind."""
        for name, (kind, where) in self.marks.items() if response.is_success else ():
            if all(_holds(text, _values(text, response, body), schema) for text, schema in where.items()):
                return name, kind
        found = _values(self.state, response, body) if response.is_success else []
        for state in found:
            if isinstance(state, str) and (state in self.states or response.status_code not in self.statuses):
                return state, self.states.get(state, "")
        otherwise = self.absent if isinstance(body, dict) and not found else ("", "")
        return self.statuses.get(response.status_code, otherwise)

    def _share(self, response: httpx.Response, body: Any) -> float | None:
        for part, whole in self.shares:
            found = [*_values(part, response, body), *(_values(whole, response, body) if whole else [100])]
            if len(found) == 2 and all(map(_is_number, found)) and 0 <= found[0] <= found[1] > 0:
                return float(found[0] / found[1])
        return None

    def why(self, seen: Progress[M]) -> str:
        """The vendor's own words on a failure, wherever the document says that they stand."""
        found = [value for text in self.reason for value in _values(text, seen.response, seen.body)]
        words = [str(value) for value in found if isinstance(value, str) or _is_number(value)]
        return "; ".join(dict.fromkeys(word for word in words if word.strip()))


def basic(username: str, password: str) -> str:
    """The Authorization of a Basic login."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def minted(response: httpx.Response, expression: str, pattern: str = "") -> Any:
    """An identifier that a start has handed out. `pattern`: the text around it, of which its one group is that."""
    for value in _values(expression, response, _body(response)):
        if pattern and isinstance(value, str) and (found := re.search(pattern, value)):
            return urllib.parse.unquote(found[1])
        if not pattern and (isinstance(value, str) or _is_number(value)):
            return value
    raise PollingError(f"it has started, but the answer has no {expression}")


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _segment(name: str, value: object) -> str:
    """A value as one segment of a path, as it is."""
    if (text := _text(value)) in {"", ".", ".."}:
        raise ValueError(f"{name} is {text!r}, which no path can hold")
    return urllib.parse.quote(text, safe="")


def _body(response: httpx.Response) -> Any:
    """The body as JSON; None where it is none."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def _model(read: Callable[[bytes], M], response: httpx.Response) -> M | None:
    try:
        return read(response.content)
    except ValueError:
        return None


def _values(expression: str, response: httpx.Response, body: Any) -> list[Any]:
    """What a runtime expression stands for: nothing, one value, or one for each item where it has a `*`."""
    if expression == "$statusCode":
        return [response.status_code]
    if expression.startswith("$response.header."):
        value = response.headers.get(expression.removeprefix("$response.header."))
        return [] if value is None else [value]
    found = [] if body is None else [body]
    for token in expression.removeprefix("$response.body").removeprefix("#").split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        found = [inner for value in found for inner in _step(value, name)]
    return found


def _step(value: Any, name: str) -> list[Any]:
    if isinstance(value, dict):
        return [value[name]] if name in value else []
    if isinstance(value, list) and name == "*":
        return value
    return [value[int(name)]] if isinstance(value, list) and name.isdecimal() and int(name) < len(value) else []


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(one: object, other: object) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _holds(expression: str, values: list[Any], schema: Any) -> bool:
    if isinstance(schema, bool):
        return bool(values) is schema
    return (bool(values) or "*" in expression) and all(_fits(value, schema) for value in values)


WORDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "const": _same,
    "enum": lambda value, several: any(_same(value, one) for one in several),
    "not": lambda value, schema: not _fits(value, schema),
    "minimum": lambda value, least: not _is_number(value) or value >= least,
    "maximum": lambda value, most: not _is_number(value) or value <= most,
    "pattern": lambda value, pattern: not isinstance(value, str) or re.search(pattern, value) is not None,
}
"""The words of JSON Schema that the marks of a stage are made of."""


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    return all(WORDS[word](value, wanted) for word, wanted in schema.items())
