"""From what was seen to verdicts: pure, so that the times are data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pollspec.document.vendor import Belief
from pollspec.grading.ground import Ground
from pollspec.grading.observation import NotTried, Observation
from pollspec.grading.requirements import REQUIREMENTS, Level, Requirement
from pollspec.judge.verdict import Finding, Outcome, Verdict

KEYWORD = "grade"
"""In the place of a keyword in the ids."""


def belief(requirement: Requirement, ground: Ground) -> Belief:
    """A requirement of one document, as reports have what they tell of."""
    operation = ground.start.operation if requirement.of_start and ground.start else ground.view.operation
    where = ground.vendor.document.at(*ground.vendor.operations[operation].place)
    level, reason = requirement.level_for(ground).value, requirement.reason_for(ground)
    return Belief(ground.vendor.slug, operation, KEYWORD, requirement.name, requirement.claim, level, reason, where)


@dataclass
class Judging:
    """The verdicts on what was seen of one ground's trials; each requirement is judged once."""

    ground: Ground
    seen: Sequence[Observation]

    def __post_init__(self) -> None:
        self._known: dict[str, Verdict] = {}

    def verdict(self, requirement: Requirement) -> Verdict:
        """What became of a requirement."""
        if requirement.name not in self._known:
            self._known[requirement.name] = self._judged(requirement)
        return self._known[requirement.name]

    def _judged(self, requirement: Requirement) -> Verdict:
        told = belief(requirement, self.ground)
        mine = [seen for seen in self.seen if seen.play.trial in requirement.baits]
        if not mine:
            return Verdict(told, Outcome.COULD_NOT_RUN, wants=self._unplayed())
        if not any(seen.exchanges for seen in mine) and not requirement.of_start:
            return Verdict(told, Outcome.COULD_NOT_RUN, wants=f"the command sent no request: {mine[0].unasked()}")
        if lacks := [name for name in requirement.needs if self._is_broken(name)]:
            return Verdict(told, Outcome.NOT_TRIED, wants=f"a client that keeps {' and '.join(lacks)}")
        return _decided(told, requirement.level_for(self.ground), _trials(requirement, mine))

    def _unplayed(self) -> str:
        """Why a trial was not played at all."""
        first = next(iter(self.seen), None)
        if first is None or first.exchanges:
            return "the run ended before"
        return f"the command sent no request: {first.unasked()}"

    def _is_broken(self, name: str) -> bool:
        """Whether a requirement that another one needs is not kept, where it is asked at all."""
        row = REQUIREMENTS[name]
        asked = row.applies(self.ground) and any(seen.play.trial in row.baits for seen in self.seen)
        return asked and self.verdict(row).outcome is not Outcome.KEPT


def _trials(requirement: Requirement, mine: Sequence[Observation]) -> list[Finding | NotTried | None]:
    """What each trial says of a requirement; one in which nothing was asked says nothing."""
    wants = NotTried("a client that starts what it waits for" if requirement.of_start else "a request in each trial")
    return [requirement.judge(seen) if seen.exchanges else wants for seen in mine]


def _decided(told: Belief, level: Level, judged: Sequence[Finding | NotTried | None]) -> Verdict:
    findings = tuple(one for one in judged if isinstance(one, Finding))
    lacking = [one for one in judged if isinstance(one, NotTried)]
    tried = len(judged) - len(lacking)
    if not tried:
        return Verdict(told, Outcome.NOT_TRIED, wants=lacking[0].wants)
    outcome = Outcome.BROKEN if level is Level.MUST else Outcome.DEVIATES
    return Verdict(told, outcome if findings else Outcome.KEPT, findings, len(findings), tried)


def verdicts(asked: Sequence[tuple[Requirement, Ground]], seen: Sequence[Observation]) -> Mapping[str, Verdict]:
    """A verdict for each requirement, by its id."""
    judging: dict[str, Judging] = {}
    found = []
    for requirement, ground in asked:
        name = ground.view.operation
        own = [one for one in seen if one.play.ground.view.operation == name]
        found.append(judging.setdefault(name, Judging(ground, own)).verdict(requirement))
    return {verdict.belief.id: verdict for verdict in found}
