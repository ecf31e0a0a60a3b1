"""pollspec asks little: at most 48 requests an operation beyond polls, by default."""

from __future__ import annotations

import pytest

from pollspec import spec
from pollspec.document.loader import load
from pollspec.doors.run import carry_out
from pollspec.servers.polite import Mock
from pollspec.trial.background import Background
from pollspec.trial.destination import Destination, reach
from pollspec.trial.selection import EXAMPLES, Plan
from pollspec.trial.trial import Trial
from tests.serving import served


def beyond_polls(name: str, url: str | None) -> dict[str, int]:
    """The requests of each operation that follow nothing."""
    vendor = load(name)
    trial = Trial(
        vendor, lambda: reach(Background(vendor), Destination(url, allow_writes=True)), Plan(), vendor.beliefs
    )
    carry_out(trial)
    assert {verdict.outcome for verdict in trial.verdicts().values()} == {"kept"}
    return {operation: trial.asked[operation] - trial.polled[operation] for operation in vendor.operations}


@pytest.mark.parametrize("name", spec.names())
def test_few_requests(name: str) -> None:
    """Every belief is tried with so many requests, embedded and over HTTP."""
    assert max(beyond_polls(name, None).values()) <= EXAMPLES == 48
    with served(Mock(load(name), duration=0.5)) as url:
        assert max(beyond_polls(name, url).values()) <= EXAMPLES
