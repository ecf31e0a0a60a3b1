"""From a trial to the rows of a report: texts only, masked and printable."""

from __future__ import annotations

from pollspec.judge.circumstances import circumstance, stages
from pollspec.judge.exchange import Exchange
from pollspec.judge.record import SHOWN
from pollspec.judge.verdict import Finding, Verdict
from pollspec.reports import traces
from pollspec.reports.report import FindingRow, Report, Row, VendorRow
from pollspec.reports.texts import Texts, printable
from pollspec.trial.ledger import Ledger, ranked


def gather(report: Report, ledger: Ledger, command: str) -> None:
    """Take a ledger into a report. `command`: what was typed, without --only, for what reproduces a finding."""
    report.vendors[ledger.vendor.slug] = vendor_row(ledger)
    report.rows += [row(ledger, verdict, command) for verdict in ledger.verdicts().values()]


def texts_of(ledger: Ledger) -> Texts:
    """What makes texts of a ledger's exchanges."""
    return Texts(ledger.masks, ledger.name, ledger.base_path)


def vendor_row(ledger: Ledger) -> VendorRow:
    """What was asked of a server, and what it showed."""
    content, contract, texts = ledger.vendor.document.content, ledger.vendor.contract, texts_of(ledger)
    found = traces.rows(ledger.vendor, ledger.record, texts)
    return VendorRow(
        vendor=ledger.vendor.slug,
        target=texts.safe(ledger.name),
        document=printable(f"{ledger.vendor.document.path} {content['info']['version']}"),
        digest=printable(str(content["info"].get("x-page", {}).get("digest", ""))),
        document_digest=ledger.vendor.document.digest,
        requests={name: ledger.asked[name] for name in ledger.vendor.operations},
        circumstances=tuple(sorted(ledger.circumstances)),
        diagnosis=texts.safe(ledger.diagnosis),
        polls={name: ledger.polled[name] for name in ledger.vendor.operations},
        started=tuple(texts.safe(name) for name in ledger.started),
        oddities=tuple({k: printable(v) for k, v in oddity.items()} for oddity in contract.get("oddities", ())),
        untestable=len(contract.get("untestable", ())),
        interrupted=ledger.interrupted,
        spent=ledger.spent,
        notes=tuple(texts.safe(note) for note in ledger.notes),
        troubles={texts.safe(trouble): times for trouble, times in ranked(ledger.troubles)},
        traces=tuple(found[:SHOWN]),
        traces_omitted=max(0, len(found) - SHOWN) + ledger.record.left_out,
    )


def row(ledger: Ledger, verdict: Verdict, command: str) -> Row:
    """A verdict as texts. `command`: what was typed, without --only, for the line that reproduces a finding."""
    belief, texts = verdict.belief, texts_of(ledger)
    return Row(
        id=printable(belief.id),
        outcome=verdict.outcome.value,
        claim=printable(belief.claim),
        grade=belief.grade,
        words=printable(belief.words),
        where=printable(belief.where),
        tried=verdict.tried,
        wants=texts.safe(verdict.wants),
        reproduce=texts.safe(f"{command} {ledger.selecting(belief)}"),
        findings=tuple(_finding(ledger, finding, texts) for finding in verdict.findings),
        count=verdict.count,
        despite=tuple(printable(f"{name}: {why}") for name, why in belief.says.get("despite", {}).items()),
    )


def _finding(ledger: Ledger, finding: Finding, texts: Texts) -> FindingRow:
    at, vendor = finding.at, ledger.vendor
    return FindingRow(
        expected=texts.shown(finding.expected),
        actual=texts.shown(finding.actual),
        at=_at(finding, ledger),
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


def _at(finding: Finding, ledger: Ledger) -> str:
    """Which exchange of the run shows it."""
    text = f"{ledger.cited(finding.at)}, as {finding.at.credential}"
    if finding.since is not None and finding.since is not finding.at:
        text += f", {finding.at.start - finding.since.end:.1f} s after {ledger.cited(finding.since)}"
    return text
