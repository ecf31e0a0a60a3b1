"""Reads reports back: as a browser, as a terminal's user."""

from __future__ import annotations

import html.parser
import io

from rich.console import Console

from pollspec.reports import files, terminal
from pollspec.reports.report import Report

WORDS, CRUST, ENDS = "oven/getLoaf/only-when/words", "oven/getLoaf/never-decreases/crust", "oven/getLoaf/lifecycle/ends"
"""The beliefs that a thoroughly spoilt oven does not keep: two break a source, the last deviates."""
RAW = ("\x1b", "\x00", "\u202e", "\ud800")
"""What must not reach a terminal or a file as it is."""


def printed(report: Report) -> str:
    """What the terminal shows of a report."""
    out = io.StringIO()
    terminal.show(report, Console(file=out, width=120, force_terminal=False))
    return out.getvalue()


def everywhere(report: Report) -> dict[str, str]:
    """A report in every format, and in the terminal."""
    return {**{kind: write(report) for kind, write in files.FORMATS.items()}, "terminal": printed(report)}


class Page(html.parser.HTMLParser):
    """What a browser finds in a page: its tags with their attributes, and its texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.append(data)

    def all(self, tag: str, class_: str = "") -> list[dict[str, str | None]]:
        """The attributes of each such tag."""
        return [given for name, given in self.tags if name == tag and class_ in (given.get("class") or "").split(" ")]
