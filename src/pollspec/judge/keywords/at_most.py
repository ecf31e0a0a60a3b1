"""`at-most`: a value does not exceed another in the same answer."""

from __future__ import annotations

from typing import Any

from pollspec.document import expressions
from pollspec.document.conditions import exceeds, show
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding


class Judging(Monitor):
    """`value` does not exceed `limit`: two numbers or sums of numbers, or two date-times."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.value, self.limit = (expressions.total(self.says[word]) for word in ("value", "limit"))

    def see(self, sight: Sight) -> None:
        """Look at both."""
        if sight.answer is None or sight.status >= 400:
            return
        value, limit = self.value(sight.request, sight.answer), self.limit(sight.request, sight.answer)
        too_much = exceeds(value, limit)
        if too_much is None or not self.speaks_of(sight):
            return
        if too_much:
            self.tally.found(Finding(f"at most {show(limit)}", show(value), sight.exchange))
        else:
            self.tally.held()
