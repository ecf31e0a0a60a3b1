"""The vendor's printed samples satisfy their schemas, their models and every belief."""

from __future__ import annotations

from collections.abc import Callable

from pollspec.vendor import Belief

KEYWORDS = ("sample",)


def test_samples(belief: Belief, hold: Callable[[Belief], None]) -> None:
    """The vendor's printed samples satisfy their schemas, their models and every belief."""
    hold(belief)
