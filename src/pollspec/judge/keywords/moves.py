"""`moves`: an operation moves an instance from these stages to those, and refuses to from any other."""

from __future__ import annotations

from typing import Any

from pollspec.document.lifecycles import TERMINAL, is_gap, is_passing
from pollspec.judge.exchange import Exchange
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding

Stages = frozenset[str]
ACCEPTED = 202
"""What is accepted may not have happened yet (RFC 9110, 15.3.3)."""
OF_THE_ASKER = frozenset({401, 403, 423, 429})
"""Refusals that tell nothing of a stage: of who asks, of another one under way, of too much."""


class _State:
    """What is known of an instance: the stages shown last, a move that was accepted, one that was refused."""

    def __init__(self) -> None:
        self.last: tuple[Exchange, Stages] | None = None
        self.moved: Exchange | None = None
        self.refused: tuple[Exchange, Stages] | None = None


class Judging(Monitor):
    """A success shows in the next answer, one that is only accepted (202) at the end; any other stage is refused.

    Between two polls anything permitted may have happened: what cannot have been in any of the stages is not moved, and
    what was in one of them all the time is.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.lifecycle = self.vendor.lifecycles[self.says["of"]]
        self.operations = self.lifecycle.operations
        self.leaves, self.to = frozenset(self.says["from"]), frozenset(self.says["to"])
        self.moved = self.lifecycle.after(self.to)
        self.otherwise = self.vendor.condition(self.says.get("otherwise") or {"$statusCode": {"minimum": 400}})

    def see(self, sight: Sight) -> None:
        """Look at a move, or at what is shown after one."""
        if sight.instance is None or sight.exchange.credential != "default":
            return
        state: _State = sight.instance.notes.setdefault(self, _State())
        if is_gap(sight.answer):
            sight.instance.notes[self] = _State()
        elif sight.exchange.operation == self.belief.operation:
            self._asked(sight, state)
        elif sight.stages:
            self._shown(sight, sight.stages, state)

    def _asked(self, sight: Sight, state: _State) -> None:
        """Hold a move against what the instance may be at."""
        if state.last is None or sight.answer is None or is_passing(sight.answer) or sight.status in OF_THE_ASKER:
            return
        since, before = state.last
        if since.end > sight.exchange.start:
            return
        may_be = bool(self.lifecycle.after(before) & self.leaves)
        if sight.status >= 400:
            if may_be:
                state.refused = sight.exchange, before
            else:
                self._hold_refusal(sight, since)
        elif may_be:
            state.moved, state.refused = sight.exchange, None
        else:
            self._hold_refusal(sight, since)

    def _hold_refusal(self, sight: Sight, since: Exchange) -> None:
        failed = next(self.otherwise.failures(sight.request, sight.answer), None)
        if failed is None:
            self.tally.held()
        else:
            expected = f"{failed.place}: {failed.expected}"
            self.tally.found(Finding(expected, failed.actual, sight.exchange, since))

    def _shown(self, sight: Sight, stages: Stages, state: _State) -> None:
        """Hold what is shown against the last move."""
        if state.refused is not None and state.refused[0].end <= sight.exchange.start:
            refused, before = state.refused
            between = {one for one in self.lifecycle.after(before) if self.lifecycle.after(frozenset({one})) & stages}
            if between <= self.leaves:
                self.tally.found(Finding("it is moved", str(refused.status), refused, state.last and state.last[0]))
            state.refused = None
        if state.moved is not None and state.moved.end <= sight.exchange.start:
            over = self.lifecycle.kinds(stages) <= TERMINAL
            if stages & self.moved:
                self.tally.held()
                state.moved = None
            elif over or state.moved.status != ACCEPTED:
                expected = self.lifecycle.named(sight.exchange.operation, self.to)
                self.tally.found(Finding(expected, sight.said(), sight.exchange, state.moved))
                state.moved = None
        state.last = sight.exchange, stages
