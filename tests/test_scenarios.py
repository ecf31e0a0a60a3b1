"""Scenarios: what a polite server plays instead of what its document says, and how a test holds it in its hand."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from pollspec import spec
from pollspec.document.messages import Answer
from pollspec.document.vendor import Vendor
from pollspec.errors import UsageError
from pollspec.servers import scenarios
from pollspec.servers.polite import Mock
from pollspec.servers.scenarios.named import A_WHILE, MANY
from pollspec.trial.request import build
from pollspec.trial.wire.pace import VirtualClock
from tests.conftest import SIXTH, view

NAMES = [*spec.names(), SIXTH]
LENGTH = 40
"""Polls in which everything that ends has ended."""


class Asking:
    """A client of a polite server's `finished` subject, by the view that shows it best."""

    def __init__(self, vendor: Vendor, subject: str = "finished", **played: Any) -> None:
        self.vendor, self.clock = vendor, VirtualClock()
        self.mock = Mock(vendor, self.clock, **{"polls": 4, **played})
        self.lifecycle = next(iter(vendor.lifecycles.values()))
        known = vendor.subjects[subject]
        views = [vendor.operations[name] for name in self.lifecycle.views]
        self.operation = next(o for o in views if vendor.applies(known, o))
        self.request = build(vendor, self.operation, {**vendor.credentials.get("default", {}), **known.given})

    def poll(self) -> Answer:
        """One more answer."""
        path, _, query = f"{self.vendor.base_path}{self.request.target}".partition("?")
        return self.mock.respond("GET", path, query, self.request.headers, b"")

    def stage(self) -> frozenset[str]:
        """The stages that one more answer shows."""
        return self.lifecycle.shown(self.operation.id, self.request, self.poll()) or frozenset()

    def kinds(self, polls: int = LENGTH) -> list[set[str]]:
        """The kinds of the stages that so many answers show."""
        return [self.lifecycle.kinds(self.stage()) for _ in range(polls)]


def asking(name: str, scenario: str, **more: Any) -> Asking:
    """A client of a server that plays a named scenario."""
    vendor = view(name)
    return Asking(vendor, scenario=scenarios.find(vendor, scenario), **more)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("scenario", "kind"), [("quick", "done"), ("slow", "done"), ("fails", "failed"), ("flaky", "done")]
)
def test_named_ones_end_as_they_are_called(name: str, scenario: str, kind: str) -> None:
    """Whoever is asked about ends so, and stays there."""
    seen = asking(name, scenario).kinds(6 * MANY)
    assert all(kind in one for one in seen[-3:])


@pytest.mark.parametrize("name", NAMES)
def test_quick_and_slow_are_counted_in_polls(name: str) -> None:
    """A stage of the quick one lasts one poll, of the slow one many."""
    vendor = view(name)
    path = vendor.subjects["finished"].path
    for scenario, each in (("quick", 1), ("slow", MANY)):
        client = asking(name, scenario)
        shown = [client.stage() for _ in range(each * len(path))]
        for place, stage in enumerate(path):
            assert stage in shown[place * each] or not shown[place * each]


@pytest.mark.parametrize("name", NAMES)
def test_what_stalls_never_ends(name: str) -> None:
    """After a while one answer is like the other, and none shows an end."""
    client = asking(name, "stalls")
    seen = client.kinds()
    assert not any(one & {"done", "failed", "gone"} and len(one) == 1 for one in seen)
    shown = [client.poll().content for _ in range(3)]
    assert len({_without_dates(content) for content in shown}) == 1


def _without_dates(content: bytes) -> str:
    body = json.loads(content)
    return json.dumps({name: value for name, value in body.items() if "updated" not in name})


@pytest.mark.parametrize("name", NAMES)
def test_what_pauses_takes_longer_and_ends(name: str) -> None:
    """It stands still for a while, and ends like any other."""
    plain, paused = Asking(view(name)), asking(name, "pauses")
    first = [place for place, kinds in enumerate(plain.kinds()) if kinds == {"done"}]
    later = [place for place, kinds in enumerate(paused.kinds()) if kinds == {"done"}]
    assert first and later and later[0] >= first[0] + A_WHILE - 2


def test_what_no_document_says_is_an_error_that_lists_what_there_is() -> None:
    """A document in which nothing is cancelled has no such scenario."""
    with pytest.raises(UsageError, match="keycard has no scenario 'cancelled'") as raised:
        scenarios.find(view("keycard"), "cancelled")
    assert "quick, slow, fails, pauses, stalls, flaky" in str(raised.value)
    assert {"cancelled"} <= asking("ibm_qradar", "cancelled").stage() | asking(
        "ibm_qradar", "cancelled"
    ).vendor.subjects.keys()


def test_a_flaky_one_answers_503_and_429_once_each() -> None:
    """The second request is answered 503, the fourth 429 with Retry-After, the others as ever."""
    client = asking("keycard", "flaky", polls=30)
    told = [client.poll() for _ in range(6)]
    assert [one.status for one in told] == [200, 503, 200, 429, 200, 200]
    assert dict(told[3].headers)["Retry-After"] == "1"


