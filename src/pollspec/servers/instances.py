"""The instances that a polite server plays: which there are, and where each of them stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from pollspec.document.lifecycles import Lifecycle, Stage


@dataclass
class Instance:
    """One played operation. `polls`: how often each operation showed it; `since`: when one first did, on the clock."""

    identity: tuple[str, ...]
    path: tuple[str, ...]
    since: float | None = None
    polls: Counter[str] = field(default_factory=Counter)


class Course:
    """How instances move on. `duration`: seconds on `clock` from first contact to the end; `polls`: polls instead."""

    def __init__(self, clock: Callable[[], float], duration: float, polls: int | None) -> None:
        self.clock, self.duration, self.polls = clock, duration, polls

    def stage(self, lifecycle: Lifecycle, instance: Instance | None) -> tuple[Stage, float]:
        """Where an instance stands, and which share of that stage is over (0 to 1)."""
        if instance is None or not instance.path:
            return next(iter(lifecycle.stages.values())), 0.0
        if instance.since is None:
            instance.since = self.clock()
        polls = max(instance.polls.values(), default=0)
        gone = polls / self.polls if self.polls else (self.clock() - instance.since) / self.duration
        place = min(gone, 1.0) * (len(instance.path) - 1)
        index = min(int(place), len(instance.path) - 1)
        return lifecycle.stages[instance.path[index]], place - index
