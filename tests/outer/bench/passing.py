"""What the proxy costs its client: milliseconds added to an answer, and how many answers a second pass."""

from __future__ import annotations

import pathlib
import statistics

from tests.outer.bench import servers
from tests.outer.bench.figures import Section, centile, number
from tests.outer.bench.load import SECONDS, Load, load

ANSWERED, CONNECTIONS = 3000, 8
HOW = f"""\
`pollspec proxy VENDOR --upstream URL` before `pollspec mock VENDOR`, on loopback: the same request {ANSWERED:,} times,
or for {SECONDS:.0f} seconds, on one connection (milliseconds to the whole answer), and on {CONNECTIONS} (answers a
second), straight and through the proxy, which judges each."""
COLUMNS = ("vendor", "way", "median ms", "99th percentile ms", "answers/s, 1 connection", "8 connections")


def measure(folder: pathlib.Path) -> Section:
    """The vendors with the most beliefs and with the fewest."""
    section = Section("The proxy", HOW, COLUMNS)
    by_size = sorted(servers.vendors(), key=lambda vendor: len(vendor.beliefs))
    for vendor in (by_size[0], by_size[-1]):
        question = servers.question(vendor)
        with servers.mock(vendor, 3600, folder) as (url, _):
            straight = [load(url, question, connections, ANSWERED) for connections in (1, CONNECTIONS)]
            with servers.proxy(vendor, url, folder) as (between, _):
                through = [load(between, question, connections, ANSWERED) for connections in (1, CONNECTIONS)]
        before, after = _times(straight[0]), _times(through[0])
        section.rows += [
            (vendor.slug, "straight", *map(number, before), *_rates(straight)),
            (vendor.slug, "through the proxy", *map(number, after), *_rates(through)),
            (vendor.slug, "added", *(number(b - a) for a, b in zip(before, after, strict=True)), "", ""),
        ]
        section.notes.append(f"{vendor.slug}: statuses straight {straight[0].said}; through {through[0].said}.")
    return section


def _times(made: Load) -> tuple[float, float]:
    took = [seconds * 1000 for seconds in made.took]
    return statistics.median(took), centile(took, 99)


def _rates(several: list[Load]) -> list[str]:
    return [number(made.rate) for made in several]
