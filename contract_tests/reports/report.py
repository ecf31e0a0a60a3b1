"""The typed report that every format is made of: who was tested how, what became of each belief. Masked throughout."""

from __future__ import annotations

import shlex
import urllib.parse
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..masks import Masks
from ..messages import Answer
from ..trace import Exchange
from ..trial import Trial
from ..verdict import Finding, Outcome, Verdict

VERSION = 1
"""Of the report's own format."""


@dataclass(frozen=True)
class FindingRow:
    """One finding, as printed: texts only."""

    expected: str
    actual: str
    at: str
    request: str
    answer: str
    curl: str
    alternative: str = ""


@dataclass(frozen=True)
class Row:
    """One belief's verdict, as printed."""

    id: str
    outcome: str
    claim: str
    grade: str
    words: str
    where: str
    tried: int
    wants: str
    reproduce: str
    findings: tuple[FindingRow, ...] = ()


@dataclass(frozen=True)
class VendorRow:
    """What was asked of one vendor's target."""

    vendor: str
    target: str
    document: str
    digest: str
    requests: Mapping[str, int]
    started: tuple[str, ...]
    oddities: tuple[Mapping[str, str], ...]
    untestable: int
    interrupted: bool = False
    spent: str = ""


@dataclass
class Report:
    """A whole run."""

    pollspec: str
    seed: int
    strict: bool
    vendors: dict[str, VendorRow] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """The report as JSON data."""
        return {"version": VERSION, **asdict(self), "summary": self.summary(), "exit_code": self.exit_code()}

    def summary(self) -> dict[str, int]:
        """How many beliefs met each outcome."""
        return {outcome.value: sum(row.outcome == outcome for row in self.rows) for outcome in Outcome}

    def exit_code(self, required: frozenset[str] = frozenset()) -> int:
        """0 all kept; 1 broken; 2 nothing was tried; 3 could not run (1 wins over 3); 130 interrupted."""
        counted = self.summary()
        failed = counted["broken"] + (counted["deviates"] if self.strict else 0)
        lacking = any(
            row.outcome in {Outcome.NOT_TRIED, Outcome.COULD_NOT_RUN} and row.id in required for row in self.rows
        )
        if any(vendor.interrupted for vendor in self.vendors.values()):
            return 130
        if failed or lacking:
            return 1
        if counted["could not run"]:
            return 3
        return 0 if counted["kept"] + counted["deviates"] else 2


def vendor_row(trial: Trial) -> VendorRow:
    """What a trial's target was asked, after its verdicts."""
    content, contract = trial.vendor.document.content, trial.vendor.contract
    return VendorRow(
        vendor=trial.vendor.slug,
        target=trial.target.masks.mask(trial.target.name),
        document=f"{trial.vendor.document.path} {content['info']['version']}",
        digest=content["info"].get("x-page", {}).get("digest", ""),
        requests={name: trial.target.counted[name] for name in trial.vendor.operations},
        started=tuple(trial.target.started) if not trial.target.embedded else (),
        oddities=tuple(contract.get("oddities", ())),
        untestable=len(contract.get("untestable", ())),
        interrupted=trial.interrupted,
        spent=trial.spent,
    )


def row(trial: Trial, verdict: Verdict, command: str) -> Row:
    """A verdict as texts. `command`: what was typed, without --only, for the line that reproduces a finding."""
    belief, masks = verdict.belief, trial.target.masks
    findings = tuple(_finding(trial, finding, masks) for finding in verdict.findings[:20])
    return Row(
        id=belief.id,
        outcome=verdict.outcome.value,
        claim=belief.claim,
        grade=belief.grade,
        words=belief.words,
        where=belief.where,
        tried=verdict.tried,
        wants=verdict.wants,
        reproduce=masks.mask(f"{command} {trial.selecting(belief)}"),
        findings=findings,
    )


def _finding(trial: Trial, finding: Finding, masks: Masks) -> FindingRow:
    at = finding.at
    return FindingRow(
        expected=printable(masks.mask(finding.expected)),
        actual=printable(masks.mask(finding.actual)),
        at=_at(finding),
        request=printable(masks.mask(f"{at.request.method} {at.request.target}")),
        answer=printable(masks.mask(_answer(at.answer))),
        curl=printable(masks.mask(curl(trial.target.name, trial.target.base_path, at))),
        alternative=finding.alternative,
    )


def _at(finding: Finding) -> str:
    """Which exchange of the run shows it."""
    text = f"request {finding.at.number + 1}, as {finding.at.credential}"
    if finding.since is not None:
        text += f", {finding.at.start - finding.since.end:.1f} s after request {finding.since.number + 1}"
    return text


def _answer(answer: Answer | None) -> str:
    if answer is None:
        return "no answer"
    body = answer.content.decode("utf-8", "replace")
    return f"{answer.status} {answer.media_type} {body if len(body) <= 600 else body[:600] + '...'}".strip()


def printable(text: str) -> str:
    """A text without control characters, so that nothing a server sends reaches a terminal raw."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def curl(url: str, base_path: str, exchange: Exchange) -> str:
    """The request as a curl command line; credentials become placeholders when it is masked."""
    request, parts = exchange.request, urllib.parse.urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else "http://embedded"
    words = ["curl", "-i", "-X", request.method]
    for name, value in request.headers:
        words += ["-H", f"{name}: {value}"]
    if request.content:
        words += ["-d", request.content.decode("utf-8", "replace")]
    return shlex.join([*words, request.target if "://" in request.target else f"{origin}{base_path}{request.target}"])
