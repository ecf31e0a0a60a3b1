"""What was measured, as tables; what was aimed at; both in Markdown."""

from __future__ import annotations

import datetime
import os
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


def moment() -> str:
    """When, and beside what else, something is measured."""
    return f"Begun on {datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC at a load of {os.getloadavg()[0]:.1f}."


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

    `how`: what was run; `notes`: what else is to be known, also why a part is missing; `begun`: when, at which load.
    """

    title: str
    how: str
    columns: Sequence[str] = ()
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    aims: list[Aim] = field(default_factory=list)
    profile: list[str] = field(default_factory=list)
    begun: str = field(default_factory=moment)

    def markdown(self) -> Iterator[str]:
        """Its lines."""
        yield from (f"## {self.title}", "", self.how, "", self.begun, "")
        if self.aims:
            words = {True: "met", False: "missed", None: "not measured"}
            rows = [(aim.what, aim.wanted, aim.measured, words[aim.met]) for aim in self.aims]
            yield from [*table(("aim", "wanted", "measured", ""), rows), ""]
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


def page(head: str, sections: Sequence[Section], before: str) -> str:
    """The page with these sections in place of those of the same titles, and with what it had of others."""
    parted = re.split(r"^## (.*)\n", before, flags=re.MULTILINE)
    texts = dict(zip(parted[1::2], parted[2::2], strict=True))
    texts |= {one.title: "\n".join(list(one.markdown())[1:]) for one in sections}
    return "\n".join([head, *(f"## {title}\n{text.rstrip()}\n" for title, text in texts.items())])


def number(value: float) -> str:
    """A figure with as many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def centile(values: Sequence[float], share: int) -> float:
    """The value below which so many per cent of several lie."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]
