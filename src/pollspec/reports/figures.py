"""The lifecycle traces of a vendor on the HTML page: each as a picture, in words and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from pollspec.reports.elements import Child, element
from pollspec.reports.picture import described, lasted, picture, timed
from pollspec.reports.report import VendorRow
from pollspec.reports.traces import TraceRow

KINDS = ("waiting", "active", "paused", "done", "failed", "gone")


def figures(vendor: VendorRow, targets: Mapping[str, str]) -> Iterator[Element]:
    """The pictures; those of made-up orders are folded, unless something is wrong in them."""
    first = [row for row in vendor.traces if not row.session or any(point.breaks for point in row.points)]
    others = [row for row in vendor.traces if row not in first]
    if vendor.traces:
        yield element("h3", "Lifecycle traces")
        keys = [element("span", kind, class_=f"key kind-{kind}") for kind in KINDS]
        yield element("p", *keys, element("span", "✗ a poll that offends", class_="key offends"), class_="keys")
    if first:
        yield element("div", *(_figure(row, targets) for row in first), class_="figures")
    if others:
        figures = element("div", *(_figure(row, targets) for row in others), class_="figures")
        yield element("details", element("summary", f"{len(others)} more, from made-up orders of requests"), figures)
    if vendor.traces_omitted:
        yield element("p", f"{vendor.traces_omitted} more are left out.")


def _figure(row: TraceRow, targets: Mapping[str, str]) -> Element:
    said = lasted(row)
    said += f", {row.omitted} more left out" if row.omitted else ""
    said += f", subject {row.subject}" if row.subject else ""
    wrong = any(point.breaks for point in row.points)
    return element(
        "figure",
        element("figcaption", element("strong", f"{row.lifecycle} {row.instance}"), element("span", said)),
        picture(row, targets),
        _offences(row, targets),
        element("details", element("summary", "As a table"), _table(row)),
        class_="figure wrong" if wrong else "figure",
    )


def _offences(row: TraceRow, targets: Mapping[str, str]) -> Element | None:
    """Which belief each offending poll breaks, as links."""
    broken: dict[str, list[str]] = {}
    for point in row.points:
        for belief in point.breaks:
            broken.setdefault(belief, []).append(str(point.request))
    lines = []
    for belief, requests in broken.items():
        shown = ", ".join(requests[:6]) + (f" and {len(requests) - 6} more" if len(requests) > 6 else "")
        words = f"request{'s' if len(requests) > 1 else ''} {shown}: "
        name = belief.split("/", 2)[2]
        lines.append(
            element("li", words, element("a", name, href=f"#{targets[belief]}") if belief in targets else name)
        )
    return element("ul", *lines, class_="offences") if lines else None


def _table(row: TraceRow) -> Element:
    heads = ("request", "at", "operation", "state", row.measure or None, "breaks")
    lines: list[Child] = []
    for point in row.points:
        far = ("" if point.progress is None else f"{point.progress:g}") if row.measure else None
        cells = (str(point.request), timed(point.at), point.operation, point.state, far, ", ".join(point.breaks))
        lines.append(element("tr", *(element("td", cell) for cell in cells if cell is not None)))
    head = element("tr", *(element("th", name, scope="col") for name in heads if name))
    table = element("table", element("thead", head), element("tbody", *lines))
    return element("div", table, class_="wide", tabindex="0", role="region", aria_label=described(row))
