"""The report on a door's trial, as `pollspec test` gives it: on a terminal, in files, as an exit code."""

from __future__ import annotations

from importlib.metadata import version

from ..reports.report import Report, row, vendor_row
from ..trial import Trial


def report_of(trial: Trial, command: str, strict: bool = False) -> Report:
    """The report on one trial. `command`: what was typed, for the lines that reproduce a finding."""
    report = Report(version("pollspec"), trial.plan.seed, strict)
    report.rows += [row(trial, verdict, command) for verdict in trial.verdicts.values()]
    report.vendors[trial.vendor.slug] = vendor_row(trial)
    return report
