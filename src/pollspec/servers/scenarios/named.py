"""The scenarios that every document gives by itself, made from its graph of stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pollspec.document.lifecycles import TERMINAL, Lifecycle
from pollspec.document.vendor import Vendor
from pollspec.errors import UsageError
from pollspec.servers.instances import Step, steps
from pollspec.servers.scenarios.scenario import Interruption, Scenario

CANCELLED = "cancelled"
"""The name that a stage, or the subject that comes to it, must have."""
MANY = 10
"""Polls of each stage of what is slow."""
A_WHILE = 5
"""Polls for which a pause lasts."""
FLAKY = (Interruption(2, 503), Interruption(4, 429, retry_after=1))

Course = Sequence[Step]
Make = Callable[[Vendor, Lifecycle], Course | None]
"""What becomes of one lifecycle's course; None where the document has none."""


def named(vendor: Vendor, name: str) -> Scenario:
    """The scenario of a name; UsageError where no lifecycle of the document has such a course."""
    made = [course for lifecycle in vendor.lifecycles.values() if (course := NAMED[name](vendor, lifecycle))]
    if not made:
        others = [other for other in NAMED if any(NAMED[other](vendor, lc) for lc in vendor.lifecycles.values())]
        have = f"it has {', '.join(others)}" if others else "it has no lifecycle"
        raise UsageError(f"{vendor.slug} has no scenario {name!r}: nothing in it ends so", have)
    courses = {subject: course for course in made for subject in _concerned(vendor, course)}
    return Scenario(name, courses, FLAKY if name == "flaky" else ())


def _concerned(vendor: Vendor, course: Course) -> Iterator[str | None]:
    """Whose course it is: every subject's that passes stages of the same lifecycle."""
    stages = {step.stage for step in course}
    known = next(set(lc.stages) for lc in vendor.lifecycles.values() if stages <= set(lc.stages))
    mine: list[str | None] = [
        name for name, subject in vendor.subjects.items() if subject.path and set(subject.path) <= known
    ]
    yield from mine or [None]


def _to(vendor: Vendor, lifecycle: Lifecycle, apt: Callable[[str], bool]) -> Course | None:
    """A way to the first stage that is apt: a subject's, or the shortest one through the graph."""
    for subject in vendor.subjects.values():
        if subject.path and subject.path[-1] in lifecycle.stages and apt(subject.path[-1]):
            return steps(subject.path)
    ways, seen = [[next(iter(lifecycle.stages))]], set[str]()
    while ways:
        way = ways.pop(0)
        if apt(way[-1]):
            return steps(way)
        ways += [[*way, then] for then in lifecycle.stages[way[-1]].then if then not in seen]
        seen |= set(lifecycle.stages[way[-1]].then)
    return None


def _done(vendor: Vendor, lifecycle: Lifecycle) -> Course | None:
    return _to(vendor, lifecycle, lambda stage: lifecycle.stages[stage].kind == "done")


def _fails(vendor: Vendor, lifecycle: Lifecycle) -> Course | None:
    kinds = lifecycle.stages
    return _to(vendor, lifecycle, lambda stage: kinds[stage].kind == "failed" and stage != CANCELLED)


def _cancelled(vendor: Vendor, lifecycle: Lifecycle) -> Course | None:
    return _to(vendor, lifecycle, lambda stage: stage == CANCELLED)


def _each(polls: int) -> Make:
    def make(vendor: Vendor, lifecycle: Lifecycle) -> Course | None:
        course = _done(vendor, lifecycle)
        return course and [replace(step, polls=polls) for step in course]

    return make


def _pauses(vendor: Vendor, lifecycle: Lifecycle) -> Course | None:
    """It stays paused for a while, where it ever is; else it stands still in the middle of the stage before its end."""
    course = _done(vendor, lifecycle)
    if course is None or len(course) < 2:
        return None
    if any(lifecycle.stages[step.stage].kind == "paused" for step in course):
        long = {name for name, stage in lifecycle.stages.items() if stage.kind == "paused"}
        return [replace(step, polls=A_WHILE) if step.stage in long else step for step in course]
    *before, last, end = course
    still = replace(last, share=(0.5, 0.5), polls=A_WHILE)
    halves = [replace(last, share=(0.0, 0.5)), still, replace(last, share=(0.5, 1.0))]
    return [*before, *halves, end]


def _stalls(vendor: Vendor, lifecycle: Lifecycle) -> Course | None:
    """The last stage before the end is never left, and stands still in its middle."""
    course = [step for step in _done(vendor, lifecycle) or () if lifecycle.stages[step.stage].kind not in TERMINAL]
    return [*course[:-1], replace(course[-1], share=(0.5, 0.5), lasts=True)] if course else None


NAMED: dict[str, Make] = {
    "quick": _each(1),
    "slow": _each(MANY),
    "fails": _fails,
    "cancelled": _cancelled,
    "pauses": _pauses,
    "stalls": _stalls,
    "flaky": _done,
}
"""Name -> the course that it makes of a lifecycle."""
