"""One vendor's trial against one target: explored once, judged once, every belief with its verdict."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from . import explore
from .keywords import judge
from .target import BudgetSpent, Target
from .vendor import Belief, Vendor
from .verdict import Outcome, Verdict

EXAMPLES = 20
"""Made-up requests an operation, by default."""


@dataclass(frozen=True)
class Plan:
    """How a trial is run. `only`: prefixes or globs of belief ids; `strict`: a deviation fails."""

    seed: int = 1
    examples: int = EXAMPLES
    strict: bool = False
    only: tuple[str, ...] = ()


class Trial:
    """A trial; nothing is asked before the first verdict is wanted."""

    def __init__(self, vendor: Vendor, reach: Callable[[], Target], plan: Plan, beliefs: Sequence[Belief]) -> None:
        self.vendor, self.plan, self.beliefs = vendor, plan, beliefs
        self._reach = reach
        self.interrupted = False
        self.spent = ""

    @functools.cached_property
    def target(self) -> Target:
        """The target, reached on first use."""
        return self._reach()

    @functools.cached_property
    def verdicts(self) -> dict[str, Verdict]:
        """Explore, then judge. What was learnt before an interrupt or the end of the budget is judged all the same."""
        try:
            self.explore()
        except BudgetSpent as spent:
            self.spent = str(spent)
        except KeyboardInterrupt:
            self.interrupted = True
        verdicts = judge(self.vendor, self.target.exchanges, self.beliefs)
        self.target.close()
        return {verdict.belief.id: self._explained(verdict) for verdict in verdicts}

    def explore(self) -> None:
        """Ask what is to be asked."""
        explore.explore(self.target, self.plan.seed, self.plan.examples, self.beliefs)

    def selecting(self, belief: Belief) -> str:
        """The words that make a command try one belief again as it was tried here."""
        return f"--only {belief.id} --seed {self.plan.seed}"

    def _explained(self, verdict: Verdict) -> Verdict:
        """An untried belief whose operation gave nothing to judge could not run, rather than was not tried."""
        if verdict.outcome is not Outcome.NOT_TRIED:
            return verdict
        asked = [e for e in self.target.exchanges if e.operation == verdict.belief.operation]
        usual = [e for e in asked if e.credential == "default"]
        if asked and all(exchange.answer is None for exchange in asked):
            return replace(verdict, outcome=Outcome.COULD_NOT_RUN, wants=asked[-1].trouble)
        if usual and all(e.answer is None or e.answer.status == 401 for e in usual):
            return replace(
                verdict, outcome=Outcome.COULD_NOT_RUN, wants="the credential 'default' was not accepted (401)"
            )
        if self.interrupted or self.spent:
            return replace(verdict, wants=self.spent or "the run was interrupted")
        return verdict
