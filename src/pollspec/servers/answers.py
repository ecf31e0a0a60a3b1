"""What the answers of a polite server are made of: a documented response, overlaid with what is played."""

from __future__ import annotations

import datetime
import functools
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

from pollspec.document import expressions
from pollspec.document.messages import MISSING, Answer, Headers
from pollspec.document.operations import Operation, Response
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.played import Moving, Played, encode

SERVER = "pollspec"
"""The product in the `Server` header, by which `pollspec test` knows that test cards are accepted.

In the comment behind it: the document's name, and the seconds that everything takes.
"""

NOTHING = Answer(200)


class Answers:
    """Answers of one server. `pace`: how fast everything goes there, as its `Server` header says it."""

    def __init__(self, vendor: Vendor, clock: Callable[[], float], pace: str) -> None:
        self.vendor, self.clock = vendor, clock
        self.begun = clock()
        self.product = _written(f"{SERVER} ({vendor.slug}{pace})")

    def played(self, operation: Operation, response: Response | None, plays: Mapping[str, Any]) -> Played:
        """A response's example, overlaid with what is played; compiled, to be answered with again and again."""
        return Played(operation, response, plays, self.vendor.projections(operation.id), self._moving, self.headers)

    def documented(self, operation: Operation, belief: Belief) -> Played:
        """The answer that a belief expects, as its `plays` says."""
        plays = belief.says.get("plays", {})
        response = operation.response(plays["status"]) if "status" in plays else operation.success
        return self.played(operation, response, plays)

    def _moving(self, value: Any) -> Moving:
        """What is played at a moment: a literal, a ramp, a time that goes on, a runtime expression."""
        match value:
            case {"ramp": [low, high]} if len(value) == 1:
                return lambda request, body, share: int(low + (high - low) * share)
            case {"later": str(text)} if len(value) == 1:
                first = datetime.datetime.fromisoformat(text)
                return lambda request, body, share: self._later(first)
            case {"absent": _} if len(value) == 1:
                return lambda request, body, share: MISSING
        if not expressions.is_expression(value):
            return lambda request, body, share: value
        get = expressions.getter(value)
        if "$response" not in value:
            return lambda request, body, share: get(request, NOTHING)
        return lambda request, body, share: get(request, Answer(200, (), b"" if body is MISSING else encode(body)))

    def _later(self, first: datetime.datetime) -> str:
        passed = datetime.timedelta(seconds=self.clock() - self.begun)
        return (first + passed).isoformat(timespec="milliseconds")

    def plain(
        self, status: int, body: Any, media: str = "application/json", headers: Mapping[str, Any] | None = None
    ) -> Answer:
        """An answer of a status, a body and headers."""
        content = b"" if body is MISSING else encode(body)
        return Answer(status, self.headers("" if body is MISSING else media, headers or {}), content)

    def headers(self, media: str, played: Mapping[str, Any]) -> Headers:
        """The headers of an answer; `media`: that of its body, "" for one without."""
        found = [(name, _written(_text(value))) for name, value in played.items() if value is not MISSING]
        return (("server", self.product), *found, *((("content-type", _written(media)),) if media else ()))


def _text(value: Any) -> str:
    """A value as text: what is none is written as in JSON."""
    return value if isinstance(value, str) else encode(value).decode()


@functools.lru_cache(maxsize=1024)
def _written(value: str) -> str:
    """A value as a header can hold it."""
    return urllib.parse.quote(value, safe="/:?&=;,.+-_~ ()")
