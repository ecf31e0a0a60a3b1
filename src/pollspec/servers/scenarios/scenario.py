"""What a scenario says."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pollspec.servers.instances import Step


@dataclass(frozen=True)
class Interruption:
    """An answer in place of the true one: to the `at`th request about an instance, and to some more after it.

    `subjects`: about whom; empty: about anybody. `retry_after`: seconds; None: the header is not sent.
    """

    at: int
    status: int
    times: int = 1
    retry_after: float | None = None
    body: Any = None
    subjects: frozenset[str] = frozenset()

    def interrupts(self, subject: str | None, asked: int) -> bool:
        """Whether it answers a request."""
        return self.at <= asked < self.at + self.times and (not self.subjects or subject in self.subjects)

    @property
    def headers(self) -> dict[str, str]:
        """What its answer has beside its body."""
        return {} if self.retry_after is None else {"Retry-After": f"{self.retry_after:g}"}


@dataclass(frozen=True)
class Scenario:
    """What is played. `courses`: subject -> its steps; under None: those of every other subject that has a course.

    `latency`: seconds before each answer, at least and at most, drawn by `seed`; `fault`: what goes wrong besides.
    """

    name: str
    courses: Mapping[str | None, Sequence[Step]] = field(default_factory=dict)
    interruptions: Sequence[Interruption] = ()
    latency: tuple[float, float] = (0.0, 0.0)
    fault: str | None = None
    seed: int = 1

    def steps(self, subject: str | None) -> Sequence[Step] | None:
        """The course of a subject; None where it is the document's."""
        return self.courses.get(subject, self.courses.get(None))

    def interruption(self, subject: str | None, asked: int) -> Interruption | None:
        """What interrupts a request, if something does."""
        return next((one for one in self.interruptions if one.interrupts(subject, asked)), None)

    def delays(self) -> Callable[[], float]:
        """The seconds before each answer, one after the other."""
        drawn = random.Random(self.seed)
        return lambda: drawn.uniform(*self.latency)
