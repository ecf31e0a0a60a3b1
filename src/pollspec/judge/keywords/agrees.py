"""`agrees`: two operations show the same of the same instance."""

from __future__ import annotations

from typing import Any

from pollspec.document.lifecycles import TERMINAL, is_gap
from pollspec.judge.exchange import Exchange
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding

Stages = frozenset[str]
ENDS = {"done", "failed"}
MOST = 8
"""Answers of one operation, between two of the other, that are remembered."""


class _Shown:
    """What one operation has shown: its last answer, its end, and what the other one showed since that answer."""

    def __init__(self) -> None:
        self.last: tuple[Exchange, Stages] | None = None
        self.end: tuple[Exchange, Stages] | None = None
        self.since: list[tuple[Exchange, Stages, str]] = []


class _State:
    """What is known of an instance: that it was started here, and what each of the two has shown."""

    def __init__(self) -> None:
        self.started = False
        self.shown: dict[str, _Shown] = {}


class Judging(Monitor):
    """Once one operation has shown the end of an instance, the other (`with`) shows the same end.

    Where one of them shows the latest, that is known of what was started here alone.

    While one goes on to show that nothing has ended, the other shows no end. Either may be late by one poll interval:
    two views need not be told of an end at the same moment.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.lifecycle = self.vendor.lifecycles[self.says["of"]]
        self.operations = self.lifecycle.operations
        both = (self.belief.operation, self.says["with"])
        self.identified = all(not self.lifecycle.views[one].latest for one in both if one in self.lifecycle.views)
        self.others = {self.belief.operation: self.says["with"], self.says["with"]: self.belief.operation}

    def see(self, sight: Sight) -> None:
        """Hold what one operation shows against what the other has shown."""
        instance, operation = sight.instance, sight.exchange.operation
        if instance is None or (self.lifecycle.start is None and not self.identified):
            return
        state: _State = instance.notes.setdefault(self, _State())
        start = self.lifecycle.start
        state.started = state.started or self.identified or (start is not None and operation == start.operation)
        if is_gap(sight.answer) and sight.exchange.credential == "default":
            state.shown.clear()
        if not state.started or not sight.stages or operation not in self.others:
            return
        mine, other = (state.shown.setdefault(one, _Shown()) for one in (operation, self.others[operation]))
        self._hold(sight, sight.stages, other)
        self._hold_between(sight, sight.stages, mine)
        other.since = [*other.since, (sight.exchange, sight.stages, sight.said())][-MOST:]
        mine.last, mine.since = (sight.exchange, sight.stages), []
        if self._is_end(sight.stages) or (mine.end and mine.end[1] & sight.stages):
            mine.end = mine.end or mine.last

    def _is_end(self, stages: Stages) -> bool:
        """Whether what is shown is an end, and more than that it is gone."""
        kinds = self.lifecycle.kinds(stages)
        return kinds <= TERMINAL and bool(kinds & ENDS)

    def _hold(self, sight: Sight, stages: Stages, other: _Shown) -> None:
        """What is shown after the other operation has shown an end."""
        if other.end is None or other.end[0].end > sight.exchange.start:
            return
        ended, shown = other.end
        after, goes_on = self.lifecycle.after(shown), self.lifecycle.kinds(stages) - TERMINAL
        if stages & after:
            self.tally.held()
        elif not goes_on or ended.end + self.lifecycle.lasts <= sight.exchange.start:
            expected = self.lifecycle.named(sight.exchange.operation, after)
            self.tally.found(Finding(expected, sight.said(), sight.exchange, ended))

    def _hold_between(self, sight: Sight, stages: Stages, mine: _Shown) -> None:
        """What the other operation has shown before this one, well after that, showed the same stage again."""
        if mine.last is None or mine.last[1] != stages:
            return
        earlier = mine.last[0]
        for exchange, between, said in mine.since:
            late = exchange.end + self.lifecycle.lasts <= sight.exchange.start
            if earlier.end <= exchange.start and late:
                if not self._is_end(between) or stages & self.lifecycle.after(between):
                    self.tally.held()
                else:
                    expected = f"what agrees with {sight.said()} before and after"
                    self.tally.found(Finding(expected, said, exchange, earlier))
