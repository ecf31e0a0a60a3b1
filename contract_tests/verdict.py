"""Findings, and the verdict on each belief that follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from .trace import Exchange
from .vendor import Belief


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


@dataclass(frozen=True)
class Verdict:
    """A belief's outcome, with every finding, how often it was tried, and what it wants if it was not."""

    belief: Belief
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    tried: int = 0
    wants: str = ""

    def fails(self, strict: bool) -> bool:
        """Whether this fails a run."""
        return self.outcome is Outcome.BROKEN or (strict and self.outcome is Outcome.DEVIATES)


def decide(belief: Belief, trials: Sequence[Finding | None], wants: str) -> Verdict:
    """A verdict from a keyword's trials: None for each time the belief held, a Finding for each time it did not."""
    findings = tuple(trial for trial in trials if trial is not None)
    if not trials:
        return Verdict(belief, Outcome.NOT_TRIED, wants=wants)
    if not findings:
        return Verdict(belief, Outcome.KEPT, tried=len(trials))
    breaks = belief.grade == "source" and any(not finding.alternative for finding in findings)
    return Verdict(belief, Outcome.BROKEN if breaks else Outcome.DEVIATES, findings, len(trials))
