"""Known failures: a file in the vendor's own repository that excuses a belief, with a reason and until a day.

A known failure does not fail a run; one whose day is over does, and one that no longer happens does too. It no longer
happens if its belief was kept wherever it broke before (`seen`: the circumstances, as `pollspec baseline` writes them).
"""

from __future__ import annotations

import json
import pathlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from pollspec import spec
from pollspec.document.loader import load
from pollspec.document.vendor import Belief
from pollspec.errors import BaselineError, nearest
from pollspec.judge.verdict import Outcome
from pollspec.reports.report import KNOWN, UNSEEN, KnownRow, Report, Row

DAYS = 30
"""Days after which a failure written by `pollspec baseline` is no longer excused."""
UNEXPLAINED = "not yet explained"
FAILURES = (Outcome.BROKEN, Outcome.DEVIATES)
ENTRIES = ("id", "reason", "expires", "seen", "target")
EXAMPLE = '[[known]] with id = "vendor/operation/keyword/name", reason = "why", expires = 2027-01-31'


@dataclass(frozen=True)
class Entry:
    """One known failure. `expires`: the last day on which it is excused; `where`: its file and line.

    `seen`: the circumstances in which it broke; empty where nobody said. `target`: which one of a fleet; "" for all.
    """

    id: str
    reason: str
    expires: date
    where: str
    seen: tuple[str, ...] = ()
    target: str = ""


@dataclass(frozen=True)
class Baseline:
    """The known failures of a run."""

    entries: tuple[Entry, ...] = field(default=())

    def apply(self, report: Report, today: date) -> None:
        """Mark the rows of a report that are known failures, that were, that are no longer, or that were not seen."""
        entries = {(entry.id, entry.target): entry for entry in self.entries}
        failing = {row.id for row in report.rows if row.outcome in FAILURES}
        rows = []
        for row in report.rows:
            own = entries.get((row.id, row.target_name))
            entry = own or entries.get((row.id, ""))
            elsewhere = own is None and row.outcome == Outcome.KEPT and row.id in failing
            rows.append(_marked(report, row, entry, today) if entry and not elsewhere else row)
        report.rows = rows


def _marked(report: Report, row: Row, entry: Entry, today: date) -> Row:
    """A row with what its entry says of it."""
    known = KnownRow(entry.reason, entry.expires.isoformat(), row.outcome, KNOWN, seen=entry.seen)
    if row.outcome in FAILURES:
        if today <= entry.expires:
            return replace(row, outcome=KNOWN, known=known)
        remedy = f"it was excused until {entry.expires}: mend it, or give {entry.where} a later day"
        return replace(row, known=replace(known, standing="expired", remedy=remedy))
    if unseen := _unseen(report, row, entry):
        return replace(row, known=replace(known, standing=UNSEEN, remedy=f"it could not be seen this time: {unseen}"))
    remedy = f"it no longer happens: remove the entry at {entry.where}"
    return replace(row, known=replace(known, standing="gone", remedy=remedy))


def _unseen(report: Report, row: Row, entry: Entry) -> str:
    """Why a failure could not be seen in a run; "" if it could."""
    if row.outcome != Outcome.KEPT:
        return row.outcome
    if not report.finished:
        return "the run is not finished"
    lacking = sorted({*entry.seen} - {*report.vendors[row.key].circumstances})
    return f"there was no {lacking[0]}" if lacking else ""


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
    seen = given.get("seen", [])
    if not isinstance(seen, list) or not all(isinstance(one, str) for one in seen):
        raise BaselineError(f"{where}: seen is {seen!r}, expected a list of texts", "leave it out")
    if not isinstance(target := given.get("target", ""), str):
        raise BaselineError(f"{where}: target is {target!r}, expected a target's name", "leave it out")
    return Entry(given["id"], given["reason"].strip(), expires, where, tuple(seen), target)


def _check(entries: Sequence[Entry], beliefs: Sequence[Belief]) -> None:
    """Every id is of a belief, and stands once for each target."""
    seen: dict[tuple[str, str], str] = {}
    known = {belief.id for belief in beliefs}
    vendors = {belief.vendor for belief in beliefs}
    for entry in entries:
        if place := seen.get((entry.id, entry.target)):
            raise BaselineError(f"{entry.where}: {entry.id} stands at {place} already", "remove one of them")
        seen[entry.id, entry.target] = entry.where
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
        stays = known.get("standing") in {KNOWN, UNSEEN}
        if stays or (row["findings"] and row["fails"]):
            until = known["expires"] if stays else (today + timedelta(days=DAYS)).isoformat()
            seen = sorted({*known.get("seen", ()), *(found.get("under", "") for found in row["findings"])} - {""})
            yield ""
            yield f"# {' '.join(row['claim'].split())}"
            for best in row["findings"][:1]:
                yield f"# expected {' '.join(best['expected'].split())[:200]}"
                yield f"# actual   {' '.join(best['actual'].split())[:200]}"
            yield "[[known]]"
            yield f"id = {json.dumps(row['id'], ensure_ascii=False)}"
            if name := row.get("target_name"):
                yield f"target = {json.dumps(name, ensure_ascii=False)}"
            yield f"reason = {json.dumps(known.get('reason', UNEXPLAINED), ensure_ascii=False)}"
            yield f"expires = {until}"
            yield f"seen = {json.dumps(seen, ensure_ascii=False)}"
    yield ""
