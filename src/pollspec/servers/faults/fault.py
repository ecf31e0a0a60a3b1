"""What a fault is, and the scene it acts on."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.conditions import as_schema
from pollspec.document.lifecycles import Lifecycle, identity
from pollspec.document.messages import MISSING, Answer, Request
from pollspec.document.operations import Response
from pollspec.document.vendor import Belief, Vendor

Derived = Iterator["Fault"]


@dataclass(frozen=True)
class Misdeed:
    """One row of FAULTS: its name, the keyword that must object, and how a belief of it gives faults."""

    name: str
    keyword: str
    derive: Callable[[Misdeed, Vendor, Belief], Derived]


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a server. `belief`: the one that must object; `detail` tells several of one belief apart.

    `asks` changes what is passed on; `act` gives the answer in place of the true one, or None to leave it;
    `document` spoils the document itself, where no server is to blame.
    """

    misdeed: Misdeed
    belief: Belief
    does: str
    detail: str = ""
    asks: Callable[[Scene], Request] | None = None
    act: Callable[[Scene], Answer | None] | None = None
    document: Callable[[Vendor], Vendor] | None = None

    @property
    def id(self) -> str:
        """`misdeed:operation/keyword/name`, with the detail behind another colon."""
        place = self.belief.id.partition("/")[2]
        return ":".join(filter(None, (self.misdeed.name, place, self.detail)))


@dataclass
class Scene:
    """A request at a server with its true answer, and what went before. `waits`: seconds to wait before answering."""

    vendor: Vendor
    request: Request
    answer: Answer
    past: list[tuple[Request, Answer]]
    notes: dict[Any, Any] = field(default_factory=dict)
    waits: float = 0.0

    @property
    def operation(self) -> str:
        """The operation that is asked."""
        return self.request.operation

    @property
    def body(self) -> Any:
        """A copy of the true answer's body; MISSING where it is no JSON."""
        return copy.deepcopy(self.answer.reading.value)

    def successes(self, operation: str) -> list[tuple[Request, Answer]]:
        """The earlier exchanges of an operation that were no refusals, the last one last."""
        return [(r, a) for r, a in self.past if r.operation == operation and a.status < 400]

    def instance(self, request: Request) -> str:
        """Which instance of its lifecycle a request is about; for the latest one, the headers tell."""
        lifecycle = self.vendor.lifecycle_of(request.operation)
        view = lifecycle.views.get(request.operation) if lifecycle else None
        if view is None or view.latest:
            return identity([value for _, value in sorted(request.headers)])
        return identity([expressions.value(text, request) for text in view.instance])

    def earlier(self) -> list[tuple[Request, Answer]]:
        """The earlier exchanges of this operation about the same instance."""
        mine = self.instance(self.request)
        return [(r, a) for r, a in self.past if r.operation == self.operation and self.instance(r) == mine]

    def shown(self, request: Request, answer: Answer) -> frozenset[str] | None:
        """The stages that an exchange shows."""
        lifecycle = self.vendor.lifecycle_of(request.operation)
        return lifecycle.shown(request.operation, request, answer) if lifecycle else None

    @property
    def lifecycle(self) -> Lifecycle | None:
        """The lifecycle that the operation shows or starts."""
        return self.vendor.lifecycle_of(self.operation)


def with_body(answer: Answer, body: Any) -> Answer:
    """An answer with another JSON body."""
    kept = tuple((n, v) for n, v in answer.headers if n.lower() not in {"content-length", "content-encoding"})
    if not any(name.lower() == "content-type" for name, _ in kept):
        kept = (*kept, ("content-type", "application/json"))
    return Answer(answer.status, kept, json.dumps(body).encode())


def edited(answer: Answer, edits: Mapping[str, Any]) -> Answer:
    """An answer with other values at some JSON pointers; MISSING takes a member away."""
    body = copy.deepcopy(answer.reading.value)
    body = {} if not isinstance(body, dict | list) else body
    for pointer, value in edits.items():
        if pointer:
            pointers.put(body, pointer, value)
        else:
            body = value
    return with_body(answer, body)


