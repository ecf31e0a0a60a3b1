"""The polite server: it keeps every belief, plays every subject to its end, and lets no stranger in."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from pollspec import spec
from pollspec.document import expressions
from pollspec.document.lifecycles import Lifecycle
from pollspec.document.operations import Operation
from pollspec.document.vendor import Subject, Vendor
from pollspec.judge.verdict import Outcome
from pollspec.servers.cards import cards as listed
from pollspec.servers.cards import table
from pollspec.servers.polite import Mock
from pollspec.trial.request import build
from pollspec.trial.target import Target, cards, embedded
from pollspec.trial.trial import Trial
from pollspec.trial.wire.pace import Clock
from tests.conftest import SIXTH, verdicts, view

DURATION = 60.0


def played(vendor: Vendor, polls: int | None = None) -> Target:
    """A polite server in this process, with its test cards."""

    def make(clock: Clock) -> Mock:
        return Mock(vendor, clock, duration=DURATION, polls=polls)

    return embedded(vendor, make, cards(vendor))


def passing() -> Iterator[Any]:
    """Each subject that passes through stages, with each operation that shows it."""
    for name in [*spec.names(), SIXTH]:
        vendor = view(name)
        for subject in vendor.subjects.values():
            for lifecycle in vendor.lifecycles.values():
                for shown in lifecycle.views:
                    operation = vendor.operations[shown]
                    if subject.path and vendor.applies(subject, operation):
                        words = f"{vendor.slug}-{shown}-{subject.name}"
                        yield pytest.param(vendor, operation, lifecycle, subject, id=words)


PASSING = list(passing())


def stages(target: Target, operation: Operation, lifecycle: Lifecycle, subject: Subject) -> frozenset[str]:
    """The stages that one poll may have seen."""
    exchange = target.send(build(target.vendor, operation, subject.given), subject=subject.name)
    return lifecycle.shown(operation.id, exchange.request, exchange.answer) or frozenset()


def test_keeps_every_belief(trial: Trial) -> None:
    """The polite server of every vendor keeps every belief, and each was tried."""
    assert [v.belief.id for v in verdicts(trial).values() if v.outcome is not Outcome.KEPT] == []
    assert [e.trouble for e in trial.target.exchanges if e.trouble] == []
    assert not trial.spent


@pytest.mark.parametrize(("vendor", "operation", "lifecycle", "subject"), PASSING)
def test_passes_its_path_by_the_clock(
    vendor: Vendor, operation: Operation, lifecycle: Lifecycle, subject: Subject
) -> None:
    """A subject stands at its beginning until it is asked for, and is at its end after the duration."""
    target = played(vendor)
    target.clock.sleep(1000)
    steps = len(subject.path) - 1
    assert subject.path[0] in stages(target, operation, lifecycle, subject)
    target.clock.sleep(DURATION / steps / 2)
    for stage in subject.path:
        assert stage in stages(target, operation, lifecycle, subject)
        target.clock.sleep(DURATION / steps)
    target.clock.sleep(1000)
    assert subject.path[-1] in stages(target, operation, lifecycle, subject)


@pytest.mark.parametrize(("vendor", "operation", "lifecycle", "subject"), PASSING)
def test_passes_its_path_by_polls(vendor: Vendor, operation: Operation, lifecycle: Lifecycle, subject: Subject) -> None:
    """Where polls are counted, each stage takes its share of them, and the clock does not matter."""
    target = played(vendor, polls=2 * (len(subject.path) - 1))
    for stage in subject.path[:-1]:
        for _ in range(2):
            assert stage in stages(target, operation, lifecycle, subject)
            target.clock.sleep(1000)
    for _ in range(3):
        assert subject.path[-1] in stages(target, operation, lifecycle, subject)


@pytest.mark.parametrize("name", [*spec.names(), SIXTH])
def test_a_card_for_every_stage(name: str) -> None:
    """Every stage is passed by some subject, but where nothing was started yet, or nothing is there any more."""
    vendor = view(name)
    passed = {stage for subject in vendor.subjects.values() for stage in subject.path}
    for lifecycle in vendor.lifecycles.values():
        before = {next(iter(lifecycle.stages))} if lifecycle.start else set()
        gone = {name for name, stage in lifecycle.stages.items() if stage.kind == "gone"}
        assert set(lifecycle.stages) - passed <= before | gone


@pytest.mark.parametrize("name", [*spec.names(), SIXTH])
def test_refuses_strangers(name: str) -> None:
    """Where an operation is secured, no credential, a wrong one and one without permission get no success."""
    vendor = view(name)
    target = played(vendor)
    for operation in vendor.operations.values():
        for credential in {"none", *vendor.credentials} - {"default"} if operation.secured else ():
            exchange = target.send(build(vendor, operation, {}), credential)
            assert exchange.answer is not None
            assert exchange.answer.status >= 400, (operation.id, credential)


@pytest.mark.parametrize(("name", "start", "shows", "latest"), [
    ("netapp_ontap", "startDownload", "getJob", "getDownload"), (SIXTH, "startFiring", "getFiring", "getKiln"),
])  # fmt: skip
def test_a_start_is_shown_by_both(name: str, start: str, shows: str, latest: str) -> None:
    """What is started is found under its identifier and as the latest, runs, and ends for both."""
    vendor = view(name)
    target = played(vendor)
    (lifecycle,) = [lc for lc in vendor.lifecycles.values() if lc.start and lc.start.operation == start]
    assert lifecycle.start is not None
    exchange = target.send(build(vendor, vendor.operations[start], {}))
    minted = {
        to: expressions.value(text, exchange.request, exchange.answer) for text, to in lifecycle.start.mints.items()
    }
    seen: dict[str, list[set[str]]] = {shows: [], latest: []}
    for _ in range(3):
        for operation, given in ((shows, minted), (latest, {})):
            told = target.send(build(vendor, vendor.operations[operation], given))
            stages = lifecycle.shown(operation, told.request, told.answer) or frozenset()
            seen[operation].append(lifecycle.kinds(stages))
        target.clock.sleep(DURATION / 2)
    for operation in (shows, latest):
        assert "waiting" in seen[operation][0]
        assert seen[operation][1] <= {"active", "paused"}
        assert "done" in seen[operation][2]


def test_another_start_is_another_instance() -> None:
    """Two starts have two identifiers; the first goes on under its own, and the latest is the second."""
    vendor = view("netapp_ontap")
    target = played(vendor)
    start, job, download = (vendor.operations[name] for name in ("startDownload", "getJob", "getDownload"))
    uuids = []
    for _ in range(2):
        answer = target.send(build(vendor, start, {})).answer
        assert answer is not None
        uuids.append(answer.reading.value["job"]["uuid"])
        target.clock.sleep(DURATION)
    assert len(set(uuids)) == 2
    states = []
    for operation, given in ((job, uuids[0]), (job, uuids[1]), (download, None)):
        answer = target.send(build(vendor, operation, {"$request.path.uuid": given} if given else {})).answer
        assert answer is not None
        states.append(answer.reading.value["state"])
    assert states == ["success", "success", "success"]


def test_latest_is_enough_to_get_to_the_end_by_polls() -> None:
    """Where polls are counted, those of the operation that shows the latest count as well."""
    vendor = view("netapp_ontap")
    target = played(vendor, polls=4)
    target.send(build(vendor, vendor.operations["startDownload"], {}))
    states = []
    for _ in range(6):
        answer = target.send(build(vendor, vendor.operations["getDownload"], {})).answer
        assert answer is not None
        states.append(answer.reading.value["state"])
    assert (states[0], states[-1]) == ("not_started", "success")


def test_polls_of_two_operations_are_not_added() -> None:
    """Where polls are counted, asking two operations in turn does not bring the end sooner."""
    vendor = view("netapp_ontap")
    target = played(vendor, polls=4)
    answer = target.send(build(vendor, vendor.operations["startDownload"], {})).answer
    assert answer is not None
    given = {"$request.path.uuid": answer.reading.value["job"]["uuid"]}
    ended = 0
    for number in range(1, 7):
        for operation, values in (("getDownload", {}), ("getJob", given)):
            told = target.send(build(vendor, vendor.operations[operation], values)).answer
            assert told is not None
            ended = ended or number * (told.reading.value["state"] == "success")
    assert ended == 4


def test_a_start_takes_the_card_that_it_shows() -> None:
    """A start whose body shows a subject's card passes through that subject's path."""
    vendor = view("netapp_ontap")
    target = played(vendor)
    body = vendor.subjects["failed"].starts_with
    answer = target.send(build(vendor, vendor.operations["startDownload"], body)).answer
    assert answer is not None
    given = {"$request.path.uuid": answer.reading.value["job"]["uuid"]}
    target.clock.sleep(DURATION)
    ended = target.send(build(vendor, vendor.operations["getJob"], given)).answer
    assert ended is not None
    assert ended.reading.value["state"] == "failure"


def test_unknown_paths_and_methods() -> None:
    """What the document has not is not found, and a path that it has is not asked in other ways."""
    mock = Mock(view("keycard"))
    assert mock.respond("GET", "/zones", "", (), b"").status == 404
    assert mock.respond("GET", "/elsewhere/zones/z1/catalog_tasks/t1", "", (), b"").status == 404
    assert mock.respond("DELETE", "/zones/z1/catalog_tasks/t1", "", (), b"").status == 405


def test_names_itself() -> None:
    """Every answer says that it is a polite server's, also a refusal."""
    mock = Mock(view("keycard"))
    for path in ("/zones/z1/catalog_tasks/task-finished", "/nowhere"):
        assert dict(mock.respond("GET", path, "", (), b"").headers)["server"] == "pollspec (keycard; 10 s)"


