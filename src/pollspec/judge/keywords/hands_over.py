"""`hands-over`: what a start gives is found by another operation."""

from __future__ import annotations

from typing import Any

from pollspec.document import expressions
from pollspec.document.conditions import same
from pollspec.document.lifecycles import TERMINAL, is_passing
from pollspec.document.messages import MISSING
from pollspec.document.vendor import Belief
from pollspec.judge.exchange import Exchange
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding


class _Start:
    """A start that gave something. `before`: an earlier one that gave the same; `met`: its belief speaks of it."""

    def __init__(self, exchange: Exchange, given: Any, met: bool, before: Exchange | None) -> None:
        self.exchange, self.given, self.met, self.before = exchange, given, met, before
        self.judged = False


def _found(sight: Sight) -> bool:
    """Whether an answer is about something that is there: a success, or the status of a state that is not "gone"."""
    kinds = sight.kinds
    return sight.exchange.succeeded or bool(kinds - {"gone"})


class Judging(Monitor):
    """What `gives` carries is found by the operation `to`: the first answer about it is a success.

    `anew`: no earlier start gave the same. `shows`: and meets this, unless only some fields were asked for.
    `waits-less-than`: a start that took fewer seconds has not waited for the end; one that took longer must not be at
    its end when first seen.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.operations = (self.belief.operation, self.says["to"])
        self.gives = expressions.getter(self.says["gives"])
        self.shows = self.vendor.condition(self.says.get("shows"))
        self.anew = "anew" in self.says
        self.found_elsewhere = any(map(self._finds, self.vendor.beliefs))

    def _finds(self, other: Belief) -> bool:
        """Whether another belief says of the same that it is found, and nothing more: it tells where it is not."""
        alike = all(getattr(other, part) == getattr(self.belief, part) for part in ("operation", "keyword"))
        plain = {"gives": self.says["gives"], "to": self.says["to"]}
        return alike and other is not self.belief and other.says == plain

    def see(self, sight: Sight) -> None:
        """Remember a start; look at the first answer about it."""
        if sight.instance is None:
            return
        starts: list[_Start] = sight.instance.notes.setdefault(self, [])
        if sight.exchange.operation == self.belief.operation:
            self._remember(sight, starts)
        elif sight.exchange.credential == "default" and sight.answer is not None and not is_passing(sight.answer):
            for start in starts:
                if not start.judged and sight.exchange.start >= start.exchange.end:
                    start.judged = True
                    if start.met:
                        self._judge(start, sight)

    def _remember(self, sight: Sight, starts: list[_Start]) -> None:
        given = self.gives(sight.request, sight.answer)
        if given is MISSING or (starts and not self.anew):
            return
        earlier = (s.exchange for s in starts if s.exchange.end <= sight.exchange.start and same(s.given, given))
        met = self.speaks_of(sight)
        starts.append(_Start(sight.exchange, given, met, next(earlier, None)))

    def _judge(self, start: _Start, first: Sight) -> None:
        at, begun = first.exchange, start.exchange
        if self.anew:
            own = Finding("an identifier of its own", "that of an earlier start", begun, start.before)
            self.tally.take(own if start.before else None)
        elif "waits-less-than" in self.says:
            waited = begun.end - begun.start
            over = first.instance is not None and first.instance.lifecycle.kinds(first.stages) <= TERMINAL
            late = bool(first.stages) and over and waited >= self.says["waits-less-than"]
            after = Finding("an answer before the end", f"an answer after {waited:.0f} s, at the end", begun)
            self.tally.take(after if late else None)
        elif not (found := _found(first)) and self.found_elsewhere:
            return
        elif not found:
            self.tally.found(Finding(f"{self.says['to']} finds it", str(first.status), at, begun))
        elif first.projected and self.shows.clauses:
            return
        elif failed := next(self.shows.failures(first.request, first.answer), None):
            self.tally.found(Finding(failed.expected, failed.actual, at, begun))
        else:
            self.tally.held()
