"""The report in a terminal: findings first, then one row per operation, the summary last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pollspec.judge.verdict import Outcome
from pollspec.reports.lines import lines, listed, remarks
from pollspec.reports.report import KNOWN, OUTCOMES, Report, Row
from pollspec.reports.texts import printed

MARKS = {"broken": "x", "deviates": "~", "could not run": "!", "not tried": "-", "kept": "x", KNOWN: "="}
STYLES = {
    "broken": "red",
    "deviates": "yellow",
    "could not run": "magenta",
    "not tried": "cyan",
    "kept": "green",
    KNOWN: "blue",
}


def show(report: Report, console: Console) -> None:
    """Print a report. Nothing in its texts is markup."""
    report = printed(report)
    for vendor in report.vendors.values():
        if vendor.diagnosis:
            _say(console, f"! {vendor.key}: {vendor.diagnosis}\n", "bold magenta")
    _known(report, console)
    told = [r for r in report.rows if r.outcome in {Outcome.BROKEN, Outcome.DEVIATES} or (r.known and report.fails(r))]
    for rows in report.alike(told):
        _finding(rows, console)
    _lacking(report, console)
    console.print(_table(report))
    _summary(report, console)


def _known(report: Report, console: Console) -> None:
    """Known failures, a line each: those that happened, and those that could not be seen."""
    for row in report.rows:
        if row.known and (row.outcome == KNOWN or row.unseen):
            why = f"; {row.known.remedy}" if row.known.remedy else ""
            where = f" at {row.target_name}" if row.target_name else ""
            text = f"{MARKS[KNOWN]} {row.id}{where} known until {row.known.expires}: {row.known.reason}{why}"
            _say(console, text, STYLES[KNOWN])
    if report.unseen or report.summary()[KNOWN]:
        console.print()


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)


def _finding(rows: Sequence[Row], console: Console) -> None:
    """One belief with its best example and a count; or a known failure that is none any more."""
    row = rows[0]
    _say(console, f"{f'{MARKS[row.outcome]} {row.id}':<68} {row.where}", f"bold {STYLES[row.outcome]}")
    targets = [("targets", listed([row.target_name for row in rows]))] if row.target_name else []
    for label, text in [*row.foundation, *targets, *row.evidence]:
        _say(console, f"    {label:<10} {' '.join(text.split())}")
    console.print()


def _lacking(report: Report, console: Console) -> None:
    """What was not tried, grouped by what would let it be tried."""
    for outcome in (Outcome.COULD_NOT_RUN, Outcome.NOT_TRIED):
        groups: dict[tuple[str, str], list[str]] = {}
        for row in report.rows:
            if row.outcome == outcome:
                groups.setdefault((row.key, row.wants), []).append(row.id.partition("/")[2])
        alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for (key, wants), names in groups.items():
            alike.setdefault((wants, tuple(names)), []).append(key)
        for (wants, several), keys in alike.items():
            supplied = outcome is Outcome.NOT_TRIED and not wants.startswith(("the run", "the budget", "the time"))
            why = f"wants {wants}" if supplied else wants
            shown = ", ".join(several[:4]) + (f" and {len(several) - 4} more" if len(several) > 4 else "")
            _say(console, f"{MARKS[outcome]} {listed(keys)}: {len(several)} {outcome}: {why}: {shown}", STYLES[outcome])
    if any(row.outcome in {Outcome.COULD_NOT_RUN, Outcome.NOT_TRIED} for row in report.rows):
        console.print()


def _table(report: Report) -> Table:
    columns = [outcome for outcome in OUTCOMES if outcome != KNOWN or report.summary()[KNOWN]]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("target" if report.is_fleet else "operation", no_wrap=True)
    for name in (*columns, "requests", "polls"):
        table.add_column(name, justify="right")
    for line in lines(report):
        counted = Counter(row.outcome for row in line.rows)
        cells = [Text(str(counted[o]), style=STYLES[o] if counted[o] else "dim") for o in columns]
        table.add_row(Text(line.name), *cells, str(line.requests), str(line.polls))
    return table


def _summary(report: Report, console: Console) -> None:
    for vendor in report.vendors.values():
        for name in vendor.started:
            _say(console, f"started on {vendor.target} and left there: {name}")
    for remark in remarks(report):
        _say(console, remark)
    for vendor in report.vendors.values():
        if vendor.interrupted or vendor.spent:
            _say(console, f"{vendor.key}: {vendor.spent or 'interrupted'}; what was learnt is above")
    if report.unseen:
        _say(console, f"{len(report.unseen)} known failures could not be seen this time, and stay known")
    documents = {vendor.vendor: vendor for vendor in report.vendors.values()}.values()
    odd = sum(len(vendor.oddities) for vendor in documents)
    untestable = sum(vendor.untestable for vendor in documents)
    counted = report.summary()
    text = ", ".join(f"{number} {name}" for name, number in counted.items() if number or name == "kept")
    _say(
        console,
        f"\n{text}; {odd} oddities of the pages, {untestable} untestable sentences (pollspec beliefs shows them)",
    )
