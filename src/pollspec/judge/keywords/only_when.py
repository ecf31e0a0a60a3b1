"""`only-when`: where one thing holds of an answer, another does."""

from __future__ import annotations

from typing import Any

from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding


class Judging(Monitor):
    """Where `when` holds of an answer of success, `then` does."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.then = self.vendor.condition(self.says["then"])

    def see(self, sight: Sight) -> None:
        """Look at the answer; a projected one may have left out what is spoken of."""
        request, answer = sight.request, sight.answer
        if answer is None or sight.status >= 400 or sight.projected:
            return
        if not self.speaks_of(sight):
            return
        if self.then.holds(request, answer):
            self.tally.held()
            return
        failed = list(self.then.failures(request, answer))
        expected = "; ".join(f"{failure.place}: {failure.expected}" for failure in failed)
        self.tally.found(Finding(expected, "; ".join(failure.actual for failure in failed), sight.exchange))
