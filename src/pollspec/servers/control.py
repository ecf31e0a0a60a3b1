"""A polite server in a test's hand: held and moved on over HTTP, from any language; and what it was asked."""

from __future__ import annotations

import functools
import json
import math
from collections import deque
from typing import Any

from pollspec.document.messages import Answer
from pollspec.errors import UsageError, nearest
from pollspec.servers import asgi, bodies, scenarios
from pollspec.servers.clock import Clock
from pollspec.servers.faults.impolite import Application
from pollspec.servers.instances import Instance
from pollspec.servers.polite import Mock

PATH = "/.pollspec/"
"""What the control's own paths begin with. They are none of the document's, unless it writes one that begins so."""
KNOWN = [
    'POST hold {"stage": NAME, "subject": NAME or nothing}',
    'POST move-on {"subject": NAME or nothing}',
    'POST advance {"seconds": NUMBER}',
    'POST restart {"scenario": NAME or nothing}',
    "GET instances",
    "GET exchanges",
]
"""What the control does."""
KEPT = 10_000
"""Exchanges that are remembered, the last ones."""


class Seen:
    """What was asked and answered; seconds on the server's clock. It is put into texts when somebody asks."""

    def __init__(self, scope: Any, content: bytes, told: list[Any], start: float, end: float) -> None:
        self._scope, self._content, self._told = scope, content, told
        self.start, self.end = start, end

    @functools.cached_property
    def request(self) -> asgi.Received:
        """What was asked."""
        return asgi.whole(self._scope, self._content)

    @functools.cached_property
    def answer(self) -> Answer:
        """What was answered."""
        first = next(message for message in self._told if message["type"] == "http.response.start")
        body = b"".join(message.get("body", b"") for message in self._told if message["type"] == "http.response.body")
        return Answer(first["status"], asgi.texts(tuple(first["headers"])), body)

    def shown(self) -> dict[str, Any]:
        """The same as JSON; bodies as texts."""
        asked = self.request
        return {
            "method": asked.method,
            "target": asked.target,
            "headers": [list(pair) for pair in asked.headers],
            "body": asked.content.decode("utf-8", "replace"),
            "status": self.answer.status,
            "answer_headers": [list(pair) for pair in self.answer.headers],
            "answer": self.answer.content.decode("utf-8", "replace"),
            "start": self.start,
            "end": self.end,
        }


class Controlled:
    """An ASGI application around a polite server (or what makes it impolite): remembers, and obeys its own paths.

    `clock`: the server's; `seen`: what was asked since it began, or began anew.
    """

    def __init__(self, mock: Mock, clock: Clock, application: Application | None = None) -> None:
        self.mock, self.clock, self.application = mock, clock, application or mock
        self.seen: deque[Seen] = deque(maxlen=KEPT)
        vendor = mock.vendor
        self.obeys = not any(f"{vendor.base_path}{o.path}".startswith(PATH) for o in vendor.operations.values())
        self.orders = {"hold": self._hold, "move-on": self._move_on, "advance": self._advance, "restart": self._restart}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Obey, or pass on and remember."""
        if scope["type"] != "http":
            return
        if self.obeys and scope["path"].startswith(PATH):
            await self._obey(scope, receive, send)
            return
        sent, told = bytearray(), list[Any]()

        async def reading() -> Any:
            message = await receive()
            sent.extend(message.get("body", b"")[: bodies.MOST - len(sent)])  # a larger one is refused
            return message

        async def writing(message: Any) -> None:
            told.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                seen = Seen(scope, bytes(sent), told, start, self.clock())
                self.seen.append(seen)  # before its reader can ask what was seen
            await send(message)

        start = self.clock()
        await self.application(scope, reading, writing)

    async def _obey(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            content = await bodies.whole(receive)
        except (bodies.ClientGone, bodies.TooLarge):
            content = b"too large"
        status, told = self._obeyed(scope["method"], scope["path"].removeprefix(PATH), content)
        said = Answer(status, (("content-type", "application/json"),), json.dumps(told).encode())
        await asgi.answer(said, send, scope["method"] == "HEAD")

    def _obeyed(self, method: str, what: str, content: bytes) -> tuple[int, Any]:
        """The answer to a request of the control's own: 404 and 400 say what there is."""
        if (method, what) == ("GET", "exchanges"):
            return 200, [one.shown() for one in self.seen]
        if (method, what) == ("GET", "instances"):
            return 200, [self._instance(one) for one in self.mock.instances.values()]
        if method != "POST" or what not in self.orders:
            return 404, {"error": f"no {method} {PATH}{what}", "known": KNOWN}
        try:
            return 200, {what: self.orders[what](json.loads(content or b"{}"))}
        except UsageError as error:
            return 400, {"error": str(error)}
        except (ValueError, KeyError, AttributeError, TypeError):
            return 400, {"error": "the body is none that is known", "known": KNOWN}

    def _hold(self, asked: Any) -> Any:
        self.mock.hold(asked["stage"], asked.get("subject"))
        return asked.get("subject") or "everybody"

    def _move_on(self, asked: Any) -> Any:
        self.mock.move_on(asked.get("subject"))
        return asked.get("subject") or "everybody"

    def _advance(self, asked: Any) -> Any:
        seconds = float(asked["seconds"])
        if not 0 <= seconds < math.inf:
            raise UsageError(f"time goes on, not by {seconds:g} s", "seconds = 0 or more")
        self.clock.advance(seconds)
        return seconds

    def _restart(self, asked: Any) -> Any:
        """Begin anew; another scenario is one by name, because a path from afar may be anybody's."""
        name = asked.get("scenario")
        if name is not None and name not in scenarios.NAMED:
            raise UsageError(f"there is no scenario {name!r} to begin anew with", nearest(name, scenarios.NAMED))
        self.mock.play(scenarios.find(self.mock.vendor, name) if name else self.mock.scenario)
        self.seen.clear()
        return self.mock.scenario.name

    def _instance(self, one: Instance) -> dict[str, Any]:
        stage = self.mock.course.at(one)
        return {"identity": list(one.identity), "subject": one.subject, "stage": stage, "asked": one.asked}
