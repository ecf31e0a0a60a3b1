"""A client graded: each trial is played to it by a server of its own."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from pollspec.document.vendor import Vendor
from pollspec.errors import UsageError
from pollspec.grading import trials
from pollspec.grading.command import Client, environment
from pollspec.grading.ground import Ground, grounds
from pollspec.grading.observation import Observation
from pollspec.grading.play import Play
from pollspec.grading.requirements import REQUIREMENTS
from pollspec.grading.requirements.pacing import GRACE
from pollspec.grading.requirements.requirement import Requirement
from pollspec.grading.server import Playing
from pollspec.servers.serving import listening, server

INTERVAL = 0.2
"""Seconds between polls, if nobody says another number."""
SOON, LATE = 10, 150
"""Intervals of the deadline: where nothing ever ends, and otherwise."""
AFTERWARDS = 25
"""Intervals after the end was shown in which a command must end."""
TICK = 0.2
"""Seconds between two looks at whether somebody has ended the run."""
SHORTEST = 3.0
"""Seconds of a deadline at least: on a busy machine a client takes a while to ask for the first time."""


def played(vendor: Vendor) -> list[Play]:
    """Every play that a document gives; UsageError where nothing in it is polled to a good end."""
    found = [play for ground in grounds(vendor) for play in trials.plays(ground)]
    if not found:
        hint = "give a document with a lifecycle, and a subject that comes to a stage of the kind done"
        raise UsageError(f"{vendor.slug} has nothing to grade a client on", hint)
    return found


def asked(vendor: Vendor) -> list[tuple[Requirement, Ground]]:
    """Every requirement of a document, with what it is about: those that some trial puts to the test."""
    found = []
    for ground in grounds(vendor):
        baited = {play.trial for play in trials.plays(ground)}
        found += [(r, ground) for r in REQUIREMENTS.values() if baited & set(r.baits) and r.applies(ground)]
    return found


@dataclass(frozen=True)
class Pace:
    """How a client is graded. `interval`: seconds between polls that it is told."""

    interval: float = INTERVAL

    def deadline(self, play: Play) -> float:
        """The deadline that the client is told, in seconds."""
        return max(SHORTEST, (SOON if play.endless else LATE) * self.interval)

    @property
    def afterwards(self) -> float:
        """Seconds that a command may take after the end was shown."""
        return max(GRACE, AFTERWARDS * self.interval)


def trial(play: Play, client: Client, pace: Pace, stopped: threading.Event) -> Observation:
    """One trial, over loopback; its command is ended where nobody wants it any more."""
    with listening(0) as (sock, url), listening(0) as (other, away):
        playing = Playing(play, away)
        with _serving(playing, sock), _serving(playing.at_the_other_origin, other):
            overdue = functools.partial(_is_overdue, playing, pace, stopped)
            ended = client(environment(play, url, pace.interval, pace.deadline(play)), overdue)
    return playing.seen(ended, pace.interval, pace.deadline(play))


def _is_overdue(playing: Playing, pace: Pace, stopped: threading.Event) -> bool:
    return stopped.is_set() or playing.overdue(pace.deadline(playing.play) + 2 * GRACE, pace.afterwards)


def run(plays: Sequence[Play], client: Client, pace: Pace, jobs: int) -> Iterator[Observation]:
    """Every trial, some side by side, as they end. The first one is run alone: a client that asks nothing asks nothing
    in the others either, and they are left out.
    """
    stopped = threading.Event()
    for first in plays[:1]:
        seen = trial(first, client, pace, stopped)
        yield seen
        if not seen.exchanges:
            return
    with ThreadPoolExecutor(jobs) as pool:
        waiting: set[Future[Observation]] = {pool.submit(trial, play, client, pace, stopped) for play in plays[1:]}
        try:
            while waiting:
                done, waiting = wait(waiting, timeout=TICK, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
        finally:
            stopped.set()
            for one in waiting:
                one.cancel()


@contextlib.contextmanager
def _serving(application: Callable[..., Any], sock: Any) -> Iterator[None]:
    """Serve while the block runs."""
    quiet = {"log_config": None, "log_level": "critical", "date_header": False, "ws": "none", "interface": "asgi3"}
    serving = server(application, timeout_graceful_shutdown=0, **quiet)
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        serving.should_exit = True
        thread.join(GRACE)
