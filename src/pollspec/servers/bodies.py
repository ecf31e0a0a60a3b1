"""The body of a request, read whole within a bound: a server that holds any body holds an endless one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

MOST = 2**20
"""Bytes of a body that is taken."""

PATIENCE = 64 * MOST
"""Bytes of a larger one that are let pass before its refusal: who still sends hears no answer."""

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Any], Awaitable[None]]


class ClientGone(Exception):
    """The client closed its connection before its request was whole."""


class TooLarge(Exception):
    """A body of more bytes than are taken."""


async def whole(receive: Receive, most: int = MOST) -> bytes:
    """The body that an ASGI server hands over in parts; ClientGone or TooLarge where there is none to be had."""
    content, length, more = bytearray(), 0, True
    while more and length <= PATIENCE:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part, more = message.get("body", b""), message.get("more_body", False)
        length += len(part)
        if length <= most:
            content += part
    if length > most:
        raise TooLarge
    return bytes(content)


async def refuse(send: Send, most: int = MOST) -> None:
    """The answer to a body that is too large (RFC 9110, 15.5.14)."""
    text = b'{"message": "a body of more than %d bytes"}' % most
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": [*headers, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": text})
