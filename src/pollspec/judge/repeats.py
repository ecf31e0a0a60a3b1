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

    def count(self, key: Hashable) -> bool:
        """Count an exchange for each of them, where it is like an earlier one; whether it is."""
        known = self._known.get(key)
        for tally, times in known or ():
            tally.held(times)
        return known is not None

    def tried(self) -> list[int]:
        """How often each of them has tried its belief."""
        return [tally.tried for tally in self._tallies]

    def remember(self, key: Hashable, before: Sequence[int]) -> None:
        """All of them have seen it, and found nothing: whatever is like it counts as it did. `before`: as `tried`."""
        if len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        tried = zip(self._tallies, before, strict=True)
        self._known[key] = [(tally, tally.tried - times) for tally, times in tried if tally.tried > times]


def key(exchange: Exchange) -> Hashable:
    """What was asked and answered, and as whom: all that one exchange tells by itself; None where none is like it."""
    asked, told = exchange.request, exchange.answer
    if exchange.link or told is None or len(told.content) + len(asked.content) > LONGEST:
        return None
    whose = (exchange.operation, exchange.credential, exchange.login, exchange.subject)
    sent = (asked.method, asked.target, asked.headers, asked.content)
    return whose, sent, (told.status, told.headers, told.content, told.flaw)
