"""The scenarios that every document gives by itself, made from its graph of stages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from pollspec.document.lifecycles import TERMINAL, Lifecycle
from pollspec.document.vendor import Vendor
from pollspec.errors import UsageError
from pollspec.servers.instances import Step, steps
from pollspec.servers.scenarios.scenario import Interruption, Scenario, lifecycle_of

CANCELLED = "cancelled"
"""The name of the stage to which what is cancelled comes."""
MANY = 10
"""Polls of each stage of what is slow."""
A_WHILE = 5
"""Polls for which a pause lasts."""
FLAKY = (Interruption(2, 503), Interruption(4, 429, retry_after=1))

Course = Sequence[Step]
Way = Sequence[str]
"""Stages, one after the other."""
Apt = Callable[[Lifecycle, str], bool]
"""Whether a stage of a lifecycle is one that is looked for."""
Make = Callable[[Lifecycle, Way, Sequence[Way]], Course | None]
"""What becomes of a way through a lifecycle, beside the ways of all its subjects; None: there is no such course."""


def named(vendor: Vendor, name: str) -> Scenario:
    """The scenario of a name; UsageError where the document has no such course."""
    courses = _courses(vendor, NAMED[name])
    if not courses:
        others = [other for other, make in NAMED.items() if _courses(vendor, make)]
        have = f"it has {', '.join(others)}" if others else "it has no lifecycle"
        raise UsageError(f"{vendor.slug} has no scenario {name!r}: nothing in it goes so", have)
    return Scenario(name, courses, FLAKY if name == "flaky" else ())


def _courses(vendor: Vendor, make: Make) -> dict[str | None, Course]:
    """Each subject's course; that of anybody where a lifecycle has no subject."""
    found: dict[str | None, Course] = {}
    for lifecycle in vendor.lifecycles.values():
        mine = [name for name, subject in vendor.subjects.items() if lifecycle_of(vendor, subject) is lifecycle]
        ways: dict[str | None, Way] = {name: vendor.subjects[name].path for name in mine}
        ways = ways or {None: _shortest(lifecycle, _is_done) or list(lifecycle.stages)[:1]}
        made = {name: make(lifecycle, way, list(ways.values())) for name, way in ways.items()}
        found |= {name: course for name, course in made.items() if course}
    return found


def _shortest(lifecycle: Lifecycle, apt: Apt) -> Way | None:
    """The shortest way through the graph to a stage that is apt."""
    ways, seen = [[next(iter(lifecycle.stages))]], set[str]()
    while ways:
        way = ways.pop(0)
        if apt(lifecycle, way[-1]):
            return way
        ways += [[*way, then] for then in lifecycle.stages[way[-1]].then if then not in seen]
        seen |= set(lifecycle.stages[way[-1]].then)
    return None


def _to(apt: Apt) -> Make:
    """The subject's own way, another's or the shortest one, to an end that is apt."""

    def make(lifecycle: Lifecycle, way: Way, ways: Sequence[Way]) -> Course | None:
        known = next((one for one in (way, *ways) if apt(lifecycle, one[-1])), None)
        found = known or _shortest(lifecycle, apt)
        return steps(found) if found else None

    return make


def _each(polls: int | None) -> Make:
    """The subject's own way; each stage for so many polls."""
    return lambda lifecycle, way, ways: [Step(stage, polls=polls) for stage in way]


def _under_way(lifecycle: Lifecycle, way: Way) -> int:
    """How many stages pass before its end."""
    ends = (place for place, stage in enumerate(way) if lifecycle.stages[stage].kind in TERMINAL)
    return next(ends, len(way))


def _pauses(lifecycle: Lifecycle, way: Way, ways: Sequence[Way]) -> Course | None:
    """It stays paused for a while, where it ever is; else it stands still in the middle of the stage before its end."""
    long = [place for place, stage in enumerate(way) if lifecycle.stages[stage].kind == "paused"]
    if long:
        return [replace(step, polls=A_WHILE) if place in long else step for place, step in enumerate(steps(way))]
    if not (number := _under_way(lifecycle, way)):
        return None
    *before, last = steps(way[:number])
    still = replace(last, share=(0.5, 0.5), polls=A_WHILE)
    halves = [replace(last, share=(0.0, 0.5)), still, replace(last, share=(0.5, 1.0))]
    return [*before, *halves, *steps(way[number:])]


def _stalls(lifecycle: Lifecycle, way: Way, ways: Sequence[Way]) -> Course | None:
    """The last stage before the end is never left, and stands still in its middle."""
    course = steps(way[: _under_way(lifecycle, way)])
    return [*course[:-1], replace(course[-1], share=(0.5, 0.5), lasts=True)] if course else None


def _is_done(lifecycle: Lifecycle, stage: str) -> bool:
    return lifecycle.stages[stage].kind == "done"


def _is_failure(lifecycle: Lifecycle, stage: str) -> bool:
    return lifecycle.stages[stage].kind == "failed" and stage != CANCELLED


NAMED: dict[str, Make] = {
    "quick": _each(1),
    "slow": _each(MANY),
    "fails": _to(_is_failure),
    "cancelled": _to(lambda lifecycle, stage: stage == CANCELLED),
    "pauses": _pauses,
    "stalls": _stalls,
    "flaky": _each(None),
}
"""Name -> the course that it makes of a way through a lifecycle."""
