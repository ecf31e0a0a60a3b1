"""What is asked of an operation about what rests: what is planned for the beliefs, and how much may be made up."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pollspec.document import expressions
from pollspec.document.allowed import ways
from pollspec.document.conditions import same
from pollspec.document.keywords import KEYWORDS, Provoked, Scope
from pollspec.document.messages import Request
from pollspec.document.operations import Operation
from pollspec.document.vendor import Belief, Vendor
from pollspec.trial.factors import Given, Resting, Supplied, factors, provoking
from pollspec.trial.pairs import REQUESTS as TWO
from pollspec.trial.request import build, is_complete
from pollspec.trial.rows import Ask, Table
from pollspec.trial.starts import may_write, whereabouts

if TYPE_CHECKING:
    from pollspec.trial.trial import Trial


def asks(belief: Belief) -> bool:
    """Whether something must be asked for a belief."""
    return KEYWORDS[belief.keyword].scope is not Scope.DOCUMENT


def wants_traces(vendor: Vendor, belief: Belief) -> bool:
    """Whether a belief wants what runs to be followed: to be judged on, or because what has ended is asked about."""
    if KEYWORDS[belief.keyword].provoked is not Provoked.REFUSAL:
        return asks(belief)
    operation = vendor.operations[belief.operation]
    return any(not is_complete(operation, sends) for sends in belief.says.get("sends", [{}]))


class Questions:
    """The questions of a trial."""

    def __init__(self, trial: Trial) -> None:
        self.trial, self.vendor, self.beliefs = trial, trial.vendor, trial.beliefs
        self._tables: dict[str, Table] = {}
        self._asked: dict[str, list[Ask]] = {}
        self._made_up: Counter[str] = Counter()
        self._past: Counter[str] = Counter()

    def of(self, operation: Operation) -> list[Ask]:
        """What is asked of an operation about what rests, the most telling first."""
        if operation.id not in self._asked:
            self._asked[operation.id] = self._planned(operation)
        return self._asked[operation.id]

    def thought_of(self, operation: Operation) -> list[Ask]:
        """What would be asked if all that the document names were supplied; nothing need be reached for that."""
        applicable = [s for s in self.vendor.subjects.values() if self.vendor.applies(s, operation)]
        subjects = [Resting(subject.name, subject.given) for subject in applicable]
        logins = dict(zip(self.vendor.credentials, self.vendor.credentials, strict=True))
        return self._table(operation, Supplied(subjects, logins)).asks()

    def _planned(self, operation: Operation) -> list[Ask]:
        mine = [belief for belief in self.beliefs if belief.operation == operation.id]
        if not may_write(self.trial.target, operation) or not any(map(asks, mine)):
            return []
        settings = self.trial.target.settings
        known = [given for name in settings.subjects for given, _ in settings.identifiers(name)]
        logins = self.trial.target.logins
        others = {"another's": settings.crossing, "malformed": settings.malformed}
        wrong, examples = settings.try_wrong_logins, settings.polite
        supplied = Supplied(self.resting(operation), logins, wrong, known, others, self.everything, examples)
        table = self._tables[operation.id] = self._table(operation, supplied)
        made = table.asks()
        beside = examples and self.vendor.lifecycle_of(operation.id) is None
        return [ask for ask in made if self.is_refusal(ask)] if operation.writes and not beside else made

    def _table(self, operation: Operation, supplied: Supplied) -> Table:
        starts = self.vendor.started_by(operation.id) is not None
        mine = [belief for belief in self.beliefs if belief.operation == operation.id]
        provoked = [b for b in provoking(self.vendor, operation.id, mine) if not (starts and _answers(b))]
        pairs = self.trial.plan.examples - self.room_for_made_up - 2 * len(self.others(operation.id)) - TWO
        pairs = pairs if self.everything and not operation.writes else 0
        made = factors(self.vendor, operation, provoked, supplied)
        return Table(self.vendor, operation, made, self.trial.plan.seed, pairs)

    def others(self, operation: str) -> list[Given]:
        """Some ways to ask for one thing with its optional parameters: the first and the last of each."""
        if not self.everything:
            return []
        each = ways(self.vendor, self.vendor.operations[operation]).values()
        return [mine[place] for mine in each for place in sorted({0, len(mine) - 1})]

    def shares(self) -> str:
        """How many pairs of what can be varied were asked of each operation, in words."""
        told = []
        for name, table in self._tables.items():
            asked, wanted = table.share(self._asked.get(name, []))
            told += [f"{name} {asked} of {wanted}"] if table.pairs and wanted else []
        return f"pairs of what can be varied: {', '.join(told)} (--max-examples asks for more)" if told else ""

    @property
    def everything(self) -> bool:
        """Whether all that can be asked is, and not only what some beliefs want."""
        return len(self.beliefs) >= len(self.vendor.beliefs) and self.trial.plan.examples > 0

    def is_refusal(self, ask: Ask) -> bool:
        """Whether an ask provokes a documented refusal."""
        request = self.request(ask)
        for belief in self.vendor.provoked(ask.operation.id, Provoked.REFUSAL):
            recognised = self.vendor.recognises(belief)
            holds = not recognised or any(condition.of_request().holds(request) for condition in recognised)
            if holds and belief.says.get("credential", "default") == self.kind(ask.credential):
                return True
        return False

    def kind(self, login: str) -> str:
        """The kind of a login; before a target is reached, its name."""
        return self.trial.target.logins.get(login, login) if self.trial.begun else login

    def may_be(self, ask: Ask) -> bool:
        """Whether a planned ask is still to be made.

        Each wrong login is tried once in a whole run at a live target: accounts get locked.
        """
        self._past[ask.operation.id] += 1
        if self.kind(ask.credential) == "invalid" and not self.trial.target.embedded:
            asked = self.trial.target.exchanges
            return all((exchange.login or exchange.credential) != ask.credential for exchange in asked)
        return True

    def resting(self, operation: Operation) -> list[Resting]:
        """What may be asked about without disturbing what runs: the subjects that have ended come first."""
        return [
            Resting(name, given, login)
            for name in sorted(self.vendor.subjects, key=lambda name: not self.vendor.subjects[name].path)
            for given, login in self.trial.target.identified(name, operation)
            if not self.is_precious(given)
        ]

    def is_precious(self, given: Given) -> bool:
        """Whether an identifier may be of an operation still under way: those are followed, and nothing else."""
        return not self.trial.target.embedded and tuple(given.items()) in self.trial.target.running

    def concerns_precious(self, request: Request) -> bool:
        """Whether a request happens to be about such an identifier: a document's example may name what is running."""
        return not self.trial.target.embedded and any(
            all(same(expressions.value(text, request), value) for text, value in given)
            for given in self.trial.target.running
        )

    def request(self, ask: Ask) -> Request:
        """What an ask sends."""
        if not self.trial.begun:
            return build(self.vendor, ask.operation, ask.values)
        there = whereabouts(self.trial.target, ask.operation)
        body = self.trial.target.settings.body(ask.operation.id)
        return build(self.vendor, ask.operation, {**there, **ask.values}, body)

    @property
    def made_up(self) -> int:
        """Requests of an operation, of those it may be asked, that nobody planned: so many at most."""
        return self.trial.plan.examples // 4

    @property
    def room_for_made_up(self) -> int:
        """So much room the plan leaves for them."""
        return self.trial.plan.examples // 8

    def may_be_made_up(self, request: Request) -> bool:
        """Whether a request that nobody planned may be sent: it has room, and spares what runs."""
        operation = self.vendor.operations[request.operation]
        if operation.writes and not self.trial.target.embedded:
            return False
        if self._made_up[operation.id] >= self.made_up or self.concerns_precious(request):
            return False
        self._made_up[operation.id] += 1
        return self.has_room(operation.id)

    def has_room(self, operation: str) -> bool:
        """Whether an operation may be asked something more beside its polls and what is planned."""
        counted, polled = self.trial.target.counted[operation], self.trial.target.polled[operation]
        return counted - polled + self._left(operation) < self.trial.plan.examples

    def _left(self, operation: str) -> int:
        planned = sum(len(ask.whole) for ask in self.of(self.vendor.operations[operation]))
        return max(0, planned - self._past[operation])


def _answers(belief: Belief) -> bool:
    return KEYWORDS[belief.keyword].provoked is Provoked.ANSWER
