"""The report in a terminal: findings first, then one row per operation, the summary last."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..verdict import Outcome
from .report import Report, Row

MARKS = {Outcome.BROKEN: "x", Outcome.DEVIATES: "~", Outcome.COULD_NOT_RUN: "!", Outcome.NOT_TRIED: "-"}
STYLES = {"broken": "red", "deviates": "yellow", "could not run": "magenta", "not tried": "cyan", "kept": "green"}


def show(report: Report, console: Console) -> None:
    """Print a report."""
    for row in report.rows:
        if row.outcome in {Outcome.BROKEN, Outcome.DEVIATES}:
            _finding(row, console)
    _lacking(report, console)
    _table(report, console)
    _summary(report, console)


def _finding(row: Row, console: Console) -> None:
    best = row.findings[0]
    head = f"{MARKS[Outcome(row.outcome)]} {row.id}"
    console.print(Text(f"{head:<68} {row.where}", style=f"bold {STYLES[row.outcome]}"), soft_wrap=True)
    lines = [
        ("claim", row.claim),
        (row.grade, row.words),
        ("expected", best.expected),
        ("actual", f"{best.actual}    ({best.at})"),
        ("request", best.request),
        ("answer", best.answer),
    ]
    if best.alternative:
        lines.append(("known", best.alternative))
    if len(row.findings) > 1:
        lines.append(("count", f"{len(row.findings)} times in {row.tried}"))
    lines += [("reproduce", row.reproduce), ("curl", best.curl)]
    for label, text in lines:
        console.print(Text(f"    {label:<10} {' '.join(text.split())}"), soft_wrap=True)
    console.print()


def _lacking(report: Report, console: Console) -> None:
    """What was not tried, grouped by what would let it be tried."""
    for outcome in (Outcome.COULD_NOT_RUN, Outcome.NOT_TRIED):
        groups: dict[tuple[str, str], list[str]] = {}
        for row in report.rows:
            if row.outcome == outcome:
                vendor, _, name = row.id.partition("/")
                groups.setdefault((vendor, row.wants), []).append(name)
        for (vendor, wants), names in groups.items():
            why = f"wants {wants}" if outcome is Outcome.NOT_TRIED else wants
            shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
            console.print(
                Text(f"{MARKS[outcome]} {vendor}: {len(names)} {outcome}: {why}: {shown}", style=STYLES[outcome]),
                soft_wrap=True,
            )
    if any(row.outcome in {Outcome.COULD_NOT_RUN, Outcome.NOT_TRIED} for row in report.rows):
        console.print()


def _table(report: Report, console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("operation", no_wrap=True)
    for name in (*[outcome.value for outcome in Outcome], "requests"):
        table.add_column(name, justify="right")
    for vendor in report.vendors.values():
        for operation, requests in vendor.requests.items():
            prefix = f"{vendor.vendor}/{operation}"
            counted = Counter(row.outcome for row in report.rows if row.id.startswith(f"{prefix}/"))
            if counted:
                cells = [
                    Text(str(counted[o.value]), style=STYLES[o.value] if counted[o.value] else "dim") for o in Outcome
                ]
                table.add_row(prefix, *cells, str(requests))
    console.print(table)


def _summary(report: Report, console: Console) -> None:
    for vendor in report.vendors.values():
        for name in vendor.started:
            console.print(Text(f"started on {vendor.target} and left there: {name}"))
        for note in vendor.notes:
            console.print(Text(f"{vendor.vendor}: {note}"), soft_wrap=True)
        for trouble, times in vendor.troubles.items():
            lost = f"{times} of {sum(vendor.requests.values())} requests got no answer"
            console.print(Text(f"{vendor.vendor}: {lost}: {trouble}"), soft_wrap=True)
        if vendor.interrupted or vendor.spent:
            console.print(Text(f"{vendor.vendor}: {vendor.spent or 'interrupted'}; what was learnt is above"))
    odd = sum(len(vendor.oddities) for vendor in report.vendors.values())
    untestable = sum(vendor.untestable for vendor in report.vendors.values())
    counted = report.summary()
    text = ", ".join(f"{number} {name}" for name, number in counted.items() if number or name == "kept")
    console.print(
        f"\n{text}; {odd} oddities of the pages, {untestable} untestable sentences (pollspec beliefs shows them)"
    )
