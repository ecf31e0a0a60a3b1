"""Findings, and the verdict on each belief that follows from them."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pollspec.document.keywords import Strict, is_failure
from pollspec.document.vendor import Belief
from pollspec.judge.exchange import Exchange

MOST = 20
"""Findings of one belief that are kept; all are counted."""


class Outcome(StrEnum):
    """What became of a belief in a run."""

    KEPT = "kept"
    BROKEN = "broken"
    DEVIATES = "deviates"
    NOT_TRIED = "not tried"
    COULD_NOT_RUN = "could not run"


@dataclass(frozen=True)
class Finding:
    """One belief broken once. `at`: the exchange that shows it; `since`: the earlier one it contradicts.

    `alternative`: an observed alternative to a source was met, so that this only deviates.
    """

    expected: str
    actual: str
    at: Exchange
    since: Exchange | None = None
    alternative: str = ""

    @property
    def weight(self) -> tuple[bool, int, int, tuple[float, int]]:
        """What breaks before what only deviates, and the shortest request first: it is the easiest to send again."""
        request = self.at.request
        return bool(self.alternative), len(request.target) + len(request.content), self.at.session, self.at.order


Trial = Finding | None
"""A belief held against what was seen, once: None where it was kept."""


@dataclass(frozen=True)
class Verdict:
    """A belief's outcome: its best findings and how many there were, how often it was tried, what it wants if not.

    `single`: it has one trial in all, however much is seen, and is kept if any part of that keeps it.
    """

    belief: Belief
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    count: int = 0
    tried: int = 0
    wants: str = ""
    single: bool = False

    def fails(self, strict: Strict) -> bool:
        """Whether this fails a run."""
        deviates = self.outcome is Outcome.DEVIATES and is_failure(self.belief.keyword, self.belief.grade, strict)
        return deviates or self.outcome is Outcome.BROKEN


class Tally:
    """How a belief has fared so far. `fresh`: where its findings are told as they come."""

    def __init__(self, belief: Belief, fresh: list[tuple[Belief, Finding]] | None = None) -> None:
        self.belief, self.fresh = belief, fresh
        self.tried, self.count = 0, 0
        self.findings: list[Finding] = []
        self.failed = ""

    def held(self, times: int = 1) -> None:
        """It was tried, and kept."""
        self.tried += times

    def found(self, finding: Finding) -> None:
        """It was tried, and broken."""
        self.tried += 1
        self.count += 1
        if self.fresh is not None:
            self.fresh.append((self.belief, finding))
        bisect.insort(self.findings, finding, key=lambda one: one.weight)
        del self.findings[MOST:]

    def take(self, trial: Trial) -> None:
        """It was tried."""
        if trial is None:
            self.tried += 1
        else:
            self.found(trial)

    def verdict(self, last: Iterable[Trial] = (), wants: str = "") -> Verdict:
        """The verdict, if this is all. `last`: trials that only the end allows; they are not remembered."""
        if self.failed:
            return Verdict(self.belief, Outcome.COULD_NOT_RUN, wants=self.failed)
        whole = Tally(self.belief)
        whole.tried, whole.count, whole.findings = self.tried, self.count, list(self.findings)
        for trial in last:
            whole.take(trial)
        return decided(self.belief, whole.findings, whole.count, whole.tried, wants)


def decided(belief: Belief, findings: Sequence[Finding], count: int, tried: int, wants: str) -> Verdict:
    """A verdict from what was found."""
    if not tried:
        return Verdict(belief, Outcome.NOT_TRIED, wants=wants)
    if not count:
        return Verdict(belief, Outcome.KEPT, tried=tried)
    breaks = belief.grade == "source" and any(not finding.alternative for finding in findings)
    outcome = Outcome.BROKEN if breaks else Outcome.DEVIATES
    return Verdict(belief, outcome, tuple(findings), count, tried)


def joined(*parts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts on the whole of what was judged in parts: the same beliefs, in the same order."""
    return [_joined(several) for several in zip(*parts, strict=True)]


def _joined(several: Sequence[Verdict]) -> Verdict:
    for verdict in several:
        if verdict.outcome is Outcome.COULD_NOT_RUN:
            return verdict
    if several[0].single:
        return _single(several)
    found = sorted((one for verdict in several for one in verdict.findings), key=lambda one: one.weight)[:MOST]
    count, tried = sum(verdict.count for verdict in several), sum(verdict.tried for verdict in several)
    return decided(several[0].belief, found, count, tried, several[0].wants)


def _single(several: Sequence[Verdict]) -> Verdict:
    """The verdict on what has one trial: kept if a part keeps it, and otherwise its best finding."""
    kept = next((verdict for verdict in several if verdict.outcome is Outcome.KEPT), None)
    if kept is not None:
        return kept
    broken = [verdict for verdict in several if verdict.findings]
    return min(broken, key=lambda one: one.findings[0].weight) if broken else several[0]
