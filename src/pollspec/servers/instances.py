"""The instances that a polite server plays: which steps each of them goes through, and where it stands."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pollspec.document.lifecycles import Lifecycle, Stage

NEARLY = 1e-9
"""What a sum of floats may lack of the number that it stands for."""


@dataclass(frozen=True)
class Step:
    """One step of an instance's course: a stage, for so many polls or seconds; else for its share of the whole.

    `shows`: JSON pointer -> value, over what the stage shows. `share`: how much of the stage is over at the beginning
    and at the end of the step. `lasts`: it is never left. `plays`: the subject that never was that it answers as.
    """

    stage: str
    polls: float | None = None
    seconds: float | None = None
    shows: Mapping[str, Any] = field(default_factory=dict)
    share: tuple[float, float] = (0.0, 1.0)
    lasts: bool = False
    plays: str | None = None


@dataclass
class Instance:
    """One played operation. `asked`: how often it was asked about; `polls`: how often each operation showed it.

    `began`: the second on the clock of the first request about it; `subject`: whose course it takes; `step`: the number
    of the step where it stands; `since`, `before`: the second (None before the first contact) and the number of polls
    at which that began.
    """

    identity: tuple[str, ...]
    steps: Sequence[Step]
    subject: str | None = None
    since: float | None = None
    before: float = 0.0
    step: int = 0
    asked: int = 0
    began: float | None = None
    polls: Counter[str] = field(default_factory=Counter)

    @property
    def seen(self) -> int:
        """How often it was polled."""
        return max(self.polls.values(), default=0)

    def ask(self, moment: float) -> float:
        """Count a request about it; the seconds since the first one."""
        self.asked += 1
        if self.began is None:
            self.began = moment
        return moment - self.began

    def enter(self, step: int, moment: float, polls: float) -> None:
        """Go on to another step."""
        self.step, self.since, self.before = step, moment, polls


class Course:
    """How instances move on. `duration`: seconds on `clock` from first contact to the end; `polls`: polls instead.

    `held`: the stage at which whatever comes to it stays, for each subject; None: for all of them. Another thread may
    hold and move on.
    """

    def __init__(self, clock: Callable[[], float], duration: float, polls: int | None) -> None:
        self.clock, self.duration, self.polls = clock, duration, polls
        self.held: dict[str | None, str] = {}
        self._lock = threading.RLock()

    def stand(self, lifecycle: Lifecycle, instance: Instance | None) -> tuple[Step, Stage, float]:
        """Where an instance stands, and which share of that stage is over (0 to 1)."""
        if instance is None or not instance.steps:
            first = next(iter(lifecycle.stages.values()))
            return Step(first.name), first, 0.0
        length, step = self._settle(instance), instance.steps[instance.step]
        low, high = step.share
        over = 0.0 if length is None else min(1.0, self._gone(instance) / length)
        return step, lifecycle.stages[step.stage], low + (high - low) * over

    def move_on(self, instances: Iterable[Instance], subject: str | None) -> None:
        """Go on to the next stage at once; what is held is let go."""
        with self._lock:
            mine = [one for one in instances if subject in {None, one.subject} and one.steps]
            for instance in mine:
                self._settle(instance)
            self.held = {} if subject is None else {name: stage for name, stage in self.held.items() if name != subject}
            for instance in mine:
                if instance.step < len(instance.steps) - 1:
                    instance.enter(instance.step + 1, self.clock(), instance.seen)

    def at(self, instance: Instance) -> str | None:
        """The stage where an instance stands now; None where it has no course."""
        if not instance.steps:
            return None
        self._settle(instance)
        return instance.steps[instance.step].stage

    def _settle(self, instance: Instance) -> float | None:
        """Let it stand where it is by now, from its first contact on; how long that step lasts."""
        with self._lock:
            if instance.since is None:
                instance.since = self.clock()
            while (length := self._length(instance)) is not None and self._gone(instance) >= length - NEARLY:
                self._move(instance, length)
            return length

    def _length(self, instance: Instance) -> float | None:
        """How long a step lasts, in seconds or polls; None where it is not left."""
        step = instance.steps[instance.step]
        held = self.held.get(instance.subject, self.held.get(None))
        if step.lasts or instance.step == len(instance.steps) - 1 or held == step.stage:
            return None
        own = step.seconds if step.polls is None else step.polls
        return (self.polls or self.duration) / (len(instance.steps) - 1) if own is None else own

    def _by_polls(self, instance: Instance) -> bool:
        step = instance.steps[instance.step]
        return step.polls is not None or (step.seconds is None and self.polls is not None)

    def _gone(self, instance: Instance) -> float:
        assert instance.since is not None
        return instance.seen - instance.before if self._by_polls(instance) else self.clock() - instance.since

    def _move(self, instance: Instance, length: float) -> None:
        assert instance.since is not None
        if self._by_polls(instance):
            instance.enter(instance.step + 1, self.clock(), instance.before + length)
        else:
            instance.enter(instance.step + 1, instance.since + length, instance.seen)


def steps(path: Iterable[str]) -> tuple[Step, ...]:
    """A subject's path as steps, each for its share of the whole; a stage several times in a row goes on in each."""
    runs = [(stage, len(list(same))) for stage, same in itertools.groupby(path)]
    return tuple(Step(stage, share=(k / times, (k + 1) / times)) for stage, times in runs for k in range(times))
