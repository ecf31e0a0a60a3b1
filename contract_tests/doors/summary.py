"""The report on a door's trial, as `pollspec test` gives it: on a terminal, in files, as an exit code."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from rich.console import Console

from .. import spec
from ..reports import files, terminal
from ..reports.report import Report, row, vendor_row
from ..trial import Trial, required
from ..vendor import Vendor
from ..verdict import Outcome


def report_of(trial: Trial, command: str, strict: bool = False) -> Report:
    """The report on one trial. `command`: what was typed, for the lines that reproduce a finding."""
    report = Report(version("pollspec"), trial.plan.seed, strict)
    report.rows += [row(trial, verdict, command) for verdict in trial.verdicts.values()]
    report.vendors[trial.vendor.slug] = vendor_row(trial)
    return report


def named(vendor: Vendor) -> str:
    """What to type for a vendor."""
    return vendor.slug if vendor.slug in spec.names() else vendor.document.path


class Conclusion:
    """What is to be done with a report; what was typed wrongly is said before anything is judged."""

    def __init__(self, vendor: Vendor, options: Mapping[str, Any], console: Console) -> None:
        self.console, self.strict = console, options["strict"]
        self.wanted = files.parse(options["report"])
        self.required = required(vendor.beliefs, tuple(options["require"]))

    def give(self, trial: Trial, command: str, tried_only: bool = False) -> int:
        """Print the report, write its files; the exit code. `tried_only`: leave out what was not, unless it must be."""
        report = report_of(trial, command, self.strict)
        if tried_only:
            report.rows = [r for r in report.rows if r.outcome != Outcome.NOT_TRIED or r.id in self.required]
        terminal.show(report, self.console)
        files.write(report, self.wanted)
        for path, kind in self.wanted.items():
            self.console.print(f"report: {kind} in {path}", markup=False, soft_wrap=True)
        return report.exit_code(self.required)
