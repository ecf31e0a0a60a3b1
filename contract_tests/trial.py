"""One vendor's trial against one target: explored once, judged once, every belief with its verdict."""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from . import explore
from .errors import PollspecError, Unreachable, UsageError, nearest
from .keywords import judge
from .target import Target
from .vendor import GRADES, Belief, Vendor
from .verdict import Outcome, Verdict
from .wire.pace import BudgetSpent

EXAMPLES = 20
"""Made-up requests an operation, by default."""


@dataclass(frozen=True)
class Plan:
    """How a trial is run. `only`: prefixes or globs of belief ids; `strict`: a deviation fails."""

    seed: int = 1
    examples: int = EXAMPLES
    strict: bool = False
    only: tuple[str, ...] = ()


def matches(belief_id: str, pattern: str) -> bool:
    """Whether a selector means a belief: its id, the beginning of it, or a glob."""
    return (
        belief_id == pattern
        or belief_id.startswith(pattern.rstrip("/") + "/")
        or fnmatch.fnmatchcase(belief_id, pattern)
    )


def selected(beliefs: Sequence[Belief], patterns: Sequence[str]) -> list[Belief]:
    """The beliefs that selectors mean (all without one); UsageError for a selector that means none."""
    known = [belief.id for belief in beliefs]
    for pattern in patterns:
        if not any(matches(known_id, pattern) for known_id in known):
            hint = nearest(pattern, known) if "/" in pattern else "pollspec beliefs"
            raise UsageError(f"--only {pattern!r} selects no belief", hint)
    return [belief for belief in beliefs if not patterns or any(matches(belief.id, pattern) for pattern in patterns)]


def must_be_tried(beliefs: Sequence[Belief], wanted: tuple[str, ...]) -> frozenset[str]:
    """The ids of the beliefs that must not stay untried."""
    found: set[str] = set()
    for word in wanted:
        chosen = {b.id for b in beliefs if word in {"all", b.grade, b.id} or b.id.startswith(f"{word}/")}
        if not chosen:
            raise UsageError(f"--require {word!r}: expected all, a grade or an id", nearest(word, [*GRADES, "all"]))
        found |= chosen
    return frozenset(found)


class Trial:
    """A trial; nothing is asked before the first verdict is wanted, and nothing at all once it is `interrupted`.

    `listeners` are told after each exchange.
    """

    def __init__(self, vendor: Vendor, reach: Callable[[], Target], plan: Plan, beliefs: Sequence[Belief]) -> None:
        self.vendor, self.plan, self.beliefs = vendor, plan, beliefs
        self._reach = reach
        self._failed: PollspecError | None = None
        self.interrupted = False
        self.spent = ""
        self.unreachable = ""
        self.explored = False
        self.listeners: list[Callable[[Trial], None]] = []

    @functools.cached_property
    def target(self) -> Target:
        """The target, reached on first use; why it could not be is found out once."""
        if self._failed is not None:
            raise self._failed
        try:
            target = self._reach()
        except PollspecError as error:
            self._failed = error
            raise
        target.listeners.append(lambda _: self._tell())
        return target

    def _tell(self) -> None:
        for listener in self.listeners:
            listener(self)

    @property
    def begun(self) -> bool:
        """Whether the target was reached."""
        return "target" in self.__dict__

    @property
    def judged(self) -> bool:
        """Whether the verdicts are there."""
        return "verdicts" in self.__dict__

    def so_far(self) -> list[Verdict]:
        """The verdicts; on what was gathered until now, where the trial still goes on."""
        if self.judged:
            return list(self.verdicts.values())
        return [self._explained(verdict) for verdict in self._judge()]

    @functools.cached_property
    def verdicts(self) -> dict[str, Verdict]:
        """Explore, then judge. What was learnt before an interrupt or the end of the budget is judged all the same."""
        target = self.target
        try:
            if not self.interrupted:
                self.explore()
                self.explored = True
        except BudgetSpent as spent:
            self.spent = str(spent)
        except Unreachable as error:
            self.unreachable = str(error.args[0])
        except KeyboardInterrupt:
            self.interrupted = True
        try:
            verdicts = self._judge()
        except KeyboardInterrupt:
            self.interrupted = True
            verdicts = self._judge()
        target.close()
        return {verdict.belief.id: self._explained(verdict) for verdict in verdicts}

    def explore(self) -> None:
        """Ask what is to be asked."""
        explore.explore(self.target, self.plan.seed, self.plan.examples, self.beliefs)

    def selecting(self, belief: Belief) -> str:
        """The words that make a command try one belief again as it was tried here."""
        return f"--only {belief.id} --seed {self.plan.seed}"

    def _judge(self) -> list[Verdict]:
        return judge(self.vendor, self.target.exchanges, self.beliefs, self.target.settings.product_version)

    def _explained(self, verdict: Verdict) -> Verdict:
        """An untried belief whose operation gave nothing to judge could not run, rather than was not tried."""
        if verdict.outcome is not Outcome.NOT_TRIED:
            return verdict
        if why := self._prevented(verdict.belief):
            return replace(verdict, outcome=Outcome.COULD_NOT_RUN, wants=why)
        if verdict.belief.says.get("credential") == "invalid" and not self.target.settings.try_wrong_logins:
            return replace(verdict, wants="wrong logins, which were declined (try_wrong_logins, --no-wrong-logins)")
        if not self.explored:
            unfinished = "the run was interrupted" if self.interrupted else "the run is not finished"
            return replace(verdict, wants=self.spent or unfinished)
        return verdict

    def _prevented(self, belief: Belief) -> str:
        """What kept the target from taking part in a belief's trial; "" if nothing did."""
        if self.unreachable:
            return self.unreachable
        asked = [e for e in self.target.exchanges if e.operation == belief.operation]
        usual = [e.answer for e in asked if e.credential == "default" and e.answer is not None]
        if asked and all(exchange.answer is None for exchange in asked):
            return asked[-1].trouble
        if usual and all(answer.status == 401 for answer in usual):
            return self.target.keyring.failed or "the credential 'default' was not accepted (401)"
        if usual and all(answer.status == 429 for answer in usual):
            return self.spent
        known = self.vendor.operations[belief.operation].response
        if usual and all(300 <= answer.status < 400 and known(answer.status) is None for answer in usual):
            return f"every answer was a redirect ({usual[0].status}), which is not followed: give the address it names"
        return ""
