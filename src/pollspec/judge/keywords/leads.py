"""`leads`: a link leads somewhere."""

from __future__ import annotations

from pollspec.document.lifecycles import is_passing
from pollspec.judge.exchange import ELSEWHERE
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding

NOTHING = frozenset({404, 410})
"""What says that nothing is there (RFC 9110, 15.5.5 and 15.5.11)."""


class Judging(Monitor):
    """Whatever was asked by its `link` is there; whether the asker may have it is another matter."""

    def see(self, sight: Sight) -> None:
        """Look at what a link has led to."""
        exchange = sight.exchange
        if exchange.link != self.belief.id:
            return
        if exchange.trouble == ELSEWHERE:
            actual = f"{exchange.trouble}: {exchange.request.target}"
            self.tally.found(Finding("a link to the same server", actual, exchange))
        elif sight.status in NOTHING:
            self.tally.found(Finding("something", f"{sight.status} at {exchange.request.target}", exchange))
        elif sight.answer is not None and not is_passing(sight.answer):
            self.tally.held()
