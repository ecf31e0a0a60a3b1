"""The server of one trial: the polite one, with the trial's bait before it, which remembers what it is asked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

from pollspec.document import expressions
from pollspec.document.lifecycles import TERMINAL
from pollspec.document.messages import MISSING, Answer, Request
from pollspec.grading.ground import POLLS
from pollspec.grading.observation import Ended, Observation
from pollspec.grading.play import NEVER, Moment, Play
from pollspec.judge.exchange import Exchange
from pollspec.servers import asgi
from pollspec.servers.faults.fault import Scene
from pollspec.servers.polite import Mock

MOST = 1_000
"""Requests of a trial that are answered; who asks more often is ended."""
STARTUP = 30.0
"""Seconds that a client may take before it asks for the first time."""
ELSEWHERE = Answer(404, (("content-type", "application/json"),), b"{}")
"""What the other origin answers."""


class Playing:
    """An ASGI application that plays a trial. `clock`, `wall`: seconds, from some moment and since 1970.

    `exchanges`: what was asked and answered; `elsewhere`: at the other origin, which is at the URL `away`.
    """

    def __init__(
        self,
        play: Play,
        away: str,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.play, self.away, self.clock, self.wall = play, away, clock, wall
        self.mock = Mock(play.vendor, clock=clock, polls=POLLS, scenario=play.scenario)
        self.exchanges: list[Exchange] = []
        self.elsewhere: list[Exchange] = []
        self.due: dict[int, float] = {}
        self.begun = clock()
        self.over: float | None = None
        self._counted: Counter[str] = Counter()
        self._past: list[tuple[Request, Answer]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one HTTP request, or let it wait until its client goes."""
        await _answer(self.respond, scope, receive, send)

    async def at_the_other_origin(self, scope: Any, receive: Any, send: Any) -> None:
        """The same at the other origin."""
        await _answer(self.respond_elsewhere, scope, receive, send)

    def respond(self, method: str, target: str, headers: Any, content: bytes) -> Answer:
        """The answer to a request; NEVER where none is to come."""
        begun = self.clock()
        request = self._request(method, target, tuple(headers), content)
        answer = self._played(request)
        if len(self.exchanges) < MOST:
            self._remember(Exchange(request, answer, begun, self.clock(), number=len(self.exchanges)))
        return answer

    def respond_elsewhere(self, method: str, target: str, headers: Any, content: bytes) -> Answer:
        """The answer of the other origin."""
        request = Request("", method, target, {}, tuple(headers), content)
        number = max(0, len(self.exchanges) - 1)  # of the answer that led there
        self.elsewhere.append(Exchange(request, ELSEWHERE, self.clock(), self.clock(), number=number))
        return ELSEWHERE

    def overdue(self, deadline: float, afterwards: float) -> bool:
        """Whether the client goes on for too many seconds after its first request, or after the end was shown.

        Or asks without end, or not at all.
        """
        now = self.clock()
        if not self.exchanges:
            return now - self.begun > STARTUP
        late = now - self.exchanges[0].start > deadline or (self.over is not None and now - self.over > afterwards)
        return late or len(self.exchanges) >= MOST

    def seen(self, ended: Ended, interval: float, deadline: float) -> Observation:
        """The trial as a whole, once the client's command has ended."""
        return Observation(self.play, self.exchanges, self.elsewhere, ended, interval, deadline, self.due)

    def _request(self, method: str, target: str, headers: tuple[tuple[str, str], ...], content: bytes) -> Request:
        path, base = target.partition("?")[0], self.play.vendor.base_path
        located = self.play.vendor.locate(method, path[len(base) :]) if path.startswith(base) else None
        operation, parameters = (located[0].id, located[1]) if located else ("", {})
        return Request(operation, method, target, parameters, headers, content)

    def _played(self, request: Request) -> Answer:
        """The trial's answer, or else the polite server's."""
        moment = self._moment(request)
        if request.operation and (answer := self.play.instead(request, moment)) is not None:
            return answer
        path, _, query = request.target.partition("?")
        answer = self.mock.respond(request.method, path, query, request.headers, request.content)
        if not request.operation:
            return self.play.target if self.mock.links.lead_to(path) else answer
        scene = Scene(self.play.vendor, request, answer, self._past)
        told = self.play.edit(scene, moment) if moment.poll else None
        self._past.append((request, answer))
        return told or answer

    def _moment(self, request: Request) -> Moment:
        number = self._counted[request.operation]
        self._counted[request.operation] += 1
        return Moment(number, request.operation == self.play.ground.view.operation, self.wall(), self.away)

    def _remember(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        asked, now = self._pause(exchange), self.clock()
        if asked is not None:
            self.due[exchange.number] = now + asked
        lifecycle, is_poll = self.play.ground.lifecycle, exchange.operation == self.play.ground.view.operation
        shown = lifecycle.shown(exchange.operation, exchange.request, exchange.answer) if is_poll else None
        if shown and self.over is None and lifecycle.kinds(shown) <= TERMINAL:
            self.over = now

    def _pause(self, exchange: Exchange) -> float | None:
        """The seconds that an answer asks to wait before the next request."""
        text = expressions.value("$response.header.Retry-After", exchange.request, exchange.answer)
        if text is MISSING:
            return None
        return float(text) if str(text).isdigit() else parsedate_to_datetime(text).timestamp() - self.wall()


async def _answer(respond: Callable[..., Answer], scope: Any, receive: Any, send: Any) -> None:
    """Read a request, and send its answer."""
    asked = await asgi.received(scope, receive, send)
    if asked is None:
        return
    told = respond(asked.method, asked.target, asked.headers, asked.content)
    if told is NEVER:
        await _gone(receive)
    else:
        await asgi.answer(told, send, asked.method == "HEAD")


async def _gone(receive: Any) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
