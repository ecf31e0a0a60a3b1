"""What each poll of each instance showed, for pictures: a few words of every exchange, of a bounded number of them."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from pollspec.document import expressions
from pollspec.document.conditions import is_number
from pollspec.document.shares import growing
from pollspec.document.vendor import Belief, Vendor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding

START = "start"
"""In place of a stage's kind: this request started the instance."""
LONGEST = 80
"""Characters of a state that are kept."""
MOST = 20_000
"""Points that are kept."""
SHOWN = 100
"""Instances that are shown."""
LARGEST = 1e15


@dataclass(frozen=True, slots=True)
class Point:
    """One exchange. `shows`: it shows a state; `kind`: of its stage, "" where it is not known, or START.

    `measures`: the numbers that never decrease, in the document's order, and `limits`, what they are at most; `breaks`:
    the beliefs with a finding here; `since`: the number of the request that the first of them is held against.
    """

    number: int
    start: float
    operation: str
    state: str
    shows: bool
    kind: str
    measures: tuple[float | None, ...] = ()
    limits: tuple[float | None, ...] = ()
    breaks: tuple[str, ...] = ()
    since: int | None = None


@dataclass(slots=True)
class Recorded:
    """The points of one instance. `omitted`: those that were not kept."""

    lifecycle: str
    name: str
    session: int
    subject: str = ""
    points: list[Point] = field(default_factory=list)
    omitted: int = 0

    @property
    def broken(self) -> bool:
        """Whether a belief was broken in it."""
        return any(point.breaks for point in self.points)

    @property
    def telling(self) -> bool:
        """Whether there is something to see: a finding, or two states."""
        return self.broken or sum(point.shows for point in self.points) > 1

    @property
    def rank(self) -> tuple[bool, int, float, int]:
        """Those with findings first, then server by server, in order of time."""
        return not self.broken, self.session, self.points[0].start, self.points[0].number


def best(several: Iterable[Recorded], number: int) -> list[Recorded]:
    """So many of those instances that are worth looking at."""
    return heapq.nsmallest(number, (one for one in several if one.telling), key=lambda one: one.rank)


class Scale:
    """The numbers of a whole instance that never decrease, as one operation shows them, and what bounds them."""

    def __init__(self, vendor: Vendor, operation: str) -> None:
        found = growing(vendor, operation)
        self.texts, self.wholes = list(found), list(found.values())
        self._measures = [expressions.getter(text) for text in self.texts]
        self._limits = [expressions.getter(text) for text in self.wholes]

    def read(self, sight: Sight) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
        """The numbers that an answer shows, and their limits; None where there is none."""
        return _numbers(sight, self._measures), _numbers(sight, self._limits)


def _numbers(sight: Sight, getters: Sequence[expressions.Getter]) -> tuple[float | None, ...]:
    values = [get(sight.request, sight.answer) for get in getters]
    return tuple(float(v) if is_number(v) and abs(v) < LARGEST else None for v in values)


class Record:
    """The points of a ledger. Those of instances without a finding make room for later ones."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.instances: dict[Hashable, Recorded] = {}
        self.left_out = 0
        self._kept = 0
        self._scales = {name: Scale(vendor, name) for name in vendor.operations}

    def scale(self, operation: str) -> Scale:
        """What an operation's numbers are called."""
        return self._scales[operation]

    def note(self, sight: Sight, fresh: Sequence[tuple[Belief, Finding]]) -> None:
        """Keep a few words of an exchange, and what it breaks."""
        if sight.instance is None:
            return
        found = self.instances.get(sight.instance)
        if found is None:
            about = sight.instance
            found = self.instances[about] = Recorded(about.lifecycle.name, about.name, about.session)
        found.subject = found.subject or sight.exchange.subject or ""
        found.points.append(self._point(sight, fresh))
        self._kept += 1
        if self._kept > MOST:
            self._make_room(found)

    def include(self, other: Record) -> None:
        """Take in what was recorded apart."""
        self.instances |= other.instances
        self._kept += other._kept
        while self._kept > MOST and (oldest := next((i for i, r in self.instances.items() if not r.broken), None)):
            self._drop(oldest)

    def turned(self) -> list[Recorded]:
        """What was recorded; from now on nothing is."""
        found = list(self.instances.values())
        self.instances, self._kept = {}, 0
        return found

    def _drop(self, instance: Hashable) -> None:
        self._kept -= len(self.instances.pop(instance).points)
        self.left_out += 1

    def _point(self, sight: Sight, fresh: Sequence[tuple[Belief, Finding]]) -> Point:
        exchange, lifecycle = sight.exchange, sight.asked.lifecycle
        measures, limits = self._scales[exchange.operation].read(sight)
        kinds = sight.kinds
        is_view = lifecycle is not None and exchange.operation in lifecycle.views
        kind = START if not is_view else next(iter(kinds)) if len(kinds) == 1 else ""
        since = next((finding.since.number for _, finding in fresh if finding.since), None)
        breaks = tuple(dict.fromkeys(belief.id for belief, _ in fresh))
        shown = (exchange.operation, _state(sight), sight.stages is not None, kind)
        return Point(exchange.number, exchange.start, *shown, measures, limits, breaks, since)

    def _make_room(self, present: Recorded) -> None:
        """Let the oldest instance without a finding go; where each has one, the oldest points of this one."""
        oldest = next((i for i, r in self.instances.items() if r is not present and not r.broken), None)
        if oldest is not None:
            self._drop(oldest)
        else:
            half = len(present.points) // 2
            present.omitted += half
            self._kept -= half
            del present.points[1 : 1 + half]


def _state(sight: Sight) -> str:
    """What an exchange showed, in the vendor's words; its status where it showed no state."""
    if sight.answer is None:
        return "no answer"
    lifecycle = sight.asked.lifecycle
    if lifecycle and sight.exchange.operation in lifecycle.views:
        state = lifecycle.state(sight.exchange.operation, sight.request, sight.answer)
        if isinstance(state, str):
            return state[:LONGEST]
    return str(sight.status)
