"""A second reading: one small server per vendor, each written from its page alone.

Nobody who wrote one had read `spec/`, the mock or the judge, so a sentence that pollspec misread shows here.
Each module offers `Server`, `CREDENTIALS`, `SUBJECTS`, `BODIES` and `MISDEEDS`.
"""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol


@dataclass(frozen=True)
class Misdeed:
    """One thing wrong with a server: `sentence` is the vendor's, verbatim; `does` is what the server does instead."""

    name: str
    sentence: str
    does: str


class Named(Protocol):
    """Whatever has a name, as misdeeds have."""

    @property
    def name(self) -> str:
        """By which it is asked for."""


@dataclass(frozen=True)
class Asked:
    """A request: `path` as sent, without the query; header names in lower case; `body` is None where it is no JSON."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Told:
    """An answer: `body` is sent as JSON, unless it is bytes; None sends no body."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = "application/json"


class Answering:
    """An ASGI application around `answer`.

    `clock` tells seconds; `duration`: seconds that an operation takes from its start to its end.
    """

    MISDEEDS: ClassVar[Sequence[Named]] = ()

    def __init__(self, clock: Callable[[], float], misdeed: str | None = None, duration: float = 30.0) -> None:
        assert misdeed is None or misdeed in {known.name for known in self.MISDEEDS}, misdeed
        self.clock, self.misdeed, self.duration = clock, misdeed, duration

    def does(self, misdeed: str) -> bool:
        """Whether the server does this misdeed; AssertionError for a name that MISDEEDS lacks."""
        assert misdeed in {known.name for known in self.MISDEEDS}, misdeed
        return self.misdeed == misdeed

    def answer(self, asked: Asked) -> Told:
        """The answer to a request."""
        raise NotImplementedError

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        content, more = b"", True
        while more:
            message = await receive()
            content, more = content + message.get("body", b""), message.get("more_body", False)
        told = self.answer(_asked(scope, content))
        body = (
            told.body if isinstance(told.body, bytes) else b"" if told.body is None else json.dumps(told.body).encode()
        )
        headers = {"content-length": str(len(body)), **({"content-type": told.media} if body else {}), **told.headers}
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": told.status, "headers": encoded})
        await send({"type": "http.response.body", "body": body})


def _asked(scope: Any, content: bytes) -> Asked:
    try:
        body = json.loads(content) if content else None
    except ValueError:
        body = None
    pairs = urllib.parse.parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").split("?")[0]
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Asked(scope["method"], path, dict(reversed(pairs)), headers, body)
