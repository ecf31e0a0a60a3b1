"""The judge: holds each exchange to every belief as it comes, and says at any time what became of them. Does no I/O.

It keeps what the beliefs need to remember of each instance, and the exchanges that its findings show; no others. It
says the same for a stream, for a list, and for exchanges that were split by instance and joined again.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from packaging.version import Version

from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.errors import OwnError
from pollspec.judge import keywords
from pollspec.judge.exchange import Exchange
from pollspec.judge.monitor import Monitor
from pollspec.judge.repeats import Repeats, key
from pollspec.judge.sight import Asked, Sight
from pollspec.judge.trace import Traces, advance
from pollspec.judge.verdict import Finding, Tally, Verdict

See = Callable[[Sight], None]


class Judge:
    """Holds a vendor's exchanges to some beliefs (all by default).

    Exchanges are to be seen in the order in which they began; one that is told of later than that is compared with
    nothing that it overlaps. `version`: the product's, where it is known; it says which of the observed alternatives
    may be met.
    """

    def __init__(self, vendor: Vendor, beliefs: Sequence[Belief] | None = None, version: Version | None = None) -> None:
        self.vendor = vendor
        self.traces = Traces(vendor)
        self.fresh: list[tuple[Belief, Finding]] = []
        self._latest: Answer | None = None
        chosen = vendor.beliefs if beliefs is None else beliefs
        self._asked = {name: Asked(vendor, operation) for name, operation in vendor.operations.items()}
        self._monitors = [keywords.monitor(vendor, b, Tally(b, self.fresh), version) for b in chosen]
        self._seeing: dict[str, list[tuple[Monitor, See]]] = {name: [] for name in vendor.operations}
        for one in self._monitors:
            for name in vendor.operations if one.operations is None else one.operations:
                self._seeing[name].append((one, one.see))
        self._repeats = {n: Repeats([one for one, _ in seeing if one.alone]) for n, seeing in self._seeing.items()}
        self._again = {n: [(one, see) for one, see in seeing if not one.alone] for n, seeing in self._seeing.items()}

    def see(self, exchange: Exchange) -> Sight:
        """Hold an exchange to every belief; what it breaks stands in `fresh` until the next one is seen.

        So long its body stays read as well, for those who look at it next.
        """
        self.fresh.clear()
        if self._latest is not None and self._latest is not exchange.answer:
            self._latest.forget()
        self._latest = exchange.answer
        sight = self._placed(exchange)
        seeing, repeats = self._seeing[exchange.operation], self._repeats[exchange.operation]
        like = key(exchange)
        again = repeats.count(like)
        before = repeats.tried() if like and not again else []
        if exchange.link:
            seeing = [(monitor, see) for monitor, see in seeing if monitor.belief.id == exchange.link]
        elif again:
            seeing = self._again[exchange.operation]
        for monitor, see in seeing:
            try:
                see(sight)
            except Exception as error:
                self._failed(monitor, error)
        if like and not (again or self.fresh):
            repeats.remember(like, before)
        if sight.instance is not None:
            if sight.line is not None:
                heapq.heappush(sight.line.pending, sight.past)
            advance(sight.instance, exchange, sight.stages)
        return sight

    def learn(self, exchange: Exchange) -> None:
        """Know what an exchange sent, without judging it: it is judged elsewhere."""
        sight = Sight(self._asked[exchange.operation], exchange)
        for monitor in self._monitors:
            monitor.learn(sight)

    def leave(self) -> None:
        """All that was seen so far was a part of its own (parting.py): no more of its instances comes."""
        self.traces = Traces(self.vendor)

    def verdicts(self) -> list[Verdict]:
        """What became of each belief, if this is all."""
        return [self._verdict(monitor) for monitor in self._monitors]

    def last(self) -> list[tuple[Belief, Finding]]:
        """What can only be found at the end, if this is it."""
        return [(m.belief, trial) for m in self._monitors for trial in m.conclude() if trial is not None]

    def tried(self, belief: Belief) -> int:
        """How often a belief was tried so far."""
        return next((m.tally.tried for m in self._monitors if m.belief.id == belief.id), 0)

    def _placed(self, exchange: Exchange) -> Sight:
        sight = Sight(self._asked[exchange.operation], exchange)
        if not exchange.link and (instance := self.traces.instance(exchange, sight.stages)) is not None:
            sight.enter(instance)
        return sight

    def _verdict(self, monitor: Monitor) -> Verdict:
        wants = keywords.wants(self.vendor, monitor.belief)
        try:
            last = list(monitor.conclude())
        except Exception as error:
            self._failed(monitor, error)
            last = []
        verdict = monitor.tally.verdict(last, wants)
        return replace(verdict, single=True) if monitor.single else verdict

    def _failed(self, monitor: Monitor, error: Exception) -> None:
        """An error of our own costs this belief and no other."""
        monitor.tally.failed = monitor.tally.failed or str(OwnError.of(error).args[0])


def judge(
    vendor: Vendor,
    exchanges: Iterable[Exchange],
    beliefs: Sequence[Belief] | None = None,
    version: Version | None = None,
) -> list[Verdict]:
    """A verdict for each belief (all of the vendor's by default) from what was asked and answered, in any order."""
    judging = Judge(vendor, beliefs, version)
    for exchange in sorted(exchanges, key=lambda one: (one.session, one.order)):
        judging.see(exchange)
    return judging.verdicts()
