"""From a trial to the rows of a report: texts only, masked and printable."""

from __future__ import annotations

from pollspec.judge.circumstances import circumstance, stages
from pollspec.judge.exchange import Exchange
from pollspec.judge.record import SHOWN
from pollspec.judge.verdict import Finding, Verdict
from pollspec.reports import traces
from pollspec.reports.report import FindingRow, Report, Row, VendorRow
from pollspec.reports.texts import Texts, printable
from pollspec.trial.hearing import Hearing, ranked


def gather(report: Report, hearing: Hearing, command: str) -> None:
    """Take a hearing into a report. `command`: what was typed, without --only, for what reproduces a finding."""
    report.vendors[hearing.vendor.slug] = vendor_row(hearing)
    report.rows += [row(hearing, verdict, command) for verdict in hearing.verdicts().values()]


def texts_of(hearing: Hearing) -> Texts:
    """What makes texts of a hearing's exchanges."""
    return Texts(hearing.masks, hearing.name, hearing.base_path)


def vendor_row(hearing: Hearing) -> VendorRow:
    """What was asked of a server, and what it showed."""
    content, contract, texts = hearing.vendor.document.content, hearing.vendor.contract, texts_of(hearing)
    found = traces.rows(hearing.vendor, hearing.record, texts)
    return VendorRow(
        vendor=hearing.vendor.slug,
        target=texts.safe(hearing.name),
        document=printable(f"{hearing.vendor.document.path} {content['info']['version']}"),
        digest=printable(str(content["info"].get("x-page", {}).get("digest", ""))),
        document_digest=hearing.vendor.document.digest,
        requests={name: hearing.asked[name] for name in hearing.vendor.operations},
        circumstances=tuple(sorted(hearing.circumstances)),
        diagnosis=texts.safe(hearing.diagnosis),
        polls={name: hearing.polled[name] for name in hearing.vendor.operations},
        started=tuple(texts.safe(name) for name in hearing.started),
        oddities=tuple({k: printable(v) for k, v in oddity.items()} for oddity in contract.get("oddities", ())),
        untestable=len(contract.get("untestable", ())),
        interrupted=hearing.interrupted,
        spent=hearing.spent,
        notes=tuple(texts.safe(note) for note in hearing.notes),
        troubles={texts.safe(trouble): times for trouble, times in ranked(hearing.troubles)},
        traces=tuple(found[:SHOWN]),
        traces_omitted=max(0, len(found) - SHOWN) + hearing.record.left_out,
    )


def row(hearing: Hearing, verdict: Verdict, command: str) -> Row:
    """A verdict as texts. `command`: what was typed, without --only, for the line that reproduces a finding."""
    belief, texts = verdict.belief, texts_of(hearing)
    return Row(
        id=printable(belief.id),
        outcome=verdict.outcome.value,
        claim=printable(belief.claim),
        grade=belief.grade,
        words=printable(belief.words),
        where=printable(belief.where),
        tried=verdict.tried,
        wants=texts.safe(verdict.wants),
        reproduce=texts.safe(f"{command} {hearing.selecting(belief)}"),
        findings=tuple(_finding(hearing, finding, texts) for finding in verdict.findings),
        count=verdict.count,
    )


def _finding(hearing: Hearing, finding: Finding, texts: Texts) -> FindingRow:
    at, vendor = finding.at, hearing.vendor
    return FindingRow(
        expected=texts.told(finding.expected),
        actual=texts.told(finding.actual),
        at=_at(finding, hearing),
        request=texts.request(at),
        answer=texts.answer(at),
        curl=texts.curl(at),
        alternative=printable(finding.alternative),
        exchange=texts.whole(at),
        before=_line(finding.since, texts) if finding.since else "",
        number=at.number + 1,
        under=circumstance(at, stages(vendor, at)),
    )


def _line(exchange: Exchange, texts: Texts) -> str:
    return f"{texts.request(exchange)}: {texts.answer(exchange)}"


def _at(finding: Finding, hearing: Hearing) -> str:
    """Which exchange of the run shows it."""
    text = f"{hearing.cited(finding.at)}, as {finding.at.credential}"
    if finding.since is not None and finding.since is not finding.at:
        text += f", {finding.at.start - finding.since.end:.1f} s after {hearing.cited(finding.since)}"
    return text
