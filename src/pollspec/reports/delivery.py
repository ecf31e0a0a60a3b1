"""The end of every run: its report is delivered, to files first and then to the terminal, and gives the exit code."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator

from rich.console import Console

from pollspec.reports import files, terminal
from pollspec.reports.report import Report

SIGNALS = (signal.SIGINT, signal.SIGTERM)
UNWRITTEN = 2
"""The exit code of a run that is good, but for a report that could not be written."""


def deliver(report: Report, wanted: files.Wanted, console: Console) -> int:
    """Write the files, then print; the exit code. No signal ends it before the files are there."""
    with uninterrupted():
        lost = files.deliver(report, wanted)
    terminal.show(report, console)
    for said in lost:
        print(f"pollspec: {said}\n  hint: free the place and run again", file=sys.stderr)
    code = report.exit_code() if report.finished else 130
    return code or (UNWRITTEN if lost else 0)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """What is done here is done to its end: somebody who has pressed Ctrl-C presses it again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
