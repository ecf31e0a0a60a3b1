"""The clock of a server that a test moves on."""

from __future__ import annotations

from collections.abc import Callable


class Clock:
    """Seconds. It stands still until it is moved on; or goes on by `ticks`, a clock of its own, besides."""

    def __init__(self, ticks: Callable[[], float] = lambda: 0.0) -> None:
        self.ticks, self.ahead = ticks, 0.0

    def __call__(self) -> float:
        """The second that it is."""
        return self.ticks() + self.ahead

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.ahead += seconds

    async def wait(self, seconds: float) -> None:
        """What the server waits for has passed at once."""
        self.advance(seconds)
