"""What is told of a run while it goes on: a live line on a terminal, a short plain line per vendor elsewhere."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from pollspec.judge.verdict import Outcome, Verdict
from pollspec.reports.texts import printable
from pollspec.trial.ledger import Ledger

LONGEST = 40
"""Characters of a state that are shown."""
SILENCE = 30.0
"""Seconds after which a plain line says that a run still goes on."""


class Telling(Protocol):
    """Told after each exchange of a trial, and once when it is judged."""

    def announced(self, line: str) -> None: ...

    def heard(self, ledger: Ledger) -> None: ...

    def judged(self, ledger: Ledger, verdicts: Sequence[Verdict]) -> None: ...

    def close(self) -> None: ...


def telling(out: TextIO, aside: TextIO, environment: Mapping[str, str]) -> Telling:
    """A live line where the report goes to a terminal (`out`), plain ones elsewhere and in CI; both on `aside`."""
    console = Console(file=aside, highlight=False)
    if out.isatty() and console.is_terminal and not console.is_dumb_terminal and not environment.get("CI"):
        return Live(console)
    return Lines(aside)


def counted(verdicts: Sequence[Verdict]) -> str:
    """How many beliefs met each outcome, in words."""
    numbers = Counter(verdict.outcome for verdict in verdicts)
    return ", ".join(f"{numbers[outcome]} {outcome}" for outcome in Outcome if numbers[outcome])


def latest(ledger: Ledger) -> str:
    """What the last exchange of a ledger asked and showed."""
    exchange = ledger.latest
    if exchange is None:
        return ""
    lifecycle = ledger.vendor.lifecycle_of(exchange.operation)
    shown = lifecycle.said(exchange.operation, exchange.request, exchange.answer)[:LONGEST] if lifecycle else ""
    return printable(ledger.masks.mask(f"{exchange.operation} {shown}")).replace("\n", " ")


class Lines:
    """One line when a vendor is judged, and one now and then before."""

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.out, self.clock = out, clock
        self.last = clock()

    def announced(self, line: str) -> None:
        """Say what will be done."""
        self._say(line)

    def heard(self, ledger: Ledger) -> None:
        """Say that the run goes on, after a silence."""
        if self.clock() - self.last >= SILENCE:
            self._say(f"{ledger.vendor.slug}: {ledger.asked.total()} requests so far, {latest(ledger)}")

    def judged(self, ledger: Ledger, verdicts: Sequence[Verdict]) -> None:
        """Say what became of a vendor."""
        self._say(f"{ledger.vendor.slug}: {ledger.asked.total()} requests, {counted(verdicts)}")

    def close(self) -> None:
        """Nothing is left to do."""

    def _say(self, line: str) -> None:
        self.last = self.clock()
        print(printable(line), file=self.out, flush=True)


class Live:
    """A line per vendor that moves, and goes when the run is over."""

    def __init__(self, console: Console) -> None:
        columns = [
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}", markup=False),
            TextColumn("{task.completed:.0f} requests", markup=False),
            TextColumn("{task.fields[said]}", markup=False),
            TimeElapsedColumn(),
        ]
        self.bars = Progress(
            *columns,
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            refresh_per_second=8,
        )
        self.tasks: dict[str, TaskID] = {}
        self.bars.start()

    def announced(self, line: str) -> None:
        """Say what will be done, above the lines."""
        self.bars.console.print(printable(line), markup=False, soft_wrap=True)

    def heard(self, ledger: Ledger) -> None:
        """Move the vendor's line on."""
        self.bars.update(self._task(ledger), completed=ledger.asked.total(), said=latest(ledger))

    def judged(self, ledger: Ledger, verdicts: Sequence[Verdict]) -> None:
        """Leave the counts in the vendor's line."""
        number = ledger.asked.total()
        self.bars.update(self._task(ledger), completed=number, total=number, said=counted(verdicts))

    def close(self) -> None:
        """Take the lines away."""
        self.bars.stop()

    def _task(self, ledger: Ledger) -> TaskID:
        slug = printable(ledger.vendor.slug)
        if slug not in self.tasks:
            self.tasks[slug] = self.bars.add_task(slug, total=None, said="")
        return self.tasks[slug]
