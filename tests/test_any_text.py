"""Whatever stands in a report, every format of it is well-formed, and nothing in it is printed raw."""

from __future__ import annotations

import json
import pathlib
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pollspec.reports import files
from pollspec.reports import json as json_report
from pollspec.reports.report import KNOWN, FindingRow, KnownRow, Report, Row, VendorRow
from pollspec.reports.texts import printable
from pollspec.reports.traces import Point, TraceRow
from tests.readers import Page, printed

NASTY = ["\x1b[31m", "\x00", "\ud800", "\u202e", "\x9b", "\x7f", "\r", "\n", "\t", "]]>", "<b>", "&amp;", "|", "`", "#"]
TEXTS = st.lists(st.text(max_size=6) | st.sampled_from([*NASTY, " ", "a word", "- ", "1. ", "<!--", "$x$"]), max_size=4)
TEXT = TEXTS.map("".join)
PART = TEXT.map(lambda text: text.replace("/", "").replace("\n", " ").strip() or "x")
ID = st.tuples(st.just("oven"), st.just("getLoaf"), PART, PART).map("/".join)
FINDING = st.builds(FindingRow, *[TEXT] * 9, st.integers(1, 9))
KNOWN_ROW = st.builds(
    KnownRow, TEXT, st.just("2027-01-31"), st.just("broken"), st.sampled_from(["known", "gone"]), TEXT
)
ROW = st.builds(
    Row, ID, st.sampled_from(["kept", "broken", "not tried", "could not run", KNOWN]), TEXT, st.just("source"), TEXT,
    TEXT.map(lambda text: f"{text}:7"), st.just(1), TEXT, TEXT, st.lists(FINDING, max_size=2).map(tuple), st.just(1),
    st.none() | KNOWN_ROW,
)  # fmt: skip
POINT = st.builds(Point, st.integers(1, 9), st.just(0.0), TEXT, TEXT, st.sampled_from(["", "start", "done"]), st.none())
TRACE = st.builds(
    TraceRow, TEXT, TEXT, TEXT, st.just(0), TEXT, st.just(0.0), st.lists(POINT, min_size=1, max_size=2).map(tuple)
)
VENDOR = st.builds(
    VendorRow, st.just("oven"), TEXT, TEXT, TEXT, st.just({"getLoaf": 3}), st.lists(TEXT, max_size=1).map(tuple),
    st.lists(st.fixed_dictionaries({"says": TEXT, "but": TEXT, "taken": TEXT}), max_size=1).map(tuple), st.just(1),
    st.booleans(), TEXT, st.lists(TRACE, max_size=1).map(tuple), st.just(0), st.lists(TEXT, max_size=1).map(tuple),
)  # fmt: skip
REPORTS = st.builds(
    lambda vendor, rows: Report("0.1", 1, False, {"oven": vendor}, rows, "2026-11-24T08:00:00Z"),
    VENDOR,
    st.lists(ROW, max_size=3, unique_by=lambda row: printable(row.id)),
)


def raw(text: str) -> list[str]:
    """What in a text is no printable character."""
    return [one for one in text if not one.isprintable() and one != "\n"]


def of_json(text: str, report: Report, path: pathlib.Path) -> None:
    """It satisfies its schema, and says what the report says."""
    path.write_text(text, encoding="utf-8")
    assert [row["claim"] for row in json_report.read(str(path))["rows"]] == [
        printable(row.claim) for row in report.rows
    ]


def of_junit(text: str, report: Report, path: pathlib.Path) -> None:
    """It is XML, with a case for each belief."""
    assert len(list(ElementTree.fromstring(text).iter("testcase"))) == len(report.rows)


def of_sarif(text: str, report: Report, path: pathlib.Path) -> None:
    """It is JSON, with a rule for each belief."""
    (run,) = json.loads(text)["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [printable(row.id) for row in report.rows]


def of_html(text: str, report: Report, path: pathlib.Path) -> None:
    """It has no tag but ours, and every claim."""
    page = Page(text)
    assert len(page.all("details", "belief")) == len(report.rows) and not page.all("b")
    shown = "".join(page.texts)
    assert all(printable(row.claim) in shown for row in report.rows)


def of_markdown(text: str, report: Report, path: pathlib.Path) -> None:
    """It has a heading for each belief that is told, a table, and no HTML but its folds."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    blocks = [token.content for token in tokens if token.type == "html_block"]
    inline = [child for token in tokens for child in token.children or [] if child.type in {"html_inline", "link_open"}]
    assert not inline and all(block.startswith(("<details><summary>", "</details>")) for block in blocks)
    told = [row for row in report.rows if row.findings or report.fails(row)]
    assert sum(token.type == "heading_open" for token in tokens) == 1 + len(told)
    assert sum(token.type == "fence" for token in tokens) == len(told)


def of_terminal(text: str, report: Report, path: pathlib.Path) -> None:
    """It ends with the summary."""
    assert "untestable sentences" in text.splitlines()[-1]


READERS = {name.removeprefix("of_"): read for name, read in list(globals().items()) if name.startswith("of_")}


@pytest.mark.parametrize("kind", [*files.FORMATS, "terminal"])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(report=REPORTS)
def test_every_format_is_well_formed(kind: str, report: Report, tmp_path: pathlib.Path) -> None:
    """Control characters, lone surrogates, markup: whatever a text holds, the report is one, and is printable."""
    if kind == "terminal":
        text = printed(report)
    else:
        files.write(report, {tmp_path / "report": kind})
        text = (tmp_path / "report").read_bytes().decode("utf-8")
    assert raw(text) == []
    READERS[kind](text, report, tmp_path / "report")
