"""Starts operations and follows them to their end over httpx. `pollspec generate` copies this file beside the pollers.

PollingError        .last: what was seen last
├── Failed          it has ended without success; .reason: the vendor's own words, "" where there are none
├── Gone            nothing is shown of it any more, or never was: how it ended, nobody knows
├── Refused         the server does not do what it was asked; .response
├── Overdue         it has not ended in time
└── Unreachable     no answer, or none that tells anything, several times in a row
"""

from __future__ import annotations

import asyncio
import email.utils
import re
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Generic

import httpx

from .reading import M
from .views import Call, Given, PollingError, Progress, Refused, View

PATIENCE = 4
"""So many answers in a row that tell nothing are ridden out; those that say when to come back are not counted."""
LOST = (httpx.NetworkError, httpx.TimeoutException, httpx.RemoteProtocolError, httpx.DecodingError)
NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

Outcome = httpx.Response | httpx.RequestError
Told = Callable[[Progress[M]], object]
"""A callback, called after each poll that showed something."""


class Failed(PollingError):
    """It has ended without success."""

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(f"it has ended as {state}" + (f": {reason}" if reason else ""))
        self.state, self.reason = state, reason


class Gone(PollingError):
    """Nothing is shown of it any more, or never was."""


class Overdue(PollingError):
    """It has not ended in time."""


class Unreachable(PollingError):
    """No answer, or none that tells anything."""


class Course(Generic[M]):
    """One operation that is followed, without any I/O: what was heard, and what follows from that."""

    def __init__(self, view: View[M], every: float | None, until: float, told: Told[M] | None) -> None:
        self.view, self.every, self.until, self.told = view, every or view.every, until, told
        self.last: Progress[M] | None = None
        self.troubles, self.trouble = 0, ""

    def heard(self, outcome: Outcome, now: float) -> float | None:
        """The seconds until the next poll; None at the end."""
        try:
            pause = self._pause(outcome)
            if pause is not None and now + pause >= self.until:
                raise Overdue(f"it has not ended in time; it was last seen as {self._seen()}")
        except PollingError as error:
            error.last = self.last
            raise
        return pause

    @property
    def end(self) -> Progress[M]:
        """What the last poll showed."""
        assert self.last is not None
        return self.last

    def _pause(self, outcome: Outcome) -> float | None:
        if isinstance(outcome, httpx.RequestError) or (seen := self.view.progress(outcome)) is None:
            return self._trouble(outcome)
        self.last, self.troubles, self.trouble = seen, 0, ""
        if self.told:
            self.told(seen)
        if seen.kind == "failed":
            raise Failed(seen.state, self.view.why(seen))
        if seen.kind == "gone":
            raise Gone("nothing is shown of it")
        return None if seen.kind == "done" else max(self.every, retry_after(outcome))

    def _trouble(self, outcome: Outcome) -> float:
        """Wait longer each time; an answer that says when to come back is no trouble."""
        asked = 0.0 if isinstance(outcome, httpx.RequestError) else retry_after(outcome)
        self.troubles, self.trouble = self.troubles + (not asked), f", and then {_said(outcome)}"
        if self.troubles > PATIENCE:
            raise Unreachable(f"{self.troubles} times in a row: {_said(outcome)}")
        return max(asked, self.every * 2.0 ** max(0, self.troubles - 1))

    def _seen(self) -> str:
        return ("nothing" if self.last is None else self.last.state or "no state") + self.trouble


class Launch:
    """One start, without any I/O. It is sent again only where the first one cannot have started anything."""

    def __init__(self, every: float, until: float) -> None:
        self.every, self.until = every, until

    def heard(self, outcome: Outcome, now: float) -> float | None:
        """The seconds until the start is sent again; None once it was accepted."""
        pause = self.every
        if isinstance(outcome, httpx.Response):
            if outcome.is_success:
                return None
            pause = max(pause, asked := retry_after(outcome))
            if outcome.status_code != 429 and not (outcome.status_code == 503 and asked):
                raise Refused(outcome)
        elif not isinstance(outcome, NOTHING_SENT):
            raise Unreachable(f"{_said(outcome)}: it may have started, so look before you start it again")
        if now + pause >= self.until:
            raise Overdue(f"it was not started in time: {_said(outcome)}")
        return pause


class Poller:
    """Follows operations with a client, whose base URL and credentials are used, and nothing but these."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        every: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.client, self.every, self.clock, self.sleep = client, every, clock, sleep

    def _follow(self, view: View[M], given: Given, deadline: float | None, told: Told[M] | None) -> Progress[M]:
        until = self.clock() + (view.at_most if deadline is None else deadline)
        course = Course(view, self.every, until, told)
        while (pause := course.heard(self._ask(view.call, given, until), self.clock())) is not None:
            self.sleep(pause)
        return course.end

    def _start(self, view: View[M], call: Call, given: Given) -> httpx.Response:
        until = self.clock() + view.at_most
        launch = Launch(self.every or view.every, until)
        while (pause := launch.heard(outcome := self._ask(call, given, until), self.clock())) is not None:
            self.sleep(pause)
        assert isinstance(outcome, httpx.Response)
        return outcome

    def _ask(self, call: Call, given: Given, until: float) -> Outcome:
        request = call.request(self.client, given, until - self.clock())
        try:
            return self.client.send(request, follow_redirects=False)
        except LOST as error:
            return error


class AsyncPoller:
    """The same for an asynchronous client."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        every: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.client, self.every, self.clock, self.sleep = client, every, clock, sleep

    async def _follow(self, view: View[M], given: Given, deadline: float | None, told: Told[M] | None) -> Progress[M]:
        until = self.clock() + (view.at_most if deadline is None else deadline)
        course = Course(view, self.every, until, told)
        while (pause := course.heard(await self._ask(view.call, given, until), self.clock())) is not None:
            await self.sleep(pause)
        return course.end

    async def _start(self, view: View[M], call: Call, given: Given) -> httpx.Response:
        until = self.clock() + view.at_most
        launch = Launch(self.every or view.every, until)
        while (pause := launch.heard(outcome := await self._ask(call, given, until), self.clock())) is not None:
            await self.sleep(pause)
        assert isinstance(outcome, httpx.Response)
        return outcome

    async def _ask(self, call: Call, given: Given, until: float) -> Outcome:
        request = call.request(self.client, given, until - self.clock())
        try:
            return await self.client.send(request, follow_redirects=False)
        except LOST as error:
            return error


def retry_after(response: httpx.Response) -> float:
    """The seconds that an answer asks to wait, by number or by date (RFC 9110, 10.2.3); 0 where it asks nothing."""
    text = response.headers.get("Retry-After", "").strip()
    if re.fullmatch("[0-9]{1,9}", text):
        return float(text)
    moment, since = _moment(text), _moment(response.headers.get("Date", "")) or datetime.now(UTC)
    return 0.0 if moment is None else max(0.0, (moment - since).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _said(outcome: Outcome) -> str:
    if isinstance(outcome, httpx.Response):
        return f"the server answered {outcome.status_code}" + (" without JSON" if outcome.is_success else "")
    return f"there is no answer ({type(outcome).__name__}: {outcome})"
