"""The one door out: every request, whoever made it up, leaves through `Target.send`, and nothing escapes its limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from packaging.version import Version

from .errors import Unreachable
from .masks import Masks
from .messages import Answer, Headers, Request
from .trace import Exchange
from .vendor import Operation, Vendor
from .wire.connections import Tls, origin
from .wire.credentials import EXPIRED, Keyring, OAuth, Renewal
from .wire.limits import Limits, Trouble
from .wire.pace import Clock, Pace, Patience, RealClock, VirtualClock
from .wire.transports import Application, Embedded, Live, Transport

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Polls:
    """How a running operation is followed: seconds between polls, seconds at most, polls after its end."""

    every: float | None = None
    at_most: float | None = None
    after_end: int = 2


@dataclass
class Settings:
    """What a target file says. `credentials`: name -> expression -> value; `subjects`: name -> identifiers.

    `renewals`: how credentials are got anew; `headers`: further ones of every request to the target; `starts`: what to
    send for more starts than the beliefs ask for, as a polite server's cards have it; `polite`: it is one, so that the
    document's own examples may be sent.
    """

    credentials: dict[str, Mapping[str, str]] = field(default_factory=dict)
    renewals: dict[str, Renewal] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, list[Given]] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)
    starts: list[Given] = field(default_factory=list)
    polite: bool = False
    base_path: str | None = None
    allow_writes: bool = False
    try_wrong_logins: bool = True
    polls: Polls = field(default_factory=Polls)
    limits: Limits = field(default_factory=Limits)
    tls: Tls = field(default_factory=Tls)
    product_version: Version | None = None


class Target:
    """What is tested. `exchanges` holds all that was asked and answered, in order; `listeners` are told of each."""

    def __init__(self, vendor: Vendor, transport: Transport, clock: Clock, settings: Settings, name: str) -> None:
        self.vendor, self.transport, self.clock, self.settings, self.name = vendor, transport, clock, settings, name
        self.base_path = vendor.base_path if settings.base_path is None else settings.base_path
        self.exchanges: list[Exchange] = []
        self.counted: Counter[str] = Counter()
        self.polled: Counter[str] = Counter()
        self.masks = Masks()
        self.keyring = Keyring(settings.credentials, settings.renewals, self.masks, self._ask)
        self.pace = Pace(settings.limits, clock, RealClock() if self.embedded else None)
        self.patience = Patience(settings.limits)
        self.session = 0
        self.started: list[str] = []
        self.running: set[tuple[tuple[str, Any], ...]] = set()
        self.listeners: list[Callable[[Exchange], None]] = []
        for header, value in settings.headers.items():
            if not is_plain(header):
                self.masks.add(value, f"header {header}")
        if isinstance(transport, Live) and transport.proxy:
            self.masks.add(transport.proxy.authorization, "proxy password")

    @property
    def embedded(self) -> bool:
        """Whether the target lives in this process, so that nothing it does is precious."""
        return isinstance(self.transport, Embedded)

    def send(self, request: Request, credential: str = "default", subject: str | None = None) -> Exchange:
        """Ask, and give the last exchange that this took: no redirect is followed, and a 429 is waited for.

        The credential's headers are added here and nowhere else; the default one is renewed once if it is refused.
        An operation that answers no more is not asked. Raises BudgetSpent before the request that would exceed what
        the run may take, and Unreachable when the target answered none of the first.
        """
        if self.is_given_up(request.operation):
            now = self.clock()
            return Exchange(request, None, now, now, credential, subject, self.session, -1, GIVEN_UP)
        exchange = self._once(request, credential, subject)
        if self._is_refused(request, exchange) and self.keyring.renew():
            self.exchanges[-1] = replace(exchange, credential=EXPIRED)
            exchange = self._once(request, credential, subject)
        while exchange.answer is not None and exchange.answer.status == 429 and credential != "invalid":
            exchange = self._once(request, credential, subject)
        return exchange

    def _once(self, request: Request, credential: str, subject: str | None) -> Exchange:
        """One request and its answer, taken into account by all that keeps the run within its bounds."""
        request = replace(request, headers=self._signed(request, credential))
        self.pace.wait()
        start, answer, trouble = self.clock(), None, ""
        try:
            answer = self.transport.send(replace(request, target=f"{self.base_path}{request.target}"), self.pace.left())
        except Trouble as error:
            trouble = str(error)
        number = len(self.exchanges)
        exchange = Exchange(request, answer, start, self.clock(), credential, subject, self.session, number, trouble)
        self.exchanges.append(exchange)
        self.counted[request.operation] += 1
        for listener in self.listeners:
            listener(exchange)
        self.patience.note(request.operation, start, answer is not None)
        if self.patience.was_in_vain():
            raise Unreachable(f"{self.name} never answered: {trouble}", "is the address right, and is a server there?")
        if answer is not None:
            self.pace.heed(answer)
            if credential == "default" and answer.status < 400:
                self.keyring.prove()
        return exchange

    def _is_refused(self, request: Request, exchange: Exchange) -> bool:
        """Whether the default credential was refused (401), and none of its headers was altered on purpose."""
        if exchange.answer is None or exchange.answer.status != 401 or exchange.credential != "default":
            return False
        own = {name.lower() for name, _ in request.headers}
        return not any(name.lower() in own for name in self.keyring.headers("default"))

    def _ask(self, oauth: OAuth) -> Answer:
        """A client's token request: under the same limits; its origin gets no header and no credential but its own."""
        self.pace.wait()
        transport = Live(oauth.token_url, self.settings.limits, oauth.tls)
        try:
            return transport.send(oauth.request(), self.pace.left())
        finally:
            transport.close()

    def is_given_up(self, operation: str) -> bool:
        """Whether an operation is asked no more, because it answers no more."""
        return self.patience.is_over(operation, self.clock())

    @property
    def notes(self) -> list[str]:
        """What a reader of the verdicts must know about how they came about."""
        told = []
        if isinstance(self.transport, Live):
            told += [INSECURE] if self.settings.tls.verify is False and origin(self.transport.url)[0] == "https" else []
            told += [f"sent by the proxy {self.transport.proxy.name}"] if self.transport.proxy else []
        if self.settings.product_version is not None:
            told.append(f"judged as version {self.settings.product_version}")
        if self.keyring.renewed:
            told.append(f"the credential 'default' expired and was renewed {self.keyring.renewed} times")
        told += [self.keyring.failed] if self.keyring.failed else []
        lost = [name for name in self.vendor.operations if self.is_given_up(name)] if self.patience.answered else []
        told += [f"{name} answered no more and was given up" for name in lost]
        return told

    def _signed(self, request: Request, credential: str) -> Headers:
        """The request's headers after the credential's; a header that the request leaves out on purpose stays out."""
        own = {name.lower() for name, _ in request.headers}
        added = {name.lower(): (name, value) for name, value in self.settings.headers.items()}
        added |= {name.lower(): (name, value) for name, value in self.keyring.headers(credential).items()}
        kept = [pair for name, pair in added.items() if name not in own]
        return tuple((name, value) for name, value in [*kept, *request.headers] if value != LEFT_OUT)

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

