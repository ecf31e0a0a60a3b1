"""The one frozen view of a document: operations, credentials, subjects, lifecycles, beliefs."""

from __future__ import annotations

import functools
import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document import source as document
from pollspec.document.conditions import Condition, Test, as_schema, fits, spelt, validator
from pollspec.document.keywords import KEYWORDS, Provoked, Role
from pollspec.document.lifecycles import Lifecycle, View
from pollspec.document.messages import MISSING, Request
from pollspec.document.operations import Operation, Parameter
from pollspec.document.schemas import Schemas
from pollspec.document.signing import Signing


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
        """CLI selector, pytest id and report row; a slash in an operationId is written as in a JSON pointer: `~1`."""
        return f"{self.vendor}/{pointers.token(self.operation)}/{self.tail}"

    @property
    def tail(self) -> str:
        """Its id within its operation."""
        return f"{self.keyword}/{self.name}"

    @property
    def statuses(self) -> list[Any]:
        """The status codes that `when` names, in each of its alternatives."""
        return [one["$statusCode"] for one in alternatives(self.says.get("when")) if "$statusCode" in one]


def alternatives(one_or_more: Any) -> list[Any]:
    """What stands once or as a list, as a list."""
    return one_or_more if isinstance(one_or_more, list) else [one_or_more] if one_or_more else []


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
        server: Mapping[str, Any] = next(iter(self.document.content.get("servers", [])), {"url": "/"})
        url: str = server["url"]
        for name, variable in server.get("variables", {}).items():
            url = url.replace(f"{{{name}}}", variable["default"])
        return urllib.parse.urlsplit(url).path.rstrip("/")

    def polled(self, every: float | None) -> Vendor:
        """The same, as somebody knows it who polls so often (in seconds): whatever ends is seen to have ended."""
        if every is None:
            return self
        lifecycles = {name: replace(lc, lasts=min(lc.lasts, every)) for name, lc in self.lifecycles.items()}
        return replace(self, lifecycles=lifecycles)

    @functools.cached_property
    def _conditions(self) -> dict[str, Condition]:
        return {}

    def condition(self, clauses: Mapping[str, Any] | None) -> Condition:
        """A compiled condition; the empty one for None."""
        key = json.dumps(clauses)
        return self._conditions.setdefault(key, Condition(clauses or {}, self.components))

    def conditions(self, one_or_more: Any) -> list[Condition]:
        """Alternatives: one condition or a list of them; the same list for the same alternatives."""
        several = alternatives(one_or_more)
        return self._alternatives.setdefault(json.dumps(several), [self.condition(clauses) for clauses in several])

    @functools.cached_property
    def _alternatives(self) -> dict[str, list[Condition]]:
        return {}

    def named(self, operation: str, role: Role) -> list[tuple[Belief, Any]]:
        """The beliefs of an operation that name something in a role, with what they name."""
        return [
            (belief, belief.says[entry])
            for belief in self.beliefs
            if belief.operation == operation
            for entry, named in KEYWORDS[belief.keyword].entries.items()
            if named is role and entry in belief.says
        ]

    def provoked(self, operation: str, *ways: Provoked) -> list[Belief]:
        """The beliefs of an operation that requests of their own provoke, in some ways."""
        mine = (belief for belief in self.beliefs if belief.operation == operation)
        return [belief for belief in mine if KEYWORDS[belief.keyword].provoked in ways]

    @functools.cached_property
    def given(self) -> frozenset[str]:
        """The expressions of what subjects give: about whom is asked."""
        return frozenset(text for subject in self.subjects.values() for text in subject.given)

    @functools.cached_property
    def signing(self) -> Signing:
        """Who asks, and how requests say it."""
        return Signing(self.credentials, [subject.given for subject in self.subjects.values()])

    def omissible(self, operation: Operation) -> list[Parameter]:
        """The parameters that may be left out of a request, but for what identifies a thing or says who asks."""
        view = self.view_of(operation.id)
        fixed = {*(view.instance if view else ()), *self.signing.places}
        return [p for p in operation.parameters if not p.required and p.expression not in fixed]

    def optional(self, operation: Operation) -> list[Parameter]:
        """Those of them that no subject gives: with or without them, a request is for one and the same thing."""
        return [parameter for parameter in self.omissible(operation) if parameter.expression not in self.given]

    def resting(self, operation: Operation) -> list[str]:
        """The subjects that rest in an answer of success, and never begin again: two at once can be told apart."""
        lifecycle = self.lifecycle_of(operation.id)
        known = [one for one in self.subjects.values() if one.path and one.given and self.applies(one, operation)]
        if lifecycle is None or lifecycle.renews:
            return []
        return [one.name for one in known if lifecycle.has_body(operation.id, one.path[-1])]

    def projections(self, operation: str) -> list[str]:
        """The parameters that select what an operation's answer holds."""
        return list(dict.fromkeys(text for _, text in self.named(operation, Role.PROJECTION)))

    def secrets(self, operation: str) -> list[str]:
        """What an operation is sent that comes back nowhere."""
        return list(dict.fromkeys(text for _, text in self.named(operation, Role.SECRET)))

    def projects(self, request: Request) -> bool:
        """Whether a request selects fields, so that none is required of its answer."""
        return any(expressions.value(text, request) is not MISSING for text in self.projections(request.operation))

    def is_strange(self, request: Request) -> bool:
        """Whether a request has a query parameter that the document does not know, and may be refused for that."""
        known = {p.name for p in self.operations[request.operation].parameters if p.place == "query"}
        return not set(request.query) <= known

    def misfits(self, request: Request) -> list[str]:
        """The parameters of a request that lack or break their schema, and `body`; any of them may be refused."""
        found = [
            name
            for name, required, get, fitting in self._fitting[request.operation]
            if (required if (value := get(request, None)) is MISSING else not fitting(value))
        ]
        for media in list(self.operations[request.operation].bodies.values())[:1]:
            fits_body = request.body is not MISSING and self.compiled(media["schema"]).is_valid(request.body)
            found += [] if fits_body else ["body"]
        return found

    @functools.cached_property
    def _fitting(self) -> dict[str, list[tuple[str, bool, expressions.Getter, Test]]]:
        """The parameters of each operation: name, whether it is required, what takes it from a request, what fits."""
        return {
            operation.id: [
                (one.name, one.required, expressions.getter(one.expression), self._fits(one.schema))
                for one in operation.parameters
            ]
            for operation in self.operations.values()
        }

    def fits(self, schema: Mapping[str, Any], value: str) -> bool:
        """Whether a parameter's text fits its schema, read as the schema's type."""
        return self._fits(schema)(value)

    def _fits(self, schema: Mapping[str, Any]) -> Test:
        """A test of a parameter's text; of a list one text is an item, or several between commas."""
        valid, kinds = self.compiled(schema).is_valid, self.schemas.resolve(schema)[1].get("type", ())
        if "array" not in ({kinds} if isinstance(kinds, str) else kinds):
            return lambda value: fits(valid, value)
        return lambda value: fits(valid, value) or valid(value.split(",")) or valid([*map(spelt, value.split(","))])

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
        """The lifecycle that an operation shows, starts or moves."""
        return self._lifecycle_of.get(operation)

    @functools.cached_property
    def _lifecycle_of(self) -> dict[str, Lifecycle]:
        return {name: one for one in reversed([*self.lifecycles.values()]) for name in one.operations}

    def started_by(self, operation: str) -> Lifecycle | None:
        """The lifecycle that an operation starts."""
        found = self.lifecycle_of(operation)
        return found if found and found.start and found.start.operation == operation else None

    def view_of(self, operation: str) -> View | None:
        """How an operation shows its lifecycle; None where it shows none."""
        lifecycle = self.lifecycle_of(operation)
        return lifecycle.views.get(operation) if lifecycle else None

    def sent(self, operation: str, *ways: Provoked) -> list[Mapping[str, Any]]:
        """What the beliefs of an operation send that are provoked in some ways."""
        return [sends for belief in self.provoked(operation, *ways) for sends in belief.says.get("sends", [])]

    def applies(self, subject: Subject, operation: Operation) -> bool:
        """Whether an operation can be asked about a subject: it has every parameter that the subject gives."""
        own = {parameter.expression for parameter in operation.parameters}
        own |= set(self.signing.places)
        return bool(subject.given) and set(subject.given) <= own
