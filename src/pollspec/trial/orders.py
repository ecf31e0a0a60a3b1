"""What a state machine does with a trial: start, ask and wait, in orders that nobody thought of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import hypothesis
from hypothesis import HealthCheck, Phase

from pollspec.document.keywords import Provoked
from pollspec.document.lifecycles import Lifecycle
from pollspec.document.operations import Operation
from pollspec.judge.record import Record
from pollspec.judge.verdict import Verdict, joined
from pollspec.trial.factors import Given
from pollspec.trial.request import build, minted
from pollspec.trial.starts import whereabouts
from pollspec.trial.trial import Over, Trial


@dataclass(frozen=True)
class Instance:
    """Something to ask about: an operation with an identifier, and the subject that this is, if it is known."""

    operation: Operation
    given: Given = field(hash=False)
    subject: str | None = None
    login: str = "default"

    def __repr__(self) -> str:
        return f"{self.operation.id}({', '.join(f'{text}={value}' for text, value in self.given.items())})"


class Orders:
    """The steps of a state machine. At a live target only what rests is asked about, and nothing is started."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        embedded = trial.target.embedded
        operations = [operation for operation in trial.vendor.operations.values() if not operation.writes]
        self.known = [
            Instance(operation, one.given, one.name, one.login)
            for operation in operations
            for one in trial.questions.resting(operation)
        ]
        self.known += [
            Instance(operation, {}) for operation in operations if not any(p.required for p in operation.parameters)
        ]
        self.starts = [lc for lc in trial.vendor.lifecycles.values() if lc.start and embedded]
        self.selections = [sends for o in operations for sends in trial.vendor.sent(o.id, Provoked.SELECTION)]
        self.may_wait = embedded
        self._aside = trial.judge, trial.record
        self._failing: tuple[list[Verdict], Record] | None = None

    @property
    def worth_while(self) -> bool:
        """Whether there is anything to ask about, and more than planned requests are wanted."""
        return bool(self.known or self.starts) and self.trial.plan.examples > 0

    def begin(self) -> None:
        """A fresh session where the target can begin anew, judged apart from what went before until it is kept."""
        trial = self.trial
        if trial.repeats:
            trial.target.renew()
            self._aside = trial.judge, trial.record
            trial.judge, trial.record = trial.judging(trial.target), Record(trial.vendor)
            trial.taken()

    def end(self) -> None:
        """Keep what this session has shown. Of those that fail only the last is kept: it is the shortest."""
        trial = self.trial
        if trial.repeats:
            apart = trial.judge.verdicts(), trial.record
            trial.judge, trial.record = self._aside
            if any(verdict.fails(trial.plan.strict) for verdict in apart[0]):
                self._failing = apart
            else:
                self._keep(*apart)

    def close(self) -> None:
        """Keep the shortest session that failed, if one did."""
        if self._failing is not None:
            self._keep(*self._failing)
            self._failing = None

    def _keep(self, verdicts: list[Verdict], record: Record) -> None:
        self.trial.parts = [joined(*self.trial.parts, verdicts)]
        self.trial.record.include(record)

    def start(self, lifecycle: Lifecycle) -> Sequence[Instance]:
        """Start an instance; where it is asked about, by each operation that sees it."""
        assert lifecycle.start is not None
        vendor = self.trial.vendor
        operation = vendor.operations[lifecycle.start.operation]
        exchange = self.trial.send(build(vendor, operation, whereabouts(self.trial.target, operation)))
        given = minted(lifecycle, exchange)
        views = [view for view in lifecycle.views.values() if not view.latest]
        return [Instance(vendor.operations[view.operation], given) for view in views] if given is not None else []

    def ask(self, instance: Instance, sends: Given | None = None, credential: str = "default") -> None:
        """Ask about an instance. `sends`: what else; only what the operation takes is sent."""
        operation = instance.operation
        if not self.trial.repeats and not self.trial.questions.has_room(operation.id):
            return
        taken = {parameter.expression for parameter in operation.parameters}
        more = {text: value for text, value in (sends or {}).items() if text in taken}
        signed = self.trial.vendor.signing.places
        about = {t: v for t, v in instance.given.items() if credential == "default" or t not in signed}
        request = build(self.trial.vendor, operation, {**about, **more})
        try:
            who = instance.login if credential == "default" else credential
            self.trial.send(request, who, instance.subject, poll=credential == "default" and not more)
        except Over:
            return

    def wait(self, seconds: float) -> None:
        """Let time pass; a live target's is not waited for."""
        self.trial.target.clock.sleep(seconds)


def settings(trial: Trial) -> hypothesis.settings:
    """Some sessions of a server of ours, a failing one made as short as can be; one short session of a live one."""
    ours = trial.repeats
    return hypothesis.settings(
        max_examples=2 if ours else 1,
        stateful_step_count=10 if ours else 8,
        phases=[Phase.generate, Phase.shrink] if ours else [Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
