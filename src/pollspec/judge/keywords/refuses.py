"""`refuses`: a bad request, or one with a bad credential, gets a certain answer."""

from __future__ import annotations

from pollspec.judge.expecting import Expecting
from pollspec.judge.sight import Sight


class Judging(Expecting):
    """A bad request gets an answer that meets `expect`; of two reasons to refuse one, either may be given."""

    def see(self, sight: Sight) -> None:
        """Look at the refusal."""
        if self.concerns(sight):
            trial = self.meets(sight)
            if trial is None or not self.excused(sight):
                self.tally.take(trial)
