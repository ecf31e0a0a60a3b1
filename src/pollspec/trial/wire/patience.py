"""How long a server that fails is put up with: one clock for lost answers, 5xx and 429."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from pollspec.document.messages import Answer
from pollspec.trial.wire.limits import Limits

SHARE = 4
"""While nothing has succeeded, no more than this part of the patience passes between two polls."""


KINDS = {429: "429 (too many requests)"}


def is_failure(answer: Answer | None) -> bool:
    """Whether an answer says nothing of what was asked: it was lost, or is a 429, a 5xx, or no status of HTTP's."""
    return answer is None or answer.status == 429 or not 100 <= answer.status < 500


@dataclass
class Failing:
    """Failures with no success between them: since which second, and how often which."""

    since: float
    kinds: Counter[str] = field(default_factory=Counter)
    answers: int = 0

    def add(self, answer: Answer | None, trouble: str) -> None:
        """One more."""
        self.kinds[trouble if answer is None else KINDS.get(answer.status, str(answer.status))] += 1
        self.answers += answer is not None

    def __str__(self) -> str:
        if not self.answers:
            return "answered no more"
        return f"only failed ({', '.join(f'{times} times {kind}' for kind, times in self.kinds.most_common(3))})"


class Patience:
    """Takes in what became of each request. `answered`: answers of any kind; `succeeded`: those that are no failure."""

    AT_FIRST = 3
    """Lost answers after which a target that never gave one is given up; failures of an operation that is, at least."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.answered = self.succeeded = 0
        self._whole: Failing | None = None
        self._failing: dict[str, Failing] = {}

    def note(self, operation: str, begun: float, answer: Answer | None, trouble: str = "") -> None:
        """Take in what became of a request that was begun at some second."""
        self.answered += answer is not None
        if not is_failure(answer):
            self.succeeded += 1
            self._failing.pop(operation, None)
            return
        self._whole = self._whole or Failing(begun)
        for failing in (self._whole, self._failing.setdefault(operation, Failing(begun))):
            failing.add(answer, trouble)

    def is_over(self, operation: str, now: float) -> bool:
        """Whether an operation is to be asked no more: it failed several times, for long, with no success between."""
        failing = self._failing.get(operation)
        often = failing is not None and failing.kinds.total() >= self.AT_FIRST
        return often and failing is not None and now - failing.since >= self.limits.patience

    def left(self, now: float) -> float | None:
        """The seconds that are left to a target that only failed until now; None to one that did not."""
        if self.succeeded or self._whole is None:
            return None
        return self._whole.since + self.limits.patience - now

    def in_vain(self, now: float) -> str:
        """Why the target as a whole is given up at some second, in words; "" where it is not."""
        if (left := self.left(now)) is None or self._whole is None:
            return ""
        if not self.answered and self._whole.kinds.total() >= self.AT_FIRST:
            return f"never answered: {list(self._whole.kinds)[-1]}"
        return "" if left > 0 else f"{self._whole}, with no success within {self.limits.patience:g} s"

    @property
    def only(self) -> str:
        """What a target did that did nothing but fail until now, in words; "" where it did not."""
        return "" if self.succeeded or not self.answered else str(self._whole or "")

    def why(self, operation: str) -> str:
        """What became of an operation since it last succeeded, in words; "" where it does not fail."""
        return str(self._failing.get(operation, ""))
