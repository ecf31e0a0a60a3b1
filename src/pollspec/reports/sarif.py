"""The report as SARIF 2.1.0: a rule per belief, a result per broken or deviating one, at a file of the user's."""

from __future__ import annotations

import json
import pathlib
import urllib.parse
from typing import Any

from pollspec import spec
from pollspec.judge.verdict import Outcome
from pollspec.reports.junit import details
from pollspec.reports.report import KNOWN, Report, Row

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def text(report: Report) -> str:
    """The whole report."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _run(report: Report) -> dict[str, Any]:
    rules = {row.id: row for row in reversed(report.rows)}
    listed = [rules[name] for name in dict.fromkeys(row.id for row in report.rows)]
    places = {row.id: index for index, row in enumerate(listed)}
    told = [row for row in report.rows if row.findings or (row.known and report.fails(row))]
    began = {"startTimeUtc": report.began} if report.began else {}
    driver = {"name": "pollspec", "version": report.pollspec, "rules": [_rule(row) for row in listed]}
    return {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": report.finished, "exitCode": report.exit_code(), **began}],
        "results": [_result(report, row, places[row.id]) for row in told],
    }


def _rule(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "shortDescription": {"text": row.claim},
        "fullDescription": {"text": f"{row.grade}: {' '.join(row.words.split())}"},
        "help": {"text": f"pollspec explain {row.id}"},
        "defaultConfiguration": {"level": "error" if row.grade in {"source", "must"} else "warning"},
    }


def _result(report: Report, row: Row, index: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": row.id,
        "ruleIndex": index,
        "kind": "fail",
        "level": "error" if row.outcome == Outcome.BROKEN or report.fails(row) else "warning",
        "message": {"text": _message(row)},
        "partialFingerprints": {"belief/v1": f"{row.id}@{row.target_name}" if row.target_name else row.id},
        "occurrenceCount": max(1, row.count),
    }
    if place := _place(report, row):
        uri, line = place
        region = {"startLine": line}
        found["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}]
    if row.outcome == KNOWN and row.known:
        why = f"{row.known.reason} (until {row.known.expires})"
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
    return found


def _message(row: Row) -> str:
    return f"{row.known.remedy}\n{details(row)}" if row.known and row.known.remedy else details(row)


def _place(report: Report, row: Row) -> tuple[str, int] | None:
    """A file of the user's to which a result leads, as a URI reference, with a line; None where there is none.

    One in his checkout comes first, and is relative to its top: the document, if it is his own, then his file. A
    document that ships with us is in no checkout but our own.
    """
    path, _, line = row.where.rpartition(":")
    shipped = path == f"spec/{row.vendor}.yaml" and row.vendor in spec.names()
    own = (
        []
        if shipped and not _is_same(path, spec.FOLDER / f"{row.vendor}.yaml")
        else [(path, int(line) if line.isdigit() else 1)]
    )
    files = [(pathlib.Path(name).resolve(), number) for name, number in [*own, (report.file, 1)] if name]
    there = [(file, number) for file, number in files if file.is_file()]
    top = _top()
    inside = [(urllib.parse.quote(f.relative_to(top).as_posix()), n) for f, n in there if f.is_relative_to(top)]
    return next(iter([*inside, *((file.as_uri(), number) for file, number in there)]), None)


def _top() -> pathlib.Path:
    """The top of the checkout, or the working directory where there is none."""
    here = pathlib.Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)


def _is_same(path: str, other: pathlib.Path) -> bool:
    return pathlib.Path(path).is_file() and other.samefile(path)
