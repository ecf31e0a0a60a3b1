"""`leads`: a link leads somewhere."""

from __future__ import annotations

from typing import Any

from pollspec.document.lifecycles import is_passing
from pollspec.document.messages import Answer
from pollspec.judge.exchange import ELSEWHERE
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding

NOTHING = 404
"""What says that nothing is there (RFC 9110, 15.5.5); 410 says that it was there (15.5.11)."""
NOWHERE = "/pollspec-nothing-is-here"
"""What is asked for to learn how a server answers where it has no route at all."""


class Judging(Monitor):
    """Whatever was asked by its `link` is there; whether the asker may have it is another matter.

    A server that answers as it does where it has no route at all may serve what the document speaks of, and no more.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.alone = False
        self.nowhere: tuple[int, str] | None = None

    def see(self, sight: Sight) -> None:
        """Look at what a link has led to."""
        exchange = sight.exchange
        if exchange.link != self.belief.id:
            return
        told = self._followed(exchange.request.target, sight.answer)
        if exchange.request.target == NOWHERE:
            self.nowhere = told
            return
        if exchange.trouble == ELSEWHERE:
            actual = f"{exchange.trouble}: {exchange.request.target}"
            self.tally.found(Finding("a link to the same server", actual, exchange))
        elif told is not None and told == self.nowhere and sight.status == NOTHING:
            return
        elif sight.status == NOTHING:
            self.tally.found(Finding("something", f"{sight.status} at {exchange.request.target}", exchange))
        elif sight.answer is not None and not is_passing(sight.answer):
            self.tally.held()

    def _followed(self, target: str, answer: Answer | None) -> tuple[int, str] | None:
        """An answer without what it repeats of the address."""
        return None if answer is None else (answer.status, answer.content.decode("latin-1").replace(target, ""))
