"""The one frozen view of a document: operations, credentials, subjects, lifecycles, beliefs."""

from __future__ import annotations

import functools
import json
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import document
from .grammar import expressions
from .grammar.conditions import Condition, as_schema, validator
from .grammar.lifecycles import Lifecycle
from .grammar.schemas import Schemas
from .messages import MISSING, Request

GRADES = ("source", "observed", "implied")
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
DERIVED = ("status", "response", "header", "schema", "sample")


@dataclass(frozen=True)
class Belief:
    """One thing that must be true. `grade` and `words`: what it rests on; `says`: its keyword's own entries."""

    vendor: str
    operation: str
    keyword: str
    name: str
    claim: str
    grade: str
    words: str
    where: str
    says: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)

    @property
    def id(self) -> str:
        """CLI selector, pytest id and report row."""
        return f"{self.vendor}/{self.operation}/{self.keyword}/{self.name}"


@dataclass(frozen=True)
class Parameter:
    """A request parameter; `place` is path, query or header."""

    name: str
    place: str
    required: bool
    schema: Mapping[str, Any]
    example: Any

    @property
    def expression(self) -> str:
        """As conditions and subjects name it."""
        return f"$request.{self.place}.{self.name}"


@dataclass(frozen=True)
class Response:
    """A documented response; `media` maps a media type to its schema."""

    status: str
    node: Mapping[str, Any]
    media: Mapping[str, Mapping[str, Any]]
    examples: Mapping[str, Any]
    headers: Mapping[str, Mapping[str, Any]]
    place: document.Place

    def __hash__(self) -> int:
        return hash((self.status, self.place))

    @property
    def id(self) -> str:
        """Its component's name where it has one, so that statuses that share it are one belief; else its status."""
        return str(self.place[-1])

    @property
    def schema(self) -> Mapping[str, Any]:
        """The schema of the body; the documents give each media type of a response the same."""
        return next(iter(self.media.values()), {})

    def covers(self, status: int) -> bool:
        """Whether a status code falls under this response."""
        return self.status == str(status) or self.status.upper() == f"{status // 100}XX"


