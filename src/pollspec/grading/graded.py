"""What a grading leaves behind for the report: the requests of each trial, and the verdicts on the requirements."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

from pollspec.document.vendor import Belief, Vendor
from pollspec.grading.ground import Ground
from pollspec.grading.judging import verdicts
from pollspec.grading.observation import Observation
from pollspec.grading.play import Play
from pollspec.grading.requirements import REQUIREMENTS, Requirement
from pollspec.judge.exchange import Exchange
from pollspec.judge.verdict import Verdict
from pollspec.masks import secret_of
from pollspec.trial.ledger import Ledger


class Graded(Ledger):
    """One client's trials. `words`: its command."""

    def __init__(self, vendor: Vendor, chosen: Sequence[tuple[Requirement, Ground]], words: Sequence[str]) -> None:
        super().__init__(vendor, [], shlex.join(words))
        self.chosen, self.words, self.seen = chosen, words, list[Observation]()
        self.trials, self.requests = 0, 0

    def needed(self, plays: Sequence[Play]) -> list[Play]:
        """The trials that the chosen requirements want, and those that these need; the first one in any case."""
        wanted, ahead = set[str](), [requirement for requirement, _ in self.chosen]
        while ahead:
            row = ahead.pop()
            wanted |= set(row.baits)
            ahead += [REQUIREMENTS[name] for name in row.needs]
        return [play for number, play in enumerate(plays) if number == 0 or play.trial in wanted]

    def take(self, seen: Observation) -> None:
        """Take in a trial, with numbers that tell its requests from those of the others."""
        ground, play = seen.play.ground, seen.play
        for text, value in ground.signature(play.subject, play.credential).items():
            if text == ground.vendor.signing.secret:
                self.masks.add(secret_of(str(value)), "credential")
        first = self.requests
        self.trials, self.requests = self.trials + 1, first + len(seen.exchanges)
        numbered = {one.number: self._placed(one, play.trial, first) for one in seen.exchanges}
        for one in numbered.values():
            if one.operation:
                self.enter(one)
                self.polled[one.operation] += one.operation == ground.view.operation
        elsewhere = [self._placed(one, play.trial, first) for one in seen.elsewhere]
        due = {first + number: moment for number, moment in seen.due.items()}
        self.seen.append(replace(seen, exchanges=list(numbered.values()), elsewhere=elsewhere, due=due))

    def _placed(self, one: Exchange, trial: str, first: int) -> Exchange:
        """An exchange in its place of the whole; one without an answer has none."""
        answer = one.answer if one.status else None
        return replace(one, answer=answer, subject=trial, session=self.trials, number=first + one.number)

    def verdicts(self) -> dict[str, Verdict]:
        """What became of each requirement, by its id, as far as was seen."""
        return dict(verdicts(self.chosen, self.seen))

    def selecting(self, belief: Belief) -> str:
        """The words that grade one requirement again."""
        return f"--only {belief.id} -- {shlex.join(self.words)}"

    @property
    def diagnosis(self) -> str:
        """None: what most answers are is what is played."""
        return ""
