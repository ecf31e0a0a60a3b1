"""The lines of a report's table: one per operation, or per target where a fleet was tested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pollspec.reports.report import Report, Row

MOST_NAMED = 6
"""Targets that are named in a line."""


@dataclass(frozen=True)
class Line:
    """What became of some beliefs, and how often was asked."""

    name: str
    rows: Sequence[Row]
    requests: int
    polls: int


def lines(report: Report) -> Iterator[Line]:
    """The lines of the table, those that have any belief."""
    for vendor in report.vendors.values():
        own = report.of(vendor)
        if vendor.target_name:
            yield Line(vendor.key, own, sum(vendor.requests.values()), sum(vendor.polls.values()))
            continue
        for operation, requests in vendor.requests.items():
            if rows := [row for row in own if row.operation == operation]:
                yield Line(f"{vendor.key}/{operation}", rows, requests, vendor.polls.get(operation, 0))


def listed(names: Sequence[str]) -> str:
    """Names in a line; of many, the first ones and how many more there are."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def remarks(report: Report) -> list[str]:
    """What a reader must know of each target; what is said of several of a fleet is said once."""
    said: dict[str, list[str]] = {}
    for vendor in report.vendors.values():
        for remark in vendor.remarks:
            said.setdefault(remark, []).append(vendor.key)
    return [f"{listed(keys)}: {remark}" for remark, keys in said.items()]
