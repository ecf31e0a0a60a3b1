"""An impolite server: any ASGI application, with a fault (or a legal variation) between it and its clients."""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any, Protocol

from pollspec.document.messages import Answer, Request
from pollspec.document.vendor import Vendor
from pollspec.servers import bodies
from pollspec.servers.faults.fault import Scene

Message = MutableMapping[str, Any]
Application = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application: scope, receive, send."""


class Deed(Protocol):
    """What is done to an exchange. `asks`: the request to pass on; `act`: the answer to give, None to leave it."""

    @property
    def asks(self) -> Callable[[Scene], Request] | None: ...

    @property
    def act(self) -> Callable[[Scene], Answer | None] | None: ...


REMEMBERED = 2_000
"""Exchanges that a fault can look back on."""


class Impolite:
    """Passes each request on to an application and sends what the deed makes of its answer.

    `base_path`: what stands before the document's paths; `pause` waits for some seconds; `done`: how often the deed
    gave another answer.
    """

    def __init__(
        self,
        application: Application,
        vendor: Vendor,
        deed: Deed,
        base_path: str | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.application, self.vendor, self.deed, self.pause = application, vendor, deed, pause
        self.done = 0
        self.base_path = vendor.base_path if base_path is None else base_path
        self.past: list[tuple[Request, Answer]] = []
        self.notes: dict[Any, Any] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one HTTP request; what is about no operation of the document passes untouched."""
        request = self._request(scope) if scope["type"] == "http" else None
        if request is None:
            await self.application(scope, receive, send)
            return
        try:
            request = replace(request, content=await bodies.whole(receive))
        except bodies.ClientGone:
            return
        except bodies.TooLarge:
            await bodies.refuse(send)
            return
        await _send(await self._spoilt(scope, request), send)

    async def _spoilt(self, scope: Any, request: Request) -> Answer:
        """What the deed makes of the application's answer."""
        scene = Scene(self.vendor, request, Answer(0), self.past, self.notes)
        if self.deed.asks:
            scope = _asking(scope, self.deed.asks(scene))
            await asyncio.sleep(0)  # what is asked at the same moment is here before this is answered
        answer = scene.answer = await self._answer(scope, request.content)
        told = self.deed.act(scene) if self.deed.act else None
        self.past.append((request, answer))
        del self.past[:-REMEMBERED]
        self.done += told is not None or scene.waits > 0
        if scene.waits:
            await self.pause(scene.waits)
        return told or answer

    def _request(self, scope: Any) -> Request | None:
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").split("?")[0]
        inner = path[len(self.base_path) :] if path.startswith(self.base_path) else path
        located = self.vendor.locate(scope["method"], inner)
        if located is None:
            return None
        operation, parameters = located
        query = scope["query_string"].decode("latin-1")
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        target = f"{path}?{query}" if query else path
        return Request(operation.id, scope["method"], target, parameters, headers)

    async def _answer(self, scope: Any, content: bytes) -> Answer:
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        plain = [(name, value) for name, value in scope["headers"] if name.lower() != b"accept-encoding"]
        await self.application({**scope, "headers": plain}, receive, send)
        start = next(message for message in messages if message["type"] == "http.response.start")
        headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in start.get("headers", ()))
        body = b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body")
        return Answer(start["status"], headers, body)


def _asking(scope: Any, request: Request) -> Any:
    """The scope of a request that was changed: its line and its headers."""
    path, _, query = request.target.partition("?")
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
    line = {"method": request.method, "path": urllib.parse.unquote(path), "raw_path": path.encode("latin-1")}
    return {**scope, **line, "headers": headers, "query_string": query.encode("latin-1")}


async def _send(answer: Answer, send: Any) -> None:
    dropped = {"content-length", "transfer-encoding"}
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in answer.headers
        if name.lower() not in dropped
    ]
    headers.append((b"content-length", str(len(answer.content)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})
