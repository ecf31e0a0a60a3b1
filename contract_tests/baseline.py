"""Known failures: a file in the vendor's own repository that excuses a belief, with a reason and until a day.

A known failure does not fail a run; one whose day is over does, and one that no longer happens does too.
"""

from __future__ import annotations

import json
import pathlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from . import spec
from .errors import BaselineError, nearest
from .reading import load
from .reports.report import KNOWN, KnownRow, Report, Row
from .vendor import Belief
from .verdict import Outcome

DAYS = 30
"""Days after which a failure written by `pollspec baseline` is no longer excused."""
UNEXPLAINED = "not yet explained"
ENTRIES = ("id", "reason", "expires")
EXAMPLE = '[[known]] with id = "vendor/operation/keyword/name", reason = "why", expires = 2027-01-31'


@dataclass(frozen=True)
class Entry:
    """One known failure. `expires`: the last day on which it is excused; `where`: its file and line."""

    id: str
    reason: str
    expires: date
    where: str


@dataclass(frozen=True)
class Baseline:
    """The known failures of a run."""

    entries: tuple[Entry, ...] = field(default=())

    def apply(self, report: Report, today: date) -> None:
        """Mark the rows of a report that are known failures, that were, or that are no longer."""
        entries = {entry.id: entry for entry in self.entries}
        report.rows = [_marked(report, row, entries.get(row.id), today) for row in report.rows]


def _marked(report: Report, row: Row, entry: Entry | None, today: date) -> Row:
    """A row with what its entry says of it. Of a belief that was not judged to the end, an entry says nothing."""
    if entry is None:
        return row
    known = KnownRow(entry.reason, entry.expires.isoformat(), row.outcome, KNOWN)
    if row.outcome in {Outcome.BROKEN, Outcome.DEVIATES}:
        if today <= entry.expires:
            return replace(row, outcome=KNOWN, known=known)
        remedy = f"it was excused until {entry.expires}: mend it, or give {entry.where} a later day"
        return replace(row, known=replace(known, standing="expired", remedy=remedy))
    if row.outcome == Outcome.KEPT and report.finished:
        remedy = f"it no longer happens: remove the entry at {entry.where}"
        return replace(row, known=replace(known, standing="gone", remedy=remedy))
    return row


def read(path: str, beliefs: Sequence[Belief]) -> Baseline:
    """A file of known failures. `beliefs`: of the run; an entry of another known vendor is checked, then ignored."""
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except OSError as error:
        raise BaselineError(f"{path} cannot be read: {error.strerror}", f"pollspec baseline REPORT > {path}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BaselineError(f"{path} is no TOML: {error}", "mend the line and run again") from None
    listed = content.get("known", [])
    if set(content) - {"known"} or not isinstance(listed, list) or not all(isinstance(e, dict) for e in listed):
        raise BaselineError(f"{path}: expected [[known]] entries and nothing else", EXAMPLE)
    entries = [_entry(_where(path, text, number, given), given) for number, given in enumerate(listed)]
    _check(entries, beliefs)
    return Baseline(tuple(entries))


def _where(path: str, text: str, number: int, given: Mapping[str, Any]) -> str:
    """The file and line of an entry: of its id if that stands once, else of its heading."""
    lines = text.splitlines()
    marks = [n for n, line in enumerate(lines, 1) if not line.lstrip().startswith("#") and str(given.get("id")) in line]
    heads = [n for n, line in enumerate(lines, 1) if line.replace(" ", "").startswith("[[known]]")]
    line = marks[0] if len(marks) == 1 else heads[number] if number < len(heads) else 1
    return f"{path}:{line}"


def _entry(where: str, given: Mapping[str, Any]) -> Entry:
    for name in given:
        if name not in ENTRIES:
            raise BaselineError(f"{where}: unknown entry {name!r}", nearest(name, ENTRIES))
    for name in ("id", "reason"):
        if not isinstance(given.get(name), str) or not given[name].strip():
            raise BaselineError(f"{where}: {name} is {given.get(name)!r}, expected a text", EXAMPLE)
    if type(expires := given.get("expires")) is not date:
        raise BaselineError(
            f"{where}: expires is {str(expires)!r}, expected a day without quotes", "expires = 2027-01-31"
        )
    return Entry(given["id"], given["reason"].strip(), expires, where)


def _check(entries: Sequence[Entry], beliefs: Sequence[Belief]) -> None:
    """Every id is of a belief, and stands once."""
    seen: dict[str, str] = {}
    known = {belief.id for belief in beliefs}
    vendors = {belief.vendor for belief in beliefs}
    for entry in entries:
        if entry.id in seen:
            raise BaselineError(f"{entry.where}: {entry.id} stands at {seen[entry.id]} already", "remove one of them")
        seen[entry.id] = entry.where
        vendor = entry.id.split("/")[0]
        if vendor not in vendors and vendor in spec.names():
            vendors.add(vendor)
            known |= {belief.id for belief in load(vendor).beliefs}
        if entry.id not in known:
            hint = nearest(entry.id, known) if vendor in vendors else nearest(vendor, {*vendors, *spec.names()})
            raise BaselineError(f"{entry.where}: no belief is called {entry.id!r}", hint)


def written(report: Mapping[str, Any], today: date) -> str:
    """A file of known failures from a report's JSON data: what fails in it, and what was known and still happens."""
    return "\n".join(_lines(report, today))


def _lines(report: Mapping[str, Any], today: date) -> Iterator[str]:
    yield "# Known failures: pollspec test ... --baseline FILE"
    yield "# Each is excused until its day is over. Say why; one that no longer happens is to be removed."
    if not report["finished"]:
        yield "# The run was not finished: more may fail."
    for row in report["rows"]:
        known = row["known"] or {}
        excused = known.get("standing") == KNOWN
        if row["findings"] and (row["fails"] or excused):
            until = known["expires"] if excused else (today + timedelta(days=DAYS)).isoformat()
            yield ""
            yield f"# {' '.join(row['claim'].split())}"
            yield f"# expected {' '.join(row['findings'][0]['expected'].split())[:200]}"
            yield f"# actual   {' '.join(row['findings'][0]['actual'].split())[:200]}"
            yield "[[known]]"
            yield f"id = {json.dumps(row['id'], ensure_ascii=False)}"
            yield f"reason = {json.dumps(known.get('reason', UNEXPLAINED), ensure_ascii=False)}"
            yield f"expires = {until}"
    yield ""
