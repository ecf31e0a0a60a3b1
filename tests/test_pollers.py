"""The generated pollers: each follows its operation to the end, and does nothing that a server would mind."""

from __future__ import annotations

import ast
import contextlib
import importlib
import pathlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from pollspec import generated, spec
from pollspec.document import expressions, generator, pointers
from pollspec.document.conditions import validator
from pollspec.document.messages import Answer, Request
from pollspec.errors import UsageError
from tests.conftest import SIXTH, view
from tests.polled import URL, Meddle, Wire, package

polling = importlib.import_module(f"{generated.__name__}.pollers.polling")
reading = importlib.import_module(f"{generated.__name__}.pollers.reading")
ontap = importlib.import_module(f"{generated.__name__}.netapp_ontap")
WHY = {
    "ibm_qradar": "String",
    "keycard": "the package cannot be installed",
    "logpresso_sonar": "disk-space-error",
    "netapp_ontap": "Download failed",
    "rocket_chat": "",
}
NEW = "POLLSPEC-NEVER-HEARD-OF"


@pytest.fixture(params=["sync", "async"])
def mode(request: pytest.FixtureRequest) -> str:
    """Either kind of poller."""
    return str(request.param)


@pytest.fixture(params=spec.names())
def wire(request: pytest.FixtureRequest, mode: str) -> Wire:
    """Each vendor's poller, of either kind, at its polite server."""
    return Wire(view(request.param), mode)


def always(answer: httpx.Response) -> Meddle:
    """Every request gets this answer."""
    return lambda number, request: answer


def raising(error: type[httpx.RequestError], number: int) -> Meddle:
    """The request of this number gets no answer."""

    def meddle(asked: int, request: httpx.Request) -> None:
        if asked == number:
            raise error("nobody there", request=request)

    return meddle


def test_a_whole_lifecycle(wire: Wire) -> None:
    """It polls at the document's pace until the end is seen, and not once more; each poll is told, with its model."""
    done = wire.follow("finished")
    assert done == wire.seen[-1]
    assert len(wire.seen) == len(wire.asked) > 3
    assert set(wire.pauses) == {wire.lifecycle.every}
    assert [seen.kind for seen in wire.seen].index("done") == len(wire.seen) - 1
    assert all(seen.model is not None for seen in wire.seen if seen.response.status_code == 200)


def test_a_failure(wire: Wire) -> None:
    """A failed operation raises with the vendor's own reason, and is asked after no more."""
    with pytest.raises(polling.Failed) as raised:
        wire.follow("failed")
    assert raised.value.reason == WHY[wire.vendor.slug]
    assert raised.value.last == wire.seen[-1]
    assert [seen.kind for seen in wire.seen].index("failed") == len(wire.asked) - 1


def test_a_refusal(wire: Wire) -> None:
    """A refusal raises at once, with the server's own words."""
    wire.meddle = lambda number, request: httpx.Response(403, json={"message": "not for you"})
    with pytest.raises(polling.Refused, match=r"403: .*not for you") as raised:
        wire.follow("finished")
    assert (len(wire.asked), raised.value.last) == (1, None)


@pytest.mark.parametrize(
    ("vendor", "subject", "credential", "status"),
    [
        ("logpresso_sonar", "finished", "unprivileged", 500),
        ("logpresso_sonar", "finished", "invalid", 401),
        ("ibm_qradar", "broken", "default", 500),
        ("ibm_qradar", "disabled", "default", 409),
        ("rocket_chat", "finished", "unprivileged", 403),
        ("netapp_ontap", "finished", "invalid", 401),
    ],
)
def test_a_documented_refusal(vendor: str, subject: str, credential: str, status: int, mode: str) -> None:
    """What the document has for a refusal is one, a 500 among them: nobody hammers it."""
    wire = Wire(view(vendor), mode)
    with pytest.raises(polling.Refused) as raised:
        wire.follow(subject, login=wire.login(credential))
    assert (raised.value.response.status_code, len(wire.asked)) == (status, 1)


