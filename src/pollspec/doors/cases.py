"""A trial as schemathesis has it: the document with its cases, and a session through the one door out."""

from __future__ import annotations

import copy
import functools
import hashlib
import io
import random
from collections.abc import Iterable
from typing import Any

import requests
import schemathesis
from requests.adapters import BaseAdapter
from schemathesis import Case
from schemathesis.config import HealthCheck, SchemathesisConfig
from schemathesis.hooks import HookContext
from schemathesis.schemas import APIOperation, BaseSchema
from urllib3 import HTTPHeaderDict, HTTPResponse

from pollspec.document import expressions
from pollspec.document.messages import Answer, Request
from pollspec.document.operations import Operation
from pollspec.doors.failures import HEARD
from pollspec.trial.questions import asks
from pollspec.trial.rows import Ask
from pollspec.trial.trial import Over, Trial

SPARE = 12
"""Places of an operation beyond those that its document alone has use for: a target file may know more."""
CASE = "X-Schemathesis-TestCaseId"
LONGEST_VALUE = 200
"""Characters of a made-up value; longer ones are refused by what stands before a server."""
OWN = frozenset({"host", "content-length", "transfer-encoding", "connection", "user-agent", CASE.lower()})
"""Headers of a case that are the door's own business."""

NOTHING = Answer(0)


class Door(BaseAdapter):
    """A trial's one door out, as requests knows doors: limits, budget, pace and masks are the target's."""

    def __init__(self, trial: Trial) -> None:
        super().__init__()
        self.trial, self.questions = trial, trial.questions
        self.planned: dict[str, Ask] = {}

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Ask. A case that is not to be sent, or whose answer is lost, has an empty answer, which breaks nothing.

        What a planned case finds is told at the end of its test, and so is all that a live server shows: the others are
        asked all the same.
        """
        answer, case = None, str(request.headers.get(CASE))
        ask = self.planned.get(case)
        try:
            self.trial.follow_all()
            asked = self.questions.request(ask) if ask else None if case in PLACED else self._request(request)
            if asked is not None and (self.questions.may_be(ask) if ask else self.questions.may_be_made_up(asked)):
                answer = self.trial.send(asked, *((ask.credential, ask.subject) if ask else ())).answer
        except Over:
            answer = None
        HEARD.keep(request, self.trial, self.trial.taken() if ask is None and self.trial.repeats else ())
        return _response(request, answer or NOTHING)

    def _request(self, request: requests.PreparedRequest) -> Request | None:
        """A case of schemathesis' as a request of ours; None for one that no operation takes."""
        path = request.path_url.partition("?")[0]
        located = self.trial.vendor.locate(request.method or "", path)
        if located is None or any(len(value) > LONGEST_VALUE for value in located[1].values()):
            return None
        operation, parameters = located
        signed = {expressions.parse(text).name.lower() for text in self.trial.vendor.signing.places}
        headers = tuple(
            (name, value if isinstance(value, str) else value.decode("latin-1"))
            for name, value in request.headers.items()
            if name.lower() not in OWN | signed
        )
        return Request(operation.id, operation.method, request.path_url, parameters, headers, sent(request))

    def close(self) -> None:
        """Nothing to close: the target is the trial's."""


def sent(request: requests.PreparedRequest) -> bytes:
    """The body of a request; one that is read as it is sent is none of a case's."""
    body = request.body or b""
    return body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b""


def _response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    """An answer as requests gives it: its content codings are undone already."""
    headers = HTTPHeaderDict()
    for name, value in answer.headers:
        if name.lower() not in {"content-encoding", "content-length", "transfer-encoding"}:
            headers.add(name, value)
    raw = HTTPResponse(io.BytesIO(answer.content), headers, answer.status, version=11, preload_content=False)
    response = requests.Response()
    response.status_code, response.raw, response.request = answer.status, raw, request
    response.headers.update(headers.items())
    response.url = str(request.url)
    return response


