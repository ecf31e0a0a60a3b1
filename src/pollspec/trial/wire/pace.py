"""When the next request may leave: the rate, the pauses that the target asks for, and what the run may take."""

from __future__ import annotations

import time
from typing import Protocol

from pollspec.document.messages import Answer
from pollspec.trial.wire.codings import values
from pollspec.trial.wire.limits import Limits
from pollspec.trial.wire.patience import SHARE, Patience
from pollspec.trial.wire.quotas import pause_asked

SLACK = 1.0
"""Seconds by which a pause that counts from a Date may be longer than it is meant: a Date has no fractions."""

DOUBLINGS = 10
"""How often the pause doubles after answers of 429 that name no time."""

VALUE = 80
"""Bytes that a JSON value takes once it is read, about."""


class Clock(Protocol):
    """Tells seconds, and lets them pass."""

    def __call__(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class RealClock:
    """The machine's monotonic clock."""

    def __call__(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class VirtualClock:
    """A clock on which nobody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Seconds since the clock was made."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.now += seconds


class BudgetSpent(Exception):
    """The run has taken what it may: requests, time or memory."""


class Pace:
    """Lets requests leave one after another. `watch`: what the run's time is told by, where that is another clock.

    `resume`: the second on `clock` before which nothing is to leave.
    """

    def __init__(self, limits: Limits, clock: Clock, watch: Clock | None = None) -> None:
        self.limits, self.clock, self.watch = limits, clock, watch or clock
        self.sent = 0
        self.patience = Patience(limits)
        self.resume = float("-inf")
        self._begun, self._last = self.watch(), float("-inf")
        self._refused, self._weight = 0, 0

    def left(self) -> float | None:
        """The seconds that are left of the run; None for as many as it likes. Raises BudgetSpent where none is."""
        if self.limits.time is None:
            return None
        if (left := self._begun + self.limits.time - self.watch()) <= 0:
            raise BudgetSpent(f"the {self.limits.time:g} s of the run are over")
        return left

    def answer_within(self) -> float | None:
        """The seconds within which the next answer must be there; None for as many as one may take."""
        vain = self.patience.left(self.clock())
        within = [left for left in (self.left(), None if vain is None else max(1.0, vain)) if left is not None]
        return min(within, default=None)

    def sleep(self, seconds: float) -> None:
        """Let time pass between two polls; less where nothing has succeeded yet, so that patience has a use."""
        left = self.patience.left(self.clock())
        self._pass(seconds if left is None else min(seconds, self.limits.patience / SHARE, max(0.0, left)))

    def _pass(self, seconds: float) -> None:
        """Let time pass; BudgetSpent at once where that would be more than what is left of the run."""
        left = self.left()
        if left is not None and seconds > left:
            raise BudgetSpent(f"the {self.limits.time:g} s of the run are over")
        if seconds > 0:
            self.clock.sleep(seconds)

    def wait(self) -> None:
        """Wait until a request may leave, and count it; BudgetSpent before the one that would be too many."""
        if self.sent >= self.limits.requests:
            raise BudgetSpent(f"the budget of {self.limits.requests} requests is spent")
        spaced = self._last + 1 / self.limits.rate if self.limits.rate else self._last
        self._pass(max(spaced, self.resume) - self.clock())
        self.sent += 1
        self._last = self.clock()

    def heed(self, answer: Answer) -> None:
        """Do as an answer asks: after a 429, a 503 with a time, or the last of a quota, nothing leaves for a while."""
        self._weight += len(answer.content) + VALUE * values(answer.content)
        if self._weight > self.limits.memory:
            raise BudgetSpent(f"the answers take more than {self.limits.memory} bytes of memory")
        self._refused = self._refused + 1 if answer.status == 429 else 0
        asked, longest = pause_asked(answer), self.limits.pause
        if asked is None:
            asked = 2.0 ** min(self._refused - 1, DOUBLINGS) if self._refused else 0.0
        if asked > longest + SLACK:
            asked = longest if answer.status in {429, 503} else 0.0
        self.resume = self.clock() + asked
