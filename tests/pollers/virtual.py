"""A web in this process, on a virtual clock: a poller's whole trial without a socket, and without waiting."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Protocol

from pollspec.grading.command import environment
from pollspec.grading.grading import Pace
from pollspec.grading.observation import Ended, Observation
from pollspec.grading.play import NEVER, Play
from pollspec.grading.requirements.pacing import GRACE
from pollspec.grading.server import Playing
from pollspec.trial.wire.pace import VirtualClock
from tests.pollers.plain import Told, Web, retry_after

HOME, AWAY = "http://home.test", "http://away.test"
EPOCH = 1_790_000_000.25
"""What the clock on the wall shows when the virtual one shows 0."""
LATENCY = 0.001
"""Seconds of an answer."""
PACE = Pace(0.2)


class Runs(Protocol):
    """A client: it runs to its exit code."""

    def run(self) -> int: ...


Make = Callable[[Mapping[str, str], Web], Runs]


class Ending(Exception):
    """The command is ended from outside."""


class Virtual:
    """The way to the server of a trial."""

    def __init__(self, play: Play) -> None:
        self.clock, self.patience = VirtualClock(), PACE.deadline(play) + 2 * GRACE
        self.playing = Playing(play, AWAY, self.clock, self.wall)

    def wall(self) -> float:
        """Seconds since 1970."""
        return EPOCH + self.clock()

    def now(self) -> float:
        """Seconds since the command began."""
        return self.clock()

    def sleep(self, seconds: float) -> None:
        """Let time pass, while there is some."""
        self.clock.sleep(seconds)
        if self.playing.overdue(self.patience, PACE.afterwards):
            raise Ending

    def ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes, timeout: float) -> Told:
        """One request."""
        home = url.startswith(HOME)
        respond = self.playing.respond if home else self.playing.respond_elsewhere
        self.sleep(LATENCY)
        answer = respond(method, url.removeprefix(HOME if home else AWAY), list(headers.items()), content)
        if answer is NEVER:
            self.sleep(timeout)
            raise TimeoutError
        sent = {name.lower(): value for name, value in answer.headers}
        if (pause := sent.get("retry-after", "0")) and not pause.isdigit():
            sent["retry-after"] = f"{-(-retry_after(pause, self.wall()) // 1):.0f}"
        return Told(answer.status, sent, answer.content)


def seen(play: Play, make: Make) -> Observation:
    """One trial of a poller."""
    deadline, web = PACE.deadline(play), Virtual(play)
    code: int | None = None
    with contextlib.suppress(Ending):
        code = make(environment(play, HOME, PACE.interval, deadline), web).run()
    return web.playing.seen(Ended(code, web.now()), PACE.interval, deadline)
