"""When the next request may leave: the rate, the pauses that the target asks for, and what the run may take."""

from __future__ import annotations

import email.utils
import re
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Protocol

from ..messages import Answer, Missing, header
from .codings import values
from .limits import Limits

IN_A_ROW = 5
"""Answers of 429 in a row after which a run ends."""

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
    """The run has taken what it may: requests, time, memory, or the target's patience."""


class Pace:
    """Lets requests leave one after another. `watch`: what the run's time is told by, where that is another clock."""

    def __init__(self, limits: Limits, clock: Clock, watch: Clock | None = None) -> None:
        self.limits, self.clock, self.watch = limits, clock, watch or clock
        self.sent = 0
        self._begun, self._last, self._resume = self.watch(), float("-inf"), float("-inf")
        self._refused, self._weight = 0, 0

    def left(self) -> float | None:
        """The seconds that are left of the run; None for as many as it likes. Raises BudgetSpent where none is."""
        if self.limits.time is None:
            return None
        if (left := self._begun + self.limits.time - self.watch()) <= 0:
            raise BudgetSpent(f"the {self.limits.time:g} s of the run are over")
        return left

    def sleep(self, seconds: float) -> None:
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
        self.sleep(max(spaced, self._resume) - self.clock())
        self.sent += 1
        self._last = self.clock()

    def heed(self, answer: Answer) -> None:
        """Do as an answer asks: after a 429, or a 503 that names a time, nothing leaves for a while."""
        self._weight += len(answer.content) + VALUE * values(answer.content)
        if self._weight > self.limits.memory:
            raise BudgetSpent(f"the answers take more than {self.limits.memory} bytes of memory")
        self._refused = self._refused + 1 if answer.status == 429 else 0
        if self._refused >= IN_A_ROW:
            raise BudgetSpent(f"the target answered 429 (too many requests) {IN_A_ROW} times in a row")
        asked = retry_after(answer) if answer.status in {429, 503} else 0.0
        if asked is None:
            asked = 2.0 ** (self._refused - 1) if answer.status == 429 else 0.0
        self._resume = self.clock() + min(asked, self.limits.pause)


def retry_after(answer: Answer | None) -> float | None:
    """The seconds that a Retry-After asks for (RFC 9110, 10.2.3); None where it asks for nothing that can be read.

    A date counts from the answer's own Date, so that clocks may differ.
    """
    value = header(answer.headers, "retry-after") if answer else ""
    if answer is None or isinstance(value, Missing):
        return None
    if re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return float(value)
    until = _moment(value)
    since = _moment(str(header(answer.headers, "date"))) or datetime.now(UTC)
    return None if until is None else max(0.0, (until - since).total_seconds())


def _moment(text: str) -> datetime | None:
    """An HTTP-date (RFC 9110, 5.6.7), or None."""
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Patience:
    """Which operations answer no more. `lost`: since when, and how often in a row, an operation's answers are lost."""

    AT_FIRST = 3
    """Lost answers after which a target that never gave one is given up."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.answered = 0
        self.lost: Counter[str] = Counter()
        self._since: dict[str, float] = {}

    def note(self, operation: str, begun: float, answered: bool) -> None:
        """Take in what became of a request that was begun at some second."""
        if answered:
            self.answered += 1
            del self.lost[operation]
        else:
            self.lost[operation] += 1
            if self.lost[operation] == 1:
                self._since[operation] = begun

    def is_over(self, operation: str, now: float) -> bool:
        """Whether an operation is to be asked no more."""
        enough = self.lost[operation] >= self.AT_FIRST
        return enough and now - self._since[operation] >= self.limits.patience

    def was_in_vain(self) -> bool:
        """Whether the target as a whole never answered."""
        return not self.answered and self.lost.total() >= self.AT_FIRST
