"""Operations that belong to no lifecycle: they are played, asked about and proved as all others are."""

from __future__ import annotations

import pathlib

import pytest

from pollspec import spec
from pollspec.document.loader import load
from pollspec.judge.verdict import Outcome
from pollspec.proof.prove import Task, run
from pollspec.servers.faults import derive
from pollspec.servers.polite import Mock
from pollspec.trial.background import Background
from pollspec.trial.destination import Destination, reach
from pollspec.trial.selection import Plan
from pollspec.trial.target import Settings
from pollspec.trial.trial import Trial
from tests.conftest import verdicts, view
from tests.wire import wired

FOLDER = pathlib.Path(__file__).parent / "documents"
LAMP, IDS = str(FOLDER / "lamp.yaml"), str(FOLDER / "ids.yaml")


@pytest.mark.parametrize("name", [*spec.names(), *map(str, sorted(FOLDER.glob("*.yaml")))])
def test_what_cannot_be_proved_is_not_derived(name: str) -> None:
    """Each belief of each document here has a fault that breaks it."""
    vendor = view(name)
    assert {belief.id for belief in vendor.beliefs} == {fault.belief.id for fault in derive(vendor)}


def test_kept_by_its_polite_server() -> None:
    """Whatever such operations say is tried and kept, but for what no sample has; the examples say about what."""
    lamp = view(LAMP)
    trial = Trial(lamp, lambda: reach(Background(lamp), Destination()), Plan(examples=12), lamp.beliefs)
    told = verdicts(trial).values()
    assert {one.outcome for one in told} == {Outcome.KEPT, Outcome.NOT_TRIED}
    untried = {"getLamp/schema/Lamp.watt", *(f"addLamp/schema/Lamp.{name}" for name in ("bright", "most", "watt"))}
    assert {one.belief.id for one in told if one.outcome is Outcome.NOT_TRIED} == {f"lamp/{name}" for name in untried}
    asked = {exchange.request.target.partition("?")[0] for exchange in trial.target.exchanges}
    assert asked >= {"/rooms/attic/lamps/red", "/rooms/nowhere/lamps/red", "/rooms/attic/lamps"}


@pytest.mark.parametrize(
    "fault",
    [
        "mixes-up:getLamp/echoes/name",
        "exceeds-the-limit:getLamp/at-most/bright",
        "answers-otherwise:getLamp/answers/other:$statusCode",
        "drops-the-field:getLamp/schema/404.reason",
        "undercuts-the-minimum:getLamp/schema/Lamp.watt:-1",
        "says-it-twice:getLamps/response/unambiguous:mark",
        "spoils-the-sample:getLamps/sample/200.example",
        "crashes:addLamp/status/no-crash",
        "mixes-up:addLamp/echoes/name",
        "crashes:getShop/status/no-crash",
    ],
)
def test_caught(fault: str) -> None:
    """What goes wrong with such an operation is found by the belief that speaks of it, also where no sample has it."""
    done = run(Task("fault", LAMP, fault))
    assert done.holds, done


def test_no_examples_at_a_live_server() -> None:
    """What is not ours is not asked about the document's identifiers, and nothing is written there."""
    target, wire = wired(view(LAMP), Settings(credentials={"default": {}}))
    lamp = view(LAMP)
    verdicts(Trial(lamp, lambda: target, Plan(examples=4), lamp.beliefs))
    assert {request.target.partition("?")[0] for request in wire.sent} == {"/health"}


def test_nobody_is_not_there() -> None:
    """An identifier that nobody has shows nothing, also where no belief says what is answered."""
    mock = Mock(load(IDS), polls=4)
    assert mock.respond("GET", "/runs/r-1", "", (), b"").status == 200
    assert mock.respond("GET", "/runs/r-2", "", (), b"").status == 404