class Cases:
    """A trial's cases of one operation, for schemathesis.

    An example is a place: what stands there is known when it is its turn, for only then is it known what rests.
    """

    def __init__(self, door: Door, operation: Operation, refusals: bool) -> None:
        self.door, self.operation, self.refusals = door, operation, refusals
        self.trial, self.questions = door.trial, door.questions
        self.random = random.Random(door.trial.plan.seed)

    @functools.cached_property
    def asks(self) -> list[Ask]:
        """What the trial asks: that which provokes documented refusals, or all else."""
        return self._mine(self.questions.of(self.operation))

    def _mine(self, several: list[Ask]) -> list[Ask]:
        mine = [ask for ask in several if self.questions.is_refusal(ask) is self.refusals]
        return [one for ask in mine for one in ask.whole]

    def places(self, operation: APIOperation[Any, Any, Any, Any]) -> list[Case[Any]]:
        """A place for each ask that there may be, the first one last: hypothesis runs the last example first."""
        number = len(self._mine(self.questions.thought_of(self.operation))) + SPARE
        made = [operation.Case(path_parameters=self._some_path()) for _ in range(number)]
        for number, case in enumerate(reversed(made)):
            PLACED[case.id] = self, number
        return made

    def _some_path(self) -> dict[str, Any]:
        return {parameter.name: "0" for parameter in self.operation.parameters if parameter.place == "path"}

    def fill(self, case: Case[Any], number: int) -> None:
        """Put into a place what stands there, if anything does; the door sends it to the letter."""
        if number >= len(self.asks):
            return
        ask = self.door.planned[case.id] = self.asks[number]
        request = self.questions.request(ask)
        case.path_parameters, case.query = dict(request.parameters), dict(request.query)
        case.headers.update({name: value for name, value in request.headers if value.isprintable()})
        if request.content:
            case.body = request.body

    def about_somebody(self, case: Case[Any]) -> Case[Any]:
        """A case that schemathesis made up; every other one about somebody who is known to rest."""
        known = [one.given for one in self.questions.resting(self.operation) if one.given] if self.trial.begun else []
        if known and self.random.random() < 0.5:
            for text, value in self.random.choice(known).items():
                expression = expressions.parse(text)
                if expression.place == "path":
                    case.path_parameters[expression.name] = value
                elif expression.place == "query":
                    case.query[expression.name] = value
        return case


PLACED: dict[str, tuple[Cases, int]] = {}
"""Whose place a case is, by its id."""


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Fill a place when it is its turn."""
    if case.id in PLACED:
        cases, number = PLACED[case.id]
        cases.fill(case, number)


def document(door: Door, refusals: bool = False) -> BaseSchema:
    """A trial's document as schemathesis has it: with the cases that provoke documented refusals, or all others.

    Nothing is signed by schemathesis: wrong logins lock accounts.
    """
    trial = door.trial
    cases = {name: Cases(door, operation, refusals) for name, operation in trial.vendor.operations.items()}
    content = copy.deepcopy(dict(trial.vendor.document.content))
    paths = [item for item in content["paths"].values() if isinstance(item, dict)]
    for node in [content, *(o for item in paths for o in item.values() if isinstance(o, dict))]:
        node.pop("security", None)
    content.get("components", {}).pop("securitySchemes", None)
    schema = schemathesis.openapi.from_dict(content, config=SchemathesisConfig())
    schema.config.update(base_url=address(trial), suppress_health_check=[HealthCheck.all])
    schema.config.seed = trial.plan.seed
    made_up = 0 if refusals else trial.questions.made_up
    schema.config.generation.update(database="none", max_examples=max(1, made_up // 3))
    schema.config.phases.fuzzing.enabled = schema.config.phases.coverage.enabled = made_up > 0

    @schema.hook
    def before_add_examples(context: HookContext, examples: list[Case[Any]]) -> None:
        if context.operation is not None:
            examples[:] = cases[_id(context.operation)].places(context.operation)

    @schema.hook
    def map_case(context: HookContext, case: Case[Any]) -> Case[Any]:
        return cases[_id(case.operation)].about_somebody(case)

    asked = sorted({belief.operation for belief in trial.beliefs if asks(belief)})
    return schema.include(operation_id=asked)


def _id(operation: APIOperation[Any, Any, Any, Any]) -> str:
    found: str = operation.definition.raw["operationId"]
    return found


def address(trial: Trial) -> str:
    """The address in a trial's cases; its door puts the target's in its place."""
    return f"http://{hashlib.sha256(trial.vendor.slug.encode()).hexdigest()[:12]}.invalid"


def session(doors: Iterable[Door]) -> requests.Session:
    """A session whose every request leaves through the door of its trial."""
    made = requests.Session()
    made.trust_env = False
    for door in doors:
        made.mount(address(door.trial), door)
    return made
