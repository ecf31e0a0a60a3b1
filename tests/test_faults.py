"""Faults: every belief has one, every misdeed is caught, around any ASGI application; named and listed."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from pollspec import spec
from pollspec.cli import main
from pollspec.document.keywords import KEYWORDS
from pollspec.errors import UsageError
from pollspec.proof.prove import Task, run
from pollspec.servers.faults import FAULTS, Impolite, derive, find
from tests.conftest import SIXTH, view
from tests.exchanges import ask
from tests.servers import rocket_chat

DOCUMENTS = [*spec.names(), SIXTH]
DERIVED = {name: derive(view(name)) for name in DOCUMENTS}
FURTHER = {name: derive(view(name)) for name in (SIXTH.replace("sixth", other) for other in ("batch",))}
"""A document of something that can be moved, and of a constant."""


def test_a_misdeed_for_every_keyword() -> None:
    """Each keyword has a misdeed, named for what it does."""
    assert {misdeed.keyword for misdeed in FAULTS.values()} == set(KEYWORDS)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in FAULTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_fault_for_every_belief(name: str) -> None:
    """Each belief of a document gives a fault, a sixth vendor's for nothing; each has an id of its own."""
    faults = DERIVED[name]
    assert {fault.belief.id for fault in faults} == {belief.id for belief in view(name).beliefs}
    assert len({fault.id for fault in faults}) == len(faults)


@pytest.mark.parametrize("misdeed", FAULTS)
def test_caught(misdeed: str) -> None:
    """A fault of each misdeed is caught by the belief that it breaks."""
    name, fault = next(
        (n, f) for n, faults in {**DERIVED, **FURTHER}.items() for f in faults if f.misdeed.name == misdeed
    )
    result = run(Task("fault", name, fault.id))
    assert result.guard == fault.belief.id
    assert result.holds, result.objected


@pytest.mark.parametrize("misdeed", {fault.misdeed.name: fault.id for fault in DERIVED[SIXTH]}.values())
def test_a_sixth_vendor(misdeed: str) -> None:
    """The faults of a document of one's own are caught: the last of each misdeed."""
    result = run(Task("fault", SIXTH, misdeed))
    assert result.holds, (result.guard, result.objected, result.failed)


def test_find() -> None:
    """A fault is found by its id or by its misdeed; another word names the nearest."""
    vendor = view("rocket_chat")
    assert find(vendor, "goes-backwards").id == "goes-backwards:getImportProgress/never-decreases/completed"
    assert find(vendor, "goes-backwards:getImportProgress/never-decreases/completed").misdeed.name == "goes-backwards"
    with pytest.raises(UsageError, match='did you mean "goes-backwards"'):
        find(vendor, "goes-backward")


def test_around_any_application() -> None:
    """A fault wraps a server that pollspec did not write, and spoils it for its clients alone."""
    vendor = view("rocket_chat")
    server = rocket_chat.Server(lambda: 0.0)
    headers = rocket_chat.CREDENTIALS["default"]
    path = "/api/v1/getImportProgress"
    sound = ask(server, path, headers)
    spoilt = ask(Impolite(server, vendor, find(vendor, "drops-the-field"), base_path=""), path, headers)
    assert sound.status == spoilt.status == 200
    assert sound.reading.value.keys() - spoilt.reading.value.keys() == {"key"}


def test_listed() -> None:
    """`pollspec faults VENDOR` lists each fault with what the server does; a wrong --fault names what is near."""
    done = CliRunner().invoke(main, ["faults", "keycard"])
    assert done.exit_code == 0
    assert len(done.output.splitlines()) == len(DERIVED["keycard"])
    wrong = CliRunner().invoke(main, ["mock", "keycard", "--fault", "leaves-its-ends"])
    assert wrong.exit_code == 2
    assert 'did you mean "leaves-its-end"?' in wrong.output
