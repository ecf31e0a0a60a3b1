"""What is told of a fleet while it is tested: a live table on a terminal, a plain line for each target elsewhere."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol, TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pollspec.judge.verdict import Outcome
from pollspec.reports.report import OUTCOMES, Row
from pollspec.reports.terminal import STYLES
from pollspec.reports.texts import printable


class FleetTelling(Protocol):
    """Told when a target is begun with, how far it is, and what became of it."""

    def began(self, name: str) -> None: ...

    def heard(self, name: str, asked: int, shows: str) -> None: ...

    def announced(self, name: str, line: str) -> None: ...

    def ended(self, name: str, rows: Sequence[Row]) -> None: ...

    def close(self) -> None: ...


def telling(out: TextIO, aside: TextIO, environment: Mapping[str, str], many: int) -> FleetTelling:
    """A live table where the report goes to a terminal (`out`), lines elsewhere and in CI; `many`: targets."""
    console = Console(file=aside, highlight=False)
    if out.isatty() and console.is_terminal and not console.is_dumb_terminal and not environment.get("CI"):
        return LiveTable(console, many)
    return PlainLines(aside, many)


def became(rows: Sequence[Row]) -> str:
    """How many beliefs met each outcome, in words; why, where none could be tried."""
    counted = Counter(row.outcome for row in rows)
    words = ", ".join(f"{counted[outcome]} {outcome}" for outcome in OUTCOMES if counted[outcome])
    reasons = {row.wants for row in rows if row.outcome == Outcome.COULD_NOT_RUN}
    return f"{words}: {reasons.pop()}" if len(reasons) == 1 else words


class PlainLines:
    """One line when a target is done."""

    def __init__(self, out: TextIO, many: int) -> None:
        self.out, self.many, self.done = out, many, 0
        self._lock = threading.Lock()

    def began(self, name: str) -> None:
        """Its end is told."""

    def heard(self, name: str, asked: int, shows: str) -> None:
        """Its end is told."""

    def announced(self, name: str, line: str) -> None:
        """Say what will be done at a target."""
        self._say(f"{name}: {line}")

    def ended(self, name: str, rows: Sequence[Row]) -> None:
        """Say what became of a target."""
        self.done += 1
        self._say(f"{self.done} of {self.many}: {name}: {became(rows)}")

    def close(self) -> None:
        """Nothing is left to do."""

    def _say(self, line: str) -> None:
        with self._lock:
            print(printable(line), file=self.out, flush=True)


class LiveTable:
    """A table of the targets that are tested now; a line above it for each that is done. It goes at the end."""

    def __init__(self, console: Console, many: int) -> None:
        self.many, self.done = many, 0
        self.running: dict[str, tuple[float, int, str]] = {}
        self.live = Live(
            console=console,
            transient=True,
            get_renderable=self.table,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self.live.start()

    def table(self) -> Table:
        """How far each target is, now."""
        made = Table(box=None, pad_edge=False, header_style="bold")
        made.add_column(f"{self.done} of {self.many} targets done", no_wrap=True)
        for name in ("requests", "s"):
            made.add_column(name, justify="right")
        made.add_column("asks", no_wrap=True)
        now = time.monotonic()
        for name, (begun, asked, shows) in sorted(self.running.items()):
            made.add_row(Text(name), str(asked), f"{now - begun:.0f}", Text(printable(shows)))
        return made

    def began(self, name: str) -> None:
        """Give a target a row."""
        self.running[name] = (time.monotonic(), 0, "")

    def heard(self, name: str, asked: int, shows: str) -> None:
        """Say in its row how far it is."""
        if name in self.running:
            self.running[name] = (self.running[name][0], asked, shows)

    def announced(self, name: str, line: str) -> None:
        """Say what will be done at a target, above the table."""
        self._say(f"{name}: {line}", "")

    def ended(self, name: str, rows: Sequence[Row]) -> None:
        """Take its row away, and say above the table what became of it."""
        self.done += 1
        self.running.pop(name, None)
        worst = next((o for o in ("broken", "could not run", "deviates") if any(r.outcome == o for r in rows)), "kept")
        self._say(f"{name}: {became(rows)}", STYLES[worst])

    def close(self) -> None:
        """Take the table away."""
        self.live.stop()

    def _say(self, line: str, style: str) -> None:
        self.live.console.print(Text(printable(line), style=style), soft_wrap=True)
