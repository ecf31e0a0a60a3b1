"""`tells-apart`: an identifier that is nearly a known one shows nothing."""

from __future__ import annotations

from pollspec.document.lifecycles import is_passing
from pollspec.judge.exchange import NEARLY
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding


class Judging(Monitor):
    """What is asked about under an identifier that nothing has is not shown, in whatever words that is said."""

    def see(self, sight: Sight) -> None:
        """Look at whether anything is shown."""
        if sight.exchange.subject != NEARLY or sight.answer is None or is_passing(sight.answer):
            return
        kinds = sight.kinds
        if kinds - {"gone"}:
            self.tally.found(Finding("nothing shown", sight.said(), sight.exchange))
        else:
            self.tally.held()
