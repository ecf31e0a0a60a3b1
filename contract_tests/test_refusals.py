"""Documented refusals happen when provoked."""

from __future__ import annotations

from collections.abc import Callable

from pollspec.vendor import Belief

KEYWORDS = ("refuses",)


def test_refusals(belief: Belief, hold: Callable[[Belief], None]) -> None:
    """Documented refusals happen when provoked."""
    hold(belief)
