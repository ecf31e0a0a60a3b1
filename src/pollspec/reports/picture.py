"""A picture of one lifecycle trace: what each operation showed and how far it was, against time.

Every x is a percentage, so that the picture takes any width and its texts keep their size.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from pollspec.judge.record import START
from pollspec.reports.elements import element
from pollspec.reports.traces import Point, TraceRow

STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400)
HEAD, NAME, BAND, RAIL, CHART, FOOT, GAP = 24, 14, 22, 16, 64, 20, 10
"""Heights: the marks of findings, a name, a band and its polls, the progress, the time; the space between."""
LABEL = 24.0
"""Percent that the label of a mark takes, where the picture is at its narrowest."""
MOST_LINES = 12
"""More lines than this through a picture would hide it."""
LETTER = 2.0
"""Percent that a letter of a state takes, where the picture is at its narrowest."""


class _Places:
    """Where a point stands, in percent: by time, or by its order where all was asked at one moment."""

    def __init__(self, row: TraceRow) -> None:
        self.span = row.points[-1].at
        self.x = {
            point.request: (point.at / self.span if self.span else number / max(1, len(row.points) - 1)) * 100
            for number, point in enumerate(row.points)
        }

    def of(self, point: Point) -> float:
        """The place of a point."""
        return self.x[point.request]

    def ticks(self) -> list[tuple[float, str]]:
        """The marks of the time: place and words."""
        if not self.span:
            return [(0.0, "all at one moment")]
        step = next((step for step in STEPS if self.span / step <= 5), self.span)
        moments = [step * number for number in range(int(self.span / step + 1e-9) + 1)]
        return [(moment / self.span * 100, timed(moment)) for moment in moments]


def picture(row: TraceRow, targets: Mapping[str, str]) -> Element:
    """The picture as an SVG element. `targets`: a belief's id -> where its verdict stands on the page."""
    places, parts = _Places(row), list[Element]()
    top = y = HEAD if any(point.breaks for point in row.points) else GAP
    for lane in dict.fromkeys(point.operation for point in row.points):
        points = [point for point in row.points if point.operation == lane]
        if points[0].kind == START:
            parts += _start(points, y, places)
            y += NAME + GAP
        else:
            parts += _lane(points, y, places)
            y += NAME + BAND + RAIL + GAP
    if any(point.progress is not None for point in row.points):
        parts += _chart(row, y, places)
        y += NAME + CHART + GAP
    parts += _offences(row, y, places, targets)
    return element(
        "svg",
        *_time(places, top, y),
        *parts,
        class_="trace",
        role="group",
        aria_label=described(row),
        width="100%",
        height=y + FOOT,
    )


def described(row: TraceRow) -> str:
    """The picture in words."""
    changes: list[str] = []
    for point in row.points:
        if not changes or changes[-1] != point.state:
            changes.append(point.state)
    wrong = sum(bool(point.breaks) for point in row.points)
    words = f"{lasted(row)}: {', '.join(changes[:12])}"
    return words + (f"; {wrong} of them offend" if wrong else "")


def lasted(row: TraceRow) -> str:
    """How many requests over which time."""
    many = f"{len(row.points)} requests" if len(row.points) > 1 else "1 request"
    return f"{many} over {timed(row.points[-1].at)}" if row.points[-1].at else many


def timed(seconds: float) -> str:
    """A time span in words."""
    if seconds >= 60:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{seconds:.3g} s"


def said(point: Point) -> str:
    """A poll in words."""
    far = "" if point.progress is None else f", {point.progress:g}"
    return f"request {point.request} at {timed(point.at)}: {point.operation} {point.state}{far}"


def _percent(number: float) -> str:
    return f"{number:.2f}%"


def _time(places: _Places, top: float, foot: float) -> Iterator[Element]:
    for at, words in places.ticks():
        yield element("line", class_="grid", x1=_percent(at), x2=_percent(at), y1=top, y2=foot)
        anchor = "start" if at < 1 else "end" if at > 90 else "middle"
        yield element("text", words, class_="axis", x=_percent(at), y=foot + 15, text_anchor=anchor)


def _start(points: Sequence[Point], top: float, places: _Places) -> Iterator[Element]:
    """What started the instance: a dot with its name."""
    yield element("text", f"{points[0].operation} {points[0].state}", class_="lane", x=10, y=top + 10)
    for point in points:
        yield _dot(point, places, top + 6, "poll bad" if point.breaks else "poll")


