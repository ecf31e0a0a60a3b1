"""When a client asks: how often, after which pause, and when it gives up."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from pollspec.grading.ground import Ground
from pollspec.grading.observation import Judged, NotTried, Observation
from pollspec.grading.requirements.requirement import OURS, Level, Requirement

HALF, MOST_OF_IT = 0.5, 0.8
"""Shares of the interval: the least that two polls are apart, and that all of them are on average."""
ROUNDED = 0.02
"""Seconds by which a clock may be wrong."""
GRACE = 3.0
"""Seconds that a client may take beyond its deadline."""
TRIES = 3
"""Requests that are no hammering yet: one, and two more in case it was a passing failure."""


def _policy(seen: Observation) -> Judged:
    """Polls are an interval apart."""
    polls = seen.polls
    if len(polls) < 3:
        return NotTried("a client that polls three times")
    pairs = list(itertools.pairwise(polls))
    nearest = min(pairs, key=lambda pair: pair[1].start - pair[0].start)
    least = nearest[1].start - nearest[0].start
    average = (polls[-1].start - polls[0].start) / len(pairs)
    if least < HALF * seen.interval or average < MOST_OF_IT * seen.interval:
        actual = f"{least:.3f} s apart, on average {average:.3f} s"
        return seen.broken(f"polls {seen.interval:g} s apart", actual, nearest[1], nearest[0])
    return None


def _retry_after(seen: Observation) -> Judged:
    """Nobody asks before the moment that the answer named."""
    for number, due in seen.due.items():
        limited = next(one for one in seen.exchanges if one.number == number)
        following = next((one for one in seen.exchanges if one.number > number), None)
        if following is None:
            return NotTried("a client that asks again after a 429 (rides-out-429)")
        if following.start < due - ROUNDED:
            waited, asked = following.start - limited.end, due - limited.end
            return seen.broken(f"no request for {asked:.1f} s", f"one after {waited:.1f} s", following, limited)
        return None
    return NotTried("a client that polls twice")


def _rides_out(seen: Observation) -> Judged:
    """The client goes on, and tells the success that follows."""
    if len(seen.polls) < 2:
        return NotTried("a client that polls twice")
    return None if seen.ended.code == 0 else seen.broken("polling goes on, and exit code 0")


def _gives_up(seen: Observation) -> Judged:
    """The command ends when its deadline is over, from its first request on."""
    if seen.ended.code is None or seen.lasted > seen.deadline + GRACE:
        return seen.broken(f"the command ends after its deadline of {seen.deadline:g} s")
    return None


def _does_not_hammer(seen: Observation) -> Judged:
    """A refusal is asked for three times at most."""
    if len(seen.exchanges) > TRIES:
        actual = f"{len(seen.exchanges)} requests, {seen.how_it_ended()}"
        return seen.broken(f"{TRIES} requests at most", actual, seen.exchanges[TRIES], seen.exchanges[0])
    return None


def _interval(ground: Ground) -> str:
    return f"the document's poll policy: every {ground.lifecycle.every:g} s (the client is told the interval)"


def _deadline(ground: Ground) -> str:
    return f"the document's poll policy: {ground.lifecycle.at_most:g} s at most (the client is told its deadline)"


def _refusal(ground: Ground) -> str:
    """The document's words on the status of a crash that is a refusal."""
    response = ground.operation.response(500)
    words = response.node.get("x-source", "") if response else ""
    return "; ".join(words) if isinstance(words, list) else str(words)


def rows() -> Iterator[Requirement]:
    """The rows on when a client asks."""
    yield Requirement(
        "poll-policy",
        Level.SHOULD,
        "Polls are as far apart as the poll policy says.",
        "the document's poll policy",
        ("runs",),
        _policy,
        quotes=_interval,
    )
    yield Requirement(
        "retry-after",
        Level.MUST,
        "After an answer with Retry-After, seconds or a date, nothing is asked until then.",
        "RFC 9110, 10.2.3",
        ("busy", "busy-until"),
        _retry_after,
        needs=("succeeds",),
    )
    yield Requirement(
        "rides-out-429",
        Level.SHOULD,
        "A 429 is no end: polling goes on after it.",
        "RFC 6585, 4: too many requests in a given time; what is under way goes on meanwhile",
        ("busy", "busy-until"),
        _rides_out,
        needs=("succeeds",),
    )
    yield Requirement(
        "rides-out-503",
        Level.SHOULD,
        "One 503 is no end: polling goes on after it.",
        "RFC 9110, 15.6.4: the server is unable for the moment; what is under way goes on meanwhile",
        ("down",),
        _rides_out,
        needs=("succeeds",),
    )
    yield Requirement(
        "gives-up",
        Level.MUST,
        "What never ends is given up when the deadline is over.",
        "the document's poll policy",
        ("stalls",),
        _gives_up,
        needs=("succeeds",),
        quotes=_deadline,
    )
    yield Requirement(
        "silence",
        Level.MUST,
        "A request that is never answered is given up when the deadline is over.",
        f"{OURS}the deadline is that of the whole, whoever is slow",
        ("silent", "start-is-lost"),
        _gives_up,
        needs=("succeeds",),
    )
    yield Requirement(
        "refusal",
        Level.MUST,
        "Who is refused for his credential stops asking.",
        f"{OURS}the same credential gets the same refusal (RFC 9110, 15.5.2), and accounts are locked for it",
        ("refused",),
        _does_not_hammer,
        needs=("succeeds",),
    )
    yield Requirement(
        "documented-500",
        Level.MUST,
        "A 500 that says who may not ask is a refusal, and is not hammered.",
        "the document's words",
        ("forbidden",),
        _does_not_hammer,
        needs=("succeeds",),
        quotes=_refusal,
    )
