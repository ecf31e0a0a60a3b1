"""The lifecycle traces of a run as plain data: what each poll showed, for a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..grammar import expressions, pointers
from ..grammar.conditions import is_number
from ..trace import Evidence, Exchange, Trace
from ..vendor import Belief, Vendor
from ..verdict import Verdict
from .texts import Texts

START = "start"
"""In place of a stage's kind: this request started the instance."""
LONGEST, MOST = 400, 100
"""Points of a trace, and traces of a vendor, that a report holds."""


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


def rows(vendor: Vendor, exchanges: Sequence[Exchange], verdicts: Sequence[Verdict], texts: Texts) -> list[TraceRow]:
    """The traces of an instance that was seen twice, or with a finding: those with findings first, then by time."""
    evidence = Evidence(vendor, exchanges)
    broken: dict[int, list[tuple[str, int | None]]] = {}
    for verdict in verdicts:
        for finding in verdict.findings:
            since = finding.since.number + 1 if finding.since else None
            broken.setdefault(finding.at.number, []).append((verdict.belief.id, since))
    found = [
        _row(vendor, trace, broken, texts)
        for name in vendor.lifecycles
        for trace in evidence.traces(name)
        if _telling(trace, broken)
    ]
    return sorted(found, key=lambda row: (not any(point.breaks for point in row.points), row.points[0].request))


def _telling(trace: Trace, broken: Mapping[int, Any]) -> bool:
    seen = [exchange for exchange in trace.exchanges if trace.shown(exchange) is not None]
    return len(seen) > 1 or any(exchange.number in broken for exchange in trace.exchanges)


def _row(vendor: Vendor, trace: Trace, broken: Mapping[int, list[tuple[str, int | None]]], texts: Texts) -> TraceRow:
    measures = {name: belief for name in trace.lifecycle.views if (belief := _measure(vendor, name, trace))}
    first = trace.exchanges[0].start
    points = []
    for exchange in trace.exchanges:
        marks = broken.get(exchange.number, [])
        points.append(
            Point(
                request=exchange.number + 1,
                at=round(exchange.start - first, 3),
                operation=exchange.operation,
                state=texts.safe(_state(trace, exchange)),
                kind=_kind(trace, exchange),
                progress=_progress(measures.get(exchange.operation), exchange),
                breaks=tuple(dict.fromkeys(belief for belief, _ in marks)),
                since=next((since for _, since in marks if since is not None), None),
            )
        )
    kept = thinned(points)
    measure = next((belief.says["value"] for belief in measures.values()), "")
    return TraceRow(
        lifecycle=trace.lifecycle.name,
        instance=texts.safe(trace.instance),
        subject=next((exchange.subject for exchange in trace.exchanges if exchange.subject), ""),
        session=trace.exchanges[0].session,
        measure=measure.rpartition("/")[2],
        top=_top(vendor, trace, measures, points),
        points=tuple(kept),
        omitted=len(points) - len(kept),
    )


def _state(trace: Trace, exchange: Exchange) -> str:
    """What an exchange showed, in the vendor's words; its status where it showed no state."""
    if exchange.answer is None:
        return "no answer"
    if exchange.operation in trace.lifecycle.views:
        state = trace.lifecycle.state(exchange.operation, exchange.request, exchange.answer)
        if isinstance(state, str):
            return state[:80]
    return str(exchange.answer.status)


def _kind(trace: Trace, exchange: Exchange) -> str:
    if exchange.operation not in trace.lifecycle.views:
        return START
    kinds = trace.lifecycle.kinds(trace.shown(exchange) or frozenset())
    return kinds.pop() if len(kinds) == 1 else ""


def _measure(vendor: Vendor, operation: str, trace: Trace) -> Belief | None:
    """The belief in a number of the whole instance that never decreases; None where the trace shows none."""
    asked = [exchange for exchange in trace.exchanges if exchange.operation == operation]
    stated = [b for b in vendor.beliefs if b.operation == operation and b.keyword == "never-decreases"]
    whole = [belief for belief in stated if "each" not in belief.says]
    return next((b for b in whole if any(_progress(b, exchange) is not None for exchange in asked)), None)


def _progress(belief: Belief | None, exchange: Exchange) -> float | None:
    value = expressions.value(belief.says["value"], exchange.request, exchange.answer) if belief else None
    return float(value) if is_number(value) and abs(value) < 1e15 else None


def _top(vendor: Vendor, trace: Trace, measures: Mapping[str, Belief], points: Sequence[Point]) -> float:
    """The end of the scale: what the schema or an `at-most` belief says, or the largest value that was seen."""
    top = max([0.0, *(point.progress for point in points if point.progress is not None)])
    for operation, belief in measures.items():
        value = belief.says["value"]
        limits = [
            b.says["limit"]
            for b in vendor.beliefs
            if b.operation == operation and b.keyword == "at-most" and b.says["value"] == value
        ]
        for limit in limits:
            shown = [expressions.value(limit, e.request, e.answer) for e in trace.exchanges if e.operation == operation]
            top = max([top, *(float(one) for one in shown if is_number(one) and abs(one) < 1e15)])
        way: list[str | int] = list(pointers.tokens(expressions.parse(value).name))
        responses = [response for response in vendor.operations[operation].responses if response.media]
        found = vendor.schemas.at(responses[0].schema, way) if responses else None
        maximum = vendor.schemas.resolve(found.node)[1].get("maximum") if found else None
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
