"""A fleet at a glance on the HTML page: which target breaks what, a table of beliefs and targets for each vendor.

What is kept, at a target of a fleet, is counted and not shown: a page on a hundred targets stays one that can be read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from pollspec.judge.verdict import Outcome
from pollspec.reports.elements import element
from pollspec.reports.report import KNOWN, OUTCOMES, Report, Row, VendorRow

Anchors = Mapping[tuple[str, str], str]
"""Where a belief of a target stands on the page: (the target's key, the belief's id) -> the element's id."""
MARKS = {"kept": "✓", "broken": "✗", "deviates": "≈", "not tried": "–", "could not run": "!", KNOWN: "◆"}
TELLING = (Outcome.BROKEN, Outcome.DEVIATES, KNOWN)


def is_shown(row: Row) -> bool:
    """Whether a row stands on the page in full."""
    return not row.target_name or row.outcome != Outcome.KEPT or row.known is not None


def shown(vendor: VendorRow) -> VendorRow:
    """A target with those of its traces that stand on the page: of a fleet, those with findings."""
    if not vendor.target_name:
        return vendor
    telling = tuple(trace for trace in vendor.traces if any(point.breaks for point in trace.points))
    return replace(vendor, traces=telling, traces_omitted=0)


def matrices(report: Report, anchors: Anchors) -> Iterator[Element]:
    """A table for each vendor of which there is a fleet."""
    fleets: dict[str, list[VendorRow]] = {}
    for target in worst_first(report):
        if target.target_name:
            fleets.setdefault(target.vendor, []).append(target)
    for vendor, targets in fleets.items():
        rows = {(row.key, row.id): row for row in report.rows if row.vendor == vendor}
        yield element("h2", f"{vendor} at {len(targets)} targets")
        yield element("div", _table(report, targets, rows, anchors), class_="matrix", **_region(vendor))


def worst_first(report: Report) -> list[VendorRow]:
    """The targets, of a fleet those first at which most fails, then those at which something else is not kept."""
    if not report.is_fleet:
        return list(report.vendors.values())
    failing = Counter(row.key for row in report.rows if report.fails(row))
    telling = Counter(row.key for row in report.rows if is_shown(row))
    return sorted(report.vendors.values(), key=lambda target: (-failing[target.key], -telling[target.key]))


def _region(vendor: str) -> dict[str, str]:
    return {"tabindex": "0", "role": "region", "aria_label": f"which target breaks what of {vendor}"}


def _table(
    report: Report, targets: Sequence[VendorRow], rows: Mapping[tuple[str, str], Row], anchors: Anchors
) -> Element:
    """What is broken, deviates or is known somewhere, by target; below it how many beliefs met each outcome."""
    telling = dict.fromkeys(row.id for row in rows.values() if row.outcome in TELLING or report.fails(row))
    heads = (element("th", element("a", t.target_name, href=f"#v-{t.key}"), scope="col") for t in targets)
    beliefs = (
        element("tr", _head(belief), *(_cell(rows.get((target.key, belief)), anchors) for target in targets))
        for belief in telling
    )
    counted = {target.key: Counter(row.outcome for row in report.of(target)) for target in targets}
    met = [outcome for outcome in OUTCOMES if any(counts[outcome] for counts in counted.values())]
    counts = (
        element("tr", _head(outcome), *(element("td", str(counted[target.key][outcome] or "")) for target in targets))
        for outcome in met
    )
    head = element("thead", element("tr", element("td"), *heads))
    return element("table", head, element("tbody", *beliefs), element("tbody", *counts, class_="counted"))


def _head(text: str) -> Element:
    return element("th", text.split("/", 1)[-1], scope="row")


def _cell(row: Row | None, anchors: Anchors) -> Element:
    """A verdict as a mark, which leads to where it stands in full."""
    if row is None:
        return element("td")
    words, anchor = f"{row.outcome} at {row.target_name}", anchors.get((row.key, row.id))
    mark = element("a", MARKS[row.outcome], href=f"#{anchor}", aria_label=words) if anchor else MARKS[row.outcome]
    return element("td", mark, class_=f"mark {row.outcome.replace(' ', '-')}", title=words)