@functools.lru_cache(maxsize=1024)
def _template(path: str) -> tuple[re.Pattern[str], list[str]]:
    """A path template as a pattern, with the names of its parameters."""
    parts = re.split(r"\{([^{}]+)\}", path)
    pattern = "".join("([^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    return re.compile(pattern), parts[1::2]


@dataclass(frozen=True)
class Operation:
    """One operation of a document."""

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    bodies: Mapping[str, Mapping[str, Any]]
    responses: tuple[Response, ...]
    secured: bool
    node: Mapping[str, Any]
    place: document.Place

    def response(self, status: int) -> Response | None:
        """The documented response for a status code, or None."""
        return next((response for response in self.responses if response.covers(status)), None)

    @property
    def body(self) -> Any:
        """The example of a request body, or None."""
        for media in self.bodies.values():
            return media["example"]
        return None

    @property
    def writes(self) -> bool:
        """Whether it changes something at the target (RFC 9110, 9.2.1: it is not a safe method)."""
        return self.method not in {"GET", "HEAD", "OPTIONS"}

    def match(self, path: str) -> dict[str, str] | None:
        """The path's parameters, or None if the path is not this operation's."""
        pattern, names = _template(self.path)
        if (match := pattern.fullmatch(path)) is None:
            return None
        return {name: urllib.parse.unquote(value) for name, value in zip(names, match.groups(), strict=True)}


@dataclass(frozen=True)
class Subject:
    """An identifier known to be in a documented state. `given`: expression -> value, the polite server's test card.

    `anywhere`: the card serves at every target, because it names what never was. `starts_with`: what a start sends
    for the polite server to let it pass through this subject's path.
    """

    name: str
    description: str
    path: tuple[str, ...]
    given: Mapping[str, Any]
    anywhere: bool = False
    starts_with: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Vendor:
    """A document, read once."""

    slug: str
    document: document.Document
    operations: Mapping[str, Operation]
    lifecycles: Mapping[str, Lifecycle]
    subjects: Mapping[str, Subject]
    credentials: Mapping[str, Mapping[str, str]]
    beliefs: tuple[Belief, ...]
    schemas: Schemas

    @property
    def components(self) -> Mapping[str, Any]:
        """The document's components."""
        found: Mapping[str, Any] = self.document.content.get("components", {})
        return found

    @property
    def contract(self) -> Mapping[str, Any]:
        """The document's own `x-contract`."""
        found: Mapping[str, Any] = self.document.content.get("x-contract", {})
        return found

    @property
    def base_path(self) -> str:
        """The path of the first server, which every operation's path follows."""
        server: Mapping[str, Any] = next(iter(self.document.content.get("servers", [])), {"url": ""})
        url: str = server["url"]
        for name, variable in server.get("variables", {}).items():
            url = url.replace(f"{{{name}}}", variable["default"])
        return urllib.parse.urlsplit(url).path.rstrip("/")

    @functools.cached_property
    def _conditions(self) -> dict[str, Condition]:
        return {}

    def condition(self, clauses: Mapping[str, Any] | None) -> Condition:
        """A compiled condition; the empty one for None."""
        key = json.dumps(clauses)
        return self._conditions.setdefault(key, Condition(clauses or {}, self.components))

    def conditions(self, one_or_more: Any) -> list[Condition]:
        """Alternatives: one condition or a list of them."""
        several = one_or_more if isinstance(one_or_more, list) else [one_or_more] if one_or_more else []
        return [self.condition(clauses) for clauses in several]

    def projects(self, request: Request) -> bool:
        """Whether a request selects fields, so that none is required of its answer."""
        named = self.operations[request.operation].node.get("x-contract", {}).get("selects", {})
        return any(expressions.value(belief["parameter"], request) is not MISSING for belief in named.values())

    def is_strange(self, request: Request) -> bool:
        """Whether a request has a query parameter that the document does not know, and may be refused for that."""
        known = {p.name for p in self.operations[request.operation].parameters if p.place == "query"}
        return not set(request.query) <= known

    def recognises(self, belief: Belief) -> list[Condition]:
        """What recognises the requests a belief speaks of: its `when`, or what it `sends` (null there: left out)."""
        sends = [
            {text: False if value is None else value for text, value in one.items()}
            for one in belief.says.get("sends", [])
        ]
        return self.conditions(belief.says.get("when") or sends)

    def compiled(self, clause: Any) -> Any:
        """A compiled schema from one clause of a condition."""
        key = json.dumps(clause)
        if key not in self._compiled:
            self._compiled[key] = validator(as_schema(clause), self.components)
        return self._compiled[key]

    @functools.cached_property
    def _compiled(self) -> dict[str, Any]:
        return {}

    def locate(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a request line asks for, with the path's parameters (the base path already removed)."""
        for operation in self.operations.values():
            if operation.method == method.upper() and (parameters := operation.match(path)) is not None:
                return operation, parameters
        return None

    def lifecycle_of(self, operation: str) -> Lifecycle | None:
        """The lifecycle that an operation shows or starts."""
        for lifecycle in self.lifecycles.values():
            if operation in lifecycle.views or (lifecycle.start and lifecycle.start.operation == operation):
                return lifecycle
        return None

    def applies(self, subject: Subject, operation: Operation) -> bool:
        """Whether an operation can be asked about a subject: it has every parameter that the subject gives."""
        own = {parameter.expression for parameter in operation.parameters}
        own |= {text for headers in self.credentials.values() for text in headers}
        return bool(subject.given) and set(subject.given) <= own

    def credential_of(self, request: Request) -> str:
        """The name of the test credential that a request carries; `none`, or `invalid` for one that is not known."""
        cards = [subject.given for subject in self.subjects.values()]
        for name, wanted in self.credentials.items():
            for given in ({}, *cards):
                texts = {**wanted, **{text: value for text, value in given.items() if text in wanted}}
                if all(expressions.value(text, request) == value for text, value in texts.items()):
                    return name
        names = {text for wanted in self.credentials.values() for text in wanted}
        return "none" if all(expressions.value(text, request) is MISSING for text in names) else "invalid"
