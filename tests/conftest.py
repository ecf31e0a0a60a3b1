"""What several tests share: the documents, read once, and each vendor's trial against its polite server, run once."""

from __future__ import annotations

import functools
import pathlib
import sys

import pytest

from pollspec import spec
from pollspec.document.loader import load
from pollspec.document.vendor import Vendor
from pollspec.judge.verdict import Verdict
from pollspec.trial.background import Background
from pollspec.trial.destination import Destination, reach
from pollspec.trial.selection import Plan
from pollspec.trial.trial import Trial

CONTRACT_TESTS = [
    sys.executable, "-m", "pytest", "--pyargs", "pollspec.contract_tests", "-p", "pollspec.doors.plugin",
]  # fmt: skip
"""The contract tests of an installed package, as a user runs them."""
SIXTH = str(pathlib.Path(__file__).parent / "documents" / "sixth.yaml")


@functools.cache
def view(name: str) -> Vendor:
    """A document's view, read once."""
    return load(name)


@functools.cache
def polite(name: str) -> Trial:
    """A strict trial against the embedded polite server; its verdicts are worked out on first use, and once."""
    vendor = view(name)
    return Trial(vendor, lambda: reach(Background(vendor), Destination()), Plan(strict=True), vendor.beliefs)


def verdicts(trial: Trial) -> dict[str, Verdict]:
    """The verdicts of a trial in which all that is planned was asked."""
    trial.run()
    return trial.verdicts()


@pytest.fixture(params=spec.names())
def vendor(request: pytest.FixtureRequest) -> Vendor:
    """Each known vendor."""
    return view(request.param)


@pytest.fixture
def sixth() -> Vendor:
    """A vendor of our own invention, whose document uses every word of x-contract."""
    return view(SIXTH)


@pytest.fixture(params=[*spec.names(), SIXTH], ids=[*spec.names(), "sixth"])
def trial(request: pytest.FixtureRequest) -> Trial:
    """Each vendor's trial against its polite server, and the sixth's."""
    return polite(request.param)
