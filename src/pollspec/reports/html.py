"""The report as one HTML page that needs nothing else: no network, no script, no other file."""

from __future__ import annotations

import pathlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from pollspec.document.keywords import Strict
from pollspec.judge.verdict import Outcome
from pollspec.reports.elements import Child, element, page
from pollspec.reports.failing import failing
from pollspec.reports.figures import figures
from pollspec.reports.markdown import headline
from pollspec.reports.matrices import MARKS, Anchors, is_shown, matrices, shown, worst_first
from pollspec.reports.report import OUTCOMES, FindingRow, Report, Row, VendorRow

STYLE = pathlib.Path(__file__).with_name("page.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser's own promise that nothing on the page is loaded or run, whatever a server has sent."""
VERDICTS = {0: "kept", 1: "broken", 2: "nothing was tried", 3: "could not run", 130: "interrupted"}
RESTS = {"source": "the vendor's own words", "must": "a must of clients", "should": "a should of clients"}
FILTERS = {"every": "every belief", "told": "only what is not kept", "failing": "only what fails"}


def text(report: Report) -> str:
    """The whole report."""
    anchors = {(row.key, row.id): f"b{number}" for number, row in enumerate(report.rows) if is_shown(row)}
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"pollspec: {headline(report)}"),
        element("style", STYLE.read_text(encoding="utf-8")),
    )
    main = element(
        "main",
        *matrices(report, anchors),
        *failing(report, anchors),
        *_vendors(report, anchors),
        id="main",
        tabindex="-1",
    )
    skip = element("a", "Skip to the verdicts", href="#main", class_="skip")
    return page(element("html", head, element("body", skip, _header(report), main, _footer(report)), lang="en"))


def _header(report: Report) -> Element:
    word = VERDICTS[report.exit_code()] if report.finished or report.interrupted else "not finished"
    tone = {"kept": "kept", "broken": "broken"}.get(word, "deviates")
    unfinished = "The run is not finished: this is what was learnt until now." if not report.finished else None
    return element(
        "header",
        element("p", "pollspec", class_="brand"),
        element("h1", element("span", word, class_=f"verdict {tone}"), " ", headline(report)),
        element("p", unfinished, class_="unfinished", role="status") if unfinished else None,
        _bar(Counter(row.outcome for row in report.rows)),
        _facts(
            [
                ("began", report.began),
                ("seed", str(report.seed)),
                ("strict", _strictly(report.strict)),
                ("pollspec", report.pollspec),
            ]
        ),
        None if report.is_fleet else element("nav", *_overview(report), aria_label="Vendors"),
        element(
            "fieldset",
            element("legend", "Show"),
            *(
                element(
                    "label",
                    element("input", type="radio", name="show", id=f"show-{name}", checked=name == "every"),
                    f" {words}",
                )
                for name, words in FILTERS.items()
            ),
        ),
    )


def _bar(counted: Mapping[str, int]) -> Element:
    """How many met each outcome: a stacked bar, and the same in words."""
    shown = [outcome for outcome in OUTCOMES if counted.get(outcome)]
    parts = [
        element("span", class_=f"part {_class(outcome)}", style=f"flex-grow: {counted[outcome]}") for outcome in shown
    ]
    words = [
        element(
            "li", element("span", MARKS[outcome], class_=f"mark {_class(outcome)}"), f" {counted[outcome]} {outcome}"
        )
        for outcome in shown
    ]
    return element(
        "div",
        element("div", *parts, class_="bar", aria_hidden="true"),
        element("ul", *words, class_="counts"),
        class_="tally",
    )


def _overview(report: Report) -> Iterator[Element]:
    for vendor in report.vendors.values():
        link = element("a", vendor.vendor, href=f"#v-{vendor.vendor}")
        yield element("div", link, _bar(Counter(row.outcome for row in report.of(vendor))), class_="line")


def _strictly(strict: Strict) -> str:
    if isinstance(strict, str):
        return f"yes: a deviation from what is {strict} fails" if strict != "all" else "yes: a deviation fails"
    return "yes: a deviation fails" if strict else "no: a deviation does not fail"


def _vendors(report: Report, anchors: Anchors) -> Iterator[Element]:
    """A section for each vendor, or target of a fleet; those that have nothing to tell are folded."""
    telling = {key for key, _ in anchors}
    vendors = worst_first(report)
    yield from (_vendor(report, vendor, anchors) for vendor in vendors if vendor.key in telling)
    silent = [_vendor(report, vendor, anchors) for vendor in vendors if vendor.key not in telling]
    if silent:
        yield element("details", element("summary", f"{len(silent)} more, at which all is kept"), *silent)


