"""What was asked and answered, judged as it came: the one thing that every door leaves behind for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from packaging.version import Version

from pollspec.document.keywords import is_failure
from pollspec.document.vendor import Belief, Vendor
from pollspec.judge.circumstances import circumstance
from pollspec.judge.exchange import Exchange
from pollspec.judge.judge import Judge
from pollspec.judge.record import SHOWN, Record, Recorded, best
from pollspec.judge.verdict import Finding, Outcome, Verdict, joined
from pollspec.masks import Masks
from pollspec.trial.diagnosis import Sign, diagnosis, sign_of
from pollspec.trial.selection import Plan
from pollspec.trial.wire.credentials import REFUSED

SIGNS = 256
"""Different signs that are told apart: a server may redirect to ever new addresses."""


@dataclass
class Share:
    """What was heard of a part: everything that a ledger of the whole needs, as data that can be sent."""

    verdicts: list[Verdict]
    asked: Counter[str]
    answers: Counter[str]
    refused: Counter[str]
    statuses: dict[str, Counter[int]]
    troubles: Counter[str]
    lost: dict[str, Counter[str]]
    signs: Counter[Sign | None]
    circumstances: set[str]
    recorded: list[Recorded]
    left_out: int


def ranked(counted: Counter[str]) -> list[tuple[str, int]]:
    """What was counted, the most frequent first, then by name."""
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


class Ledger:
    """One vendor's exchanges with one server, held to some beliefs.

    `name`: where the server is, or what was recorded; `base_path`: what stands before the document's paths there;
    `asked`, `polled`: requests of each operation, and how many of them followed a lifecycle; `started`: what was
    started; `troubles`: how answers were lost; `spent`: why no more was asked; `interrupted`: somebody ended it.
    """

    def __init__(
        self,
        vendor: Vendor,
        beliefs: Sequence[Belief],
        name: str,
        plan: Plan | None = None,
        masks: Masks | None = None,
        base_path: str = "",
        version: Version | None = None,
    ) -> None:
        self.vendor, self.beliefs, self.plan, self.name = vendor, beliefs, plan or Plan(), name
        self.masks, self.base_path, self.version = masks or Masks(), base_path, version
        self.judge = Judge(vendor, beliefs, version)
        self.record = Record(vendor)
        self.parts: list[list[Verdict]] = []
        self.asked: Counter[str] = Counter()
        self.polled: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.statuses: dict[str, Counter[int]] = {name: Counter() for name in vendor.operations}
        self.troubles: Counter[str] = Counter()
        self.lost: dict[str, Counter[str]] = {name: Counter() for name in vendor.operations}
        self.started: list[str] = []
        self.spent, self.interrupted = "", False
        self.circumstances: set[str] = set()
        self.signs: Counter[Sign | None] = Counter()
        self.latest: Exchange | None = None

    def enter(self, exchange: Exchange) -> list[tuple[Belief, Finding]]:
        """Judge an exchange; what it breaks."""
        self._count(exchange)
        sight = self.judge.see(exchange)
        if exchange.answer is not None:
            self.circumstances.add(circumstance(exchange, sight.stages))
        self.record.note(sight, self.judge.fresh)
        return list(self.judge.fresh)

    def _count(self, exchange: Exchange) -> None:
        self.latest = exchange
        self.asked[exchange.operation] += 1
        self._note_sign(None if exchange.link else sign_of(self.vendor, exchange))
        if exchange.answer is None:
            self.lost[exchange.operation][exchange.trouble] += 1
        else:
            self.answers[exchange.operation] += 1
            self.refused[exchange.operation] += exchange.credential == REFUSED
            if exchange.credential == "default":
                self.statuses[exchange.operation][exchange.answer.status] += 1
        if exchange.trouble:
            self.troubles[exchange.trouble] += 1

    def _note_sign(self, sign: Sign | None, times: int = 1) -> None:
        """Count a sign; beyond so many, one that differs from another in its detail alone counts as that one."""
        if sign is not None and sign not in self.signs and len(self.signs) >= SIGNS:
            sign = next((one for one in self.signs if one and one.kind == sign.kind), sign)
        self.signs[sign] += times

    def share(self) -> Share:
        """What was heard here, for a ledger of the whole of which this is a part."""
        counted = (self.asked, self.answers, self.refused, self.statuses, self.troubles, self.lost, self.signs)
        recorded = self.record.turned()
        return Share(self.judge.verdicts(), *counted, self.circumstances, recorded, self.record.left_out)

    def include(self, share: Share) -> None:
        """Take in what was heard in a part; in whichever order they come, the whole is the same."""
        self.parts = [joined(*self.parts, share.verdicts)]
        for name in ("asked", "answers", "refused", "troubles"):
            getattr(self, name).update(getattr(share, name))
        for sign, times in share.signs.items():
            self._note_sign(sign, times)
        for operation in self.vendor.operations:
            self.statuses[operation].update(share.statuses[operation])
            self.lost[operation].update(share.lost[operation])
        self.circumstances |= share.circumstances
        every = [*self.record.turned(), *share.recorded]
        kept = best(every, SHOWN)
        self.record.instances = dict(enumerate(kept))
        self.record.left_out += share.left_out + sum(one.telling for one in every) - len(kept)

    def verdicts(self) -> dict[str, Verdict]:
        """What became of each belief, by its id, as far as was heard."""
        whole = joined(self.judge.verdicts(), *self.parts)
        return {verdict.belief.id: self.explained(verdict) for verdict in whole}

    def explained(self, verdict: Verdict) -> Verdict:
        """An untried belief whose operation gave nothing to judge could not run, rather than was not tried."""
        if verdict.outcome is Outcome.NOT_TRIED and (why := self.prevented(verdict.belief)):
            return replace(verdict, outcome=Outcome.COULD_NOT_RUN, wants=why)
        return verdict

    def prevented(self, belief: Belief) -> str:
        """What kept the server from taking part in a belief's trial; "" if nothing did."""
        asked, statuses = belief.operation, self.statuses[belief.operation]
        if self.asked[asked] and not self.answers[asked]:
            return ranked(self.lost[asked])[0][0]
        if self.refused[asked] and not set(statuses) - {401, 403}:
            return "the credential 'default' was not accepted (401)"
        if not statuses:
            return ""
        if set(statuses) == {429}:
            return self.spent or "every answer was 429 (too many requests)"
        known = self.vendor.operations[asked].response
        if all(300 <= status < 400 and known(status) is None for status in statuses):
            return f"every answer was a redirect ({min(statuses)}), which is not followed: give the address it names"
        return ""

    def fails(self, belief: Belief, finding: Finding) -> bool:
        """Whether a finding fails a run."""
        breaks = belief.grade == "source" and not finding.alternative
        return breaks or is_failure(belief.keyword, belief.grade, self.plan.strict)

    def cited(self, exchange: Exchange) -> str:
        """Where an exchange is found again."""
        return f"request {exchange.number + 1}"

    def selecting(self, belief: Belief) -> str:
        """The words that make a command try one belief again as it was tried here."""
        return f"--only {belief.id}"

    @property
    def diagnosis(self) -> str:
        """What most answers are a sign of, where that is not what was asked for."""
        return diagnosis(self.signs)

    @property
    def notes(self) -> list[str]:
        """What a reader of the verdicts must know about how they came about."""
        return [f"the {label} is too short to be masked" for label in self.masks.short]
