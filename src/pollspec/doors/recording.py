"""What passed a door, sorted to a vendor's operations: exchanges for the judge, and secrets for the masks."""

from __future__ import annotations

import heapq
import math
import re
import threading
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from packaging.version import Version

from pollspec.document.keywords import KEYWORDS, Scope
from pollspec.document.messages import Answer, Headers, Missing, Request, header
from pollspec.document.operations import Operation
from pollspec.document.vendor import Belief, Vendor
from pollspec.doors.recognition import UNKNOWN, Recognition
from pollspec.doors.secrets import Hiding, once
from pollspec.judge.exchange import Exchange
from pollspec.judge.verdict import Finding, Outcome, Verdict
from pollspec.masks import Masks
from pollspec.servers.answers import SERVER
from pollspec.trial.ledger import Ledger, ranked
from pollspec.trial.target import Settings, cards

CLEANED = re.compile(r"(?i:[\[<(](?:[\w -]* )?(?:filtered|redacted|masked|removed|hidden)[\])>])|REDACTED|\*{3,}")
"""What stands in the place of a value that was taken out of a capture."""

HELD = 5.0
"""Seconds that an exchange is held back while one that began earlier is not over."""
SIZE = 8 * 2**20
"""Bytes of a body that are kept for judging."""


class Kept:
    """A copy of a body that passes, up to a size; `whole`: it is all there."""

    def __init__(self, size: int = SIZE) -> None:
        self.size, self.length = size, 0
        self._parts: list[bytes] = []

    def add(self, part: bytes) -> None:
        """Some more of the body."""
        self.length += len(part)
        if self.whole:
            self._parts.append(part)
        else:
            self._parts.clear()

    @property
    def whole(self) -> bool:
        """Whether it did not grow too large to be kept."""
        return self.length <= self.size

    @property
    def content(self) -> bytes:
        """What was kept."""
        return b"".join(self._parts)


@dataclass(frozen=True)
class Passage:
    """One request with an absolute URL, and what became of it. `start`, `end`: seconds on any one clock.

    `answer` is None where there was none; `trouble` says how it was lost. `unseen`: it was answered, but the door does
    not know all of it. `complete`: everything that the client sent is known, its credentials too.
    """

    method: str
    url: str
    headers: Headers
    content: bytes
    answer: Answer | None
    start: float
    end: float
    trouble: str = ""
    unseen: bool = False
    complete: bool = False


@dataclass(frozen=True)
class Place:
    """Where a request line leads: an operation with the path's parameters, behind an origin with a prefix."""

    operation: Operation
    parameters: Mapping[str, str]
    server: str
    target: str

    def request(self, passage: Passage) -> Request:
        """What was asked, as the judge sees it."""
        method, parameters = passage.method.upper(), self.parameters
        return Request(self.operation.id, method, self.target, parameters, passage.headers, passage.content)


