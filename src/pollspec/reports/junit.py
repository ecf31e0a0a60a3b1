"""The report as JUnit XML, as CI systems read it: a test suite per vendor and target, a test case per belief.

A broken belief is a failure; one that could not run an error; one not tried, or a known failure, skipped; one that
deviates passes with a word in system-out, unless the run is strict.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from pollspec.judge.verdict import Outcome
from pollspec.reports.report import KNOWN, Report, Row, VendorRow

COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def text(report: Report) -> str:
    """The whole report."""
    root = Element("testsuites", name="pollspec")
    for vendor in report.vendors.values():
        _suite(root, report, vendor, report.of(vendor))
    if not report.finished:
        _unfinished(root, report)
    _count(root, list(root.iter("testcase")))
    del root.attrib["skipped"]  # strict readers know it of a suite only
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _named(root: Element, report: Report, name: str) -> Element:
    suite = SubElement(root, "testsuite", name=name)
    if report.began:
        suite.set("timestamp", report.began.removesuffix("Z"))
    return suite


def _suite(root: Element, report: Report, vendor: VendorRow, rows: Sequence[Row]) -> None:
    suite = _named(root, report, vendor.key)
    properties = SubElement(suite, "properties")
    told = {
        "pollspec": report.pollspec,
        "seed": str(report.seed),
        "target": vendor.target,
        "document": vendor.document,
        "requests": str(sum(vendor.requests.values())),
    }
    for name, value in told.items():
        SubElement(properties, "property", name=name, value=value)
    for row in rows:
        case = SubElement(suite, "testcase", classname=f"{row.key}.{row.operation}", name=row.name)
        _case(case, report, row)
    _count(suite, list(suite.iter("testcase")))


def _case(case: Element, report: Report, row: Row) -> None:
    if report.fails(row):
        SubElement(case, "failure", message=_message(row), type=row.outcome).text = details(row)
    elif row.outcome == Outcome.COULD_NOT_RUN:
        SubElement(case, "error", message=row.wants, type=row.outcome).text = details(row)
    elif row.outcome == Outcome.NOT_TRIED:
        SubElement(case, "skipped", message=f"not tried: wants {row.wants}")
    elif row.outcome == KNOWN and row.known:
        SubElement(case, "skipped", message=f"known until {row.known.expires}: {row.known.reason}")
        SubElement(case, "system-out").text = details(row)
    elif row.outcome == Outcome.DEVIATES or row.unseen:
        SubElement(case, "system-out").text = details(row)


def _message(row: Row) -> str:
    """The failure in one line."""
    if row.known and not row.unseen:
        return row.known.remedy
    if not row.findings:
        return f"{row.outcome}: wants {row.wants}"
    best = row.findings[0]
    return " ".join(f"{row.claim} Expected {best.expected}, got {best.actual}".split())


def details(row: Row) -> str:
    """A verdict in a few lines."""
    lines = [("target", row.target_name)] if row.target_name else []
    lines += [("where", row.where), *row.foundation, *row.evidence]
    return "\n".join([f"{row.id} ({row.outcome})", *(f"{label:<10} {' '.join(text.split())}" for label, text in lines)])


def _unfinished(root: Element, report: Report) -> None:
    """A run that was killed, or still goes on, is no green one."""
    suite = _named(root, report, "pollspec")
    case = SubElement(suite, "testcase", classname="pollspec", name="finished")
    SubElement(case, "error", message="the run is not finished", type="unfinished").text = "what was learnt is here"
    _count(suite, [case])


def _count(suite: Element, cases: Sequence[Element]) -> None:
    suite.set("tests", str(len(cases)))
    for name, tag in COUNTED.items():
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
