"""`pollspec grade`: a client's command, held to what a document asks of whoever polls."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console

from pollspec.document.reading import load
from pollspec.doors.conclusion import Conclusion, typed
from pollspec.grading.command import Command
from pollspec.grading.grading import Pace, asked, played, run
from pollspec.grading.hearing import Graded
from pollspec.grading.judging import belief
from pollspec.trial.plan import selected


def grade(name: str, words: Sequence[str], options: Mapping[str, Any], console: Console) -> int:
    """Grade a client and print the report; the exit code."""
    vendor = load(name)
    command = Command(words)
    plays, rows = played(vendor), [(belief(*row), row) for row in asked(vendor)]
    conclusion = Conclusion([told for told, _ in rows], options)
    wanted = {told.id for told in selected([told for told, _ in rows], options["only"])}
    hearing = Graded(vendor, [row for told, row in rows if told.id in wanted], words)
    plays = hearing.needed(plays)
    shown = ["pollspec grade", shlex.quote(vendor.document.typed), *typed(options, "interval", "strict")]
    click.echo(f"{vendor.slug}: {len(plays)} trials of {shlex.join(words)}", err=True)
    try:
        for seen in run(plays, command, Pace(options["interval"]), options["jobs"]):
            hearing.take(seen)
            with contextlib.suppress(OSError):
                conclusion.draft(conclusion.report([(hearing, " ".join(shown))], finished=False))
    except KeyboardInterrupt:
        hearing.interrupted = True
    return conclusion.give(conclusion.report([(hearing, " ".join(shown))]), console)