def test_a_poller_sees_what_the_judge_sees(wire: Wire) -> None:
    """Along every test card, what an answer shows to the poller is a stage that it shows to the judge."""
    told = 0
    for subject in [subject for subject in wire.vendor.subjects.values() if subject.path]:
        with contextlib.suppress(polling.PollingError):
            wire.follow(subject.name, deadline=90)
    for seen in wire.seen:
        answer = Answer(seen.response.status_code, tuple(seen.response.headers.items()), seen.response.content)
        shown = wire.lifecycle.shown(wire.view.operation, Request(wire.view.operation, "GET", "/"), answer)
        kinds = wire.lifecycle.kinds(shown)
        assert seen.kind in kinds or (not seen.kind and shown == frozenset(wire.lifecycle.stages))
        told += len(kinds) == 1
    assert told > 20


def test_an_unknown_state(wire: Wire) -> None:
    """A state that the document does not know is told as it is, and waited out."""
    place = expressions.parse(wire.view.state).name

    def renames(number: int, body: Any) -> Any:
        if number == 2:
            pointers.put(body, place, NEW)
        return body

    wire.alter = renames
    assert wire.follow("finished").kind == "done"
    assert (wire.seen[1].state, wire.seen[1].kind) == (NEW, "")


def test_what_a_document_does_not_have(wire: Wire) -> None:
    """An extra field changes nothing; where a field is not as documented there is no model, but the body as it is."""
    place = expressions.parse(wire.view.state).name
    wire.alter = lambda number, body: {**body, "x_extra": number}
    assert wire.follow("finished").kind == "done"
    assert wire.seen[0].model.model_extra == {"x_extra": 1}

    def odd(number: int, body: Any) -> Any:
        pointers.put(body, place, number)
        return body

    wire.alter = odd
    with pytest.raises(polling.Overdue):
        wire.follow("failed", deadline=20)
    assert (wire.seen[-1].model, wire.seen[-1].kind) == (None, "")
    assert pointers.get(wire.seen[-1].body, place) == len(wire.asked)


def test_a_deadline(wire: Wire) -> None:
    """What stands still is given up at the deadline, with what was seen last; the document has one as well."""
    wire.stands = True
    for deadline, named in ((30, {"deadline": 30}), (wire.lifecycle.at_most, {})):
        begun = wire.now
        with pytest.raises(polling.Overdue) as raised:
            wire.follow("finished", **named)
        assert raised.value.last == wire.seen[-1]
        assert f"last seen as {wire.seen[-1].state}" in str(raised.value)
        assert deadline - wire.lifecycle.every <= wire.now - begun < deadline


def test_nobody_waits_beyond_the_deadline(mode: str) -> None:
    """A request waits for its answer as long as the client says, and no longer than is left."""
    wire = Wire(view("keycard"), mode, stands=True)
    with pytest.raises(polling.Overdue):
        wire.follow("finished", deadline=8)
    assert [request.extensions["timeout"]["read"] for _, request in wire.asked] == [5, 5, 4, 2]


@pytest.mark.parametrize("status", [502, 503, 504, 429])
def test_passing_trouble(wire: Wire, status: int) -> None:
    """One answer of a gateway or of a limiter is ridden out, several of them at a slower pace."""
    wire.mark = 2, status, {}
    assert wire.follow("finished").kind == "done"
    assert set(wire.pauses) == {wire.lifecycle.every}
    wire.meddle = lambda number, request: httpx.Response(status)
    begun = len(wire.asked)
    with pytest.raises(polling.Unreachable, match=f"5 times in a row: the server answered {status}") as raised:
        wire.follow("failed")
    assert wire.pauses[begun:] == [wire.lifecycle.every * factor for factor in (1, 2, 4, 8)]
    assert raised.value.last is None


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
def test_a_lost_connection(wire: Wire, error: type[httpx.RequestError]) -> None:
    """A connection that is lost once is ridden out."""
    wire.meddle = raising(error, 3)
    assert wire.follow("finished").kind == "done"
    assert len(wire.seen) == len(wire.asked) - 1