ODD = ["", "\0", "[" * 5000, "1e999", "NaN", "9" * 5000, "\u00b2", "%", "%ff", "\u00e9", "a,b(", "null", '{"a": 1}']
BODIES = [b"", b"[" * 9000, b"\xff", b"null", b"NaN", b'{"url": []}', b'{"url": 1, "url": 2}']


@pytest.mark.parametrize("name", [*spec.names(), SIXTH])
def test_answers_whatever_is_asked(name: str) -> None:
    """Whatever stands in a path, a query, a header or a body, there is an answer."""
    vendor = view(name)
    mock = Mock(vendor)
    signed = [(expressions.parse(text).name, value) for text, value in vendor.credentials["default"].items()]
    for operation in vendor.operations.values():
        for odd, content in itertools.zip_longest(ODD, BODIES, fillvalue=b"{}"):
            asked = build(vendor, operation, {p.expression: odd for p in operation.parameters})
            path, _, query = asked.target.partition("?")
            headers = [*signed, *asked.headers, ("X-Odd", str(odd))]
            for raw in (query, "=", "&&;", "%", "fields=%ff%00"):
                answer = mock.respond(operation.method, f"{vendor.base_path}{path}", raw, headers, content)
                assert 200 <= answer.status < 500, (operation.id, odd, content)


