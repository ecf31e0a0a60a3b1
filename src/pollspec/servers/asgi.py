"""Requests as an ASGI server hands them over, and answers as it takes them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from pollspec.document.messages import Answer, Headers
from pollspec.servers import bodies

Raw = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class Received:
    """A request that is whole. `path`: as it was sent, without the query."""

    method: str
    path: str
    query: str
    headers: Headers
    content: bytes

    @property
    def target(self) -> str:
        """The path with the query."""
        return f"{self.path}?{self.query}" if self.query else self.path


async def received(scope: Any, receive: bodies.Receive, send: bodies.Send) -> Received | None:
    """The request of a scope; None where nobody waits for an answer any more: one that is too large is refused here."""
    if scope["type"] != "http":
        return None
    try:
        content = await bodies.whole(receive)
    except bodies.ClientGone:
        return None
    except bodies.TooLarge:
        await bodies.refuse(send)
        return None
    return whole(scope, content)


def whole(scope: Any, content: bytes) -> Received:
    """The request of a scope whose body is known."""
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").split("?")[0]
    query = scope["query_string"].decode("latin-1")
    return Received(scope["method"], path, query, texts(tuple(scope["headers"])), content)


async def answer(told: Answer, send: bodies.Send, bare: bool = False) -> None:
    """Send an answer; `bare`: without its body, of which the headers tell all the same."""
    length = [(b"content-length", str(len(told.content)).encode())] if told.status not in {204, 304} else []
    start = {"type": "http.response.start", "status": told.status, "headers": [*length, *_encoded(told.headers)]}
    await send(start)
    await send({"type": "http.response.body", "body": b"" if bare else told.content})


@functools.lru_cache(maxsize=1024)
def texts(headers: Raw) -> Headers:
    """Headers as texts."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


@functools.lru_cache(maxsize=1024)
def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
