"""Small servers of the six documents of our own: each as somebody would write it who knows the API and not pollspec.

Each module offers what a second reading does (tests/servers), and to each misdeed the belief that speaks of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, NamedTuple

from tests.servers import Answering, Asked, Told

__all__ = ["Asked", "Misdeed", "Told", "Work", "Working", "moment"]


class Misdeed(NamedTuple):
    """One thing wrong with a server. `breaks`: the belief that speaks of it, without its document."""

    name: str
    breaks: str
    does: str


@dataclass
class Work:
    """What takes a while. `good`: it comes to a good end; `began`: the second of its start, or else of its first
    contact; `stopped`: that of its cancelling; `seen`: its end was shown.
    """

    name: str
    good: bool = True
    began: float | None = None
    stopped: float | None = None
    seen: bool = False


class Working(Answering):
    """A server of works. `WORKS`: the names of those that it begins with, and whether each comes to a good end.

    Misdeeds that any may have: `runs-again` (once its end was shown), `goes-back` (half-way).
    """

    WORKS: ClassVar[dict[str, bool]] = {}

    def __init__(self, clock: Callable[[], float], misdeed: str | None = None, duration: float = 30.0) -> None:
        super().__init__(clock, misdeed, duration)
        self.works = {name: Work(name, good) for name, good in self.WORKS.items()}

    def share(self, work: Work) -> float:
        """Which share of a work is over, 0 to 1."""
        work.began = self.clock() if work.began is None else work.began
        now = self.clock() if work.stopped is None else work.stopped
        share = min(1.0, (now - work.began) / self.duration)
        if share >= 1 and work.seen and self.misdeed == "runs-again":
            work.began, share = self.clock() - self.duration / 2, 0.5
        work.seen = work.seen or share >= 1
        return share

    def shown(self, share: float) -> float:
        """The share as it is shown."""
        return 1 - share if 0.5 < share < 1 and self.misdeed == "goes-back" else share


def moment(seconds: float) -> str:
    """A second of the server's clock as a timestamp."""
    return datetime.fromtimestamp(1_790_000_000 + seconds, UTC).isoformat()