@pytest.mark.parametrize("name", [*spec.names(), SIXTH])
def test_cards(name: str) -> None:
    """The cards of a polite server, as JSON: its address, operations, credentials, and each subject."""
    vendor = view(name)
    told = json.loads(json.dumps(listed(vendor, "http://127.0.0.1:1")))
    assert (told["vendor"], told["url"]) == (vendor.slug, "http://127.0.0.1:1")
    assert set(told["operations"]) == set(vendor.operations)
    assert all(f" http://127.0.0.1:1{vendor.base_path}/" in line for line in told["operations"].values())
    assert set(told["credentials"]) == set(vendor.credentials)
    assert {name: subject["stages"] for name, subject in told["subjects"].items()} == {
        name: list(subject.path) for name, subject in vendor.subjects.items()
    }
    assert all(subject["description"] and subject["given"] for subject in told["subjects"].values())


@pytest.mark.parametrize("name", [*spec.names(), SIXTH])
def test_table(name: str) -> None:
    """The same as a table, with the command that tests the server."""
    vendor = view(name)
    lines = table(vendor, "http://127.0.0.1:1").splitlines()
    text = "\n".join(lines)
    for subject in vendor.subjects.values():
        assert subject.description in text
        assert all(str(value) in text for value in subject.given.values())
    writes = any(operation.writes for operation in vendor.operations.values())
    wanted = vendor.slug if name in spec.names() else name
    assert lines[-1] == f"pollspec test {wanted} http://127.0.0.1:1" + (" --allow-writes" if writes else "")
    assert max(map(len, lines)) < 200
