"""What was asked and answered, in order, with time: exchanges, sorted into one trace per instance.

Polls are samples. One exchange comes before another when its answer ended before the other's request began; those that
overlap have no order. Nothing is compared across a gap (a lost connection, a 429, a 5xx).
"""

from __future__ import annotations

import functools
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.version import Version

from .grammar import expressions
from .grammar.lifecycles import TERMINAL, Lifecycle, is_gap
from .messages import MISSING, Answer, Request
from .vendor import Vendor


@dataclass(frozen=True, eq=False)
class Exchange:
    """One request and what became of it. `answer` is None where the connection was lost (`trouble` says how).

    `start`, `end`: seconds on the target's clock. `credential` and `subject` name what was used; `session` tells
    apart servers that share no state; `number` is its place in the run.
    """

    request: Request
    answer: Answer | None
    start: float
    end: float
    credential: str = "default"
    subject: str | None = None
    session: int = 0
    number: int = 0
    trouble: str = ""

    @property
    def operation(self) -> str:
        """The operation that was asked."""
        return self.request.operation

    @property
    def succeeded(self) -> bool:
        """Whether the answer is a success (2xx)."""
        return self.answer is not None and 200 <= self.answer.status < 300


@dataclass(frozen=True, eq=False)
class Trace:
    """The exchanges about one instance of a lifecycle, by their start."""

    lifecycle: Lifecycle
    instance: str
    exchanges: tuple[Exchange, ...]

    def runs(self, operation: str) -> list[list[Exchange]]:
        """The exchanges of one operation that show something, split where a gap forbids a comparison."""
        runs: list[list[Exchange]] = [[]]
        for exchange in self.exchanges:
            if is_gap(exchange.answer) and exchange.credential == "default":
                runs.append([])
            elif exchange.operation == operation and self.shown(exchange) is not None:
                runs[-1].append(exchange)
        return [run for run in runs if run]

    def shown(self, exchange: Exchange) -> frozenset[str] | None:
        """The stages that an exchange may have seen."""
        return self.lifecycle.shown(exchange.operation, exchange.request, exchange.answer)


def settled(run: Sequence[Exchange]) -> Iterator[tuple[Exchange, list[Exchange]]]:
    """Each exchange of a run with those that came before it and after the one before: the newly settled ones."""
    pending: list[tuple[float, int, Exchange]] = []
    for exchange in run:
        fresh = []
        while pending and pending[0][0] <= exchange.start:
            fresh.append(heapq.heappop(pending)[2])
        yield exchange, fresh
        heapq.heappush(pending, (exchange.end, exchange.number, exchange))


class Evidence:
    """All exchanges of a run with one target, for the judge; `version`: the product's, where it is known."""

    def __init__(self, vendor: Vendor, exchanges: Sequence[Exchange], version: Version | None = None) -> None:
        self.vendor, self.version = vendor, version
        self.exchanges = sorted(exchanges, key=lambda exchange: (exchange.session, exchange.start, exchange.number))

    @functools.cached_property
    def _by_operation(self) -> dict[str, list[Exchange]]:
        found: dict[str, list[Exchange]] = {name: [] for name in self.vendor.operations}
        for exchange in self.exchanges:
            found[exchange.operation].append(exchange)
        return found

    def of(self, operation: str) -> list[Exchange]:
        """The exchanges of one operation."""
        return self._by_operation[operation]

    @functools.cached_property
    def _traces(self) -> dict[str, list[Trace]]:
        return {
            name: list(sort_into_traces(lifecycle, self.exchanges))
            for name, lifecycle in self.vendor.lifecycles.items()
        }

    def traces(self, lifecycle: str) -> list[Trace]:
        """One trace per instance of a lifecycle."""
        return self._traces[lifecycle]

    @functools.cached_property
    def late(self) -> set[int]:
        """The numbers of the exchanges that came after their instance had shown its end."""
        numbers: set[int] = set()
        for traces in self._traces.values():
            for trace in traces:
                over = False
                for exchange in trace.exchanges:
                    if over:
                        numbers.add(exchange.number)
                    shown = trace.shown(exchange)
                    over = over or (shown is not None and trace.lifecycle.kinds(shown) <= TERMINAL)
        return numbers


def sort_into_traces(lifecycle: Lifecycle, exchanges: Sequence[Exchange]) -> Iterator[Trace]:
    """Sort exchanges by instance: by identifier, or to the latest started one where an operation shows the latest."""
    sorted_by: dict[tuple[int, str], list[Exchange]] = {}
    latest: dict[int, str] = {}
    renewal = _Renewal(lifecycle)
    for exchange in exchanges:
        view = lifecycle.views.get(exchange.operation)
        if lifecycle.start and exchange.operation == lifecycle.start.operation and exchange.succeeded:
            minted = [expressions.value(text, exchange.request, exchange.answer) for text in lifecycle.start.mints]
            instance = identity(minted)
            latest[exchange.session] = instance
        elif view is None or (exchange.credential != "default" and not exchange.succeeded):
            continue
        elif view.latest:
            instance = latest.get(exchange.session, "") or f"latest {exchange.subject or ''} {renewal.count(exchange)}"
        else:
            instance = identity([expressions.value(text, exchange.request) for text in view.instance])
        sorted_by.setdefault((exchange.session, instance), []).append(exchange)
    for (_, instance), found in sorted_by.items():
        yield Trace(lifecycle, instance, tuple(found))


def identity(values: Sequence[object]) -> str:
    """Identifiers as one key; GUIDs and their like in either case are the same."""
    return " ".join("" if value is MISSING else str(value).casefold() for value in values)


class _Renewal:
    """Counts the instances of a lifecycle without identifiers: one begins where the graph has no such move."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self.lifecycle = lifecycle
        self.counted: dict[tuple[int, str], tuple[int, frozenset[str]]] = {}

    def count(self, exchange: Exchange) -> int:
        everything = frozenset(self.lifecycle.stages)
        key = (exchange.session, exchange.subject or "")
        number, before = self.counted.get(key, (0, everything))
        shown = self.lifecycle.shown(exchange.operation, exchange.request, exchange.answer)
        if shown is None:
            return number
        now = shown & self.lifecycle.after(before)
        if not now and self.lifecycle.renews:
            number, now = number + 1, shown
        self.counted[key] = (number, everything if shown == everything else now or shown)
        return number
