"""What is asked of a live server: nothing that changes it, nothing twice, and of what runs only how far it is."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from pollspec import spec
from pollspec.document import loader
from pollspec.document import source as document
from pollspec.document.vendor import Belief, Vendor
from pollspec.judge.judge import judge
from pollspec.judge.verdict import Outcome, Verdict
from pollspec.reports.rows import vendor_row
from pollspec.servers.faults import Impolite, find
from pollspec.trial.destination import polite
from pollspec.trial.polling import SILENCE
from pollspec.trial.selection import EXAMPLES, Plan
from pollspec.trial.target import Given, Polls, Settings, Target, cards
from pollspec.trial.trial import Trial
from tests.conftest import SIXTH, verdicts, view
from tests.wire import wired

RUNNING: Given = {"$request.path.number": "7b1f0d6e-0000-4000-8000-000000000001"}
NAME = "7b1f0d6e-0000-4000-8000-000000000001"


def settings(vendor: Vendor, **changes: Any) -> Settings:
    """A polite server's cards, as a careful user's target file would have them."""
    careful = replace(cards(vendor), allow_writes=False, starts=[])
    return replace(careful, **changes)


def explore(target: Target, seed: int, examples: int, beliefs: Sequence[Belief] | None = None) -> Trial:
    """A trial in which all that is planned was asked."""
    trial = Trial(target.vendor, lambda: target, Plan(seed=seed, examples=examples), beliefs or target.vendor.beliefs)
    trial.run()
    return trial


def tried(trial: Trial, belief: str) -> Verdict:
    """The verdict on one belief, by its id without the vendor."""
    return verdicts(trial)[f"{trial.vendor.slug}/{belief}"]


@pytest.mark.parametrize("name", [*spec.names(), SIXTH])
def test_read_only_by_default(name: str) -> None:
    """Without allow_writes nothing is sent that is no GET, and what wants it says so."""
    vendor = view(name)
    target, wire = wired(vendor, settings(vendor))
    trial = Trial(vendor, lambda: target, Plan(examples=4), vendor.beliefs)
    untried = {v.belief.operation: v.wants for v in verdicts(trial).values() if v.outcome is Outcome.NOT_TRIED}
    assert {request.method for request in wire.sent} == {"GET"}
    assert {operation.id for operation in vendor.operations.values() if operation.writes} <= set(untried)
    assert {untried[o.id] for o in vendor.operations.values() if o.writes} <= {
        f"allow_writes, and bodies.{o.id}" for o in vendor.operations.values() if o.writes
    }
    assert target.started == []


@pytest.mark.parametrize("name", [*spec.names(), SIXTH])
def test_a_good_live_server_keeps_everything(name: str) -> None:
    """With everything supplied and allowed, a polite server that is not embedded keeps every belief.

    The sixth's drying room is known by its one parameter: another way to ask about it must be made up.
    """
    vendor = view(name)
    target, _ = wired(vendor, cards(vendor))
    trial = Trial(vendor, lambda: target, Plan(), vendor.beliefs)
    left = {v.belief.id for v in verdicts(trial).values() if v.outcome is not Outcome.KEPT}
    assert left <= {"sixth/getDrying/alike/views"}


def test_what_was_started_is_named() -> None:
    """Everything that was started on a live server is named at the end, by its identifier."""
    vendor = view("netapp_ontap")
    target, _ = wired(vendor, settings(vendor, allow_writes=True))
    trial = Trial(vendor, lambda: target, Plan(examples=0), vendor.beliefs)
    assert verdicts(trial)
    answers = [
        e.answer.reading.value for e in target.exchanges if e.operation == "startDownload" and e.succeeded and e.answer
    ]
    assert len(answers) >= 2
    assert list(vendor_row(trial).started) == [answer["job"]["uuid"] for answer in answers]


def test_a_running_operation_is_followed_and_nothing_else(sixth: Vendor) -> None:
    """An identifier that never ends is asked for one thing only, in few ways: how far it is, by the default login."""
    given = settings(sixth, subjects={"finished": [RUNNING]}, polls=Polls(every=10, at_most=300))
    target, wire = wired(sixth, given, duration=1e9)
    trial = explore(target, seed=1, examples=10)
    about = [request for request in wire.sent if NAME in request.target]
    assert {request.target.partition("?")[0] for request in about} == {f"/loam/v2/firings/{NAME}"}
    assert len([request for request in about if "?" not in request.target]) >= 30
    assert len([request for request in about if "?" in request.target]) <= 3
    assert {dict(request.headers)["X-Potter"] for request in about} == {"pollspec-potter-of-the-kiln"}
    assert trial.questions.is_precious(RUNNING)


def test_a_running_operation_is_one_trace(sixth: Vendor) -> None:
    """From first contact to its end it is polled at its interval, and some polls beyond."""
    given = settings(sixth, subjects={"finished": [RUNNING]}, polls=Polls(every=10, at_most=300, after_end=2))
    target, _ = wired(sixth, given, duration=60)
    trial = explore(target, seed=1, examples=0)
    polls = [e for e in target.exchanges if e.subject == "finished" and "?" not in e.request.target][:9]
    assert [exchange.start for exchange in polls] == [float(seconds) for seconds in range(0, 90, 10)]
    assert not trial.questions.is_precious(RUNNING)


@pytest.mark.parametrize(
    "belief", ["refuses/not-yours", "refuses/no-credential", "selects/only-named", "answers/exists"]
)
def test_a_running_operation_is_not_spent_on_one_belief(sixth: Vendor, belief: str) -> None:
    """Also where one belief alone is wanted, an identifier is followed to its end before it is used for it."""
    given = settings(sixth, subjects={"finished": [RUNNING]}, polls=Polls(every=10, at_most=300))
    target, wire = wired(sixth, given, duration=1e9)
    explore(target, 1, 0, [known for known in sixth.beliefs if known.id == f"sixth/getFiring/{belief}"])
    about = [request for request in wire.sent if NAME in request.target]
    assert {request.target for request in about} == {f"/loam/v2/firings/{NAME}"}
    assert {dict(request.headers)["X-Potter"] for request in about} == {"pollspec-potter-of-the-kiln"}


def test_a_refusal_that_needs_no_identifier_follows_none(sixth: Vendor) -> None:
    """What is refused whatever it is about is asked at once, and what may be running is not asked about at all."""
    target, wire = wired(sixth, settings(sixth, subjects={"finished": [RUNNING]}), duration=1e9)
    explore(target, 1, 0, [known for known in sixth.beliefs if known.id == "sixth/getFiring/refuses/no-number"])
    assert {"/loam/v2/firings/clay", "/loam/v2/firings/42"} <= {request.target for request in wire.sent}
    assert not [request for request in wire.sent if NAME in request.target]
    assert target.polled.total() == 0


def test_a_load_that_may_be_running_is_nobody_elses(sixth: Vendor) -> None:
    """What is supplied and was not followed is not asked about by a stranger either."""
    target, wire = wired(sixth, settings(sixth, subjects={"bowls": [{"$request.query.room": "north"}]}), duration=1e9)
    explore(target, 1, 0, [known for known in sixth.beliefs if known.id == "sixth/getDrying/refuses/no-credential"])
    assert "none" in {exchange.credential for exchange in target.exchanges}
    assert {request.target for request in wire.sent} == {"/loam/v2/drying"}


def test_an_operation_is_given_up_in_time(sixth: Vendor) -> None:
    """What does not end is followed as long as the target file says, and no longer."""
    given = settings(sixth, subjects={"finished": [RUNNING]}, polls=Polls(every=10, at_most=300))
    target, _ = wired(sixth, given, duration=1e9)
    explore(target, 1, 0)
    assert 300 <= target.clock() < 1000


def test_several_identifiers_are_followed_at_once(sixth: Vendor) -> None:
    """Several running operations are polled in turn, each as one trace."""
    both = [RUNNING, {"$request.path.number": "7b1f0d6e-0000-4000-8000-000000000002"}]
    target, _ = wired(sixth, settings(sixth, subjects={"finished": both}, polls=Polls(every=10, at_most=300)))
    explore(target, 1, 0, [known for known in sixth.beliefs if known.keyword == "lifecycle"])
    asked = [exchange.request.parameters["number"] for exchange in target.exchanges if exchange.subject == "finished"]
    assert asked[:4] == [given["$request.path.number"] for given in both] * 2


def test_without_a_subject_nothing_passes_silently(sixth: Vendor) -> None:
    """A belief that wants a subject, or a credential, is not tried, and says which."""
    target, _ = wired(sixth, Settings(credentials={"default": sixth.credentials["default"]}))
    trial = Trial(sixth, lambda: target, Plan(examples=0), sixth.beliefs)
    assert verdicts(trial)
    for belief, wants in {
        "getFiring/answers/exists": "the subject 'finished'",
        "getFiring/refuses/not-yours": "the credential 'unprivileged'",
        "getFiring/never-decreases/minutes": "a subject that runs to its end",
        "getFiring/lifecycle/ends": "a subject that runs to its end",
        "getKiln/agrees/at-the-end": "a subject that runs to its end, or allow_writes",
        "startFiring/hands-over/found": "allow_writes, and bodies.startFiring",
        "getFiring/at-most/minutes": "a subject whose answer shows it",
        "getFiring/selects/only-named": "the subject 'finished'",
    }.items():
        verdict = tried(trial, belief)
        assert (verdict.outcome, verdict.wants) == (Outcome.NOT_TRIED, wants), belief
    for belief in ("answers/unknown", "refuses/no-number", "refuses/wrong-credential", "refuses/no-credential"):
        assert tried(trial, f"getFiring/{belief}").outcome is Outcome.KEPT


@pytest.mark.parametrize("name", [*spec.names(), SIXTH])
def test_one_wrong_login(name: str) -> None:
    """A wrong credential is sent once a run, however many beliefs want to see it refused, or never."""
    vendor = view(name)
    for wanted, most in ((True, 1), (False, 0)):
        target, _ = wired(vendor, settings(vendor, allow_writes=True, try_wrong_logins=wanted))
        explore(target, seed=1, examples=4)
        assert len([e for e in target.exchanges if e.credential == "invalid"]) <= most


def test_one_wrong_login_for_all_operations() -> None:
    """Also where two operations refuse a wrong credential, it is sent once a run."""
    text = pathlib.Path(SIXTH).read_text(encoding="utf-8")
    stranger = "none\n            sends: [{}]\n            expect: {$statusCode: 401, $response.body#/heat: false}"
    assert text.count(stranger) == 1
    refused = text.replace(stranger, stranger.replace("none", "invalid"))
    both = loader.view(document.parse(refused, "sixth", SIXTH))
    target, _ = wired(both, settings(both))
    explore(target, seed=1, examples=0)
    assert len([exchange for exchange in target.exchanges if exchange.credential == "invalid"]) == 1


def test_a_wrong_login_that_is_not_sent_is_not_tried(sixth: Vendor) -> None:
    """Where no wrong login may be sent, the belief is not tried."""
    target, _ = wired(sixth, settings(sixth, try_wrong_logins=False))
    trial = Trial(sixth, lambda: target, Plan(examples=0), sixth.beliefs)
    assert tried(trial, "getFiring/refuses/wrong-credential").outcome is Outcome.NOT_TRIED


@pytest.mark.parametrize("name", spec.names())
def test_asks_little(name: str) -> None:
    """A whole default run against a live server takes at most 60 requests an operation beyond its polls."""
    vendor = view(name)
    every = max(lifecycle.every for lifecycle in vendor.lifecycles.values())
    target, _ = wired(vendor, cards(vendor), duration=12 * every)
    explore(target, seed=1, examples=EXAMPLES)
    beyond = {operation: target.counted[operation] - target.polled[operation] for operation in vendor.operations}
    assert max(beyond.values()) <= 60, beyond
    assert all(verdict.tried for verdict in judge(vendor, target.exchanges))


def test_an_end_that_is_left() -> None:
    """An operation that runs again after its end is followed a little further, not to its deadline."""
    vendor = view("keycard")
    target = polite(vendor, lambda app, clock: Impolite(app, vendor, find(vendor, "leaves-its-end")))
    explore(target, seed=1, examples=0)
    assert target.polled["getTask"] < 100


async def page(scope: Any, receive: Any, send: Any) -> None:
    """An application that answers everything with a page."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": b"<h1>Sign in</h1>"})


def test_a_server_that_shows_no_state() -> None:
    """What shows no state in some answers is followed no further."""
    vendor = view("keycard")
    target = polite(vendor, lambda app, clock: page)
    explore(target, seed=1, examples=0)
    followed = [name for name, subject in vendor.subjects.items() if subject.path]
    assert 0 < target.polled["getTask"] <= (SILENCE + 1) * len(followed)
