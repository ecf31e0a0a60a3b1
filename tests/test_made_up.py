"""What schemathesis and hypothesis make up for a live server: bounded, repeatable, and about nothing that runs."""

from __future__ import annotations

import pathlib
import sys
from typing import Any
from unittest import mock

import pytest
from click.testing import CliRunner

from pollspec.cli import main
from pollspec.document.messages import Request
from pollspec.document.vendor import Vendor
from pollspec.doors import run
from pollspec.doors.cases import LONGEST_VALUE
from pollspec.judge.verdict import Outcome
from pollspec.trial.selection import EXAMPLES, Plan
from pollspec.trial.target import Given, Polls, Settings, cards
from pollspec.trial.trial import Trial
from tests.conftest import SIXTH, view
from tests.wire import wired

NAME = "7b1f0d6e-0000-4000-8000-000000000001"
RUNNING: Given = {"$request.path.number": NAME}
KEY = "pollspec-potter-of-the-kiln"


def tried(vendor: Vendor, given: Settings, examples: int = EXAMPLES, seed: int = 1, **more: Any) -> Trial:
    """A whole run, as `pollspec test` makes it, against a polite server that is not embedded."""
    trial = Trial(vendor, lambda: wired(vendor, given, **more)[0], Plan(seed, examples), vendor.beliefs)
    with mock.patch.object(run, "trials", lambda typed: [trial]):
        done = CliRunner().invoke(main, ["test", SIXTH], env={"GITHUB_STEP_SUMMARY": None})
    assert done.exit_code == 0, done.output
    return trial


def asked(trial: Trial) -> list[Request]:
    """All that was asked, as it went over the wire."""
    return [exchange.request for exchange in trial.target.exchanges]


def made_up(trial: Trial) -> list[Request]:
    """What is in nobody's plan: neither asked nor followed where nothing is made up."""
    planned = Trial(trial.vendor, lambda: wired(trial.vendor, trial.target.settings)[0], trial.plan, trial.beliefs)
    planned.run()
    known = {(request.target, request.headers, request.content) for request in asked(planned)}
    return [r for r in asked(trial) if (r.target, r.headers, r.content) not in known]


@pytest.fixture(scope="module")
def whole() -> Trial:
    """A run in which much is made up, with starts allowed."""
    return tried(view(SIXTH), cards(view(SIXTH)), examples=240)


def test_a_good_live_server_keeps_everything(whole: Trial) -> None:
    """Whatever is made up, a polite server that is not embedded keeps every belief that is tried."""
    left = {verdict.belief.id: verdict.outcome for verdict in whole.verdicts().values() if verdict.outcome != "kept"}
    assert left in ({}, {"sixth/getDrying/alike/views": Outcome.NOT_TRIED})
    assert len(made_up(whole)) > 20


def test_a_start_is_not_made_up(whole: Trial) -> None:
    """On a live server nothing is started with made-up data, also where starts are allowed."""
    assert "startFiring" in {request.operation for request in asked(whole)}
    assert {request.method for request in made_up(whole)} == {"GET"}


def test_made_up_requests_are_bounded(whole: Trial) -> None:
    """No more of an operation than the plan has room for, and nothing longer than a server would take."""
    target, most = whole.target, whole.plan.examples
    made = [request.operation for request in made_up(whole)]
    assert max(made.count(operation) for operation in made) <= most // 4 + 8  # and those in other orders
    assert max(target.counted[name] - target.polled[name] for name in whole.vendor.operations) <= most
    assert max(len(value) for request in made_up(whole) for value in request.parameters.values()) <= LONGEST_VALUE


def test_made_up_requests_are_signed_by_nobody_else(whole: Trial) -> None:
    """Whatever is made up, the credential is the target's own, and the host is nobody's to say."""
    for request in made_up(whole):
        assert {value for name, value in request.headers if name.lower() == "x-potter"} <= {KEY}
        assert not {"host", "content-length", "transfer-encoding"} & {name.lower() for name, _ in request.headers}


def test_a_running_operation_is_followed_and_nothing_else(sixth: Vendor) -> None:
    """Also where much is made up, an identifier that never ends is only followed, by the default credential."""
    given = cards(sixth)
    given.subjects, given.allow_writes, given.starts = {"finished": [RUNNING]}, False, []
    given.polls = Polls(every=10, at_most=300)
    trial = tried(sixth, given, examples=240, duration=1e9)
    about = [exchange for exchange in trial.target.exchanges if NAME in exchange.request.target]
    assert len(made_up(trial)) > 20
    assert {exchange.credential for exchange in about} == {"default"}
    assert {exchange.request.target.partition("?")[0] for exchange in about} == {f"/firings/{NAME}"}
    assert trial.questions.is_precious(RUNNING)
    assert len(about) - trial.target.polled["getFiring"] <= 3


def test_the_same_seed_asks_the_same(sixth: Vendor) -> None:
    """A seed makes a run repeatable, request by request; another seed asks otherwise."""
    first, second, other = (
        [(r.target, r.headers, r.content) for r in asked(tried(sixth, cards(sixth), seed=seed))] for seed in (7, 7, 8)
    )
    assert first == second
    assert first != other


def test_nothing_that_lies_about_is_sent(
    sixth: Vendor, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hypothesis draws on the constants of loaded modules; none of the folder where a run is started is loaded."""
    words = [f"horse-{number}" for number in range(1000)]
    (tmp_path / "my_settings.py").write_text(f"PASSWORDS = {words!r}\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text("from my_settings import PASSWORDS\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p my_settings\n", encoding="utf-8")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p my_settings")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    trial = tried(sixth, cards(sixth), examples=400)
    assert len(made_up(trial)) > 50
    assert "my_settings" not in sys.modules
    assert not [r for r in asked(trial) if "horse" in f"{r.target} {r.headers}" or b"horse" in r.content]
