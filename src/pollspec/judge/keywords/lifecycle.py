"""`lifecycle`: stages are followed by what may follow them; a subject arrives where it must."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pollspec.document.lifecycles import Lifecycle, is_gap
from pollspec.judge.exchange import Exchange
from pollspec.judge.monitor import Comparing, Monitor
from pollspec.judge.sight import Sight, said
from pollspec.judge.trace import Instance, Past
from pollspec.judge.verdict import Finding, Trial

SILENT, STRANGE = 10, 30
"""Poll intervals of the document after which no state, or one that is not documented, is taken for the end."""
ANSWERS = 10
"""Answers in a row that must have shown it."""


class Judging(Monitor):
    """`from`: these stages are followed only by what may follow them. `arrives`: a `subject` ends in these stages."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.inner = (_Arriving if "arrives" in self.says else _Leaving)(*given)

    def see(self, sight: Sight) -> None:
        """As one of the two sees it."""
        self.inner.see(sight)

    def conclude(self) -> Iterable[Trial]:
        """As one of the two has it."""
        return self.inner.conclude()


class _Moves:
    """Where an instance may be. `allowed`: the stages that may be seen next; `soon`: those within one poll interval.

    `last`: the last settled answer; `possible`: the stages that it may have shown.
    """

    __slots__ = ("allowed", "last", "possible", "soon")

    def __init__(self, everything: frozenset[str]) -> None:
        self.allowed = self.soon = self.possible = everything
        self.last: Exchange | None = None


class _Leaving(Comparing):
    """A set of possible stages is carried along, because several may show the same state.

    A state that the document does not list may be any.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.leaving = frozenset(self.says["from"])
        self.lifecycle: Lifecycle = self.vendor.lifecycles[self.says["of"]]
        self.everything = frozenset(self.lifecycle.stages)
        self.after, self.soon_after = functools.cache(self.lifecycle.after), functools.cache(self.lifecycle.soon_after)

    def begin(self) -> _Moves:
        """Anywhere."""
        return _Moves(self.everything)

    def take(self, sight: Sight) -> list[frozenset[str]]:
        """The stages that an answer may show; `compare` narrows them by what came before."""
        if sight.meets(self.unless):
            return [self.everything]
        return [sight.stages or self.everything]

    def settle(self, known: _Moves, past: Past, taken: list[frozenset[str]]) -> None:
        """What may follow an answer that came before, and what came before that."""
        now = taken[0]
        if known.last is None and self.lifecycle.kinds(now) == {"gone"}:
            return  # what was never there has not gone
        before = known.allowed if now & known.allowed else self.everything  # a move that is none is told once
        known.allowed = self.everything if now == self.everything else _narrowed(self.after(now), before)
        known.soon = self.soon_after(now, past.exchange.operation)
        known.last, known.possible = past.exchange, now

    def compare(self, known: _Moves, taken: list[frozenset[str]], sight: Sight) -> None:
        """Whether the graph has the move from the last settled answer to this one."""
        shown = taken[0]
        taken[0] = self.everything if shown == self.everything else _narrowed(shown, known.allowed)
        if known.last is None or known.possible == self.everything or not known.possible & self.leaving:
            return
        soon = sight.exchange.start - known.last.end <= self.lifecycle.lasts
        if shown & (known.soon & known.allowed if soon else known.allowed):
            self.tally.held()
        else:
            within = f" within {self.lifecycle.lasts:g} s" if shown & known.allowed else ""
            expected = f"{said(known.last, sight.instance)} or what may follow it{within}"
            self.tally.found(Finding(expected, sight.said(), sight.exchange, known.last))


@functools.lru_cache(maxsize=1024)
def _narrowed(stages: frozenset[str], allowed: frozenset[str]) -> frozenset[str]:
    """Those of some stages that are allowed; all where none is. Instances that stand alike share one set."""
    return stages & allowed or stages


@dataclass(slots=True)
class _Standing:
    """Where a subject has been. `last`: its last answer, with the state it showed.

    `since`, `times`: since when it has shown that state, which is not documented, and how often.
    """

    arrived: bool = False
    last: Exchange | None = None
    stages: frozenset[str] | None = None
    shown: str = ""
    since: float = 0.0
    times: int = 0


class _Arriving(Monitor):
    """Judged where a subject's trace ends: in one of the stages, or for good in a state that is not documented."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.wanted = frozenset(self.says["arrives"])
        self.lifecycle: Lifecycle = self.vendor.lifecycles[self.says["of"]]
        self.everything = frozenset(self.lifecycle.stages)
        self.standing: dict[Instance, _Standing] = {}

    def see(self, sight: Sight) -> None:
        """Remember where the subject is."""
        exchange, stages = sight.exchange, sight.stages
        if exchange.subject != self.says["subject"] or exchange.credential != "default" or sight.instance is None:
            return
        if is_gap(exchange.answer) or sight.projected:
            return
        refused = sight.answer is None or sight.status >= 400
        strange = not refused and (stages is None or stages == self.everything)
        state, shown = self.standing.setdefault(sight.instance, _Standing()), sight.said()
        state.arrived = state.arrived or (not strange and bool((stages or frozenset()) & self.wanted))
        if not strange or shown != state.shown:
            state.times, state.since = 0, exchange.start
        state.times += strange
        state.last, state.stages, state.shown = exchange, stages, shown

    def conclude(self) -> Iterable[Trial]:
        """Where each subject's trace has ended."""
        expected = self.lifecycle.named(self.belief.operation, self.wanted)
        for state in self.standing.values():
            if state.arrived:
                yield None
            elif state.last and (self._stands(state, state.last) or self._succeeds_instead(state.stages)):
                yield Finding(expected, state.shown, state.last)

    def _stands(self, state: _Standing, last: Exchange) -> bool:
        """Whether the subject has shown one and the same state, not a documented one, for so long that it stays."""
        enough = (SILENT if state.stages is None else STRANGE) - 1
        return state.times >= ANSWERS and last.start - state.since >= enough * self.lifecycle.every

    def _succeeds_instead(self, stages: frozenset[str] | None) -> bool:
        return self.lifecycle.kinds(stages) == {"done"} and self.lifecycle.kinds(self.wanted) == {"failed"}
