"""The one door out: every request, whoever made it up, leaves through `Target.send`, and nothing escapes its limits."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from . import expressions
from .masks import Masks
from .messages import Headers, Request
from .trace import Exchange
from .transports import Application, Embedded, Limits, Live, Transport, Trouble
from .vendor import Operation, Vendor

Given = Mapping[str, Any]


class Clock(Protocol):
    """Tells seconds, and lets them pass."""

    def __call__(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class RealClock:
    """The machine's monotonic clock."""

    def __call__(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class VirtualClock:
    """A clock on which nobody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Seconds since the clock was made."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.now += seconds


class BudgetSpent(Exception):
    """The request budget of the run is spent."""


@dataclass(frozen=True)
class Polls:
    """How a running operation is followed: seconds between polls, seconds at most, polls after its end."""

    every: float | None = None
    at_most: float | None = None
    after_end: int = 2


@dataclass
class Settings:
    """What a target file says. `credentials`: name -> expression -> value; `subjects`: name -> identifiers.

    `starts`: what to send for more starts than the beliefs ask for, as a polite server's cards have it.
    """

    credentials: dict[str, Mapping[str, str]] = field(default_factory=dict)
    subjects: dict[str, list[Given]] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)
    starts: list[Given] = field(default_factory=list)
    base_path: str | None = None
    allow_writes: bool = False
    try_wrong_logins: bool = True
    polls: Polls = field(default_factory=Polls)
    limits: Limits = field(default_factory=Limits)
    verify: bool | str = True


class Target:
    """What is tested. `exchanges` holds all that was asked and answered, in order; `listeners` are told of each."""

    def __init__(self, vendor: Vendor, transport: Transport, clock: Clock, settings: Settings, name: str) -> None:
        self.vendor, self.transport, self.clock, self.settings, self.name = vendor, transport, clock, settings, name
        self.base_path = vendor.base_path if settings.base_path is None else settings.base_path
        self.exchanges: list[Exchange] = []
        self.counted: Counter[str] = Counter()
        self.masks = Masks()
        self.session = 0
        self.started: list[str] = []
        self.running: set[tuple[tuple[str, Any], ...]] = set()
        self.listeners: list[Callable[[Exchange], None]] = []
        self._last = float("-inf")
        for label, headers in settings.credentials.items():
            for text, value in headers.items():
                self.masks.add(value, f"{label} {expressions.parse(text).name}")

    @property
    def embedded(self) -> bool:
        """Whether the target lives in this process, so that nothing it does is precious."""
        return isinstance(self.transport, Embedded)

    def send(self, request: Request, credential: str = "default", subject: str | None = None) -> Exchange:
        """Ask once. The credential's headers are added here and nowhere else; no redirect is followed.

        Raises BudgetSpent before the request that would exceed the budget.
        """
        limits = self.settings.limits
        if len(self.exchanges) >= limits.requests:
            raise BudgetSpent(f"the budget of {limits.requests} requests is spent")
        if limits.rate and (wait := self._last + 1 / limits.rate - self.clock()) > 0:
            self.clock.sleep(wait)
        request = replace(request, headers=self._signed(request, credential))
        start = self._last = self.clock()
        answer, trouble = None, ""
        try:
            answer = self.transport.send(replace(request, target=f"{self.base_path}{request.target}"))
        except Trouble as error:
            trouble = str(error)
        number = len(self.exchanges)
        exchange = Exchange(request, answer, start, self.clock(), credential, subject, self.session, number, trouble)
        self.exchanges.append(exchange)
        self.counted[request.operation] += 1
        for listener in self.listeners:
            listener(exchange)
        return exchange

    def _signed(self, request: Request, credential: str) -> Headers:
        """The request's headers after the credential's; a header that the request leaves out on purpose stays out."""
        given = {} if credential == "none" else self.settings.credentials.get(credential, {})
        own = {name.lower(): value for name, value in request.headers}
        added = {expressions.parse(text).name: value for text, value in given.items()}
        kept = {name: value for name, value in added.items() if name.lower() not in own}
        return tuple((name, value) for name, value in [*kept.items(), *request.headers] if value != LEFT_OUT)

    def has(self, credential: str) -> bool:
        """Whether a credential can be used here."""
        return credential == "none" or credential in self.settings.credentials

    def given(self, subject: str, operation: Operation) -> Sequence[Given]:
        """The identifiers of a subject that an operation can be asked about."""
        known = self.vendor.subjects[subject]
        card = [known.given] if known.anywhere else []
        return self.settings.subjects.get(subject, card) if self.vendor.applies(known, operation) else []

    def renew(self) -> None:
        """Begin a new session: an embedded application starts afresh, a live server stays what it is."""
        if isinstance(self.transport, Embedded):
            self.transport.renew()
            self.session += 1

    def close(self) -> None:
        """Close the transport."""
        self.transport.close()


LEFT_OUT = "\0left out"
"""A header value that says: send no such header, not even the credential's."""


def cards(vendor: Vendor) -> Settings:
    """The settings that fit a polite server: the document's test cards."""
    subjects = {name: [subject.given] for name, subject in vendor.subjects.items() if subject.given}
    starts = [subject.starts_with for subject in vendor.subjects.values() if subject.starts_with]
    return Settings(credentials=dict(vendor.credentials), subjects=subjects, starts=starts, allow_writes=True)


def embedded(vendor: Vendor, make: Callable[[Clock], Application], settings: Settings) -> Target:
    """A target in this process: `make` gives an ASGI application that lives by a clock; a virtual one."""
    clock = VirtualClock()
    return Target(vendor, Embedded(lambda: make(clock)), clock, settings, "embedded")


def live(vendor: Vendor, url: str, settings: Settings) -> Target:
    """A target over HTTP."""
    return Target(vendor, Live(url, settings.limits, settings.verify), RealClock(), settings, url)
