"""`refuses`: a bad request, or one with a bad credential, gets a certain answer."""

from __future__ import annotations

from typing import Any

from pollspec.judge.expecting import Expecting
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding


class Judging(Expecting):
    """A bad request gets an answer that meets `expect`; of two reasons to refuse one, either may be given.

    Whichever is given, nothing is shown of what is refused.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        absent = {text: clause for text, clause in self.says.get("expect", {}).items() if clause is False}
        self.absent = self.vendor.condition(absent)

    def see(self, sight: Sight) -> None:
        """Look at the refusal."""
        if not self.concerns(sight):
            return
        trial = self.meets(sight)
        if trial is None or not self.excused(sight):
            self.tally.take(trial)
        elif shown := next(self.absent.failures(sight.request, sight.answer), None):
            self.tally.found(Finding(f"{shown.place}: {shown.expected}", shown.actual, sight.exchange))
