"""A polite server in a test's hand: held and moved on over HTTP, from any language; and what it was asked."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pollspec.document.messages import Answer
from pollspec.errors import UsageError
from pollspec.servers import bodies
from pollspec.servers.faults.impolite import Application
from pollspec.servers.instances import Instance
from pollspec.servers.polite import Mock

PATH = "/.pollspec/"
"""What the control's own paths begin with. A document's path wins."""
KNOWN = [
    'POST hold {"stage": NAME, "subject": NAME or nothing}',
    'POST move-on {"subject": NAME or nothing}',
    "GET instances",
    "GET exchanges",
]
"""What the control does."""
KEPT = 10_000
"""Exchanges that are remembered, the last ones."""


@dataclass(frozen=True)
class Seen:
    """What was asked and answered; seconds on the server's clock."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    content: bytes
    answer: Answer
    start: float
    end: float

    def shown(self) -> dict[str, Any]:
        """The same as JSON; bodies as texts."""
        return {
            "method": self.method,
            "target": self.target,
            "headers": [list(pair) for pair in self.headers],
            "body": self.content.decode("utf-8", "replace"),
            "status": self.answer.status,
            "answer_headers": [list(pair) for pair in self.answer.headers],
            "answer": self.answer.content.decode("utf-8", "replace"),
            "start": self.start,
            "end": self.end,
        }


class Controlled:
    """An ASGI application around a polite server (or what makes it impolite): remembers, and obeys its own paths.

    `seen`: what was asked; `listeners` are told of each.
    """

    def __init__(self, mock: Mock, application: Application | None = None) -> None:
        self.mock, self.application = mock, application or mock
        self.seen: deque[Seen] = deque(maxlen=KEPT)
        self.listeners: list[Callable[[Seen], object]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Obey, or pass on and remember."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith(PATH) and self.mock.vendor.locate(scope["method"], scope["path"]) is None:
            await self._obey(scope, receive, send)
            return
        sent, told = bytearray(), list[Any]()

        async def reading() -> Any:
            message = await receive()
            sent.extend(message.get("body", b""))
            return message

        async def writing(message: Any) -> None:
            told.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._remember(scope, bytes(sent), told, start)  # before its reader can ask what was seen
            await send(message)

        start = self.mock.clock()
        await self.application(scope, reading, writing)

    async def _obey(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            content = await bodies.whole(receive)
        except (bodies.ClientGone, bodies.TooLarge):
            content = b"too large"
        status, told = self._told(scope["method"], scope["path"].removeprefix(PATH), content)
        body = json.dumps(told).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _told(self, method: str, what: str, content: bytes) -> tuple[int, Any]:
        """The answer to a request of the control's own: 404 and 400 say what there is."""
        if (method, what) == ("GET", "exchanges"):
            return 200, [one.shown() for one in self.seen]
        if (method, what) == ("GET", "instances"):
            return 200, [self._instance(one) for one in self.mock.instances.values()]
        if method != "POST" or what not in {"hold", "move-on"}:
            return 404, {"error": f"no {method} {PATH}{what}", "known": KNOWN}
        try:
            asked = json.loads(content or b"{}")
            subject = asked.get("subject")
            if what == "hold":
                self.mock.hold(asked["stage"], subject)
            else:
                self.mock.move_on(subject)
        except UsageError as error:
            return 400, {"error": str(error)}
        except (ValueError, KeyError, AttributeError, TypeError):
            return 400, {"error": "the body is none that is known", "known": KNOWN}
        return 200, {what: subject or "everybody"}

    def _instance(self, one: Instance) -> dict[str, Any]:
        stage = one.steps[one.step].stage if one.steps else None
        return {"identity": list(one.identity), "subject": one.subject, "stage": stage, "asked": one.asked}

    def _remember(self, scope: Any, content: bytes, told: list[Any], start: float) -> None:
        first = next(message for message in told if message["type"] == "http.response.start")
        body = b"".join(message.get("body", b"") for message in told if message["type"] == "http.response.body")
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").split("?")[0]
        query = scope["query_string"].decode("latin-1")
        answer = Answer(first["status"], _texts(first["headers"]), body)
        target = f"{path}?{query}" if query else path
        one = Seen(scope["method"], target, _texts(scope["headers"]), content, answer, start, self.mock.clock())
        self.seen.append(one)
        for listener in self.listeners:
            listener(one)


def _texts(headers: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
