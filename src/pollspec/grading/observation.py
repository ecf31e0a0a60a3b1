"""What one trial has shown: what the server saw of the client, when, and how the client's command ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pollspec.document.lifecycles import TERMINAL
from pollspec.grading.play import Play
from pollspec.judge.exchange import Exchange
from pollspec.judge.verdict import Finding

SUCCEEDED, FAILED, NOT_KNOWN = 0, 1, 75
"""The exit codes of a client's command; 75 is EX_TEMPFAIL, and stands for every other one."""


@dataclass(frozen=True)
class Ended:
    """How a command ended. `code`: its exit code, None if it had to be ended; `moment`: when, on the server's clock;
    `said`: the last line it printed.
    """

    code: int | None
    moment: float
    said: str = ""


@dataclass(frozen=True)
class NotTried:
    """Why a trial says nothing of a requirement: what it wants."""

    wants: str


@dataclass(frozen=True)
class Observation:
    """One trial, as its server saw it. `interval`, `deadline`: what the client was told, in seconds.

    `exchanges`: at the server, in order; one that belongs to no operation of the document has none. `elsewhere`: at
    another origin. `due`: an exchange's number -> the moment before which its answer asked not to ask again.
    """

    play: Play
    exchanges: Sequence[Exchange]
    elsewhere: Sequence[Exchange]
    ended: Ended
    interval: float
    deadline: float
    due: dict[int, float] = field(default_factory=dict)

    @cached_property
    def polls(self) -> list[Exchange]:
        """The requests for the operation that is polled."""
        return [one for one in self.exchanges if one.operation == self.play.ground.view.operation]

    @cached_property
    def starts(self) -> list[Exchange]:
        """The requests for the operation that starts."""
        start = self.play.ground.start
        return [one for one in self.exchanges if start and one.operation == start.operation]

    def kinds(self, poll: Exchange) -> set[str]:
        """The kinds of the stages that the answer to a poll may come from."""
        lifecycle = self.play.ground.lifecycle
        return lifecycle.kinds(lifecycle.shown(poll.operation, poll.request, poll.answer))

    @cached_property
    def end(self) -> Exchange | None:
        """The poll whose answer showed the end; None where none did."""
        shown = (poll for poll in self.polls if (kinds := self.kinds(poll)) and kinds <= TERMINAL)
        return next(shown, None)

    @property
    def after_the_end(self) -> list[Exchange]:
        """The polls after the end was shown."""
        return [] if self.end is None else [poll for poll in self.polls if poll.start > self.end.end]

    @property
    def lasted(self) -> float:
        """Seconds from the first request to the end of the command; how long it took to begin is nobody's business."""
        return self.ended.moment - self.exchanges[0].start

    @property
    def last(self) -> Exchange:
        """The last poll; where there is none, the last request."""
        return (self.polls or list(self.exchanges))[-1]

    def said(self, poll: Exchange) -> str:
        """What an answer showed, in words."""
        if not poll.status:
            return "no answer"
        lifecycle = self.play.ground.lifecycle
        known = poll.operation in lifecycle.views
        return lifecycle.said(poll.operation, poll.request, poll.answer) if known else str(poll.status)

    def how_it_ended(self) -> str:
        """The end of the command in words, with its own last ones."""
        code, words = self.ended.code, f" ({self.ended.said})" if self.ended.said else ""
        if code is None:
            return f"still running after {self.lasted:.1f} s, and ended"
        return f"exit code {code} after {self.said(self.last)}{words}"

    def unasked(self) -> str:
        """How a command ended that sent nothing, in words."""
        code = "still running, and ended" if self.ended.code is None else f"exit code {self.ended.code}"
        return f"{code}{f' ({self.ended.said})' if self.ended.said else ''}"

    def broken(
        self, expected: str, actual: str = "", at: Exchange | None = None, since: Exchange | None = None
    ) -> Finding:
        """A requirement broken; at the last poll, and by how the command ended, if nothing else is said."""
        told = f"{actual or self.how_it_ended()}, in the trial {self.play.trial}"
        return Finding(expected, told, at or self.last, since)


Judged = Finding | NotTried | None
"""What a trial says of a requirement: broken, not tried, or (None) kept."""

__all__ = ["Ended", "Judged", "NotTried", "Observation"]
