"""From a trial to the rows of a report: texts only, masked and printable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..trial import Trial
from ..verdict import Finding, Verdict
from . import traces
from .report import MOST_FINDINGS, FindingRow, Report, Row, VendorRow
from .texts import Texts, printable


def gather(report: Report, trial: Trial, verdicts: Sequence[Verdict], command: str) -> None:
    """Take a trial into a report. `command`: what was typed, without --only, for the lines that reproduce a finding."""
    report.vendors[trial.vendor.slug] = vendor_row(trial, verdicts)
    report.rows += [row(trial, verdict, command) for verdict in verdicts]


def texts_of(trial: Trial) -> Texts:
    """What makes texts of a trial's exchanges."""
    return Texts(trial.target.masks, trial.target.name, trial.target.base_path)


def vendor_row(trial: Trial, verdicts: Sequence[Verdict] = ()) -> VendorRow:
    """What a trial's target was asked and showed, after its verdicts."""
    content, contract, texts = trial.vendor.document.content, trial.vendor.contract, texts_of(trial)
    found = traces.rows(trial.vendor, trial.target.exchanges, verdicts, texts)
    return VendorRow(
        vendor=trial.vendor.slug,
        target=texts.safe(trial.target.name),
        document=printable(f"{trial.vendor.document.path} {content['info']['version']}"),
        digest=printable(str(content["info"].get("x-page", {}).get("digest", ""))),
        requests={name: trial.target.counted[name] for name in trial.vendor.operations},
        polls={name: trial.target.polled[name] for name in trial.vendor.operations},
        started=() if trial.target.embedded else tuple(texts.safe(name) for name in trial.target.started),
        oddities=tuple({k: printable(v) for k, v in oddity.items()} for oddity in contract.get("oddities", ())),
        untestable=len(contract.get("untestable", ())),
        interrupted=trial.interrupted,
        spent=trial.spent,
        notes=tuple(texts.safe(note) for note in trial.target.notes),
        troubles=dict(Counter(texts.safe(e.trouble) for e in trial.target.exchanges if e.trouble)),
        traces=tuple(found[: traces.MOST]),
        traces_omitted=max(0, len(found) - traces.MOST),
    )


def row(trial: Trial, verdict: Verdict, command: str) -> Row:
    """A verdict as texts. `command`: what was typed, without --only, for the line that reproduces a finding."""
    belief, texts = verdict.belief, texts_of(trial)
    return Row(
        id=printable(belief.id),
        outcome=verdict.outcome.value,
        claim=printable(belief.claim),
        grade=belief.grade,
        words=printable(belief.words),
        where=printable(belief.where),
        tried=verdict.tried,
        wants=texts.safe(verdict.wants),
        reproduce=texts.safe(f"{command} {trial.selecting(belief)}"),
        findings=tuple(_finding(finding, texts) for finding in best_first(verdict.findings)[:MOST_FINDINGS]),
        count=len(verdict.findings),
    )


def best_first(findings: Sequence[Finding]) -> list[Finding]:
    """What breaks before what only deviates, and the shortest request first: it is the easiest to send again."""

    def length(finding: Finding) -> int:
        return len(finding.at.request.target) + len(finding.at.request.content)

    return sorted(findings, key=lambda finding: (bool(finding.alternative), length(finding), finding.at.number))


def _finding(finding: Finding, texts: Texts) -> FindingRow:
    at = finding.at
    return FindingRow(
        expected=texts.told(finding.expected),
        actual=texts.told(finding.actual),
        at=_at(finding),
        request=texts.request(at),
        answer=texts.answer(at),
        curl=texts.curl(at),
        alternative=printable(finding.alternative),
        exchange=texts.whole(at),
        before=f"{texts.request(finding.since)}: {texts.answer(finding.since)}" if finding.since else "",
        number=at.number + 1,
    )


def _at(finding: Finding) -> str:
    """Which exchange of the run shows it."""
    text = f"request {finding.at.number + 1}, as {finding.at.credential}"
    if finding.since is not None and finding.since is not finding.at:
        text += f", {finding.at.start - finding.since.end:.1f} s after request {finding.since.number + 1}"
    return text
