"""The report as Markdown, for a pull request or a pipeline's step summary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pollspec.judge.verdict import Outcome
from pollspec.reports.lines import lines, listed, remarks
from pollspec.reports.report import KNOWN, OUTCOMES, Report, Row

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
"""The environment variable that names the file for a pipeline's step summary."""
MOST = 50
"""Beliefs shown in full: a step summary may hold one MiB."""
MARKS = {"kept": "✅", "broken": "❌", "deviates": "⚠️", "not tried": "➖", "could not run": "❗", KNOWN: "📌"}


def text(report: Report) -> str:
    """The whole report."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"## pollspec: {headline(report)}"
    yield ""
    if not report.finished:
        yield "**The run is not finished: this is what was learnt until now.**"
        yield ""
    yield from _table(report)
    yield from _remarks(report)
    told = [row for row in report.rows if row.findings or report.fails(row)]
    groups = report.alike(sorted(told, key=lambda row: not report.fails(row)))
    for rows in groups[:MOST]:
        yield from _finding(report, rows)
    if len(groups) > MOST:
        yield f"... and {len(groups) - MOST} more."
        yield ""
    yield from _lacking(report)
    facts = [f"pollspec {report.pollspec}", f"seed {report.seed}", strictly(report), report.began]
    yield ", ".join(fact for fact in facts if fact)


def strictly(report: Report) -> str:
    """Whether a deviation fails the run, in a word or two."""
    return f"strict ({report.strict})" if isinstance(report.strict, str) else "strict" if report.strict else ""


def headline(report: Report) -> str:
    """What became of the run, in a line."""
    counted = report.summary()
    told = ", ".join(f"{counted[outcome]} {outcome}" for outcome in OUTCOMES if counted[outcome] or outcome == "kept")
    failing = sum(report.fails(row) for row in report.rows)
    return f"{told}; {failing} of {len(report.rows)} fail the run" if failing else told


def _table(report: Report) -> Iterator[str]:
    shown = [outcome for outcome in OUTCOMES if outcome != KNOWN or report.summary()[KNOWN]]
    yield f"| {'target' if report.is_fleet else 'operation'} | {' | '.join(shown)} | requests |"
    yield f"|---|{'---:|' * (len(shown) + 1)}"
    for line in lines(report):
        counted = Counter(row.outcome for row in line.rows)
        cells = [str(counted[outcome] or "") for outcome in shown]
        yield f"| {escaped(line.name)} | {' | '.join(cells)} | {line.requests} |"
    yield ""


def _remarks(report: Report) -> Iterator[str]:
    vendors = report.vendors.values()
    told = [f"{vendor.key}: {vendor.diagnosis}" for vendor in vendors if vendor.diagnosis]
    told += remarks(report)
    told += [f"{row.id} is known: {row.known.reason}; {row.known.remedy}" for row in report.unseen if row.known]
    yield from [*(f"- {escaped(remark)}" for remark in told), ""] if told else []


def _finding(report: Report, rows: Sequence[Row]) -> Iterator[str]:
    """One belief, with the targets of a fleet that it is about, and the first one's example."""
    row = rows[0]
    yield f"### {MARKS[row.outcome]} {escaped(row.id)}"
    yield ""
    yield f"{escaped(row.claim)} ({escaped(row.where)})"
    yield ""
    yield f"> {row.grade}: {escaped(' '.join(row.words.split()))}"
    yield ""
    if row.target_name:
        yield f"At {escaped(listed([row.target_name for row in rows]))}."
        yield ""
    yield from _fenced([f"{label:<10} {text}" for label, text in row.evidence])
    if not row.findings and report.fails(row) and (not row.known or row.unseen):
        yield f"{row.outcome}: wants {escaped(row.wants)}"
        yield ""


def _lacking(report: Report) -> Iterator[str]:
    for outcome in (Outcome.COULD_NOT_RUN, Outcome.NOT_TRIED):
        rows = [row for row in report.rows if row.outcome == outcome and not report.fails(row)]
        if rows:
            yield f"<details><summary>{len(rows)} {outcome}</summary>"
            yield ""
            for several in report.alike(rows):
                names = [row.target_name for row in several if row.target_name]
                where = f" at {listed(names)}" if names else ""
                yield f"- {escaped(several[0].id + where)}: {escaped(several[0].wants)}"
            yield ""
            yield "</details>"
            yield ""


def _fenced(lines: list[str]) -> Iterator[str]:
    """Lines in a code block whose fence stands in none of them."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (f"{fence}text", *lines, fence, "")


def escaped(text: str) -> str:
    """A text that Markdown and the HTML in it leave as it is."""
    return re.sub(r"([\\`*_{}\[\]<>()#+~|&!@$])", r"\\\1", text.replace("\n", " "))