def test_a_limiter_that_never_lets_go(wire: Wire) -> None:
    """An answer that says when to come back is no trouble, until the deadline; then it is what is told."""
    wire.meddle = lambda number, request: httpx.Response(429, headers={"Retry-After": "10"})
    with pytest.raises(polling.Overdue, match="last seen as nothing, and then the server answered 429"):
        wire.follow("finished", deadline=100)
    assert set(wire.pauses) == {10} and len(wire.asked) == 10


def test_a_login_page(wire: Wire) -> None:
    """A 200 that is no JSON tells nothing: it is no end, and not for ever."""
    wire.meddle = lambda number, request: httpx.Response(200, html="<h1>Log in</h1>")
    with pytest.raises(polling.Unreachable, match="200 without JSON"):
        wire.follow("finished")


@pytest.mark.parametrize("status", [200, 429, 503])
@pytest.mark.parametrize("by_date", [False, True], ids=["seconds", "date"])
def test_retry_after(wire: Wire, status: int, by_date: bool) -> None:
    """A Retry-After is kept, by number or by date, at any answer; the date counts from the server's own."""
    day = datetime(2031, 1, 1, 12, tzinfo=UTC)
    dates = {"Date": format_datetime(day, usegmt=True), "Retry-After": format_datetime(day + timedelta(seconds=44))}
    wire.mark = 2, status, dates if by_date else {"Retry-After": "44"}
    assert wire.follow("finished").kind == "done"
    assert wire.pauses[1] == 44
    assert {*wire.pauses[:1], *wire.pauses[2:]} == {wire.lifecycle.every}


def test_a_redirect_elsewhere(wire: Wire) -> None:
    """A redirect that is no end is a refusal; nothing is sent to where it leads, whatever the client would do."""
    wire.meddle = lambda number, request: httpx.Response(302, headers={"Location": "http://elsewhere.invalid/"})
    with pytest.raises(polling.Refused, match="302"):
        wire.follow("finished")
    assert [request.url.host for _, request in wire.asked] == ["vendor.invalid"]


def test_a_redirect_that_is_the_end(mode: str) -> None:
    """Where the document has a redirect for the end, it is one, with its Location, which nobody asks for."""
    wire = Wire(view("keycard"), mode)
    done = wire.follow("finished")
    assert (done.state, done.kind, done.model) == ("completed", "done", None)
    assert done.location == f"{URL}/zones/z1/installs/i1"
    assert {request.url.path for _, request in wire.asked} == {"/zones/z1/catalog_tasks/task-finished"}


def test_identifiers_are_sent_as_given(mode: str) -> None:
    """An identifier is one segment of the path, whatever it holds; one that no path can hold is not sent."""
    wire = Wire(view("keycard"), mode)
    wire.meddle = lambda number, request: httpx.Response(303, headers={"Location": "/x"})
    wire.call("TaskPoller", "wait", zone_id="Zone/É?#", task_id="50%2F:{zone_id}")
    assert wire.asked[0][1].url.raw_path == b"/zones/Zone%2F%C3%89%3F%23/catalog_tasks/50%252F%3A%7Bzone_id%7D"
    for odd in ("", ".", ".."):
        with pytest.raises(ValueError, match="task_id is"):
            wire.call("TaskPoller", "wait", zone_id="z1", task_id=odd)
    assert len(wire.asked) == 1


def test_headers(wire: Wire) -> None:
    """Each poll has the client's login, and asks for a documented media type."""
    wire.follow("finished")
    success = wire.vendor.operations[wire.view.operation].success
    media = list(success.media) if success else []
    for _, request in wire.asked:
        assert [request.headers[name] for name in wire.login(subject="finished")] == [
            *wire.login(subject="finished").values()
        ]
        assert request.headers["accept"] in media