GIVEN_UP = "not asked: it answers no more"
"""The trouble of an exchange that did not take place."""

INSECURE = "INSECURE: the server's certificate is not checked; anyone on the way can read and change everything"
"""The note where TLS verifies nothing."""

PLAIN = ("accept", "cache-control", "content-type", "forwarded", "host", "origin", "pragma", "referer", "user-agent")


def is_plain(header: str) -> bool:
    """Whether a header of the user's own is known to hold no secret."""
    return header.lower().startswith((*PLAIN, "x-forwarded-"))


def cards(vendor: Vendor) -> Settings:
    """The settings that fit a polite server: the document's test cards."""
    subjects = {name: [subject.given] for name, subject in vendor.subjects.items() if subject.given}
    starts = [subject.starts_with for subject in vendor.subjects.values() if subject.starts_with]
    return Settings(
        credentials=dict(vendor.credentials), subjects=subjects, starts=starts, polite=True, allow_writes=True
    )


def embedded(vendor: Vendor, make: Callable[[Clock], Application], settings: Settings) -> Target:
    """A target in this process: `make` gives an ASGI application that lives by a clock; a virtual one."""
    clock = VirtualClock()
    return Target(vendor, Embedded(lambda: make(clock)), clock, settings, "embedded")


def live(vendor: Vendor, url: str, settings: Settings) -> Target:
    """A target over HTTP."""
    return Target(vendor, Live(url, settings.limits, settings.tls), RealClock(), settings, url)
