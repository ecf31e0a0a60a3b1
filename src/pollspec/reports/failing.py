"""What fails a run, at the top of the HTML page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from pollspec.reports.elements import Child, element
from pollspec.reports.matrices import Anchors
from pollspec.reports.report import Report, Row


def failing(report: Report, anchors: Anchors) -> Iterator[Element]:
    """What fails the run, as links; of a fleet, each belief once, with the targets that it fails at."""
    groups = report.alike(row for row in report.rows if report.fails(row))
    if groups:
        what = (" beliefs" if len(groups) > 1 else " belief") if report.is_fleet else ""
        yield element("h2", f"{len(groups)}{what} fail the run" if len(groups) > 1 else f"One{what} fails the run")
        yield element("ul", *(element("li", *_failures(rows, anchors)) for rows in groups), class_="failing")


def _failures(rows: Sequence[Row], anchors: Anchors) -> Iterator[Child]:
    links = [element("a", row.target_name or row.id, href=f"#{anchors[row.key, row.id]}") for row in rows]
    yield from [f"{rows[0].id} at "] if rows[0].target_name else []
    for number, link in enumerate(links):
        yield from [", "] if number else []
        yield link
    yield element("p", _why(rows[0]))


def _why(row: Row) -> str:
    if row.known and not row.unseen:
        return row.known.remedy
    return row.claim if row.findings else f"{row.outcome}: wants {row.wants}"