@pytest.mark.parametrize(
    ("vendor", "function", "given", "headers"),
    [
        ("ibm_qradar", "login_with_token", {"sec": "t"}, {"SEC": "t"}),
        ("ibm_qradar", "login_with_basic", {"username": "a", "password": "b"}, {"Authorization": "Basic YTpi"}),
        ("rocket_chat", "login", {"x_user_id": "u", "x_auth_token": "t"}, {"X-User-Id": "u", "X-Auth-Token": "t"}),
        ("keycard", "login", {"token": "t"}, {"Authorization": "Bearer t"}),
        ("netapp_ontap", "login", {"username": "a", "password": "b"}, {"Authorization": "Basic YTpi"}),
        ("logpresso_sonar", "login", {"token": "t"}, {"Authorization": "Bearer t"}),
    ],
)
def test_logins(vendor: str, function: str, given: dict[str, str], headers: dict[str, str]) -> None:
    """A login gives the headers that the document requires."""
    module = importlib.import_module(f"{generated.__name__}.pollers.{vendor}")
    assert getattr(module, function)(**given) == headers


@pytest.mark.parametrize("vendor", ["logpresso_sonar", "rocket_chat"])
def test_how_far_it_is(vendor: str, mode: str) -> None:
    """The share is told where the document says where it stands, from 0 to 1."""
    wire = Wire(view(vendor), mode)
    wire.follow("finished")
    shares = [seen.share for seen in wire.seen if seen.share is not None]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert len(set(shares)) > 2


def test_a_hint_of_the_end_is_none(mode: str) -> None:
    """An operation at 100 % goes on as long as its state does."""
    wire = Wire(view("logpresso_sonar"), mode)
    wire.alter = lambda number, body: {"install_progress": {**body["install_progress"], "total_progress": 100}}
    assert wire.follow("finished").kind == "done"
    assert {seen.share for seen in wire.seen} == {1.0}
    assert len(wire.seen) > 20


@pytest.mark.parametrize(
    ("vendor", "subject"), [("logpresso_sonar", "unknown"), ("keycard", "unknown"), ("netapp_ontap", "unknown")]
)
def test_gone(vendor: str, subject: str, mode: str) -> None:
    """What is not shown (any more) is no success: nobody knows how it ended."""
    wire = Wire(view(vendor), mode)
    with pytest.raises(polling.Gone):
        wire.follow(subject)
    assert len(wire.asked) == 1


def test_what_is_told_by_a_mark(mode: str) -> None:
    """A stage that a condition tells is that stage, whatever the state says."""
    wire = Wire(view("logpresso_sonar"), mode)
    with pytest.raises(polling.Failed, match="it has ended as cancelled") as raised:
        wire.follow("cancelled")
    assert raised.value.last.model.install_progress.is_cancelled is True


@pytest.mark.parametrize(
    "schema",
    [
        {"const": True},
        {"const": 1},
        {"enum": ["a", None, 0]},
        {"type": "integer"},
        {"type": ["string", "null"]},
        {"type": "boolean"},
        {"type": "number", "minimum": 0, "exclusiveMaximum": 2},
        {"exclusiveMinimum": 0, "maximum": 1},
        {"type": "string", "minLength": 2},
        {"pattern": "^a"},
        {"not": {"type": ["array", "object"]}},
    ],
)
def test_marks_are_read_as_the_judge_reads_them(schema: dict[str, Any]) -> None:
    """A condition means to a poller what it means to the judge."""
    for value in (True, False, None, 0, 1, 1.0, 1.5, 2, -1, "", "a", "ab", "ba", [], ["a"], {}, {"a": 1}):
        assert reading.fits(value, schema) is validator(schema, {}).is_valid(value), value


def test_what_may_be_absent() -> None:
    """A condition that what is not there satisfies is met without it, by what it says, and by nothing else."""
    met = [
        reading.holds("$response.body#/done", found, {"absent-or": {"const": False}}) for found in ([], [False], [True])
    ]
    assert met == [True, True, False]


