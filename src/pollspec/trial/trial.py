"""One vendor's trial against one target: what is asked of it, in which order, judged as it comes."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pollspec.document.lifecycles import Lifecycle
from pollspec.document.messages import Request
from pollspec.document.operations import Operation
from pollspec.document.vendor import Belief, Vendor
from pollspec.errors import PollspecError, Unreachable
from pollspec.judge.exchange import Exchange
from pollspec.judge.judge import Judge
from pollspec.judge.verdict import Finding, Outcome, Verdict
from pollspec.trial import pairs
from pollspec.trial.ledger import Ledger
from pollspec.trial.links import Links
from pollspec.trial.moving import move_all
from pollspec.trial.polling import follow, supplied
from pollspec.trial.questions import Questions, asks, wants_traces
from pollspec.trial.request import minted
from pollspec.trial.selection import Plan
from pollspec.trial.starts import requests, start_all, started
from pollspec.trial.target import Target
from pollspec.trial.wire.pace import BudgetSpent


class Over(Exception):
    """Nothing more is asked: the run has taken what it may, or the target takes no part."""


class Trial(Ledger):
    """A trial; nothing is asked before something is wanted of it, and nothing at all once it is `interrupted`.

    `listeners` are told after each exchange; `announcing`: told in words what will be started.
    """

    def __init__(self, vendor: Vendor, reach: Callable[[], Target], plan: Plan, beliefs: Sequence[Belief]) -> None:
        super().__init__(vendor, beliefs, "", plan)
        self._reach = reach
        self.failed: PollspecError | None = None
        self.unreachable = ""
        self.finished = False
        self.listeners: list[Callable[[Ledger], None]] = []
        self.announcing: list[Callable[[str], None]] = []
        self.found: list[tuple[Belief, Finding]] = []
        self._followed: set[str] = set()
        self._naming = False
        self.links = Links(vendor, beliefs)
        self.questions = Questions(self)

    @functools.cached_property
    def target(self) -> Target:
        """The target, reached on first use; why it could not be is found out once."""
        if self.failed is not None:
            raise self.failed
        try:
            target = self._reach()
        except PollspecError as error:
            self.failed = error
            raise
        self.name, self.masks, self.base_path = target.name, target.masks, target.base_path
        self.version, self.polled = target.settings.product_version, target.polled
        self.judge = self.judging(target)
        self.started, self._naming = target.started, not target.embedded
        for exchange in target.exchanges:
            self.enter(exchange)
        target.listeners.append(self.enter)
        return target

    def judging(self, target: Target) -> Judge:
        """A judge of what is heard of a target."""
        return Judge(self.vendor.polled(target.settings.polls.every), self.beliefs, self.version)

    @property
    def asks(self) -> bool:
        """Whether anything must be asked for some belief; samples are judged without."""
        return any(asks(belief) for belief in self.beliefs)

    @property
    def begun(self) -> bool:
        """Whether the target was reached."""
        return "target" in self.__dict__

    @property
    def repeats(self) -> bool:
        """Whether anything may be asked again for a shorter example: at a live target nothing is."""
        return self.target.embedded

    def enter(self, exchange: Exchange) -> list[tuple[Belief, Finding]]:
        """Judge an exchange; remember what it breaks until somebody takes it."""
        fresh = super().enter(exchange)
        self.links.note(exchange)
        self._name(exchange)
        self.found += fresh
        for listener in self.listeners:
            listener(self)
        return fresh

    def _name(self, exchange: Exchange) -> None:
        """Remember what was started, whoever asked for it; what an embedded server starts is gone with it."""
        lifecycle = self.vendor.started_by(exchange.operation)
        if self._naming and lifecycle:
            given = minted(lifecycle, exchange)
            self.started += [" ".join(map(str, given.values()))] if given is not None else []

    def taken(self) -> list[tuple[Belief, Finding]]:
        """What was broken since this was asked last."""
        found, self.found = self.found, []
        return found

    @contextlib.contextmanager
    def going_on(self) -> Iterator[None]:
        """Whatever ends a run is remembered, and ends what goes on inside with Over."""
        if self.spent or self.unreachable or self.interrupted:
            raise Over(self.spent or self.unreachable or "interrupted")
        try:
            yield
        except BudgetSpent as spent:
            self.spent = str(spent)
            raise Over(self.spent) from None
        except Unreachable as error:
            self.unreachable = str(error.args[0])
            raise Over(self.unreachable) from None
        except KeyboardInterrupt:
            self.interrupted = True
            raise

    def follows(self, lifecycle: Lifecycle) -> bool:
        """Whether some belief of the trial wants the traces of a lifecycle: or what ends there is asked about."""
        mine = [belief for belief in self.beliefs if belief.operation in lifecycle.operations]
        return any(wants_traces(self.vendor, belief) for belief in mine)

    def follow(self, lifecycle: Lifecycle) -> None:
        """A lifecycle from start to end, once: what may be started here, then every subject that was supplied.

        Where nothing wants it followed, what was supplied may be running as long as the trial lasts.
        """
        if lifecycle.name in self._followed:
            return
        self._followed.add(lifecycle.name)
        with self.going_on():
            known = list(supplied(self.target, lifecycle, {}))
            self.target.running |= {tuple(given.items()) for one in known for given in one.asked.values() if given}
            if not self.follows(lifecycle):
                return
            others = {name: self.questions.others(name) for name in lifecycle.views}
            if lifecycle.start and self.target.settings.allow_writes:
                operation = self.vendor.operations[lifecycle.start.operation]
                planned = list(requests(self.target, operation, self.plan.seed))
                self._announce(operation, len(planned))
                latest = {name: others[name] for name, view in lifecycle.views.items() if view.latest}
                start_all(self.target, lifecycle, planned, latest)
                move_all(self.target, lifecycle, planned, self.beliefs)
            follow(self.target, supplied(self.target, lifecycle, others))
            self.links.follow(self.target)
        for name in lifecycle.views:
            pairs.ask(self, self.vendor.operations[name])

    def _announce(self, operation: Operation, number: int) -> None:
        """Say how many operations will be started, before the first one is."""
        if number and not self.target.embedded:
            for tell in self.announcing:
                tell(
                    f"{self.vendor.slug}: starts {number} with {operation.method} {operation.path}, one after the other"
                )

    def follow_all(self) -> None:
        """Every lifecycle."""
        for lifecycle in self.vendor.lifecycles.values():
            self.follow(lifecycle)

    def send(
        self, request: Request, credential: str = "default", subject: str | None = None, poll: bool = False
    ) -> Exchange:
        """Ask; Over where nothing is asked any more. What a live server starts thereby is followed to its end."""
        with self.going_on():
            begun = self.target.clock()
            exchange = self.target.send(request, credential, subject, poll)
            if not self.repeats and (watch := started(self.vendor, exchange, begun)) is not None:
                follow(self.target, [watch])
            return exchange

    def close(self) -> None:
        """Nothing more is asked."""
        self.finished = True
        if self.begun:
            self.target.close()

    def verdicts(self) -> dict[str, Verdict]:
        """What became of each belief, as far as was asked; PollspecError where the target could not be reached."""
        if self.asks:
            assert self.target
        return super().verdicts()

    def run(self) -> None:
        """Ask all that is planned, without a test runner; once."""
        if self.finished:
            return
        with contextlib.suppress(Over):
            self.follow_all()
            for operation in self.vendor.operations.values():
                for ask in self.questions.of(operation):
                    for one in ask.whole:
                        if self.questions.may_be(one):
                            self.send(self.questions.request(one), one.credential, one.subject)
        self.close()

    def selecting(self, belief: Belief) -> str:
        """The words that make a command try one belief again as it was tried here."""
        return f"--only {belief.id} --seed {self.plan.seed}"

    @property
    def notes(self) -> list[str]:
        """What the target tells, and how much of what could be asked was."""
        shares = self.questions.shares()
        return [*super().notes, *(self.target.notes if self.begun else []), *([shares] if shares else [])]

    def explained(self, verdict: Verdict) -> Verdict:
        """An untried belief whose operation gave nothing to judge could not run, rather than was not tried."""
        verdict = super().explained(verdict)
        if verdict.outcome is not Outcome.NOT_TRIED:
            return verdict
        if verdict.belief.says.get("credential") == "invalid" and not self.target.settings.try_wrong_logins:
            return replace(verdict, wants="wrong logins, which were declined (try_wrong_logins, --no-wrong-logins)")
        if not self.finished or self.spent or self.interrupted:
            unfinished = "the run was interrupted" if self.interrupted else "the run is not finished"
            return replace(verdict, wants=self.spent or unfinished)
        return verdict

    def prevented(self, belief: Belief) -> str:
        """What kept the target from taking part in a belief's trial."""
        only = self.target.patience.only if self.begun and not self.unreachable else ""
        if only:
            return f"{self.name} {only}" + (f"; {self.spent}" if self.spent else "")
        why = self.unreachable or super().prevented(belief)
        return self.target.keyring.failed if why.endswith("(401)") and self.target.keyring.failed else why
