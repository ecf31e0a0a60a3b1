"""What goes from one connection of a proxy to the other, and in which words it says that nothing does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx

from pollspec.document.messages import Headers

Send = Callable[[Any], Awaitable[None]]
Raw = list[tuple[bytes, bytes]]

ONE_CONNECTION = frozenset({b"connection", b"proxy-connection", b"keep-alive", b"te", b"transfer-encoding", b"upgrade"})


class Stream(httpx.AsyncByteStream):
    """An asynchronous iterator as a body."""

    def __init__(self, parts: AsyncIterator[bytes]) -> None:
        self.parts = parts

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.parts


async def say(send: Send, status: int, why: str, headers: Raw | None = None) -> None:
    """An answer of the proxy's own."""
    text = f"pollspec proxy: {why}\n".encode()
    own = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*own, *(headers or [])]})
    await send({"type": "http.response.body", "body": text})


def passed_on(headers: Raw) -> Raw:
    """Headers without those that are for one connection only (RFC 9110, 7.6.1); the rest in their order.

    A Content-Length beside a Transfer-Encoding is left out too (RFC 9112, 6.3), and no Connection takes one away.
    """
    named = b",".join(value for name, value in headers if name.lower() == b"connection")
    left_out = {option.strip().lower() for option in named.split(b",")} - {b"content-length"} | ONE_CONNECTION
    if any(name.lower() == b"transfer-encoding" for name, _ in headers):
        left_out.add(b"content-length")
    return [(name, value) for name, value in headers if name.lower() not in left_out]


def texts(headers: Raw) -> Headers:
    """Headers as the judge has them."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def reason(error: Exception) -> str:
    """Why there was no answer, or no whole one, in words."""
    text = str(error).lower()
    if isinstance(error, httpx.TimeoutException):
        return "the connection timed out"
    if isinstance(error, httpx.ConnectError):
        if "ssl" in text or "certificate" in text or "tls" in text:
            return f"TLS failed: {error}"
        unknown = any(word in text for word in ("name or service", "name resolution", "getaddrinfo", "nodename"))
        return "the host name is unknown" if unknown else "the connection was refused"
    return f"the answer broke off ({type(error).__name__})"
