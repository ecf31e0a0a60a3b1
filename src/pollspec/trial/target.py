"""The one door out: every request, whoever made it up, leaves through `Target.send`, and nothing escapes its limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pollspec.document.messages import Answer, Headers, Request
from pollspec.document.operations import SAFE, Operation
from pollspec.document.vendor import Vendor
from pollspec.errors import Unreachable
from pollspec.judge.exchange import Exchange
from pollspec.masks import Masks
from pollspec.trial.settings import Given as Given
from pollspec.trial.settings import Polls as Polls
from pollspec.trial.settings import Settings as Settings
from pollspec.trial.wire.connections import origin
from pollspec.trial.wire.credentials import EXPIRED, REFUSED, Keyring, OAuth
from pollspec.trial.wire.limits import Trouble
from pollspec.trial.wire.pace import Clock, Pace, RealClock, VirtualClock
from pollspec.trial.wire.transports import Application, Embedded, Live, Transport


class Target:
    """What is tested. `exchanges` holds all that was asked and answered, in order; `listeners` are told of each."""

    def __init__(self, vendor: Vendor, transport: Transport, clock: Clock, settings: Settings, name: str) -> None:
        self.vendor, self.transport, self.clock, self.settings, self.name = vendor, transport, clock, settings, name
        self.base_path = vendor.base_path if settings.base_path is None else settings.base_path
        self.exchanges: list[Exchange] = []
        self.counted: Counter[str] = Counter()
        self.polled: Counter[str] = Counter()
        self.masks = Masks()
        self.keyring = Keyring(settings.credentials, settings.renewals, self.masks, self._ask, vendor.signing.secret)
        self.logins = self._logins()
        self.pace = Pace(settings.limits, clock, RealClock() if self.embedded else None)
        self.patience = self.pace.patience
        self.session = 0
        self.started: list[str] = []
        self.running: set[tuple[tuple[str, Any], ...]] = set()
        self.listeners: list[Callable[[Exchange], object]] = []
        for header, value in settings.headers.items():
            if not is_plain(header):
                self.masks.add(value, f"header {header}")
        if isinstance(transport, Live) and transport.proxy:
            self.masks.add(transport.proxy.authorization, "proxy password")

    @property
    def embedded(self) -> bool:
        """Whether the target lives in this process, so that nothing it does is precious."""
        return isinstance(self.transport, Embedded)

    def _logins(self) -> dict[str, str]:
        """The logins that may be used, with their kinds; the document's wrong one gives way to a nearly right one."""
        settings = self.settings
        kinds = {name: settings.kinds.get(name, name) for name in settings.credentials}
        known = settings.credentials.get("default") or "default" in settings.renewals
        if known and self.vendor.signing.secret and settings.try_wrong_logins:
            if not (self.embedded or settings.polite) and self._is_documents("invalid"):
                kinds.pop("invalid", None)
            number = SOME if self.embedded else settings.wrong_logins
            names = [name for name in ("invalid", *(f"invalid {n}" for n in range(2, number + 1))) if name not in kinds]
            self.keyring.nearly = names[: max(0, number - ("invalid" in kinds))]
            kinds |= dict.fromkeys(self.keyring.nearly, "invalid")
        if not settings.try_wrong_logins:
            kinds = {name: kind for name, kind in kinds.items() if kind not in {"invalid", "refused"}}
        return {name: {"accepted": "default", "refused": "invalid"}.get(kind, kind) for name, kind in kinds.items()}

    def _is_documents(self, name: str) -> bool:
        """Whether a login is the document's, and no user's own."""
        return self.settings.credentials.get(name) == self.vendor.credentials.get(name)

    def send(
        self, request: Request, login: str = "default", subject: str | None = None, poll: bool = False, link: str = ""
    ) -> Exchange:
        """Ask, and give the last exchange that this took: no redirect is followed, and a 429 is waited for.

        `poll`: it follows a running operation, and counts as a poll. `link`: the belief for which a link is followed.

        The credential's headers are added here and nowhere else; the default one is renewed once if it is refused.
        An operation that only fails is given up, and not asked; what may change something is not sent without leave.
        Raises BudgetSpent before the request that would exceed what the run may take, and Unreachable when the target
        answered none of the first, or only failed.
        """
        self._hope()
        if why := self._withheld(request):
            now, kind = self.clock(), self.logins.get(login, login)
            return Exchange(request, None, now, now, kind, subject, self.session, -1, why, link)
        self.polled[request.operation] += poll
        exchange = self._once(request, login, subject, link)
        if self._is_whole(request, exchange) and exchange.status == 401 and self.keyring.renew():
            self._keep(replace(exchange, credential=EXPIRED))
            exchange = self._once(request, login, subject, link)
        exchange = self._keep(self._named(request, exchange))
        while _is_limited(exchange) and exchange.credential != "invalid" and not self.is_given_up(request.operation):
            exchange = self._keep(self._named(request, self._once(request, login, subject, link)))
        return exchange

    def send_at_once(self, asked: Sequence[tuple[Request, str, str | None]]) -> list[Exchange]:
        """Ask several things (request, login, subject) at the same moment; those that are answered.

        None where requests are to be spaced, or where one of them is not to be sent. An answer that is lost is
        none of the server's: it may take one connection at a time.
        """
        self._hope()
        if self.settings.limits.rate or any(self._withheld(request) for request, _, _ in asked):
            return []
        for _ in asked:
            self.pace.wait()
        signed = [replace(request, headers=self._signed(request, login)) for request, login, _ in asked]
        start = self.clock()
        answers = self.transport.send_at_once(list(map(self._placed, signed)), self.pace.answer_within())
        end, found = self.clock(), []
        for request, answer, (plain, login, subject) in zip(signed, answers, asked, strict=True):
            if answer is not None:
                kind, number = self.logins.get(login, login), len(self.exchanges)
                own = "" if login == kind else login
                one = Exchange(
                    request, answer, start, end, kind, subject, self.session, number, login=own, at_once=True
                )
                self.patience.note(request.operation, start, answer, "")
                found.append(self._keep(self._named(plain, one)))
        return found

    def _withheld(self, request: Request) -> str:
        """Why a request is not sent at all; "" where it is."""
        if request.method not in SAFE and not self.settings.allow_writes:
            return UNSAFE
        return GIVEN_UP if self.is_given_up(request.operation) else ""

    def pass_by(self, request: Request, trouble: str, link: str) -> Exchange:
        """Tell of a link that is not followed."""
        now, number = self.clock(), len(self.exchanges)
        return self._keep(Exchange(request, None, now, now, "default", None, self.session, number, trouble, link))

    def _named(self, request: Request, exchange: Exchange) -> Exchange:
        """An exchange by its credential: one that was never accepted yet says nothing of what is asked."""
        if not self._is_whole(request, exchange):
            return exchange
        if exchange.status in {401, 403} and not self.keyring.accepted:
            return replace(exchange, credential=REFUSED)
        self.keyring.accepted = self.keyring.accepted or exchange.status < 400 or exchange.status in ACCEPTING
        return exchange

    def _keep(self, exchange: Exchange) -> Exchange:
        """Tell of an exchange, now that it is known what it was, and heed what it asks for."""
        if exchange.answer is not None:
            self.masks.add_cookies(exchange.answer.headers)
        self.exchanges.append(exchange)
        self.counted[exchange.operation] += 1
        for listener in self.listeners:
            listener(exchange)
        if exchange.answer is not None:
            self.pace.heed(exchange.answer)
        self._hope()
        return exchange

    def _once(self, request: Request, login: str, subject: str | None, link: str) -> Exchange:
        """One request and its answer, taken into account by all that keeps the run within its bounds."""
        request = replace(request, headers=self._signed(request, login))
        self.pace.wait()
        start, answer, trouble = self.clock(), None, ""
        try:
            answer = self.transport.send(self._placed(request), self.pace.answer_within())
        except Trouble as error:
            trouble = str(error)
        number = len(self.exchanges)
        kind, end = self.logins.get(login, login), self.clock()
        own = "" if login == kind else login
        exchange = Exchange(request, answer, start, end, kind, subject, self.session, number, trouble, link, own)
        self.patience.note(request.operation, start, answer, trouble)
        if answer is not None and login == "default" and answer.status < 400:
            self.keyring.prove()
        return exchange

    def _hope(self) -> None:
        """Unreachable where nothing has succeeded for as long as patience lasts."""
        if why := self.patience.in_vain(self._next):
            raise Unreachable(f"{self.name} {why}", "is the address right, and is the server up?")

    @property
    def _next(self) -> float:
        """The second on the clock at which the next request may leave."""
        return max(self.clock(), self.pace.resume)

    def _placed(self, request: Request) -> Request:
        """The request with the base path before its own."""
        return replace(request, target=f"{self.base_path}{request.target}")

    def _is_whole(self, request: Request, exchange: Exchange) -> bool:
        """Whether a request was answered that brought the whole default credential: no header altered on purpose."""
        if exchange.answer is None or exchange.credential != "default" or exchange.login:
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
        return self.patience.is_over(operation, self._next)

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
        lost = [name for name in self.vendor.operations if self.is_given_up(name)] if self.patience.succeeded else []
        told += [f"{name} {self.patience.why(name)} and was given up" for name in lost]
        return told

    def _signed(self, request: Request, credential: str) -> Headers:
        """The request's headers after the credential's; a header that the request leaves out on purpose stays out."""
        own = {name.lower() for name, _ in request.headers}
        added = {name.lower(): (name, value) for name, value in self.settings.headers.items()}
        added |= {name.lower(): (name, value) for name, value in self.keyring.headers(credential).items()}
        kept = [pair for name, pair in added.items() if name not in own]
        return tuple((name, value) for name, value in [*kept, *request.headers] if value != LEFT_OUT)

    def identified(self, subject: str, operation: Operation) -> Sequence[tuple[Given, str]]:
        """The identifiers of a subject that an operation can be asked about, each with the login that asks."""
        known = self.vendor.subjects[subject]
        if not self.vendor.applies(known, operation):
            return []
        card = [(known.given, "default")] if known.anywhere and subject not in self.settings.subjects else []
        return [*card, *self.settings.identifiers(subject)]

    def renew(self) -> None:
        """Begin a new session: an embedded application starts afresh, a live server stays what it is."""
        if isinstance(self.transport, Embedded):
            self.transport.renew()
            self.session += 1

    def close(self) -> None:
        """Close the transport."""
        self.transport.close()


def _is_limited(exchange: Exchange) -> bool:
    return exchange.answer is not None and exchange.answer.status == 429


ACCEPTING = frozenset({404, 409, 410, 423})
"""Refusals that tell that the credential was accepted: of what is asked, not of who asks."""

SOME = 4
"""Wrong logins that an embedded server is sent: it locks no account."""

LEFT_OUT = "\0left out"
"""A header value that says: send no such header, not even the credential's."""

UNSAFE = "not sent: it may change something, and nobody allowed that (allow_writes, --allow-writes)"
GIVEN_UP = "not asked: it answers no more"
"""The troubles of exchanges that did not take place."""

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
