"""What passed a door, sorted to a vendor's operations: exchanges for the judge, and secrets for the masks."""

from __future__ import annotations

import re
import threading
import urllib.parse
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..messages import Answer, Headers, Missing, Request, header
from ..mock import SERVER
from ..target import Settings, Target, cards
from ..trace import Exchange
from ..vendor import Operation, Vendor
from ..wire.limits import Trouble
from ..wire.pace import VirtualClock
from .recognition import UNKNOWN, Recognition
from .secrets import Hiding

CLEANED = re.compile(r"(?i:[\[<(](?:[\w -]* )?(?:filtered|redacted|masked|removed|hidden)[\])>])|REDACTED|\*{3,}")
"""What stands in the place of a value that was taken out of a capture."""

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
    not know all of it. `told`: everything that the client sent is known, its credentials too.
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
    told: bool = False


@dataclass(frozen=True)
class Place:
    """Where a request line leads: an operation with the path's parameters, behind an origin with a prefix."""

    operation: Operation
    parameters: Mapping[str, str]
    server: str
    target: str


class Closed:
    """No way out: what was recorded is never asked again."""

    def send(self, request: Request, seconds: float | None = None) -> Answer:
        """Nothing is sent."""
        raise Trouble("recorded traffic sends no request")

    def close(self) -> None:
        """Nothing to close."""


class Recording:
    """The exchanges of one vendor among all that passed.

    `base_path`: what stands before every operation's path (the document's, or any prefix); `settings`: credentials and
    subjects that are known by name; `most`: exchanges that are kept, `size`: bytes of bodies.
    """

    def __init__(
        self,
        vendor: Vendor,
        name: str,
        base_path: str | None = None,
        settings: Settings | None = None,
        most: int | None = None,
        size: int | None = None,
    ) -> None:
        self.vendor, self.base_path, self.most, self.size = vendor, base_path, most, size
        self.target = Target(vendor, Closed(), VirtualClock(), Settings(base_path=""), name)
        self.others = 0
        self.full = ""
        self.recognition = Recognition(vendor, settings)
        self._of_cards = Recognition(vendor, cards(vendor)) if settings is None else self.recognition
        self._polite: set[int] = set()
        self._servers: dict[str, int] = {}
        self._hiding = Hiding(vendor, self.target.masks)
        self._kept = 0
        self._lock = threading.Lock()

    @property
    def exchanges(self) -> list[Exchange]:
        """What was recorded so far, in the order in which it was added."""
        return self.target.exchanges

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
        if self.base_path is not None:
            base = self.base_path.rstrip("/")
            return [base] if path.startswith(f"{base}/") else []
        segments, own = path.split("/"), self.vendor.base_path
        depths = sorted({operation.path.count("/") for operation in self.vendor.operations.values()})
        any_prefix = ["/".join(segments[:-depth]) for depth in depths if len(segments) > depth]
        return [own, *any_prefix] if path.startswith(f"{own}/") else any_prefix

    def add(self, passage: Passage, place: Place | None = None, number: int | None = None) -> Exchange | None:
        """Keep what passed if it is this vendor's. `number`: its place in the whole, where that is known."""
        place = place or self.locate(passage.method, passage.url)
        if place is None:
            self.passed_by()
            return None
        with self._lock:
            if self._is_full(passage):
                return None
            exchange = self._exchange(passage, place, len(self.exchanges) if number is None else number)
            self.exchanges.append(exchange)
            self.target.counted[exchange.operation] += 1
            return exchange

    def passed_by(self) -> None:
        """Count something that was another's."""
        with self._lock:
            self.others += 1

    def _is_full(self, passage: Passage) -> bool:
        self._kept += len(passage.content) + (len(passage.answer.content) if passage.answer else 0)
        if self.most is not None and len(self.exchanges) >= self.most:
            self.full = f"{self.most} requests were judged; what passed after them was not"
        elif self.size is not None and self._kept > self.size:
            self.full = f"{self.size} bytes of bodies were judged; what passed after them was not"
        return bool(self.full)

    def _exchange(self, passage: Passage, place: Place, number: int) -> Exchange:
        request = Request(
            place.operation.id,
            passage.method.upper(),
            place.target,
            place.parameters,
            passage.headers,
            passage.content,
        )
        session = self._servers.setdefault(place.server, len(self._servers))
        answer, trouble, unseen = passage.answer, passage.trouble, passage.unseen
        if cleaned := _cleaned(place.operation, request):
            answer, trouble, unseen = None, f"the capture does not show the request's {cleaned}", True
        known = self._known(session, answer)
        credential = UNKNOWN if unseen else known.credential(request, answer, passage.told)
        subject = known.subject(request)
        if answer is not None:
            self._hiding.cookies_of(answer.headers)
        hidden = self._hiding.hide(request)
        return Exchange(hidden, answer, passage.start, passage.end, credential, subject, session, number, trouble)

    def _known(self, session: int, answer: Answer | None) -> Recognition:
        """The names that are known at a server: a polite one takes the document's test cards."""
        server = header(answer.headers, "server") if answer else ""
        if not isinstance(server, Missing) and server.startswith(f"{SERVER} "):
            self._polite.add(session)
        return self._of_cards if session in self._polite else self.recognition

    def counted(self) -> str:
        """How much of what passed was this vendor's, and how much of that cannot be judged, in words."""
        lost = Counter(exchange.trouble for exchange in self.exchanges if exchange.answer is None)
        text = f"{len(self.exchanges)} requests of {self.vendor.slug}, {self.others} others"
        return "; ".join([text, *(f"{number} not judged: {why or 'no answer'}" for why, number in lost.items())])

    def servers(self) -> list[str]:
        """Where what was recorded was asked: origins with their prefix, in order of appearance."""
        return list(self._servers)


def _cleaned(operation: Operation, request: Request) -> str:
    """The name of a documented parameter whose value was taken out of a capture; "" if there is none."""
    values: dict[str, Any] = {**request.parameters, **request.query}
    named = {parameter.name for parameter in operation.parameters}
    return next((name for name, value in values.items() if name in named and CLEANED.fullmatch(value)), "")
