"""What the five pages allow and what they forbid, answer by answer: never narrower than a page, never wider."""

from __future__ import annotations

import copy
import functools
from typing import Any

import pytest

from pollspec.document import pointers
from pollspec.document.messages import MISSING
from pollspec.judge.judge import judge
from pollspec.judge.verdict import Outcome
from tests.conftest import view
from tests.exchanges import Talk

ABSENT = MISSING
SONAR, QRADAR, ROCKET = "getInstallProgress", "getApplicationCreationTask", "getImportProgress"
VENDORS = {
    SONAR: "logpresso_sonar", QRADAR: "ibm_qradar", ROCKET: "rocket_chat", "getTask": "keycard",
    "getJob": "netapp_ontap", "getDownload": "netapp_ontap", "startDownload": "netapp_ontap",
}  # fmt: skip
MINE = {"$request.path.task_id": "id"}
JOB = {"$request.path.uuid": "f587d316-5feb-11e8-b0e0-005056956dfc"}
ASKED = {SONAR: {}, QRADAR: {"$request.path.application_id": 42}, "getTask": MINE, "getJob": JOB}
TOKEN = "$request.query.token"
CODES = ["timeout-error", "disk-space-error", "connection-error", "dependency-error", "general-error"]
STATUSES = "CREATING UPGRADING STOPPING STARTING AUTH_REQUIRED COMPLETED CANCELLED DELETING UNKNOWN".split()
PLAIN = {"values": {**JOB, "$request.header.Accept": "application/json"}}
HAL = {"values": {**JOB, "$request.header.Accept": "application/hal+json"}}
Said = dict[str, Any]


@functools.cache
def sample(operation: str) -> Any:
    """The page's own sample of a success."""
    responses = view(VENDORS[operation]).operations[operation].responses
    return next(value for response in responses for value in response.examples.values())


def broken(operation: str, *answers: Said) -> set[str]:
    """The beliefs that some answers break: the sample with changes (pointer -> value), or `body`; `status`, `more`."""
    vendor = view(VENDORS[operation])
    talk = Talk(vendor)
    for said in answers:
        body = copy.deepcopy(said.get("body", sample(operation)))
        for pointer, value in said.items():
            if pointer.startswith("/"):
                pointers.put(body, pointer, value)
        more = {"values": ASKED.get(operation, {}), **said.get("more", {})}
        usual = 202 if operation == "startDownload" else 200
        talk.say(operation, body, said.get("status", usual), **more)
    bad = {Outcome.BROKEN, Outcome.DEVIATES}
    found = [verdict for verdict in judge(vendor, talk.exchanges) if verdict.outcome in bad]
    return {verdict.belief.id.split("/", 2)[2] for verdict in found}


