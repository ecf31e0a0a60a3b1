"""What is seen of a running operation while it is watched: a bar on a terminal, a line per change elsewhere."""

from __future__ import annotations

from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from pollspec.document.vendor import Vendor
from pollspec.doors.watch.percentages import Percentages
from pollspec.judge.exchange import Exchange
from pollspec.masks import Masks
from pollspec.reports.texts import printable

LONGEST = 40
"""Characters of a state that are shown."""


class Display(Protocol):
    """Told after each poll, and once at the end."""

    def heard(self, exchange: Exchange) -> None: ...

    def close(self) -> None: ...


class Reader:
    """Puts an exchange into words: where the operation stands, and how far it is."""

    def __init__(self, vendor: Vendor, masks: Masks) -> None:
        self.vendor, self.masks, self.gauge = vendor, masks, Percentages(vendor)

    def state(self, exchange: Exchange) -> str:
        """The state, or the status where there is none."""
        if exchange.answer is None:
            return "no answer"
        lifecycle, state = self.vendor.lifecycle_of(exchange.operation), None
        if lifecycle and exchange.operation in lifecycle.views:
            state = lifecycle.state(exchange.operation, exchange.request, exchange.answer)
        text = state if isinstance(state, str) else str(exchange.answer.status)
        return " ".join(printable(self.masks.mask(text)).split())[:LONGEST]


class Lines:
    """A line whenever the state or the percentage has changed."""

    def __init__(self, reader: Reader, console: Console) -> None:
        self.reader, self.console = reader, console
        self.begun: float | None = None
        self.said: dict[str, str] = {}

    def heard(self, exchange: Exchange) -> None:
        """Say what is new."""
        self.begun = exchange.start if self.begun is None else self.begun
        percent = self.reader.gauge.percent(exchange)
        text = f"{exchange.operation}  {self.reader.state(exchange)}" + (
            "" if percent is None else f"  {percent:.0f} %"
        )
        if self.said.get(exchange.operation) != text:
            self.said[exchange.operation] = text
            self.console.print(f"{exchange.end - self.begun:8.1f} s  {text}", markup=False, soft_wrap=True)

    def close(self) -> None:
        """Nothing is left to do."""


class Bar:
    """A bar that moves; without a percentage it only shows that something goes on. It stays when all is over."""

    def __init__(self, reader: Reader, console: Console) -> None:
        self.reader = reader
        columns = [
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[percent]}", markup=False),
            TimeElapsedColumn(),
        ]
        self.progress = Progress(*columns, console=console, refresh_per_second=8)
        self.task = self.progress.add_task("", total=None, percent="")

    def heard(self, exchange: Exchange) -> None:
        """Move on."""
        self.progress.start()
        percent = self.reader.gauge.percent(exchange)
        said = "" if percent is None else f"{percent:3.0f} %"
        self.progress.update(
            self.task,
            description=f"{exchange.operation}  {self.reader.state(exchange)}",
            completed=percent or 0,
            total=None if percent is None else 100,
            percent=said,
        )

    def close(self) -> None:
        """Leave the bar as it is."""
        self.progress.stop()


def display(reader: Reader, console: Console) -> Display:
    """A bar where somebody looks, lines where something is written down."""
    return Bar(reader, console) if console.is_terminal and not console.is_dumb_terminal else Lines(reader, console)
