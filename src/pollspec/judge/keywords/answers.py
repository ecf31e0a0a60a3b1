"""`answers`: a request about a subject, or one of a certain kind, gets a certain answer."""

from __future__ import annotations

from typing import Any

from pollspec.judge.expecting import Expecting
from pollspec.judge.sight import Sight


class Judging(Expecting):
    """A request about a `subject`, or one that meets `when`, gets an answer that meets `expect` and `mentions`.

    A subject past its end may have vanished, so that nothing is expected of it any more; unless the belief `sends`
    something, for then it speaks of what is sent.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.subject = self.says.get("subject")
        passes = self.subject is not None and bool(self.vendor.subjects[self.subject].path)
        self.until_its_end = passes and "sends" not in self.says

    def see(self, sight: Sight) -> None:
        """Look at the answer; where the credential was not accepted, that is another matter than what is asked here."""
        if self.subject not in {None, sight.exchange.subject} or (self.until_its_end and sight.late):
            return
        if self.concerns(sight):
            trial = self.meets(sight)
            if trial is None or not (sight.status in {401, 403} or self.excused(sight)):
                self.tally.take(trial)