FILE = """
description = "it fails late, after a pause at 100 %"
seed = 3
[[course]]
subjects = ["finished"]
steps = [
    {stage = "pending", polls = 1},
    {stage = "running", seconds = 5, shows = {"/package_slug" = "late"}},
    {plays = "unknown", polls = 1},
    {stage = "failed", for-ever = true},
    {stage = "completed"},
]
[[interruption]]
at = 2
status = 503
retry-after = 2.5
body = {message = "busy"}
"""


def test_a_file(tmp_path: pathlib.Path) -> None:
    """Polls and seconds, values over what is shown, a vanished one, an end that is never left, an interruption."""
    path = tmp_path / "late.toml"
    path.write_text(FILE)
    client = asking("keycard", str(path))
    told = [client.poll() for _ in range(3)]
    assert [one.status for one in told] == [200, 503, 200]
    assert told[1].reading.value == {"message": "busy"} and dict(told[1].headers)["Retry-After"] == "2.5"
    assert [told[place].reading.value["status"] for place in (0, 2)] == ["pending", "running"]
    assert told[2].reading.value["package_slug"] == "late"
    client.clock.sleep(5)
    assert client.poll().status == 404
    assert [client.poll().reading.value["status"] for _ in range(9)] == ["failed"] * 9
    assert Asking(view("keycard"), "failed", scenario=client.mock.scenario).poll().status == 200


WRONG = {
    "no-toml": ("x = ", "is no TOML"),
    "unknown-entry": ("colour = 1", "unknown field `colour`"),
    "unknown-stage": ('[[course]]\nsteps = [{stage = "runing"}]', 'did you mean "running"?'),
    "unknown-subject": (
        '[[course]]\nsubjects = ["finishd"]\nsteps = [{stage = "running"}]',
        'did you mean "finished"?',
    ),
    "no-steps": ("[[course]]\nsteps = []", "has no steps"),
    "two-lengths": ('[[course]]\nsteps = [{stage = "running", polls = 1, seconds = 1}]', "polls and seconds"),
    "no-length": ('[[course]]\nsteps = [{stage = "running", polls = 0}]', "no length"),
    "no-pointer": (
        '[[course]]\nsteps = [{stage = "running", shows = {x = 1}}]',
        "begins with a slash: /x",
    ),
    "one-that-was": ('[[course]]\nsteps = [{plays = "finished"}]', "no subject that never was"),
    "no-status": ("[[interruption]]\nat = 1\nstatus = 99", "a number from 100 to 599"),
    "from-nought": ("[[interruption]]\nat = 0\nstatus = 503", "count from 1"),
    "latency": ("latency = [2.0, 1.0]", "the least and the most"),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_named(text: str, told: str, tmp_path: pathlib.Path) -> None:
    """What is wrong in a file is said, with what there is."""
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as raised:
        scenarios.find(view("keycard"), str(path))
    assert told in str(raised.value) and "wrong.toml" in str(raised.value)


@pytest.mark.parametrize(
    ("typed", "told"), [("fail", 'did you mean "fails"?'), ("gone.toml", "there is no file gone.toml")]
)
def test_a_name_that_is_none(typed: str, told: str) -> None:
    """A scenario that there is not is an error that says what to type."""
    with pytest.raises(UsageError) as raised:
        scenarios.find(view("keycard"), typed)
    assert told in str(raised.value)


@pytest.mark.parametrize("name", NAMES)
def test_held_and_moved_on(name: str) -> None:
    """What is held at a stage stays there however often it is asked, until it is moved on."""
    vendor = view(name)
    path = vendor.subjects["finished"].path
    client = Asking(vendor, polls=1)
    client.mock.hold(path[1])
    client.poll()
    assert all(path[1] in client.stage() for _ in range(LENGTH))
    client.mock.move_on()
    assert path[2] in client.stage()
    with pytest.raises(UsageError, match="there is no stage 'nowhere'"):
        client.mock.hold("nowhere")
    with pytest.raises(UsageError, match="there is no subject 'nobody'"):
        client.mock.move_on("nobody")


def test_one_subject_is_held_and_not_another() -> None:
    """Each subject is held by itself."""
    vendor = view("keycard")
    client = Asking(vendor, polls=2)
    client.mock.hold("running", "failed")
    assert "completed" in [client.stage() for _ in range(9)][-1]


def test_latency_is_seeded() -> None:
    """The same seed gives the same delays, within their bounds."""
    drawn = scenarios.Scenario("x", latency=(0.1, 0.5), seed=7).delays()
    again = scenarios.Scenario("x", latency=(0.1, 0.5), seed=7).delays()
    first = [drawn() for _ in range(5)]
    assert first == [again() for _ in range(5)] and all(0.1 <= one <= 0.5 for one in first) and len(set(first)) == 5