class Recording(Ledger):
    """The exchanges of one vendor among all that passed, judged as they come.

    `base_path`: what stands before every operation's path (the document's, or any prefix); `settings`: credentials and
    subjects that are known by name.
    """

    def __init__(
        self,
        vendor: Vendor,
        beliefs: Sequence[Belief],
        name: str,
        base_path: str | None = None,
        settings: Settings | None = None,
        version: Version | None = None,
        masks: Masks | None = None,
    ) -> None:
        super().__init__(vendor, beliefs, name, masks=masks, version=version)
        self.prefix, self.unread = base_path, ""
        self.others, self.number = 0, 0
        self.fresh: list[tuple[Belief, Finding]] = []
        self.recognition = Recognition(vendor, settings)
        self._of_cards = Recognition(vendor, cards(vendor)) if settings is None else self.recognition
        self._polite: set[int] = set()
        self._servers: dict[str, int] = {}
        self._hiding = Hiding(vendor, self.masks)
        self._lock = threading.Lock()
        self._under_way: list[float] = []
        self._waiting: list[tuple[float, int, Exchange]] = []

    def locate(self, method: str, url: str) -> Place | None:
        """The operation that a request line asks for; None if it is none of this vendor's."""
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in {"http", "https"}:
            return None
        netloc = parts.netloc.rpartition("@")[2]
        for prefix in self._prefixes(parts.path):
            if located := self.vendor.locate(method, parts.path[len(prefix) :]):
                target = urllib.parse.urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))
                return Place(*located, f"{parts.scheme}://{netloc}{prefix}", target)
        return None

    def _prefixes(self, path: str) -> list[str]:
        if self.prefix is not None:
            base = self.prefix.rstrip("/")
            return [base] if path.startswith(f"{base}/") else []
        segments, own = path.split("/"), self.vendor.base_path
        depths = sorted({operation.path.count("/") for operation in self.vendor.operations.values()})
        any_prefix = ["/".join(segments[:-depth]) for depth in depths if len(segments) > depth]
        return [own, *any_prefix] if path.startswith(f"{own}/") else any_prefix

    def add(self, passage: Passage, place: Place | None = None, number: int | None = None) -> Exchange | None:
        """Judge what passed if it is this vendor's. `number`: its place in the whole, where that is known."""
        place = place or self.locate(passage.method, passage.url)
        if place is None:
            self.passed_by()
            return None
        with self._lock:
            exchange = self.exchange(passage, place, self.number if number is None else number)
            self.number += 1
            heapq.heappush(self._waiting, (exchange.start, self.number, exchange))
            self._release(min(self._under_way, default=math.inf), exchange.end)
            return exchange

    def begin(self, moment: float) -> None:
        """A request has left; those that left later are judged after it, so that all are in their order."""
        with self._lock:
            self._under_way.append(moment)

    def end(self, moment: float) -> None:
        """That request is over, and was added before."""
        with self._lock:
            self._under_way.remove(moment)
            self._release(min(self._under_way, default=math.inf), moment)

    def _release(self, until: float, now: float) -> None:
        """Judge what began before a moment; nobody waits longer than HELD for an answer that is late."""
        self.fresh = []
        while self._waiting and (self._waiting[0][0] <= until or self._waiting[0][2].end <= now - HELD):
            self.fresh += self.enter(heapq.heappop(self._waiting)[2])

    def verdicts(self) -> dict[str, Verdict]:
        """What became of each belief, as far as was recorded."""
        with self._lock:
            self._release(math.inf, math.inf)
        return super().verdicts()

    def judged(self) -> dict[str, Verdict]:
        """The same of what was judged, from any thread; what is held back for its order stays so."""
        with self._lock:
            return super().verdicts()

    def passed_by(self) -> None:
        """Count something that was another's."""
        with self._lock:
            self.others += 1

    def exchange(self, passage: Passage, place: Place, number: int) -> Exchange:
        """What passed, as the judge sees it; its secrets are masked from now on."""
        request = place.request(passage)
        session = self._servers.setdefault(place.server, len(self._servers))
        answer, trouble, unseen = passage.answer, passage.trouble, passage.unseen
        if cleaned := _cleaned(place.operation, request):
            answer, trouble, unseen = None, f"the capture does not show the request's {cleaned}", True
        known = self._known(session, place.server, answer)
        credential = UNKNOWN if unseen else known.credential(request, answer, passage.complete)
        subject = known.subject(request)
        if answer is not None:
            self.masks.add_cookies(answer.headers)
            answer = replace(answer, headers=tuple(map(once, answer.headers)))
        hidden = self._hiding.hide(request)
        return Exchange(hidden, answer, passage.start, passage.end, credential, subject, session, number, trouble)

    def _known(self, session: int, server: str, answer: Answer | None) -> Recognition:
        """The names that are known at a server: a polite one takes the document's test cards."""
        if answer is not None and is_polite(answer):
            self._polite.add(session)
        return self._of_cards if session in self._polite else self.recognition

    def counted(self) -> str:
        """How much of what passed was this vendor's, and how much of that cannot be judged, in words."""
        text = f"{self.number} requests of {self.vendor.slug}, {self.others} others"
        parts = [text, *(f"{number} not judged: {why}" for why, number in ranked(self.troubles))]
        return "; ".join(parts + ([self.unread] if self.unread else []))

    @property
    def notes(self) -> list[str]:
        """What could not be read."""
        return [self.unread] if self.unread else []

    def explained(self, verdict: Verdict) -> Verdict:
        """An untried belief wants other traffic, not other settings."""
        verdict = super().explained(verdict)
        if verdict.outcome is not Outcome.NOT_TRIED:
            return verdict
        if not self.asked[verdict.belief.operation]:
            return replace(verdict, wants=f"a request of {verdict.belief.operation}")
        writes = self.vendor.operations[verdict.belief.operation].writes
        return replace(verdict, wants="a request that shows it") if writes else verdict

    def servers(self) -> list[str]:
        """Where what was recorded was asked: origins with their prefix, in order of appearance."""
        return list(self._servers)


def is_polite(answer: Answer) -> bool:
    """Whether a polite server has answered."""
    server = header(answer.headers, "server")
    return not isinstance(server, Missing) and server.startswith(f"{SERVER} ")


def _cleaned(operation: Operation, request: Request) -> str:
    """The name of a documented parameter whose value was taken out of a capture; "" if there is none."""
    values: dict[str, Any] = {**request.parameters, **request.query}
    named = {parameter.name for parameter in operation.parameters}
    return next((name for name, value in values.items() if name in named and CLEANED.fullmatch(value)), "")


def of_traffic(vendor: Vendor) -> list[Belief]:
    """The beliefs that traffic can keep or break; a document's own samples are judged without any."""
    return [belief for belief in vendor.beliefs if KEYWORDS[belief.keyword].scope is not Scope.DOCUMENT]
