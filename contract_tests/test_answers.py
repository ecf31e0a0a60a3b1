"""Whatever is asked, the answer is a documented one and does not contradict itself."""

from __future__ import annotations

from collections.abc import Callable

from pollspec.vendor import Belief

KEYWORDS = (
    "status",
    "response",
    "header",
    "schema",
    "echoes",
    "at-most",
    "counts",
    "only-when",
    "answers",
    "selects",
    "keeps-secret",
)


def test_answers(belief: Belief, hold: Callable[[Belief], None]) -> None:
    """Whatever is asked, the answer is a documented one and does not contradict itself."""
    hold(belief)
