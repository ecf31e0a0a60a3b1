"""What watches over one belief."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from pollspec.document.keywords import KEYWORDS, Scope
from pollspec.document.vendor import Belief, Vendor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Tally, Trial

if TYPE_CHECKING:
    from pollspec.judge.trace import Past


class Monitor:
    """A belief compiled. It sees the exchanges of some operations (None: of all) and keeps the belief's tally.

    It judges only where its data are there and of the right kind; that they are is the business of `schema`, so that
    one mistake is one finding.

    `single`: it has one trial in all (verdict.py). `alone`: what it makes of an exchange depends on nothing else that
    was seen.
    """

    single = False

    def __init__(self, vendor: Vendor, belief: Belief, tally: Tally, version: Version | None) -> None:
        self.vendor, self.belief, self.says, self.tally, self.version = vendor, belief, belief.says, tally, version
        self.operations: Collection[str] | None = (belief.operation,)
        self.alone = KEYWORDS[belief.keyword].scope is Scope.EXCHANGE
        self.when, self.unless = (vendor.conditions(belief.says.get(word)) for word in ("when", "unless"))

    def see(self, sight: Sight) -> None:
        """Hold an exchange to the belief."""

    def speaks_of(self, sight: Sight) -> bool:
        """Whether an exchange is one of those that `when` and `unless` leave."""
        return (not self.when or sight.meets(self.when)) and not sight.meets(self.unless)

    def learn(self, sight: Sight) -> None:
        """Know what an exchange sent that is judged elsewhere."""

    def conclude(self) -> Iterable[Trial]:
        """What can only be said at the end, if this is it."""
        return ()


class Comparing(Monitor):
    """A belief along the answers of one operation about one instance.

    `take` says what of an answer is to be remembered; `settle` takes that in once the answer has come before all that
    follow; `compare` holds an answer against what was taken in.
    """

    def begin(self) -> Any:
        """What is known at first."""
        return {}

    def take(self, sight: Sight) -> Any:
        """What is to be remembered of an answer."""
        raise NotImplementedError

    def settle(self, known: Any, past: Past, taken: Any) -> None:
        """Take in an answer that came before."""
        raise NotImplementedError

    def compare(self, known: Any, taken: Any, sight: Sight) -> None:
        """Hold an answer against what came before."""
        raise NotImplementedError

    def see(self, sight: Sight) -> None:
        """Take in what has settled, and hold this answer against it."""
        line = sight.line
        if line is None:
            return
        known = line.notes.get(self)
        if known is None:
            known = line.notes[self] = self.begin()
        for past in sight.settled:
            if self in past.notes:
                self.settle(known, past, past.notes[self])
        taken = sight.past.notes[self] = self.take(sight)
        if sight.comparable:
            self.compare(known, taken, sight)