P, N = "/install_progress", "/install_progress/node_progresses/1"
LEGAL: dict[str, list[Said]] = {
    SONAR: [
        {},
        *({f"{P}/status": "error", f"{P}/error_code": code, f"{N}/error_code": "anything"} for code in CODES),
        {f"{P}/total_progress": 75},
        {f"{P}/total_progress": 0, f"{P}/completed_node": 0, f"{P}/node_progresses": []},
        {f"{N}/node_type": "console"},
        {f"{P}/is_cancelled": True, f"{P}/error_code": "general-error"},
        {f"{N}/error_code": "anything", f"{P}/error_code": "general-error"},
        {f"{P}/eta": 17},
        {"body": {}},
        {"status": 401, "body": {"reason": "who"}},
        {"status": 503, "body": "busy"},
        {"status": 400, "body": {"error_code": "x", "error_msg": "y"}},
        {"more": {"values": {TOKEN: "ffffffff-ffff-ffff-ffff-ffffffffffff"}}},
    ],
    QRADAR: [
        *({"/status": status} for status in STATUSES),
        *({"/status": "COMPLETED", "/error_messages": nothing} for nothing in (None, "", ABSENT)),
        {"/status": "ERROR", "/error_messages": "no space"},
        {"/status": "CREATING", "/error_messages_json": None},
        {"/error_messages_json": ABSENT, "/installed_by": "admin"},
        {"/error_messages_json": [{"code": None, "severity": 3}]},
        {"status": 409, "body": {"code": 33700}},
        {"status": 500, "body": {"errors": [{"unique_code": "1020"}]}},
        {"status": 422, "body": {"code": 10}},
        {"status": 429, "body": {}},
        {"status": 404, "body": {"code": 1002}, "more": {"subject": "unknown"}},
    ],
    ROCKET: [
        {"/step": "importer_something_new", "/count/error": 1},
        {"/step": "importer_preparing_started", "/count/total": 5},
        {"status": 401, "body": {"success": False, "error": "unauthorized"}, "more": {"credential": "none"}},
        {"status": 401, "body": {"success": False}, "more": {"values": {"$request.header.X-User-Id": None}}},
        {"status": 400, "body": {"success": False, "error": "x", "errorType": "y"}},
        {"status": 429, "body": {"success": False, "error": "too many"}},
    ],
    "getTask": [
        {"/status": "running"},
        {"/status": "failed", "/warnings/0/path": "https://zones/z1"},
        dict.fromkeys(("/error_message", "/install_id", "/links", "/warnings"), ABSENT),
        {"/package_version": 1.5, "/owner": "me"},
        {"/created_at": "2019-12-27T19:11:19.117+01:00"},
        {"/links": [{}], "/warnings": []},
        *({"/warnings/0/code": code, "/warnings/0/details": []} for code in ("conflict", "rate_limit_exceeded")),
        {"status": 303, "body": None, "more": {"headers": {"Location": "/zones/z1/installs/i1"}}},
        {"status": 404, "body": {"code": "not_found"}},
    ],
    "getJob": [
        {},
        {"/state": "running", "/message": "", "/code": ABSENT, "/_links": ABSENT, "/uuid": ABSENT, "more": PLAIN},
        {"/state": "paused", "/message": "x", "/code": 17, "/description": "anything"},
        {"/_links/self/href": "https://cluster/api/cluster/jobs/f587d316-5feb-11e8-b0e0-005056956dfc?x=1"},
        {"/uuid": "F587D316-5FEB-11E8-B0E0-005056956DFC"},
        {"status": 404, "body": {"error": {"code": "4", "message": "entry doesn't exist"}}},
        {"/state": "rolling_back", "/node": {"name": "n1"}},
    ],
    "getDownload": [{}, {"/state": "not_started"}, {"/code": 0}, {"/message": "Anything"}, {"/state": "waiting"}],
    "startDownload": [{}, {"status": 201}, {"status": 200}, {"/job/_links/self/title": "job"}, {"/num_records": 0}],
}  # fmt: skip

