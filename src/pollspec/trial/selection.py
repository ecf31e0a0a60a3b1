"""How a trial is run, and which beliefs it is about. It needs no more than their ids, so that `--help` is quick."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pollspec.document.keywords import Strict
from pollspec.errors import UsageError, nearest

if TYPE_CHECKING:
    from pollspec.document.vendor import Belief

EXAMPLES = 48
"""Requests an operation beyond the polls of a lifecycle, by default."""


@dataclass(frozen=True)
class Plan:
    """How a trial is run. `only`: prefixes or globs of belief ids; `strict`: which deviations
    fail (keywords.Strict)."""

    seed: int = 1
    examples: int = EXAMPLES
    strict: Strict = False
    only: tuple[str, ...] = ()


def matches(belief_id: str, pattern: str) -> bool:
    """Whether a selector means a belief: its id, the beginning of it, or a glob of it or of its last parts."""
    return (
        belief_id == pattern
        or belief_id.startswith(pattern.rstrip("/") + "/")
        or fnmatch.fnmatchcase(belief_id, pattern)
        or ("*" in pattern and any(fnmatch.fnmatchcase(tail, pattern) for tail in _tails(belief_id)))
    )


def _tails(belief_id: str) -> list[str]:
    """What is behind each slash of an id."""
    parts = belief_id.split("/")
    return ["/".join(parts[place:]) for place in range(1, len(parts))]


def selected(beliefs: Sequence[Belief], patterns: Sequence[str], listed: str = "pollspec beliefs") -> list[Belief]:
    """The beliefs that selectors mean (all without one); UsageError for one that means none. `listed`: by what."""
    known = [belief.id for belief in beliefs]
    for pattern in patterns:
        if not any(matches(known_id, pattern) for known_id in known):
            hint = nearest(pattern, known) if "/" in pattern else listed
            raise UsageError(f"--only {pattern!r} selects no belief", hint)
    return [belief for belief in beliefs if not patterns or any(matches(belief.id, pattern) for pattern in patterns)]


def must_be_tried(beliefs: Sequence[Belief], wanted: tuple[str, ...]) -> frozenset[str]:
    """The ids of the beliefs that must not stay untried."""
    found: set[str] = set()
    for word in wanted:
        chosen = {b.id for b in beliefs if word in {"all", b.grade, b.id} or b.id.startswith(f"{word}/")}
        if not chosen:
            known = {"all", *(belief.grade for belief in beliefs)}
            raise UsageError(f"--require {word!r}: expected all, a grade or an id", nearest(word, known))
        found |= chosen
    return frozenset(found)
