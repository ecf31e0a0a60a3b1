"""How a client tells what became of an operation, and that it stops there."""

from __future__ import annotations

from collections.abc import Iterator

from pollspec.document.beliefs import foundation
from pollspec.grading.ground import Ground
from pollspec.grading.observation import FAILED, Judged, NotTried, Observation
from pollspec.grading.requirements.requirement import OURS, Level, Requirement

ONE_MORE_LOOK = 1
"""Polls after the end was shown that are no fault: some look twice."""


def _succeeds(seen: Observation) -> Judged:
    """A success is told as one."""
    return None if seen.ended.code == 0 else seen.broken("exit code 0 after a success")


def _fails(seen: Observation) -> Judged:
    """An end without success is told as none."""
    if seen.end is None:
        return NotTried("a client that polls until the end")
    if seen.ended.code in {0, None}:
        return seen.broken("an exit code other than 0 after an end without success")
    return None


def _stops(seen: Observation) -> Judged:
    """No poll follows the end, but for one more look."""
    if seen.end is None:
        return NotTried("a client that polls until the end")
    more = seen.after_the_end
    if len(more) > ONE_MORE_LOOK:
        return seen.broken("no request after the end", f"{len(more)} requests after the end", more[0], seen.end)
    return None


def _by_the_state(seen: Observation) -> Judged:
    """No success is told before the state has shown an end."""
    if seen.end is None and seen.ended.code != 0:
        return NotTried("a client that polls until the end")
    return seen.broken("polls until the state shows an end") if seen.end is None else None


def _not_success(seen: Observation) -> Judged:
    """What has not succeeded is not told as a success; what did in the end, is one."""
    succeeded = any(seen.kinds(poll) == {"done"} for poll in seen.polls)
    return seen.broken("an exit code other than 0") if seen.ended.code == 0 and not succeeded else None


def _not_failure(seen: Observation) -> Judged:
    """What has no known end is not told as failed."""
    if seen.ended.code is None:
        return NotTried("a client that ends")
    if seen.end is not None:
        return NotTried("a client that waits for the answer that does not come")
    return seen.broken("an exit code that is neither 0 nor 1 (75, say)") if seen.ended.code == FAILED else None


def _redirect(ground: Ground) -> str:
    rests = foundation(ground.redirect.node) if ground.redirect else None
    return rests[1] if rests else ""


def rows() -> Iterator[Requirement]:
    """The rows on how an end is told."""
    yield Requirement(
        "succeeds",
        Level.MUST,
        "A success is told as one: exit code 0.",
        f"{OURS}that is what the client is for",
        ("runs",),
        _succeeds,
        needs=("credential", "headers"),
    )
    yield Requirement(
        "tells-failure",
        Level.MUST,
        "An end without success is told as none: another exit code.",
        f"{OURS}who hears of a success goes on as if there were one",
        ("fails",),
        _fails,
        needs=("succeeds",),
    )
    yield Requirement(
        "stops-at-the-end",
        Level.MUST,
        "Polling stops at the end; one more look is no fault.",
        f"{OURS}nothing changes after an end, and each request costs both sides",
        ("runs", "fails"),
        _stops,
    )
    yield Requirement(
        "redirect",
        Level.MUST,
        "The documented redirect is the end; what is found where it leads is something else.",
        "the document's words",
        ("redirects",),
        _succeeds,
        needs=("succeeds",),
        quotes=_redirect,
    )
    yield Requirement(
        "redirect-to-nothing",
        Level.SHOULD,
        "The end is a success, even if what it leads to cannot be read.",
        f"{OURS}it is gone by now, or is not this client's to see",
        ("redirects-to-nothing",),
        _succeeds,
        needs=("succeeds",),
    )
    yield Requirement(
        "judges-by-the-state",
        Level.MUST,
        "Only the state ends it: not 100 %, not a code 0, not everything counted.",
        "the document's stages: the state says where it stands",
        ("runs", "fails", "hints"),
        _by_the_state,
        needs=("succeeds",),
    )
    yield Requirement(
        "gone-is-no-success",
        Level.MUST,
        "What is gone without having shown its end is not told as a success.",
        "the document's stages: it may be gone after a success, and after a failure",
        ("vanishes",),
        _not_success,
        needs=("succeeds", "tells-failure"),
    )
    yield Requirement(
        "no-false-success",
        Level.MUST,
        "What was given up or refused is not told as a success.",
        f"{OURS}nobody has shown one",
        ("stalls", "silent", "refused", "forbidden", "start-is-lost"),
        _not_success,
        needs=("succeeds", "tells-failure", "judges-by-the-state"),
    )
    yield Requirement(
        "no-false-failure",
        Level.SHOULD,
        "What was given up is not told as failed: it may yet succeed (exit code 75, say, not 1).",
        f"{OURS}who hears of a failure starts it once more",
        ("stalls", "silent"),
        _not_failure,
        needs=("succeeds", "gives-up", "silence", "no-false-success"),
    )
