"""The lifecycle traces of a run as plain data: what each poll showed, for a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pollspec.document import expressions, pointers
from pollspec.document.conditions import is_number
from pollspec.document.vendor import Vendor
from pollspec.judge import record
from pollspec.judge.record import Record, Recorded
from pollspec.reports.texts import Texts

LONGEST = 400
"""Points of a trace that a report holds."""


@dataclass(frozen=True)
class Point:
    """One exchange of a trace. `at`: seconds after the trace's first request; `request`: its number in the run.

    `kind`: of the stage that was shown, "" where it is not known, or START; `progress`: the value that never decreases.
    `breaks`: the beliefs with a finding here; `since`: the request that the first of them is held against.
    """

    request: int
    at: float
    operation: str
    state: str
    kind: str = ""
    progress: float | None = None
    breaks: tuple[str, ...] = ()
    since: int | None = None


@dataclass(frozen=True)
class TraceRow:
    """One instance's trace. `measure`: what `progress` is, from 0 to `top`; `omitted`: points left out between."""

    lifecycle: str
    instance: str
    subject: str
    session: int
    measure: str
    top: float
    points: tuple[Point, ...]
    omitted: int = 0


def rows(vendor: Vendor, found: Record, texts: Texts) -> list[TraceRow]:
    """The traces of an instance that was seen twice, or with a finding: those with findings first, then by time."""
    telling = sorted((one for one in found.instances.values() if one.telling), key=lambda one: one.rank)
    return [_row(vendor, found, one, texts) for one in telling]


def _row(vendor: Vendor, found: Record, one: Recorded, texts: Texts) -> TraceRow:
    asked = dict.fromkeys(point.operation for point in one.points)
    measures = {name: index for name in asked if (index := _measure(one, name)) is not None}
    points = [_point(point, measures, one.points[0].start, texts) for point in one.points]
    kept = thinned(points)
    named = [found.scale(name).texts[index] for name, index in measures.items()]
    return TraceRow(
        lifecycle=one.lifecycle,
        instance=texts.safe(one.name),
        subject=one.subject,
        session=one.session,
        measure=named[0].rpartition("/")[2] if named else "",
        top=_top(vendor, found, one, measures),
        points=tuple(kept),
        omitted=len(points) - len(kept) + one.omitted,
    )


def _point(point: record.Point, measures: Mapping[str, int], first: float, texts: Texts) -> Point:
    return Point(
        request=point.number + 1,
        at=round(point.start - first, 3),
        operation=point.operation,
        state=texts.safe(point.state),
        kind=point.kind,
        progress=point.measures[measures[point.operation]] if point.operation in measures else None,
        breaks=point.breaks,
        since=None if point.since is None else point.since + 1,
    )


def _measure(one: Recorded, operation: str) -> int | None:
    """Which of an operation's numbers is shown: the first of which the trace has one."""
    shown = [point.measures for point in one.points if point.operation == operation]
    places = range(max(map(len, shown), default=0))
    return next((place for place in places if any(numbers[place] is not None for numbers in shown)), None)


def _top(vendor: Vendor, found: Record, one: Recorded, measures: Mapping[str, int]) -> float:
    """The end of the scale: what the schema or an `at-most` belief says, or the largest value that was seen."""
    top = 0.0
    for operation, index in measures.items():
        mine = [point for point in one.points if point.operation == operation]
        seen = [number for point in mine for number in (point.measures[index], point.limits[index])]
        top = max([top, *(number for number in seen if number is not None)])
        way: list[str | int] = list(pointers.tokens(expressions.parse(found.scale(operation).texts[index]).name))
        responses = [response for response in vendor.operations[operation].responses if response.media]
        prop = vendor.schemas.at(responses[0].schema, way) if responses else None
        maximum = vendor.schemas.resolve(prop.node)[1].get("maximum") if prop else None
        top = max(top, float(maximum)) if is_number(maximum) else top
    return top


def thinned(points: Sequence[Point]) -> list[Point]:
    """At most about LONGEST points: findings and changes stay, and of the rest every so many."""
    if len(points) <= LONGEST:
        return list(points)
    against = {point.since for point in points if point.since is not None}
    telling = {0, len(points) - 1}
    last: dict[str, Point] = {}
    for index, point in enumerate(points):
        before = last.get(point.operation)
        if point.breaks or point.request in against or before is None or before.state != point.state:
            telling.add(index)
        last[point.operation] = point
    chosen = sorted(telling)[:LONGEST]
    room = LONGEST - len(chosen)
    rest = [index for index in range(len(points)) if index not in telling]
    every = -(-len(rest) // room) if room else len(rest) + 1
    return [points[index] for index in sorted({*chosen, *rest[::every]})] if room else [points[i] for i in chosen]
