"""The vendor's printed samples satisfy their schemas, their models and every belief."""

from __future__ import annotations

from pollspec.document.vendor import Belief
from pollspec.doors.failures import fail
from pollspec.judge.judge import judge
from pollspec.trial.trial import Trial


def test_samples(sample: Belief, trial: Trial) -> None:
    """A printed sample is what its schema and its generated model say it is."""
    (verdict,) = judge(trial.vendor, [], [sample])
    assert verdict.tried == 1
    fail(trial, [(sample, finding) for finding in verdict.findings])
