"""What was measured, as tables; what was aimed at; both in Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Aim:
    """A figure that was aimed at. `met`: None where it could not be measured."""

    what: str
    wanted: str
    measured: str
    met: bool | None


@dataclass
class Section:
    """One thing that was measured.

    `how`: what was run; `notes`: what else is to be known, also why a part is missing.
    """

    title: str
    how: str
    columns: Sequence[str] = ()
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    aims: list[Aim] = field(default_factory=list)
    profile: list[str] = field(default_factory=list)

    def markdown(self) -> Iterator[str]:
        """Its lines."""
        yield from (f"## {self.title}", "", self.how, "")
        if self.rows:
            yield from [*table(self.columns, self.rows), ""]
        for note in self.notes:
            yield from (note, "")
        if self.profile:
            yield from ("```", *self.profile, "```", "")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table."""
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def table_of_aims(sections: Sequence[Section]) -> list[str]:
    """What was aimed at, and what came of it."""
    words = {True: "met", False: "missed", None: "not measured"}
    found = [aim for section in sections for aim in section.aims]
    if not found:
        return []
    rows = [(aim.what, aim.wanted, aim.measured, words[aim.met]) for aim in found]
    return ["## Aims", "", *table(("aim", "wanted", "measured", ""), rows), ""]


def number(value: float) -> str:
    """A figure with as many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def centile(values: Sequence[float], share: int) -> float:
    """The value below which so many per cent of several lie."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]
