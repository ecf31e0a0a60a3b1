"""Which instance an exchange is about, and what was known of it before.

Polls are samples. One exchange comes before another when its answer ended before the other's request began; those that
overlap have no order. Nothing is compared across a gap (a lost connection, a 429, a 5xx). Each instance keeps what the
monitors note about it, never its exchanges.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pollspec.document import expressions
from pollspec.document.lifecycles import TERMINAL, Lifecycle, identity, is_gap
from pollspec.document.messages import MISSING
from pollspec.document.vendor import Vendor
from pollspec.judge.exchange import Exchange

Notes = dict[Hashable, Any]
"""What each monitor remembers."""


@dataclass(eq=False, slots=True)
class Past:
    """An exchange that is over or under way, as later ones look back on it."""

    exchange: Exchange
    notes: Notes = field(default_factory=dict)

    def __lt__(self, other: Past) -> bool:
        return (self.exchange.end, self.exchange.number) < (other.exchange.end, other.exchange.number)


@dataclass(eq=False, slots=True)
class Line:
    """One operation's answers about one instance. `settled`: until which second all that ended is taken in."""

    notes: Notes = field(default_factory=dict)
    pending: list[Past] = field(default_factory=list)
    settled: float = float("-inf")

    def settle(self, moment: float) -> list[Past]:
        """Those that ended before a moment and were not taken in yet, by their end."""
        found = []
        while self.pending and self.pending[0].exchange.end <= moment:
            found.append(heapq.heappop(self.pending))
        if found:
            self.settled = max(self.settled, found[-1].exchange.end)
        return found

    def begin_again(self) -> None:
        """Forget all: a gap forbids to compare across it."""
        self.notes, self.pending, self.settled = {}, [], float("-inf")


@dataclass(eq=False, slots=True)
class Instance:
    """One instance of a lifecycle. `over`: it has shown its end."""

    lifecycle: Lifecycle
    name: str
    session: int
    notes: Notes = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    over: bool = False

    def line(self, operation: str) -> Line:
        """Its line of one operation."""
        return self.lines.setdefault(operation, Line())


class Traces:
    """The instances of a vendor's lifecycles, by what was asked so far."""

    def __init__(self, vendor: Vendor) -> None:
        self.instances: dict[tuple[int, str, str], Instance] = {}
        self.lifecycles = {name: vendor.lifecycle_of(name) for name in vendor.operations}
        self._latest: dict[tuple[int, str], str] = {}
        self._last: dict[tuple[int, str, str], str] = {}
        self._renewals = {name: _Renewal(lifecycle) for name, lifecycle in vendor.lifecycles.items()}
        self._identities = {
            view.operation: [expressions.getter(text) for text in view.instance]
            for lifecycle in vendor.lifecycles.values()
            for view in lifecycle.views.values()
            if not view.latest
        }

    def instance(self, exchange: Exchange, stages: frozenset[str] | None) -> Instance | None:
        """The instance that an exchange is about; None if it is about none.

        By identifier; where an operation shows the latest, that which was started last in its session.
        """
        lifecycle = self.lifecycles[exchange.operation]
        name = None if lifecycle is None else self._name(lifecycle, exchange, stages)
        if lifecycle is None or name is None:
            return None
        key = (exchange.session, lifecycle.name, name)
        if (found := self.instances.get(key)) is None:
            found = self.instances[key] = Instance(lifecycle, name, exchange.session)
        return found

    def _name(self, lifecycle: Lifecycle, exchange: Exchange, stages: frozenset[str] | None) -> str | None:
        session = (exchange.session, lifecycle.name)
        if lifecycle.start and exchange.operation == lifecycle.start.operation and exchange.succeeded:
            begun = lifecycle.begun(exchange.request, exchange.answer)
            name = self._latest[session] = identity(list(begun.values()))
            if lifecycle.named_again:
                self._last[self._asked_by(lifecycle, exchange, begun)] = name
            return name
        if exchange.operation in lifecycle.moves:
            key = self._asked_by(lifecycle, exchange, {})
            return self._last.get(key, key[2]) if lifecycle.asked_by else None
        if exchange.operation not in lifecycle.views or (exchange.credential != "default" and not exchange.succeeded):
            return None
        if (identities := self._identities.get(exchange.operation)) is not None:
            said = [get(exchange.request, exchange.answer) for get in identities]
            return self._named(lifecycle, exchange, said) if lifecycle.named_again else identity(said)
        if (latest := self._latest.get(session)) is not None:
            return latest
        return f"latest {exchange.subject or ''} {self._renewals[lifecycle.name].count(exchange, stages)}"

    def _named(self, lifecycle: Lifecycle, exchange: Exchange, said: list[Any]) -> str:
        """The instance of an answer; of one that tells less than all of an identity, the last one of that name."""
        key = self._asked_by(lifecycle, exchange, {})
        if MISSING in said:
            return self._last.get(key, identity(said))
        name = self._last[key] = identity(said)
        return name

    def _asked_by(self, lifecycle: Lifecycle, exchange: Exchange, begun: Mapping[str, Any]) -> tuple[int, str, str]:
        """What a request says of an instance: of several of one name, the last one is meant by what moves it."""
        texts = lifecycle.asked_by
        said = [begun[text] if text in begun else expressions.value(text, exchange.request) for text in texts]
        return exchange.session, lifecycle.name, identity(said)


def advance(instance: Instance, exchange: Exchange, stages: frozenset[str] | None) -> None:
    """Take in what an exchange changes for all that come after it."""
    if is_gap(exchange.answer) and exchange.credential == "default":
        for line in instance.lines.values():
            line.begin_again()
    if stages is not None and not instance.over:
        instance.over = instance.lifecycle.kinds(stages) <= TERMINAL


class _Renewal:
    """Counts the instances of a lifecycle without identifiers: one begins where the graph has no such move."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self.lifecycle = lifecycle
        self.everything = frozenset(lifecycle.stages)
        self.counted: dict[tuple[int, str], tuple[int, frozenset[str]]] = {}

    def count(self, exchange: Exchange, shown: frozenset[str] | None) -> int:
        """The number of the instance that an exchange is about."""
        key = (exchange.session, exchange.subject or "")
        number, before = self.counted.get(key, (0, self.everything))
        if shown is None:
            return number
        now = shown & self.lifecycle.after(before)
        if not now and self.lifecycle.renews:
            number, now = number + 1, shown
        self.counted[key] = (number, self.everything if shown == self.everything else now or shown)
        return number