ILLEGAL: dict[str, list[tuple[str, Said]]] = {
    SONAR: [
        ("schema/Answer.install_progress", {"body": {"install_progress": None}}),
        ("answers/no-session", {"body": {"install_progress": None}, "more": {"subject": "unknown"}}),
        ("answers/session-exists", {"body": {}, "more": {"subject": "finished"}}),
        ("schema/InstallProgress.total_progress", {f"{P}/total_progress": 101}),
        ("schema/InstallProgress.total_progress", {f"{P}/total_progress": 49.5}),
        ("schema/NodeProgress.node_progress", {f"{N}/node_progress": -1}),
        ("schema/InstallProgress.error_code", {f"{P}/error_code": ABSENT}),
        ("schema/NodeProgress.error_code", {f"{N}/error_code": ABSENT}),
        ("schema/InstallProgress.error_code", {f"{P}/status": "error", f"{P}/error_code": "disk-full"}),
        ("only-when/no-overall-error", {f"{P}/error_code": "timeout-error"}),
        ("schema/InstallProgress.is_cancelled", {f"{P}/is_cancelled": "false"}),
        ("at-most/nodes", {f"{P}/completed_node": 3}),
        ("counts/nodes-listed", {f"{P}/total_node": 1}),
        ("counts/nodes-unfinished", {f"{P}/completed_node": 2}),
        ("at-most/all-nodes", {f"{P}/status": "completed"}),
        ("only-when/completed-means-all", {f"{P}/status": "completed"}),
        ("refuses/no-token", {"status": 404, "body": {}, "more": {"values": {TOKEN: None}}}),
        ("refuses/no-guid", {"body": {}, "more": {"values": {TOKEN: "42"}}}),
        ("refuses/no-guid", {"body": {}, "more": {"values": {TOKEN: ""}}}),
        ("refuses/no-permission", {"status": 403, "body": {}, "more": {"credential": "unprivileged"}}),
        ("refuses/no-credential", {"status": 401, "more": {"credential": "none"}}),
    ],
    QRADAR: [
        ("response/200", {"more": {"headers": {"Content-Type": "text/plain"}}}),
        ("schema/ApplicationCreationTask.application_id", {"/application_id": "42"}),
        ("echoes/application-id", {"/application_id": 43}),
        ("schema/ApplicationCreationTask.status", {"/status": "INSTALLED"}),
        ("only-when/error-has-a-reason", {"/status": "ERROR", "/error_messages": None}),
        ("only-when/error-has-a-reason", {"/status": "ERROR", "/error_messages": " "}),
        ("schema/ErrorMessage.code", {"/error_messages_json": [{"code": 7}]}),
        ("answers/code-of-409", {"status": 409, "body": {"code": 1020}}),
        ("answers/code-of-500", {"status": 500, "body": {}}),
        ("answers/unknown", {"status": 404, "body": {"code": 33901}, "more": {"subject": "unknown"}}),
        ("refuses/no-integer", {"more": {"values": {"$request.path.application_id": "abc"}}}),
    ],
    ROCKET: [
        ("refuses/no-credential", {"more": {"credential": "none"}}),
        ("refuses/no-user-id", {"more": {"values": {"$request.header.X-User-Id": None}}}),
        ("refuses/no-token", {"more": {"values": {"$request.header.X-Auth-Token": None}}}),
        ("refuses/wrong-token", {"more": {"credential": "invalid"}}),
        ("refuses/says-so", {"status": 401, "body": {"status": "error"}, "more": {"credential": "none"}}),
        ("refuses/status", {"body": {"success": False}, "more": {"credential": "none"}}),
        ("refuses/no-permission", {"status": 403, "body": {"success": False}, "more": {"credential": "unprivileged"}}),
        ("only-when/success", {"/success": False}),
        ("schema/Error.success", {"status": 403, "body": {"success": "no"}}),
        ("status/success", {"status": 201}),
        ("schema/Count.completed", {"/count/completed": -1}),
        ("schema/Count.total", {"/count/total": 0.5}),
        ("at-most/completed", {"/count/completed": 1}),
    ],
    "getTask": [
        ("only-when/never-completed", {"/status": "completed"}),
        ("schema/Task.status", {"/status": "done"}),
        ("header/303.Location", {"status": 303, "body": None}),
        ("schema/Task.install_id", {"/install_id": None}),
        ("schema/Task.error_message", {"/error_message": None}),
        ("schema/Task.created_at", {"/created_at": "2019-12-27"}),
        ("schema/Warning.request_id", {"/warnings/0/request_id": "7"}),
        ("schema/Warning.code", {"/warnings/0/code": "teapot"}),
        ("schema/WarningDetail.code", {"/warnings/0/details/0/code": "teapot"}),
        ("schema/Warning.details", {"/warnings/0/details": ABSENT}),
        ("schema/Link.titles.*", {"/links/0/titles": {"foo": 1}}),
        ("schema/Task.operation", {"/operation": ABSENT}),
        ("echoes/id", {"/id": "another"}),
        ("at-most/dates", {"/updated_at": "2019-12-27T18:11:19.116Z"}),
    ],
    "getJob": [
        ("schema/Job.state", {"/state": ABSENT}),
        ("schema/Job.message", {"/message": ABSENT}),
        ("answers/link-on-request", {"/_links": ABSENT, "more": HAL}),
        ("echoes/uuid", {"/uuid": "f587d316-5feb-11e8-b0e0-005056956dfd"}),
        ("echoes/self-link", {"/_links/self/href": "/api/cluster/jobs"}),
        ("only-when/success-in-words", {"/message": "failed"}),
        ("only-when/success-code", {"/code": 4}),
    ],
    "getDownload": [
        ("schema/Download.state", {"/state": ABSENT}),
        ("schema/Download.code", {"/code": "10551382"}),
        ("only-when/running-in-words", {"/message": ABSENT}),
        ("echoes/self-link", {"/_links/self/href": "/api/cluster/software"}),
    ],
    "startDownload": [
        ("schema/JobReference._links", {"/job/_links": ABSENT}),
        ("schema/JobReference.uuid", {"/job/uuid": "17"}),
        ("schema/StartedJob.job", {"body": {}}),
        ("echoes/link-to-the-job", {"/job/_links/self/href": "/api/cluster/jobs/f587d316-5feb-11e8-b0e0-005056956dfd"}),
        ("refuses/no-url", {"more": {"values": {"$request.body#/url": None}}}),
    ],
}  # fmt: skip
TRACES: list[tuple[str, str, list[Said]]] = [
    ("", SONAR, [{f"{P}/total_progress": 90}, {f"{P}/total_progress": 40, f"{P}/is_cancelled": True}]),
    ("never-decreases/progress", SONAR, [{f"{P}/total_progress": 90}, {f"{P}/total_progress": 40}]),
    ("never-decreases/completed-nodes", SONAR, [{}, {f"{P}/completed_node": 0}]),
    ("never-changes/node", SONAR, [{}, {f"{N}/node_type": "forwarder"}]),
    ("never-changes/node-guid", SONAR, [{}, {f"{N}/node_guid": "c3d4e5f6-7890-1234-cdef-123456789013"}]),
    ("", QRADAR, [{"/status": s} for s in ("COMPLETED", "UPGRADING", "AUTH_REQUIRED", "CREATING", "COMPLETED")]),
    ("", QRADAR, [{"/status": s} for s in ("COMPLETED", "AUTH_REQUIRED", "CREATING", "DELETING", "CREATING")]),
    ("", QRADAR, [{"/status": s} for s in ("CANCELLED", "UNKNOWN", "CREATING")]),
    ("lifecycle/ends", QRADAR, [{"/status": s} for s in ("CREATING", "COMPLETED", "CREATING")]),
    ("lifecycle/ends", QRADAR, [{"/status": s, "/error_messages": "x"} for s in ("ERROR", "CREATING")]),
    ("", ROCKET, [
        {"/step": "importer_done", "/key": "csv", "/count": {"completed": 9, "total": 9}},
        {"/step": "importer_user_selection", "/key": "slack"},
        {"/step": "importer_done", "/key": "slack"},
    ]),
    ("", ROCKET, [{"/step": "importer_preparing_started", "/count/total": t} for t in (1, 3, 5)]),
    ("never-decreases/completed", ROCKET, [{"/count": {"completed": c, "total": 9}} for c in (3, 2)]),
    ("never-changes/import", ROCKET, [{}, {"/key": "csv"}]),
    ("", "getTask", [{"/status": s, "/package_id": p} for s, p in (("pending", ABSENT), ("running", "p1"))]),
    ("never-changes/package", "getTask", [{"/package_id": p} for p in ("p1", "p2")]),
    ("lifecycle/fails", "getTask", [{"/status": s} for s in ("failed", "running")]),
    ("lifecycle/completes", "getTask", [
        {"status": 303, "body": None, "more": {"values": MINE, "headers": {"Location": "/zones/z1/installs/i1"}}},
        {"/status": "running"},
    ]),
    ("", "getJob", [{"/state": s, "/message": "success"} for s in ("queued", "paused", "running", "success")]),
    ("lifecycle/ends", "getJob", [{"/state": s} for s in ("success", "running")]),
    ("lifecycle/ends", "getDownload", [{"/state": s} for s in ("failure", "running")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "said"), [(operation, said) for operation, several in LEGAL.items() for said in several], ids=str
)
def test_legal(operation: str, said: Said) -> None:
    """An answer that a page allows breaks nothing that rests on the page."""
    vendor = view(VENDORS[operation])
    grades = {belief.id.split("/", 2)[2]: belief.grade for belief in vendor.beliefs if belief.operation == operation}
    assert {name for name in broken(operation, said) if grades[name] != "implied"} == set()


@pytest.mark.parametrize(
    ("belief", "operation", "said"),
    [(belief, operation, said) for operation, several in ILLEGAL.items() for belief, said in several],
    ids=str,
)
def test_illegal(belief: str, operation: str, said: Said) -> None:
    """An answer that a page forbids breaks the belief that says so."""
    assert belief in broken(operation, said)


@pytest.mark.parametrize(("belief", "operation", "answers"), TRACES, ids=str)
def test_traces(belief: str, operation: str, answers: list[Said]) -> None:
    """A trace that a page forbids breaks the belief that says so; one that it allows breaks none about traces."""
    across = {"never-decreases", "never-changes", "lifecycle"}
    found = {name for name in broken(operation, *answers) if name.split("/")[0] in across}
    assert found == ({belief} if belief else set())
