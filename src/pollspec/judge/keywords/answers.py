"""`answers`: a request about a subject, or one of a certain kind, gets a certain answer."""

from __future__ import annotations

from typing import Any

from pollspec.document.lifecycles import TERMINAL
from pollspec.judge.expecting import Expecting
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding, Trial

LOGINS = frozenset({401, 403})
"""Refusals of who asks (RFC 9110, 15.5.2 and 15.5.4)."""
BUSY = frozenset({409, 423})
"""What a start gets where another one is under way (RFC 9110, 15.5.10; RFC 4918, 11.3)."""


class Judging(Expecting):
    """A request about a `subject`, or one that meets `when`, gets an answer that meets `expect` and `mentions`.

    A subject past its end may have vanished, so that nothing is expected of it any more; unless the belief `sends`
    something, for then it speaks of what is sent. What was shown and then is gone may have ended in between: it is
    blamed where it comes back.

    `told`: the user says that of his own data; `stages`: those that it is in, and stays in where they are ends.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.subject = self.says.get("subject")
        writes = self.vendor.operations[self.belief.operation].writes
        self.untold = LOGINS | BUSY if writes else LOGINS
        passes = self.subject is not None and bool(self.vendor.subjects[self.subject].path)
        self.told, self.stages = "told" in self.says, frozenset(self.says.get("stages", ()))
        self.until_its_end = passes and "sends" not in self.says and not self.told
        self.alone = not self.until_its_end

    def see(self, sight: Sight) -> None:
        """Look at the answer; where the credential was not accepted, that is another matter than what is asked here."""
        if self.subject not in {None, sight.exchange.subject}:
            return
        if self.until_its_end:
            self._look_back(sight)
            if sight.late:
                return
        if self.told and sight.projected:
            return
        if self.concerns(sight):
            trial = self.meets(sight)
            if trial is not None and self._has_gone(sight, trial):
                return
            if trial is None or not (sight.status in self.untold or self.excused(sight)):
                self.tally.take(trial)

    def _look_back(self, sight: Sight) -> None:
        """Remember that an instance is shown; that it had gone meanwhile is a finding then."""
        instance, shown = sight.instance, sight.kinds - {"gone"}
        if instance is not None and shown and sight.exchange.credential == self.credential:
            if (gone := instance.notes.get(self)) is not None:
                self.tally.found(gone)
            instance.notes[self] = None

    def _has_gone(self, sight: Sight, trial: Finding) -> bool:
        """Whether an answer says of what was shown before that it is gone: it may have ended in between."""
        instance = sight.instance
        if instance is None or self not in instance.notes or sight.kinds != {"gone"}:
            return False
        instance.notes[self] = trial
        return True

    def meets(self, sight: Sight) -> Trial:
        """An answer in one of the stages, or past one that is no end, meets what is expected; as others do."""
        lifecycle = self.vendor.lifecycle_of(self.belief.operation)
        if not self.stages or lifecycle is None:
            return super().meets(sight)
        stays = lifecycle.kinds(self.stages) <= TERMINAL
        allowed = self.stages if stays else lifecycle.after(self.stages)
        if sight.stages is None or not sight.stages & allowed:
            expected = lifecycle.named(self.belief.operation, self.stages)
            return Finding(expected, sight.said(), sight.exchange)
        return super().meets(sight) if sight.stages & self.stages else None
