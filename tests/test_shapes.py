"""Documents of our own, one for each shape of a long-running operation. `tox -e proof` proves them."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from pollspec.document.lint import problems
from pollspec.document.loader import load
from pollspec.doors.run import carry_out
from pollspec.judge.verdict import Outcome
from pollspec.trial.background import Background
from pollspec.trial.destination import Destination, reach
from pollspec.trial.selection import Plan
from pollspec.trial.target import Settings
from pollspec.trial.trial import Trial
from tests.conftest import verdicts, view
from tests.exchanges import Talk
from tests.wire import wired

FOLDER = pathlib.Path(__file__).parent / "documents"
SHAPES = {name: str(FOLDER / f"{name}.yaml") for name in ("run", "batch", "provision", "render", "update", "job")}
BATCH, RUN = load(SHAPES["batch"]), load(SHAPES["run"])
KEPT, BROKEN, UNTRIED = Outcome.KEPT, Outcome.BROKEN, Outcome.NOT_TRIED
Step = tuple[str, str, int]
EACH = pytest.mark.parametrize("path", SHAPES.values(), ids=SHAPES)


@EACH
def test_without_a_problem(path: str) -> None:
    """Lint has nothing to say of it."""
    assert problems(path) == []


@EACH
def test_kept_by_its_polite_server(path: str) -> None:
    """Its polite server keeps every belief, and each is tried."""
    vendor = view(path)
    trial = Trial(vendor, lambda: reach(Background(vendor), Destination()), Plan(examples=12), vendor.beliefs)
    carry_out(trial)
    assert {v.belief.id: v.outcome for v in trial.verdicts().values() if v.outcome is not KEPT} == {}


def test_nothing_is_moved_without_leave() -> None:
    """Where nobody allowed writes, nothing is started, moved or sent that is no GET."""
    given = Settings(credentials=dict(BATCH.credentials), subjects={"completed": [{"$request.path.id": "batch_1"}]})
    target, wire = wired(BATCH, given)
    trial = Trial(BATCH, lambda: target, Plan(examples=4), BATCH.beliefs)
    told = verdicts(trial)["batch/cancelBatch/moves/cancel"]
    assert told.outcome is UNTRIED and told.wants
    assert {request.method for request in wire.sent} == {"GET"}


def body(status: str) -> dict[str, Any]:
    """A batch in a state."""
    return {"id": "batch_1", "status": status, "counts": {"total": 1, "completed": 0, "failed": 0}}


GET, CANCEL = "getBatch", "cancelBatch"


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ([(GET, "in_progress", 200), (CANCEL, "cancelling", 200), (GET, "cancelling", 200)], KEPT),
        ([(GET, "in_progress", 200), (CANCEL, "cancelling", 200), (GET, "cancelled", 200)], KEPT),
        ([(GET, "in_progress", 200), (CANCEL, "cancelling", 200), (GET, "in_progress", 200)], BROKEN),
        ([(GET, "in_progress", 200), (CANCEL, "", 202), (GET, "in_progress", 200), (GET, "cancelled", 200)], KEPT),
        ([(GET, "in_progress", 200), (CANCEL, "", 202), (GET, "in_progress", 200), (GET, "completed", 200)], BROKEN),
        ([(GET, "in_progress", 200), (CANCEL, "", 409), (GET, "in_progress", 200)], BROKEN),
        ([(GET, "in_progress", 200), (CANCEL, "", 409), (GET, "completed", 200)], UNTRIED),
        ([(GET, "completed", 200), (CANCEL, "", 409)], KEPT),
        ([(GET, "completed", 200), (CANCEL, "", 404)], BROKEN),
        ([(GET, "completed", 200), (CANCEL, "cancelling", 200)], BROKEN),
        ([(GET, "completed", 200), (CANCEL, "", 503), (CANCEL, "", 403)], UNTRIED),
        ([(CANCEL, "cancelling", 200)], UNTRIED),
    ],
)
def test_moves(steps: list[Step], outcome: Outcome) -> None:
    """A success shows at once, one that is only accepted at the end; between two polls anything may have happened."""
    talk = Talk(BATCH)
    for operation, state, status in steps:
        talk.say(operation, body(state) if state else {"message": "."}, status)
    assert talk.outcome("cancelBatch/moves/cancel") is outcome


def test_each_attempt_is_one_of_its_own() -> None:
    """A run that is run again is another attempt: that it is queued once more is no move that the stages lack."""
    shown = {
        "number": 7,
        "conclusion": None,
        "created_at": "2026-11-02T08:00:00Z",
        "updated_at": "2026-11-02T08:00:01Z",
    }
    for attempt, outcome in ((2, UNTRIED), (1, Outcome.DEVIATES)):
        talk = Talk(RUN)
        talk.say("getRun", {**shown, "attempt": 1, "status": "completed", "conclusion": "success"})
        talk.say("getRun", {**shown, "attempt": attempt, "status": "queued"})
        assert talk.outcome("getRun/lifecycle/moves") is outcome