def with_header(answer: Answer, name: str, value: str | None) -> Answer:
    """An answer with another header; None takes it away."""
    kept = tuple((n, v) for n, v in answer.headers if n.lower() != name.lower())
    return replace(answer, headers=kept if value is None else (*kept, (name, value)))


def other(value: Any) -> Any:
    """Another value of the same kind: what a mix-up of two things would show."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str) and value:
        last = value[-1]
        swapped = {"0": "1", "a": "b", "A": "B", "Z": "Z"}.get(last, "0" if last in "123456789bcdefBCDEF" else "")
        if last == "Z" and value[:4].isdigit():
            return ("2001" if value[:4] != "2001" else "2002") + value[4:]
        return value[:-1] + swapped if swapped else value + "0"
    return "other"


def constants(schema: Any) -> list[Any]:
    """Every value that a schema names."""
    if isinstance(schema, Mapping):
        own = [schema["const"]] if "const" in schema else []
        own += list(schema.get("enum", []))
        return own + [found for inner in schema.values() for found in constants(inner)]
    return [found for inner in schema for found in constants(inner)] if isinstance(schema, list) else []


def unlike(vendor: Vendor, clause: Any, current: Any, likely: list[Any]) -> Any:
    """A value that a clause of a condition does not allow: a likely one first; KeyError where it allows everything."""
    if clause is False:
        return next((value for value in likely if value is not MISSING), "pollspec")
    validator, schema = vendor.compiled(clause), as_schema(clause)
    candidates = [*likely, *constants(schema), other(current) if current is not MISSING else 0]
    candidates += [None, "", "pollspec", "https://pollspec.invalid/elsewhere", -1, 2, 10**6, True, False, {}, []]
    for value in candidates:
        if value is not MISSING and not validator.is_valid(value):
            return value
    if current is not MISSING:
        return MISSING
    raise KeyError(f"{clause} allows everything")


def documented(belief: Belief, scene: Scene) -> Response | None:
    """The documented response that a true answer is, if it is of the belief's operation and has a JSON body."""
    if scene.operation != belief.operation or scene.answer.reading.unreadable:
        return None
    found = scene.vendor.operations[belief.operation].response(scene.answer.status)
    return found if found is not None and found.media else None


def broken(scene: Scene, text: str, clause: Any) -> Answer | None:
    """The true answer with one clause of a condition broken in it; None where there is nothing to break."""
    expression = expressions.parse(text)
    if expression.place == "statusCode":
        documented = [response.code for response in scene.vendor.operations[scene.operation].responses]
        telling = [status for status in (*documented, 200, 204, 400, 404, 422) if status not in {401, 403, 429}]
        return replace(scene.answer, status=unlike(scene.vendor, clause, MISSING, telling))
    if expression.place == "header":
        current = expressions.value(text, scene.request, scene.answer)
        value = unlike(scene.vendor, clause, current, [scene.request.target])
        return with_header(scene.answer, expression.name, None if value is MISSING else str(value))
    for place, current in expressions.find(text, scene.request, scene.answer):
        value = unlike(scene.vendor, clause, current, _likely(scene, expression.name))
        if value is not MISSING or current is not MISSING:
            return edited(scene.answer, {place: value})
    return None


def _likely(scene: Scene, pointer: str) -> list[Any]:
    """Values that stand at a pointer in this operation's examples, and those that its schema lists."""
    operation, found = scene.vendor.operations[scene.operation], []
    for response in operation.responses:
        found += [value for example in response.examples.values() for _, value in pointers.find(example, pointer)]
        path: list[str | int] = [0 if token == "*" else token for token in pointers.tokens(pointer)]
        prop = scene.vendor.schemas.at(response.schema, path) if response.media else None
        if prop is not None and path and prop.name == path[-1]:
            found += constants(scene.vendor.schemas.resolve(prop.node)[1])
    return [value for value in found if value is not MISSING]
