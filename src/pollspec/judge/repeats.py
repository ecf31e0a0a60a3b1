"""Exchanges that are byte for byte like an earlier one: who looks at one exchange alone need not look at them again.

Whoever polls gets the same answer again and again. Remembered is what nothing was found in, of a bounded number.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from pollspec.judge.exchange import Exchange
from pollspec.judge.monitor import Monitor
from pollspec.judge.verdict import Tally

MOST = 512
"""Exchanges that are remembered."""
LONGEST = 8192
"""Bytes of the bodies of one that is."""


class Repeats:
    """What some monitors, each of which looks at one exchange alone, made of earlier exchanges."""

    def __init__(self, monitors: Sequence[Monitor]) -> None:
        self._tallies = [monitor.tally for monitor in monitors]
        self._known: dict[Hashable, list[tuple[Tally, int]]] = {}
        self._before: list[int] = []

    def count(self, exchange: Exchange) -> bool:
        """Count an exchange for each of them, where it is like an earlier one; whether it is."""
        known = self._known.get(_bytes(exchange))
        for tally, times in known or ():
            tally.held(times)
        self._before = [] if known is not None else [tally.tried for tally in self._tallies]
        return known is not None

    def remember(self, exchange: Exchange) -> None:
        """All of them have seen it, and found nothing: whatever is like it is counted as it was."""
        answer = exchange.answer
        if answer is None or len(answer.content) + len(exchange.request.content) > LONGEST:
            return
        if len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        tried = zip(self._tallies, self._before, strict=True)
        self._known[_bytes(exchange)] = [(one, one.tried - before) for one, before in tried if one.tried > before]


def _bytes(exchange: Exchange) -> Hashable:
    """What was asked and answered, and as whom: all that one exchange tells by itself."""
    asked, told = exchange.request, exchange.answer
    whose = (exchange.operation, exchange.credential, exchange.login, exchange.subject)
    sent = (asked.method, asked.target, asked.headers, asked.content)
    return whose, sent, told and (told.status, told.headers, told.content, told.flaw)
