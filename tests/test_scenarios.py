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
from pollspec.servers.scenarios.scenario import Interruption, Scenario, lifecycle_of
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
        known = vendor.subjects[subject]
        found = lifecycle_of(vendor, known)
        assert found is not None
        self.lifecycle = found
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


def passing(vendor: Vendor) -> list[str]:
    """The subjects that pass stages and can be asked about."""
    views = [vendor.operations[name] for lifecycle in vendor.lifecycles.values() for name in lifecycle.views]
    return [name for name, s in vendor.subjects.items() if s.path and any(vendor.applies(s, one) for one in views)]


def written(path: pathlib.Path, text: str) -> str:
    """A scenario's file."""
    path.write_text(text, encoding="utf-8")
    return str(path)


def asking(name: str, scenario: str, **more: Any) -> Asking:
    """A client of a server that plays a named scenario."""
    vendor = view(name)
    return Asking(vendor, scenario=scenarios.find(vendor, scenario), **more)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scenario", ["quick", "slow", "pauses", "flaky"])
def test_whoever_takes_longer_or_shorter_ends_as_ever(name: str, scenario: str) -> None:
    """Each subject comes to its own end and stays there; how long that takes is the scenario's."""
    for subject in passing(view(name)):
        played = asking(name, scenario, subject=subject)
        assert played.kinds(8 * MANY)[-3:] == Asking(view(name), subject).kinds()[-3:]


@pytest.mark.parametrize("name", NAMES)
def test_what_fails_fails_whoever_is_asked_about(name: str) -> None:
    """Every subject of a lifecycle that knows a failure comes to one, and stays there."""
    for subject in passing(view(name)):
        client = asking(name, "fails", subject=subject)
        kinds = {stage.kind for stage in client.lifecycle.stages.values()}
        assert client.kinds()[-3:] == [{"failed"}] * 3 or "failed" not in kinds


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


@pytest.mark.parametrize("name", ["ibm_qradar", "logpresso_sonar", "rocket_chat"])
def test_what_is_cancelled_is_cancelled_whoever_is_asked_about(name: str) -> None:
    """Every subject comes to the stage of that name and stays there."""
    for subject in passing(view(name)):
        client = asking(name, "cancelled", subject=subject)
        assert all("cancelled" in shown for shown in [client.stage() for _ in range(LENGTH)][-3:])


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
    client = asking("keycard", written(tmp_path / "late.toml", FILE))
    told = [client.poll() for _ in range(3)]
    assert [one.status for one in told] == [200, 503, 200]
    assert told[1].reading.value == {"message": "busy"} and dict(told[1].headers)["Retry-After"] == "2.5"
    assert [told[place].reading.value["status"] for place in (0, 2)] == ["pending", "running"]
    assert told[2].reading.value["package_slug"] == "late"
    client.clock.sleep(5)
    assert client.poll().status == 404
    assert [client.poll().reading.value["status"] for _ in range(9)] == ["failed"] * 9
    assert Asking(view("keycard"), "failed", scenario=client.mock.scenario).poll().status == 200


def test_an_outage_has_its_time(tmp_path: pathlib.Path) -> None:
    """From so many seconds after the first request on every answer is another one, until it is over."""
    text = "[[interruption]]\nafter = 5\nseconds = 3\nstatus = 502\n"
    client = asking("keycard", written(tmp_path / "outage.toml", text), polls=None, duration=100)
    told = []
    for _ in range(10):
        told.append(client.poll().status)
        client.clock.sleep(1)
    assert told == [200] * 5 + [502] * 3 + [200] * 2


def test_what_the_document_describes_is_answered_as_it_does() -> None:
    """An interruption without a body of its own has the document's, where it describes that status."""
    qradar = view("ibm_qradar")
    documented = next(code for code in (500, 503) if qradar.operations["getApplicationCreationTask"].response(code))
    wrong = Interruption(1, documented, retry_after=7)
    told = Asking(qradar, scenario=Scenario("x", interruptions=[wrong])).poll()
    assert told.status == documented and dict(told.headers)["Retry-After"] == "7"
    response = qradar.operations["getApplicationCreationTask"].response(documented)
    assert response is not None and told.reading.value in response.examples.values()


def test_a_course_for_all_is_for_all_that_pass_its_stages(tmp_path: pathlib.Path) -> None:
    """Where a document has two lifecycles, the subjects of the other one keep their own course."""
    text = '[[course]]\nsteps = [{stage = "waiting", polls = 1}, {stage = "done"}]\n'
    scenario = scenarios.find(view(SIXTH), written(tmp_path / "one.toml", text))
    fired, dried = Asking(view(SIXTH), scenario=scenario), Asking(view(SIXTH), "bowls", scenario=scenario)
    assert ["done" in fired.stage() for _ in range(3)] == [False, True, True]
    as_ever = Asking(view(SIXTH), "bowls")
    assert [dried.stage() for _ in range(LENGTH)] == [as_ever.stage() for _ in range(LENGTH)]


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
    "a-share-that-is-none": ('[[course]]\nsteps = [{stage = "running", share = [0.5, 2]}]', "two numbers from 0 to 1"),
    "stage-and-plays": ('[[course]]\nsteps = [{stage = "running", plays = "unknown"}]', "a stage and plays"),
    "passes-nothing": ('[[course]]\nsubjects = ["unknown"]\nsteps = [{stage = "running"}]', "passes no stages"),
    "no-moment": ("[[interruption]]\nstatus = 503", "at no moment"),
    "two-moments": ("[[interruption]]\nat = 1\nafter = 1\nstatus = 503", "or at two"),
    "no-outage": ("[[interruption]]\nafter = 1\nstatus = 503", "seconds above 0"),
    "retry-before": ("[[interruption]]\nat = 1\nstatus = 503\nretry-after = -1", "seconds, 0 or more"),
    "one-that-was": ('[[course]]\nsteps = [{plays = "finished"}]', "no subject that never was"),
    "no-status": ("[[interruption]]\nat = 1\nstatus = 99", "a number from 100 to 599"),
    "from-nought": ("[[interruption]]\nat = 0\nstatus = 503", "count from 1"),
    "latency": ("latency = [2.0, 1.0]", "the least and the most"),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_named(text: str, told: str, tmp_path: pathlib.Path) -> None:
    """What is wrong in a file is said, with what there is."""
    with pytest.raises(UsageError) as raised:
        scenarios.find(view("keycard"), written(tmp_path / "wrong.toml", text))
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


def test_what_is_moved_on_leaves_the_stage_where_it_is_by_now() -> None:
    """Time that nobody asked in has passed all the same."""
    client = Asking(view("keycard"), polls=None, duration=10)
    assert client.stage() == {"pending"}
    client.clock.sleep(7)
    client.mock.move_on()
    assert "completed" in client.stage()


def test_everybody_moved_on_is_held_no_more() -> None:
    """Whatever was held, one subject or all, is let go."""
    client = Asking(view("keycard"), polls=1)
    client.mock.hold("running", "finished")
    client.mock.hold("pending")
    assert client.stage() == {"pending"}
    client.mock.move_on()
    assert "completed" in [client.stage() for _ in range(LENGTH)][-1]


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
