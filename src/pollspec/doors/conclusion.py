"""What is made of a ledger: the one report, on a terminal, in files, as an exit code. Every door ends here."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any

from rich.console import Console

from pollspec.document.vendor import Belief
from pollspec.judge.verdict import Outcome
from pollspec.reports import baseline, files, rows
from pollspec.reports.delivery import deliver
from pollspec.reports.report import UNSEEN, Report
from pollspec.trial.ledger import Ledger
from pollspec.trial.selection import must_be_tried

Heard = Sequence[tuple[Ledger, str]]
"""Hearings, each with what was typed (without --only), for the lines that reproduce a finding."""


def typed(options: Mapping[str, Any], *names: str) -> list[str]:
    """Options as they were typed, those that were."""
    words = []
    for name in names:
        option, value = f"--{name.removesuffix('_file').replace('_', '-')}", options[name]
        several = value if isinstance(value, tuple) else () if value is None or value is False else (value,)
        words += [option if one is True else f"{option} {shlex.quote(str(one))}" for one in several]
    return words


class Conclusion:
    """What is to be made of a run of some beliefs; what was typed wrongly is said before anything is judged.

    `options`: strict, require, report, baseline, and perhaps seed, as they were typed; none where nobody typed any.
    """

    def __init__(self, beliefs: Sequence[Belief], options: Mapping[str, Any]) -> None:
        self.strict, self.seed = options.get("strict") or False, int(options.get("seed", 1))
        self.file = options.get("target_file") or ""
        self.wanted = files.parse(options.get("report", ()))
        self.required = must_be_tried(beliefs, options.get("require", ()))
        file = options.get("baseline")
        self.known = baseline.read(file, beliefs) if file else baseline.Baseline()
        self.began = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def report(self, heard: Heard, finished: bool = True) -> Report:
        """The report on what was heard so far."""
        report = self.empty()
        for ledger, command in heard:
            rows.gather(report, ledger, command)
        return self.known_in(report, finished)

    def empty(self) -> Report:
        """A report that nothing has been taken into."""
        made = Report(version("pollspec"), self.seed, self.strict, began=self.began, required=self.required)
        made.file = self.file
        return made

    def known_in(self, report: Report, finished: bool) -> Report:
        """The same report, in which what is known is marked. `finished`: the run is over."""
        report.finished = finished and not report.interrupted
        self.known.apply(report, date.today())
        return report

    def draft(self, report: Report) -> None:
        """Write the files as far as the run is."""
        files.write(report, self.wanted, over=False)

    def give(self, report: Report, console: Console) -> int:
        """Write a report's files, print it; the exit code."""
        return deliver(report, self.wanted, console)

    def of_traffic(self, ledger: Ledger, command: str, tried_only: bool = False, capture: str = "") -> Report:
        """The report on traffic that nobody asked for. `tried_only`: leave out what was not, unless it must be.

        `capture`: the file that was judged. That a known failure does not happen in some traffic does not say that it
        happens no longer.
        """
        report = self.report([(ledger, command)])
        report.file = capture or self.file
        if tried_only:
            report.rows = [r for r in report.rows if r.outcome != Outcome.NOT_TRIED or r.id in self.required]
        report.rows = [
            replace(row, known=replace(row.known, standing=UNSEEN, remedy="it could not be seen in this traffic"))
            if row.known and row.known.standing == "gone"
            else row
            for row in report.rows
        ]
        return report