def body() -> Any:
    """What a download starts with."""
    return ontap.DownloadRequest(url="http://server/package")


def test_a_start(mode: str) -> None:
    """It starts once, follows what the start has minted, and gives the end."""
    wire = Wire(view("netapp_ontap"), mode)
    done = wire.call("DownloadPoller", "run", body(), return_timeout=0)
    methods = [request.method for _, request in wire.asked]
    assert (done.state, methods[0], set(methods[1:])) == ("success", "POST", {"GET"})
    started = wire.asked[0][1]
    assert (started.url.raw_path, started.content) == (
        b"/api/cluster/software/download?return_timeout=0",
        b'{"url":"http://server/package"}',
    )
    assert started.headers["content-type"] == "application/hal+json"
    assert {request.url.path for _, request in wire.asked[1:]} == {f"/api/cluster/jobs/{done.model.uuid}"}


def test_what_a_start_gives(mode: str) -> None:
    """A start gives what identifies it, as following it takes that."""
    wire = Wire(view("netapp_ontap"), mode)
    identity = wire.call("DownloadPoller", "start", body())
    assert set(identity) == {"uuid"}
    assert wire.call("DownloadPoller", "wait", **identity).kind == "done"
    assert wire.call("GetDownloadPoller", "wait").state == "success"


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.WriteError, httpx.RemoteProtocolError])
def test_a_start_without_an_answer(mode: str, error: type[httpx.RequestError]) -> None:
    """A start that may have been accepted is never sent again."""
    wire = Wire(view("netapp_ontap"), mode, raising(error, 1))
    with pytest.raises(polling.Unreachable, match="may have started"):
        wire.call("DownloadPoller", "run", body())
    assert len(wire.asked) == 1


@pytest.mark.parametrize(
    "meddle",
    [
        raising(httpx.ConnectError, 1),
        lambda number, request: httpx.Response(429) if number == 1 else None,
        lambda number, request: httpx.Response(503, headers={"Retry-After": "5"}) if number == 1 else None,
    ],
    ids=["no connection", "too many requests", "come back later"],
)
def test_a_start_that_was_not_accepted(mode: str, meddle: Meddle) -> None:
    """A start that cannot have begun anything is sent again."""
    wire = Wire(view("netapp_ontap"), mode, meddle)
    assert wire.call("DownloadPoller", "run", body()).kind == "done"
    assert [request.method for _, request in wire.asked][:3] == ["POST", "POST", "GET"]
    assert wire.pauses[0] == 5


def test_a_start_that_is_refused(mode: str) -> None:
    """A refused start raises, and so does one that names nothing; neither is sent again."""
    for answer in (httpx.Response(503), httpx.Response(409), httpx.Response(202, json={"job": {}})):
        wire = Wire(view("netapp_ontap"), mode, always(answer))
        with pytest.raises(polling.PollingError):
            wire.call("DownloadPoller", "run", body())
        assert len(wire.asked) == 1


ENDS = {
    "sixth": "finished", "oven": "finished", "kettle": "finished", "run": "passed", "batch": "completed",
    "provision": "succeeded", "render": "done", "update": "completed", "job": "complete",
}  # fmt: skip


