"""Start, poll, finish, in every order: what was said before still holds."""

from __future__ import annotations

from collections.abc import Callable

from pollspec.vendor import Belief

KEYWORDS = ("lifecycle", "never-decreases", "never-changes", "hands-over", "agrees")


def test_lifecycle(belief: Belief, hold: Callable[[Belief], None]) -> None:
    """Start, poll, finish, in every order: what was said before still holds."""
    hold(belief)
