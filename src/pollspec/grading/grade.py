"""`pollspec grade`: a client's command, held to what a document asks of whoever polls."""

from __future__ import annotations

import contextlib
import shlex
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import click
from rich.console import Console

from pollspec.document.loader import load
from pollspec.doors.conclusion import Conclusion, typed
from pollspec.grading.command import Command
from pollspec.grading.graded import Graded
from pollspec.grading.grading import INTERVAL, Pace, asked, played, run
from pollspec.grading.judging import belief
from pollspec.reports.report import Report
from pollspec.trial.selection import selected


def grade(name: str, words: Sequence[str], options: Mapping[str, Any], console: Console) -> int:
    """Grade a client and print the report; the exit code."""
    vendor = load(name)
    command = Command(words)
    plays, rows = played(vendor), {(told := belief(*row)).id: (told, row) for row in asked(vendor)}
    beliefs = [told for told, _ in rows.values()]
    conclusion = Conclusion(beliefs, options)
    chosen = [rows[told.id][1] for told in selected(beliefs, options["only"], "pollspec requirements")]
    ledger = Graded(vendor, chosen, words)
    typing = " ".join(["pollspec grade", shlex.quote(vendor.document.typed), *typed(options, "interval", "strict")])
    plays = ledger.needed(plays)
    click.echo(f"{vendor.slug}: {len(plays)} trials of {shlex.join(words)}", err=True)
    with _terminable(ledger):
        for seen in run(plays, command, Pace(options["interval"] or INTERVAL), options["jobs"]):
            ledger.take(seen)
            with contextlib.suppress(OSError):
                conclusion.draft(conclusion.report([(ledger, typing)], finished=False))
    return conclusion.give(_without_curl(conclusion.report([(ledger, typing)])), console)


def _without_curl(report: Report) -> Report:
    """A report without the lines that would ask a server again: it is the client that is to ask."""
    report.rows = [replace(row, findings=tuple(replace(one, curl="") for one in row.findings)) for row in report.rows]
    return report


@contextlib.contextmanager
def _terminable(ledger: Graded) -> Iterator[None]:
    """Ctrl-C, and being told to end as pipelines do, ends the trials and not the report."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        ledger.interrupted = True
    finally:
        signal.signal(signal.SIGTERM, before)
