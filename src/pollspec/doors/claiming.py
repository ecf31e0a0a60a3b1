"""`pollspec test VENDOR --claim FILE`: the claim that a run lets one make, written when the run is over."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pollspec.document import loader
from pollspec.doors.conclusion import typed
from pollspec.errors import UsageError
from pollspec.reports import files
from pollspec.reports.claim import Claimed, statement, text
from pollspec.reports.delivery import UNWRITTEN
from pollspec.reports.report import Report
from pollspec.reports.rows import texts_of
from pollspec.trial.settings import Claimant
from pollspec.trial.trial import Trial

MADE = ("seed", "strict", "require", "only", "baseline")


def wanted(options: Mapping[str, Any], vendor: str | None) -> pathlib.Path | None:
    """Where a claim is to stand; None where none is wanted; UsageError where there can be none."""
    if options["claim"] is None:
        if options["claimant"]:
            raise UsageError("--claimant is for a claim", "--claim claim.json")
        return None
    if vendor is None:
        raise UsageError("--claim is about one document", "name it: pollspec test VENDOR --claim FILE")
    path = pathlib.Path(options["claim"])
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise UsageError(f"--claim {options['claim']!r}: there is no place for such a file", "--claim claim.json")
    return path


def write(path: pathlib.Path, report: Report, trial: Trial, command: str, options: Mapping[str, Any], code: int) -> int:
    """Write the claim, if the run came to its end; the exit code."""
    if not report.finished:
        print("pollspec: no claim is written: the run is not finished", file=sys.stderr)
        return code
    words = [command, *typed(options, *MADE)]
    settings = trial.target.settings if trial.begun else None
    claimant = settings.claimant if settings else Claimant()
    version = settings.product_version if settings else None
    source = trial.vendor.document
    claimed = Claimed(
        claimant=replace(claimant, name=options["claimant"] or claimant.name),
        product_version=str(version or ""),
        document=source.typed,
        document_version=str(source.content["info"]["version"]),
        beliefs=frozenset(belief.id for belief in loader.view(source).beliefs),
        command=texts_of(trial).safe(" ".join(words)),
    )
    try:
        files.replace(path, text(statement(report, claimed)).encode("utf-8", "backslashreplace"))
    except OSError as error:
        print(f"pollspec: the claim {path} cannot be written: {error.strerror}", file=sys.stderr)
        return code or UNWRITTEN
    print(f"claim: {path}", file=sys.stderr)
    return code