@pytest.mark.parametrize(("name", "subject"), ENDS.items(), ids=ENDS)
def test_a_document_of_ones_own(
    name: str, subject: str, mode: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poller of any document stands in the user's own package, and needs no other."""
    path = str(pathlib.Path(SIXTH).parent / f"{name}.yaml")
    folder = tmp_path / f"sdk_{name}_{mode}"
    monkeypatch.syspath_prepend(tmp_path)
    wire = Wire(view(path), mode, package=package(path, folder))
    done = wire.follow(subject)
    assert (done.kind, type(done.model).__module__) == ("done", f"{folder.name}.{name}")
    for module in folder.rglob("*.py"):
        imported = [
            node
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert not [node for node in imported if "pollspec" in ast.unparse(node)]


CURTAIN = """
openapi: 3.1.0
info: {title: "A \\"curtain\\"", version: 1.0.0}
servers: [{url: https://house.invalid/a/b}]
paths:
  /rooms/{room-id}/open:
    parameters: [{name: room-id, in: path, required: true, schema: {type: integer}, example: 1}]
    post:
      operationId: open
      parameters: [{name: class, in: query, schema: {type: boolean}}, {name: JSON, in: header, schema: {type: string}}]
      responses: {"202": {description: Opens., content: {application/json: {schema: {type: object}}}}}
  /rooms/{room-id}/moves:
    parameters: [{name: room-id, in: path, required: true, schema: {type: integer}, example: 1}]
    get:
      operationId: look
      parameters: [{name: "the-id", in: query, required: true, schema: {type: integer}}]
      responses:
        "200": {description: Open., content: {application/json: {schema: {$ref: "#/components/schemas/answer-1"}}}}
        "202": {description: Moves., content: {application/json: {schema: {type: object}}}}
components: {schemas: {answer-1: {type: object, properties: {id: {type: integer}}}}}
x-contract:
  lifecycles:
    the move/1:
      starts: {operation: open, mints: {$response.body#/id: $request.query.the-id}}
      seen-by: {look: {instance: [$request.path.room-id, $request.query.the-id], state: $response.header.X-State}}
      stages:
        moves: {kind: active, then: [open], states: {look: {status: 202}}}
        open: {kind: done, then: [], states: {look: {status: 200}}}
  subjects: {}
"""


def test_a_document_with_odd_names(mode: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names become Python's, schemas need none, and stages may be told by the status alone."""
    path = tmp_path / "curtain.yaml"
    path.write_text(CURTAIN, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    wire = Wire(view(str(path)), mode, package=package(str(path), tmp_path / f"odd_{mode}"))
    wire.meddle = lambda number, request: httpx.Response(202 if number < 3 else 200, json={"id": 7})
    assert wire.call("TheMove1Poller", "start", room_id=3, class_=True, json_=None) == {"room_id": 3, "the_id": 7}
    done = wire.call("TheMove1Poller", "wait", room_id=3, the_id=7)
    assert (done.state, done.kind, done.model.id, done.body) == ("open", "done", 7, {"id": 7})
    (_, started), (_, polled), _ = wire.asked
    assert (started.url.raw_path, polled.url.path) == (b"/a/b/rooms/3/open?class=true", "/a/b/rooms/3/moves")
    assert (polled.url.query, "json" in started.headers) == (b"the-id=7", False)


def test_who_is_asked_about_where_nothing_identifies_it(
    mode: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A parameter that test cards give says about what is asked, even where the document can do without it."""
    monkeypatch.syspath_prepend(tmp_path)
    wire = Wire(view(SIXTH), mode, package=package(SIXTH, tmp_path / f"rooms_{mode}"))
    assert wire.call("DryingPoller", "wait", room="north").state == "dried"
    assert {request.url.query for _, request in wire.asked} == {b"room=north"}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("views", "", "no module can be called views"),
        ("my-oven", "", "no module can be called my-oven"),
        (
            "oven",
            "{where: {$response.body#/note: {maxLength: 7}}}",
            "no poller can tell the stage done by .*: maxLength",
        ),
        ("oven", "{where: {$request.query.day: monday}}", "no poller can tell the stage done by .*: a request"),
    ],
)
def test_what_cannot_be_written(name: str, text: str, says: str, tmp_path: pathlib.Path) -> None:
    """A document of which no poller can be made is an error that says what to do."""
    oven = (pathlib.Path(SIXTH).parent / "oven.yaml").read_text(encoding="utf-8")
    path = tmp_path / f"{name}.yaml"
    path.write_text(oven.replace("{getLoaf: baked}", f"{{getLoaf: {text}}}") if text else oven, encoding="utf-8")
    with pytest.raises(UsageError, match=says) as raised:
        generator.modules([str(path)])
    assert raised.value.hint
