"""The HTML page, read without a browser (outer/test_html_in_chromium.py has one), and the pictures on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pollspec.judge.record import START
from pollspec.reports import files, html, picture, traces
from pollspec.reports.report import Report
from pollspec.reports.traces import Point
from tests import ovens
from tests.readers import CRUST, ENDS, WORDS, Page


@pytest.fixture(scope="module")
def bad() -> Report:
    """The report on an oven with every misdeed: two beliefs broken, one deviates."""
    return ovens.report(ovens.everything)


def test_the_page_needs_nothing_else(bad: Report) -> None:
    """No script, no network, no other file: every reference leads somewhere on the page, and no id stands twice."""
    page = Page(files.FORMATS["html"](bad))
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "embed", "base"} == set()
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert len(ids) == len(set(ids))
    for _, given in page.tags:
        assert not [name for name in given if name.startswith("on") or name == "src"]
        if href := given.get("href"):
            assert href.startswith("#") and href[1:] in ids
    assert "url(" not in html.STYLE.read_text(encoding="utf-8")
    policy = next(given for tag, given in page.tags if given.get("http-equiv") == "Content-Security-Policy")
    assert str(policy["content"]).startswith("default-src 'none'")


def test_the_page_shows_each_verdict(bad: Report) -> None:
    """Each belief is a fold with its outcome; what has findings is open, with sentence, expected, actual, exchange."""
    page = Page(files.FORMATS["html"](bad))
    beliefs = page.all("details", "belief")
    assert len(beliefs) == len(ovens.BELIEFS)
    assert sum("open" in given for given in beliefs) == 3
    assert sum("fails" in str(given["class"]) for given in beliefs) == 2
    for text in ('The note of a baked loaf is "Enjoy!".', '/note: "Enjoy!"', '"Hm."', "A baked loaf says so."):
        assert text in page.texts
    exchange = next(text for text in page.texts if text.startswith("GET /v1/loaves/loaf-1\n"))
    assert "X-Oven-Key: <default X-Oven-Key>" in exchange and "HTTP 200" in exchange and '"note": "Hm."' in exchange


def test_the_page_works_with_a_keyboard(bad: Report) -> None:
    """There is a skip link, what scrolls can be focused, and the filter is made of named radio buttons."""
    page = Page(files.FORMATS["html"](bad))
    first = next(given for tag, given in page.tags if tag == "a")
    assert (first["class"], first["href"]) == ("skip", "#main")
    assert all(given.get("tabindex") == "0" and given.get("aria-label") for given in page.all("pre"))
    assert len(page.all("input")) == 3 and {given["name"] for given in page.all("input")} == {"show"}


def test_every_trace_has_a_picture(bad: Report) -> None:
    """One picture and one table per trace, and one for every trace with a finding the mark of its offending poll."""
    page = Page(files.FORMATS["html"](bad))
    rows = bad.vendors["oven"].traces
    assert len(page.all("svg", "trace")) == len(page.all("table")) == len(rows)
    assert [row.subject for row in rows] == ["", "", "finished", "failed"]  # two are started
    offending = [point for row in rows for point in row.points if point.breaks]
    assert len(page.all("g", "offence")) == len(offending) > 3
    assert {belief for point in offending for belief in point.breaks} == {WORDS, CRUST, ENDS}


def test_the_page_says_that_a_run_is_not_finished(bad: Report) -> None:
    """An unfinished run is no verdict."""
    assert "not finished" in Page(files.FORMATS["html"](replace(bad, finished=False))).texts
    assert "not finished" not in Page(files.FORMATS["html"](bad)).texts


# --- pictures


def test_a_trace_is_plain_data(bad: Report) -> None:
    """Points in order, with state, kind and progress; the offending one names the belief and what it contradicts."""
    row = next(row for row in bad.vendors["oven"].traces if (row.instance, row.session) == ("loaf-1", 0))
    assert (row.lifecycle, row.subject, row.measure, row.top) == ("baking", "finished", "crust", 100)
    assert list(dict.fromkeys(point.state for point in row.points)) == ["rising", "baking", "baked"]
    assert list(dict.fromkeys(point.kind for point in row.points)) == ["waiting", "active", "done"]
    back = next(point for point in row.points if CRUST in point.breaks)
    before = next(point for point in row.points if point.request == back.since)
    assert back.progress == 5 and before.progress is not None and before.progress > 5
    assert back.at - before.at == 60


def test_a_start_is_a_point_of_its_trace(bad: Report) -> None:
    """What was started here begins with its start."""
    row = next(row for row in bad.vendors["oven"].traces if row.points[0].operation == "bakeLoaf")
    assert (row.points[0].kind, row.points[0].state, row.points[1].operation) == (START, "202", "getLoaf")


def points(number: int, state: Callable[[int], str] = lambda n: "on") -> list[Point]:
    """Points a second apart."""
    return [Point(n + 1, float(n), "getLoaf", state(n), "active") for n in range(number)]


def test_a_long_trace_is_thinned() -> None:
    """Of 5,000 polls some 400 stay; findings, what they contradict and changes of state are among them."""
    long = points(5000, lambda n: "on" if n < 3333 else "off")
    long[4000] = replace(long[4000], breaks=(ENDS,), since=3000)
    kept = traces.thinned(long)
    assert traces.LONGEST // 2 < len(kept) <= traces.LONGEST
    assert {1, 3000, 3334, 4001, 5000} <= {point.request for point in kept}
    assert [point.request for point in kept] == sorted(point.request for point in kept)
    assert traces.thinned(points(400)) == points(400)


def test_a_long_trace_that_is_all_changes_is_cut() -> None:
    """No trace is longer than the limit, whatever a server shows."""
    assert len(traces.thinned(points(5000, str))) <= traces.LONGEST + 1


@pytest.mark.parametrize("span", [0.0, 0.001, 59, 3600, 90_000])
def test_a_picture_takes_any_time(span: float) -> None:
    """All points stand between 0 and 100 percent, and the marks of the time are few."""
    shown = [Point(1, 0.0, "getLoaf", "on", "active", 5.0), Point(2, span, "getLoaf", "off", "", 50.0)]
    row = traces.TraceRow("baking", "loaf", "", 0, "crust", 50, tuple(shown))
    drawn = picture.picture(row, {})
    places = [float(str(dot.get("cx")).rstrip("%")) for dot in drawn.iter("circle")]
    assert sorted(places) == [0, 0, 100, 100]
    assert 1 <= len([text for text in drawn.iter("text") if text.get("class") == "axis"]) <= 6


def test_a_picture_of_one_poll() -> None:
    """A trace of one poll is drawn."""
    row = traces.TraceRow("baking", "loaf", "", 0, "", 0, tuple(points(1)))
    assert len(list(picture.picture(row, {}).iter("circle"))) == 1
    assert picture.described(row) == "1 request: on"


def test_marks_of_findings_keep_apart() -> None:
    """Where every poll offends, each has its mark, the labels do not overlap, and no lines hide the picture."""
    shown = [replace(point, breaks=(ENDS,)) for point in points(60)]
    drawn = picture.picture(traces.TraceRow("baking", "loaf", "", 0, "", 0, tuple(shown)), {ENDS: "b1"})
    assert len([link for link in drawn.iter("a") if link.get("href") == "#b1"]) == 60
    assert len([text for text in drawn.iter("text") if str(text.text).startswith("request")]) <= 5
    assert all(line.get("y1") == "16" for line in drawn.iter("line") if line.get("class") == "through")
