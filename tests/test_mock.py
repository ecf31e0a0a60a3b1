"""The polite server: it keeps every belief, plays every subject to its end, and lets no stranger in."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from pollspec import spec
from pollspec.document import expressions
from pollspec.document.lifecycles import Lifecycle
from pollspec.document.operations import Operation
from pollspec.document.vendor import Subject, Vendor
from pollspec.judge.verdict import Outcome
from pollspec.servers.polite import Mock
from pollspec.servers.testcards import cards as listed
from pollspec.servers.testcards import table
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
    refused = mock.respond("DELETE", "/zones/z1/catalog_tasks/t1", "", (), b"")
    assert (refused.status, dict(refused.headers)["allow"]) == (405, "GET, HEAD")


def test_a_path_without_parameters_is_not_asked_in_other_ways() -> None:
    """Where two operations have one path, the answer to a third method names both."""
    refused = Mock(view("netapp_ontap")).respond("DELETE", "/api/cluster/software/download", "", (), b"")
    assert (refused.status, dict(refused.headers)["allow"]) == (405, "GET, POST, HEAD")


def test_a_path_as_printed_is_named() -> None:
    """Where a page leaves out the base path, the printed path is not found, and the answer says which one is."""
    refused = Mock(view("ibm_qradar")).respond("GET", "/gui_app_framework/application_creation_task/1", "", (), b"")
    meant = "/api/gui_app_framework/application_creation_task/1"
    assert refused.status == 404
    assert refused.reading.value == {"message": f"no such operation; did you mean {meant}?"}


def sent(mock: Mock, method: str, path: str) -> list[dict[str, Any]]:
    """The messages of an ASGI application about one request."""
    told: list[dict[str, Any]] = []
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": []}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        told.append(message)

    asyncio.run(mock(scope, receive, send))
    return told


def test_head_is_get_without_its_body() -> None:
    """HEAD has the status and the headers of GET, and no body."""
    path = "/zones/z1/catalog_tasks/task-failed"
    got = sent(Mock(view("keycard"), clock=lambda: 0.0), "GET", path)
    bare = sent(Mock(view("keycard"), clock=lambda: 0.0), "HEAD", path)
    assert bare[0] == got[0]
    assert (got[1]["body"] != b"", bare[1]["body"]) == (True, b"")


def test_a_link_leads_to_what_is_played() -> None:
    """Where a redirect leads there is what the document says; nothing before it, and nothing beside it."""
    mock = Mock(view("keycard"), polls=1)
    task, install = "/zones/z1/catalog_tasks/task-finished", "/zones/z1/installs/i1"
    assert mock.respond("GET", install, "", (), b"").status == 404
    answers = [mock.respond("GET", task, "", (), b"") for _ in range(2)]
    assert dict(answers[-1].headers)["Location"] == install
    there = mock.respond("GET", install, "", (), b"")
    told = there.reading.value
    assert (there.status, told["id"], told["status"], told["zone_id"]) == (200, "i1", "active", "z1")
    assert mock.respond("GET", "/zones/z1/installs/i2", "", (), b"").status == 404


REFUSED = [
    (
        "ibm_qradar",
        "getApplicationCreationTask",
        "none",
        (401, "message", "no SEC header or Basic authentication that is valid"),
    ),
    ("ibm_qradar", "getApplicationCreationTask", "invalid", (401, "code", "18")),
    ("netapp_ontap", "getJob", "invalid", (401, "error", "User is not authorized")),
    ("netapp_ontap", "startDownload", "invalid", (401, "error", "User is not authorized")),
    ("logpresso_sonar", "getInstallProgress", "unprivileged", (500, "error_msg", "no-permission")),
]


@pytest.mark.parametrize(("name", "operation", "credential", "told"), REFUSED)
def test_strangers_are_refused_as_documented(
    name: str, operation: str, credential: str, told: tuple[int, str, str]
) -> None:
    """A credential that is missing, wrong or not enough is refused in the vendor's form."""
    vendor = view(name)
    answer = played(vendor).send(build(vendor, vendor.operations[operation], {}), credential).answer
    assert answer is not None
    status, member, words = told
    assert answer.status == status
    assert words in str(answer.reading.value[member])


def test_a_wrong_credential_is_not_called_none() -> None:
    """Where a document says nothing of a bad credential, the answer says what is wrong with it."""
    vendor = view("ibm_qradar")
    bare = replace(vendor, beliefs=tuple(one for one in vendor.beliefs if one.keyword != "refuses"))
    target = played(bare)
    asked = build(bare, bare.operations["getApplicationCreationTask"], {})
    told = {name: target.send(asked, name).answer for name in ("none", "invalid")}
    assert {name: answer and (answer.status, answer.reading.value) for name, answer in told.items()} == {
        "none": (401, {"message": "no credential"}),
        "invalid": (401, {"message": "a wrong credential"}),
    }


MISFITS = [
    ("ibm_qradar", "getApplicationCreationTask", {"$request.path.application_id": "%"}, (422, "http_response")),
    ("netapp_ontap", "getJob", {"$request.path.uuid": "abc"}, (404, "error")),
    ("netapp_ontap", "startDownload", {"$request.body#/url": []}, (400, "error")),
    ("logpresso_sonar", "getInstallProgress", {"$request.query.token": "\u00e9"}, (400, "error_code")),
]


@pytest.mark.parametrize(("name", "operation", "values", "told"), MISFITS)
def test_what_does_not_fit_is_refused_as_documented(
    name: str, operation: str, values: dict[str, Any], told: tuple[int, str]
) -> None:
    """A parameter or body that breaks its schema is refused in the vendor's form."""
    vendor = view(name)
    answer = played(vendor).send(build(vendor, vendor.operations[operation], values)).answer
    assert answer is not None
    assert (answer.status, told[1] in answer.reading.value) == (told[0], True)


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
