"""The report as SARIF 2.1.0: a rule per belief, a result per broken or deviating one, at its line in the document."""

from __future__ import annotations

import json
import pathlib
import urllib.parse
from typing import Any

from ..verdict import Outcome
from .junit import details
from .report import KNOWN, Report, Row

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def text(report: Report) -> str:
    """The whole report."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _run(report: Report) -> dict[str, Any]:
    places = {row.id: index for index, row in enumerate(report.rows)}
    told = [row for row in report.rows if row.findings or (row.known and report.fails(row))]
    began = {"startTimeUtc": report.began} if report.began else {}
    driver = {"name": "pollspec", "version": report.pollspec, "rules": [_rule(row) for row in report.rows]}
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
        "defaultConfiguration": {"level": "error" if row.grade == "source" else "warning"},
    }


def _result(report: Report, row: Row, index: int) -> dict[str, Any]:
    path, _, line = row.where.rpartition(":")
    found: dict[str, Any] = {
        "ruleId": row.id,
        "ruleIndex": index,
        "kind": "fail",
        "level": "error" if row.outcome == Outcome.BROKEN or report.fails(row) else "warning",
        "message": {"text": _message(row)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri(path)},
                    "region": {"startLine": int(line) if line.isdigit() else 1},
                }
            }
        ],
        "partialFingerprints": {"belief/v1": row.id},
        "occurrenceCount": max(1, row.count),
    }
    if row.outcome == KNOWN and row.known:
        why = f"{row.known.reason} (until {row.known.expires})"
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
    return found


def _message(row: Row) -> str:
    return f"{row.known.remedy}\n{details(row)}" if row.known and row.known.remedy else details(row)


def uri(path: str) -> str:
    """A path as a URI reference; an absolute one as a file URI."""
    given = pathlib.Path(path)
    return given.as_uri() if given.is_absolute() else urllib.parse.quote(given.as_posix())