def _dot(point: Point, places: _Places, y: float, shape: str) -> Element:
    return element("circle", element("title", said(point)), class_=shape, cx=_percent(places.of(point)), cy=y, r=3)


def _lane(points: Sequence[Point], top: float, places: _Places) -> Iterator[Element]:
    """One operation: its name, a band per state from the poll that first showed it to the next, a dot per poll."""
    yield element("text", points[0].operation, class_="lane", x=0, y=top + 10)
    runs: list[list[Point]] = []
    for point in points:
        if runs and (runs[-1][0].state, runs[-1][0].kind) == (point.state, point.kind):
            runs[-1].append(point)
        else:
            runs.append([point])
    ends = [*(places.of(run[0]) for run in runs[1:]), 100.0]
    for run, end in zip(runs, ends, strict=True):
        start = places.of(run[0])
        yield _band(run[0], start, max(end - start, 0.6), top + NAME)
    rail = top + NAME + BAND + 8
    yield element("line", class_="rail", x1="0%", x2="100%", y1=rail, y2=rail)
    for point in points:
        yield _dot(point, places, rail, "poll bad" if point.breaks else "poll")


def _band(point: Point, start: float, width: float, top: float) -> Element:
    """A band with its state, which is cut where the band ends, or left out where it has no room."""
    band: dict[str, str | float] = {"x": _percent(start), "y": top, "width": _percent(width), "height": BAND}
    roomy = width >= min(12.0, LETTER * (len(point.state) + 1))
    return element(
        "svg",
        element("title", f"{point.state} ({point.kind or 'a stage that is not known'})"),
        element("rect", width="100%", height=BAND, rx=3),
        element("text", point.state, x=6, y=15) if roomy else None,
        class_=f"kind-{point.kind}",
        **band,
    )


def _chart(row: TraceRow, top: float, places: _Places) -> Iterator[Element]:
    """The value that never decreases, from 0 to its top."""
    scale, floor = row.top or 1.0, top + NAME + CHART
    yield element("text", f"{row.measure}, 0 to {row.top:g}", class_="lane", x=0, y=top + 10)
    yield element("rect", class_="chart", x=0, y=top + NAME, width="100%", height=CHART)
    for operation in dict.fromkeys(point.operation for point in row.points):
        shown = [
            (point, floor - CHART * max(0.0, point.progress) / scale)
            for point in row.points
            if point.operation == operation and point.progress is not None
        ]
        for (one, y1), (other, y2) in itertools.pairwise(shown):
            x1, x2 = _percent(places.of(one)), _percent(places.of(other))
            yield element("line", class_="progress", x1=x1, x2=x2, y1=y1, y2=y2)
        for point, y in shown:
            yield _dot(point, places, y, "value")


def _offences(row: TraceRow, foot: float, places: _Places, targets: Mapping[str, str]) -> Iterator[Element]:
    """A cross at each offending poll, with a line through the picture, back to the poll that it contradicts."""
    offending = [point for point in row.points if point.breaks]
    taken, foot = -1.0, foot if len(offending) <= MOST_LINES else HEAD
    for point in offending:
        x = places.of(point)
        anchor, left = _anchored(x)
        label = anchor if left > taken else ""
        taken = left + LABEL if label else taken
        mark = element("g", *_mark(point, x, places.x.get(point.since or 0), foot, label), class_="offence")
        target = targets.get(point.breaks[0])
        yield element("a", mark, href=f"#{target}", aria_label=f"request {point.request}") if target else mark


def _anchored(x: float) -> tuple[str, float]:
    """Which end of a mark's label stands at x, and where the label begins."""
    if x < LABEL / 2:
        return "start", x
    return ("end", x - LABEL) if x > 100 - LABEL / 2 else ("middle", x - LABEL / 2)


def _mark(point: Point, at: float, since: float | None, foot: float, label: str) -> Iterator[Element]:
    x = _percent(at)
    yield element("title", f"{said(point)}: {', '.join(point.breaks)}")
    if since is not None:
        yield element("line", x1=_percent(since), x2=x, y1=16, y2=16)
        yield element("circle", cx=_percent(since), cy=16, r=2.5)
    yield element("line", class_="through", x1=x, x2=x, y1=16, y2=foot)
    sign = (element("circle", r=7), element("path", d="M-3,-3L3,3M-3,3L3,-3"))
    yield element("svg", *sign, x=x, y=16, width=1, height=1, class_="cross")
    if label:
        yield element("text", f"request {point.request}", x=x, y=6, text_anchor=label)
