"""The report on a door's trial, as `pollspec test` gives it: on a terminal, in files, as an exit code."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any

from rich.console import Console

from .. import baseline
from ..reports import files, rows, terminal
from ..reports.report import KNOWN, Report
from ..trial import Trial, must_be_tried
from ..vendor import Vendor
from ..verdict import Outcome


def report_of(trial: Trial, command: str, strict: bool = False, required: frozenset[str] = frozenset()) -> Report:
    """The report on one trial. `command`: what was typed, for the lines that reproduce a finding."""
    began = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    report = Report(version("pollspec"), trial.plan.seed, strict, began=began, required=required)
    rows.gather(report, trial, list(trial.verdicts.values()), command)
    report.finished = not report.interrupted
    return report


def typed(options: Mapping[str, Any], *names: str) -> list[str]:
    """Options as they were typed, those that were."""
    words = []
    for name in names:
        option, value = f"--{name.removesuffix('_file').replace('_', '-')}", options[name]
        several = value if isinstance(value, tuple) else () if value is None or value is False else (value,)
        words += [option if one is True else f"{option} {shlex.quote(str(one))}" for one in several]
    return words


class Conclusion:
    """What is to be done with a report; what was typed wrongly is said before anything is judged."""

    def __init__(self, vendor: Vendor, options: Mapping[str, Any], console: Console) -> None:
        self.console, self.strict = console, options["strict"]
        self.wanted = files.parse(options["report"])
        self.required = must_be_tried(vendor.beliefs, options["require"])
        file = options["baseline"]
        self.known = baseline.read(file, vendor.beliefs) if file else baseline.Baseline()

    def give(self, trial: Trial, command: str, tried_only: bool = False) -> int:
        """Print the report, write its files; the exit code. `tried_only`: leave out what was not, unless it must be."""
        report = report_of(trial, command, self.strict, self.required)
        if tried_only:
            report.rows = [r for r in report.rows if r.outcome != Outcome.NOT_TRIED or r.id in self.required]
        self._excuse(report)
        terminal.show(report, self.console)
        files.deliver(report, self.wanted)
        return report.exit_code()

    def _excuse(self, report: Report) -> None:
        """Known failures. That one does not happen in some traffic does not say that it happens no longer."""
        self.known.apply(report, date.today())
        gone = {row.id for row in report.rows if row.known and row.known.standing not in {KNOWN, "expired"}}
        report.rows = [replace(row, known=None) if row.id in gone else row for row in report.rows]