def _vendor(report: Report, vendor: VendorRow, anchors: Anchors) -> Element:
    targets = {belief: anchor for (key, belief), anchor in anchors.items() if key == vendor.key}
    all_rows = report.of(vendor)
    rows = [row for row in all_rows if row.id in targets]
    operations = [name for name in vendor.requests if any(row.operation == name for row in rows)]
    return element(
        "section",
        element("h2", vendor.key, id=f"v-{vendor.key}"),
        _facts(
            [
                ("target", vendor.target),
                ("document", vendor.document),
                ("page", vendor.digest),
                ("requests", str(sum(vendor.requests.values()))),
                ("started and left there", ", ".join(vendor.started)),
                ("diagnosis", vendor.diagnosis),
                ("remarks", "; ".join(vendor.remarks)),
                ("ended early", vendor.spent or ("interrupted" if vendor.interrupted else "")),
            ]
        ),
        _bar(Counter(row.outcome for row in all_rows)) if vendor.target_name else None,
        *figures(shown(vendor), targets),
        *(element("div", *_operation(report, vendor, name, rows, targets), class_="operation") for name in operations),
        None if vendor.target_name else _oddities(vendor),
        class_="vendor",
    )


def _operation(
    report: Report, vendor: VendorRow, name: str, rows: Sequence[Row], targets: Mapping[str, str]
) -> Iterator[Element]:
    own = [row for row in rows if row.operation == name]
    yield element("h3", name, element("small", f" {vendor.requests[name]} requests"))
    yield _bar(Counter(row.outcome for row in own))
    for row in own:
        yield _belief(report, row, targets[row.id])


def _belief(report: Report, row: Row, target: str) -> Element:
    fails = report.fails(row)
    return element(
        "details",
        element(
            "summary",
            element("span", MARKS[row.outcome], class_=f"mark {_class(row.outcome)}", aria_hidden="true"),
            element("span", row.outcome, class_="outcome"),
            element("span", row.name, class_="name"),
            element("span", row.claim, class_="claim"),
        ),
        element(
            "div",
            element("blockquote", row.words, class_="words"),
            _facts(
                [
                    ("rests on", RESTS.get(row.grade, row.grade)),
                    ("stands at", row.where),
                    ("tried", f"{row.tried} times, {row.count} findings" if row.count else f"{row.tried} times"),
                    ("wants", row.wants if row.outcome in {Outcome.NOT_TRIED, Outcome.COULD_NOT_RUN} else ""),
                    ("known", f"{row.known.reason} (until {row.known.expires})" if row.known else ""),
                    ("to do", row.known.remedy if row.known else ""),
                    ("id", row.id),
                ]
            ),
            *(_finding(row, finding, number == 0) for number, finding in enumerate(row.findings)),
            class_="inside",
        ),
        class_=f"belief {_class(row.outcome)}{' fails' if fails else ''}",
        id=target,
        open=bool(row.findings) or fails,
    )


def _finding(row: Row, finding: FindingRow, best: bool) -> Element:
    return element(
        "details",
        element("summary", f"{'The clearest example' if best and row.count > 1 else 'Finding'}: {finding.at}"),
        element(
            "dl",
            *_pair("expected", element("code", finding.expected)),
            *_pair("actual", element("code", finding.actual, class_="actual")),
            *(_pair("held against", element("code", finding.before)) if finding.before else ()),
            *(_pair("also known", finding.alternative) if finding.alternative else ()),
            class_="contrast",
        ),
        _code("exchange", finding.exchange),
        _code("reproduce", row.reproduce),
        _code("curl", finding.curl),
        class_="finding",
        open=best,
    )


def _code(label: str, content: str) -> Element | None:
    shown = element("pre", element("code", content), tabindex="0", role="region", aria_label=label)
    return element("div", element("p", label, class_="label"), shown) if content else None


def _oddities(vendor: VendorRow) -> Element | None:
    entries = [
        element("li", element("q", odd["says"]), f" {odd['but']} ", element("em", f"Taken: {odd['taken']}"))
        for odd in vendor.oddities
    ]
    count = f"{len(entries)} oddities of the page, {vendor.untestable} untestable sentences"
    summary = element("summary", f"{count} (pollspec beliefs {vendor.vendor} shows them)")
    return element("details", summary, element("ul", *entries), class_="oddities") if entries else None


def _footer(report: Report) -> Element:
    return element("footer", element("p", f"Written by pollspec {report.pollspec}. Secrets are masked."))


def _facts(facts: Iterable[tuple[str, str]]) -> Element:
    return element("dl", *(element("div", *_pair(name, value)) for name, value in facts if value), class_="facts")


def _pair(name: str, value: Child) -> tuple[Element, Element]:
    return element("dt", name), element("dd", value)


def _class(outcome: str) -> str:
    return outcome.replace(" ", "-")
