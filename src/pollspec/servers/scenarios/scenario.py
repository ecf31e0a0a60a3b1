"""What a scenario says."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pollspec.document.lifecycles import Lifecycle
from pollspec.document.messages import MISSING
from pollspec.document.vendor import Subject, Vendor
from pollspec.servers.instances import Step


@dataclass(frozen=True)
class Interruption:
    """An answer in place of the true one: to the `at`th request about an instance, and to some more after it.

    `after`: from so many seconds after the first request about it instead, for some `seconds`. `subjects`: about whom;
    empty: about anybody. `retry_after`: seconds; None: the header is not sent. `body`: MISSING: the documented one.
    """

    at: int
    status: int
    times: int = 1
    retry_after: float | None = None
    body: Any = MISSING
    subjects: frozenset[str] = frozenset()
    after: float | None = None
    seconds: float = 0.0

    def interrupts(self, subject: str | None, asked: int, passed: float) -> bool:
        """Whether it answers a request: the number `asked` about its instance, so many seconds after the first."""
        if self.subjects and subject not in self.subjects:
            return False
        if self.after is not None:
            return self.after <= passed < self.after + self.seconds
        return self.at <= asked < self.at + self.times

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
    description: str = ""

    def steps(self, subject: str | None, stages: Collection[str]) -> Sequence[Step] | None:
        """The course of a subject through the stages of its lifecycle; None where it is the document's."""
        course = self.courses.get(subject, self.courses.get(None))
        return course if course and {step.stage for step in course} <= set(stages) else None

    def interruption(self, subject: str | None, asked: int, passed: float) -> Interruption | None:
        """What interrupts a request, if something does."""
        return next((one for one in self.interruptions if one.interrupts(subject, asked, passed)), None)

    def misplayed(self, vendor: Vendor) -> frozenset[str]:
        """The subjects that come to another end than the document says: what it says of their end does not hold."""
        return frozenset(
            name
            for name, subject in vendor.subjects.items()
            if (lifecycle := lifecycle_of(vendor, subject)) is not None
            and (course := self.steps(name, lifecycle.stages))
            and course[-1].stage != subject.path[-1]
        )

    def delays(self) -> Callable[[], float]:
        """The seconds before each answer, one after the other."""
        drawn = random.Random(self.seed)
        return lambda: drawn.uniform(*self.latency)


AS_DOCUMENTED = Scenario("as documented")


def lifecycle_of(vendor: Vendor, subject: Subject) -> Lifecycle | None:
    """The lifecycle whose stages a subject passes; the one that can be asked about it, where several have them."""
    fitting = [lc for lc in vendor.lifecycles.values() if subject.path and set(subject.path) <= set(lc.stages)]
    asked = [lc for lc in fitting if any(vendor.applies(subject, vendor.operations[name]) for name in lc.views)]
    return next(iter([*asked, *fitting]), None)
