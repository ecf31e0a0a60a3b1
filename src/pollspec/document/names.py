"""Whatever x-contract names is there: operations, lifecycles, stages, subjects, credentials, parameters, examples."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.expressions import Expression
from pollspec.document.keywords import KEYWORDS, Role
from pollspec.document.source import Document, Place, Problem
from pollspec.document.vendor import Belief, Vendor
from pollspec.errors import nearest

CREDENTIALS = "add credentials: {default: {$request.header.Authorization: Bearer a-token-of-your-own}}"
"""What is to be added where a document does not say who may ask."""


def stages(source: Document) -> Iterator[Problem]:
    """Stages follow stages; states and plays are those of operations that see the lifecycle; subjects pass through."""
    contract = source.content.get("x-contract", {"lifecycles": {}, "subjects": {}})
    found = contract["lifecycles"]
    for name, lifecycle in found.items():
        place: Place = ("x-contract", "lifecycles", name)
        known = lifecycle["stages"]
        for stage, node in known.items():
            for index, then in enumerate(node["then"]):
                if then not in known:
                    yield (*place, "stages", stage, "then", index), f"unknown stage {then!r}: {nearest(then, known)}"
            for word in ("states", "plays"):
                for operation in node.get(word, {}):
                    if operation not in lifecycle["seen-by"]:
                        text = f"{operation!r} does not see this lifecycle: {nearest(operation, lifecycle['seen-by'])}"
                        yield (*place, "stages", stage, word, operation), text
    every = {stage for lifecycle in found.values() for stage in lifecycle["stages"]}
    if any(then not in every for lc in found.values() for stage in lc["stages"].values() for then in stage["then"]):
        return
    for name, subject in contract["subjects"].items():
        yield from _path(found, subject["path"], ("x-contract", "subjects", name, "path"))


def _path(lifecycles: Mapping[str, Any], path: list[str], place: Place) -> Iterator[Problem]:
    every = {stage: node for lifecycle in lifecycles.values() for stage, node in lifecycle["stages"].items()}
    for stage in path:
        if stage not in every:
            yield place, f"unknown stage {stage!r}: {nearest(stage, every)}"
            return
    owner = next((lc["stages"] for lc in lifecycles.values() if set(path) <= set(lc["stages"])), None)
    if owner is None:
        yield place, "the stages of the path are not of one lifecycle"
        return
    for one, other in itertools.pairwise(path):
        if other not in owner[one]["then"]:
            yield place, f"{other} does not follow {one}"


def problems(vendor: Vendor) -> Iterator[Problem]:
    """Whatever x-contract names is there: operations, lifecycles, stages, subjects, credentials, parameters."""
    yield from _operations(vendor)
    for belief in vendor.beliefs:
        if belief.says:
            yield from _named(vendor, belief, place_of(vendor, belief))
            yield from _asked(vendor, belief, place_of(vendor, belief))
    yield from _cards(vendor)


def idle(vendor: Vendor) -> Iterator[Problem]:
    """Beliefs that are never judged: they follow an instance, and no lifecycle shows one."""
    for belief in vendor.beliefs:
        if KEYWORDS[belief.keyword].follows and vendor.lifecycle_of(belief.operation) is None:
            yield place_of(vendor, belief), f"{belief.operation} sees no lifecycle, so that this is never judged"


def place_of(vendor: Vendor, belief: Belief) -> Place:
    """Where a belief stands that x-contract states."""
    return (*vendor.operations[belief.operation].place, "x-contract", belief.keyword, belief.name)


def _operations(vendor: Vendor) -> Iterator[Problem]:
    """What starts a lifecycle, and what sees it, with the states it shows."""
    for name, lifecycle in vendor.lifecycles.items():
        place: Place = ("x-contract", "lifecycles", name)
        if lifecycle.start and (start := lifecycle.start.operation) not in vendor.operations:
            hint = nearest(start, vendor.operations)
            yield (*place, "starts", "operation"), f"unknown operation {start!r}: {hint}"
        for operation in lifecycle.views:
            if operation not in vendor.operations:
                hint = nearest(operation, vendor.operations)
                yield (*place, "seen-by", operation), f"unknown operation {operation!r}: {hint}"
            elif vendor.operations[operation].writes:
                method = vendor.operations[operation].method
                yield (
                    (*place, "seen-by", operation),
                    f"{operation} is a {method}, and what is polled must change nothing",
                )
            else:
                yield from _identified(vendor, name, operation)
                yield from _states(vendor, name, operation)
                yield from _reasons(vendor, name, operation)


def _named(vendor: Vendor, belief: Belief, place: Place) -> Iterator[Problem]:
    """What a keyword's entries name is there."""
    lifecycle = vendor.lifecycles.get(belief.says.get("of", "")) or vendor.lifecycle_of(belief.operation)
    there: dict[Role, Mapping[str, Any]] = {
        Role.SUBJECT: vendor.subjects,
        Role.CREDENTIAL: {**vendor.credentials, "default": {}, "none": {}},
        Role.OPERATION: vendor.operations,
        Role.LIFECYCLE: vendor.lifecycles,
        Role.STAGE: lifecycle.stages if lifecycle else {},
    }
    for word, role in KEYWORDS[belief.keyword].entries.items():
        said = belief.says.get(word, [])
        for name in said if isinstance(said, list) else [said]:
            if role in there and name not in there[role]:
                yield (*place, word), f"unknown {role} {name!r}: {nearest(name, there[role])}"
    if belief.says.get("credential", "default") != "default" and not vendor.credentials:
        yield (*place, "credential"), f"x-contract has no credentials, so that nobody can ask without: {CREDENTIALS}"


def _asked(vendor: Vendor, belief: Belief, place: Place) -> Iterator[Problem]:
    """What a belief sends, or speaks of in a request, is something that its operation takes."""
    operation = vendor.operations[belief.operation]
    known = {parameter.expression for parameter in operation.parameters if parameter.place != "header"}
    for index, sent in enumerate(belief.says.get("sends", [])):
        for text in sent:
            if expressions.parse(text).side != "request":
                yield (*place, "sends", index), f"{text} cannot be sent: expected $request...."
    for text in set(_expressions(belief.says)):
        asked = expressions.parse(text)
        if _is_parameter(asked) and text not in known:
            yield place, f"{text} is no parameter of {operation.id}: {nearest(text, known)}"


def _is_parameter(expression: Expression) -> bool:
    return expression.side == "request" and expression.place in {"path", "query"}


def _expressions(node: Any) -> Iterator[str]:
    """Every runtime expression in a belief."""
    if isinstance(node, str) and node.startswith("$") and expressions.GRAMMAR.fullmatch(node):
        yield node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _expressions(key)
            yield from _expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from _expressions(value)


def _identified(vendor: Vendor, name: str, operation: str) -> Iterator[Problem]:
    """What identifies an instance is something that the operation is asked with."""
    known = {parameter.expression for parameter in vendor.operations[operation].parameters}
    for text in vendor.lifecycles[name].views[operation].asked_by:
        if _is_parameter(expressions.parse(text)) and text not in known:
            place = ("x-contract", "lifecycles", name, "seen-by", operation, "instance")
            yield place, f"{text} is no parameter of {operation}: {nearest(text, known)}"


def _states(vendor: Vendor, name: str, operation: str) -> Iterator[Problem]:
    """A state that a stage shows is one that the operation's schema has; an example that is played is one it has."""
    lifecycle, asked = vendor.lifecycles[name], vendor.operations[operation]
    where = expressions.parse(lifecycle.views[operation].state)
    path = pointers.tokens(where.name) if where.place == "body" else []
    found = vendor.schemas.at(asked.success.schema, path) if asked.success else None
    enum = vendor.schemas.resolve(found.node)[1].get("enum") if found else None
    examples = [example for response in asked.responses for example in response.examples]
    for stage in lifecycle.stages.values():
        shown = stage.states.get(operation)
        place: Place = ("x-contract", "lifecycles", name, "stages", stage.name)
        for state in shown if isinstance(shown, list) else [shown]:
            if isinstance(state, str) and enum and state not in enum:
                hint = nearest(state, map(str, enum))
                yield (*place, "states", operation), f"{state!r} is no state of {operation}: {hint}"
        if (example := stage.plays.get(operation, {}).get("example")) and example not in examples:
            yield (*place, "plays", operation), f"unknown example {example!r}: {nearest(example, examples)}"
    if (example := lifecycle.views[operation].example) and example not in examples:
        place = ("x-contract", "lifecycles", name, "seen-by", operation)
        yield (*place, "example"), f"unknown example {example!r}: {nearest(example, examples)}"


def _reasons(vendor: Vendor, name: str, operation: str) -> Iterator[Problem]:
    """The reason of a failure stands where a schema of the operation has something."""
    success = vendor.operations[operation].success
    for text in vendor.lifecycles[name].views[operation].reason:
        if vendor.schemas.declares(success.schema if success else {}, text) is None:
            place = ("x-contract", "lifecycles", name, "seen-by", operation, "reason")
            yield place, f"no schema of {operation} has {text}"


def _cards(vendor: Vendor) -> Iterator[Problem]:
    """A test card gives what some operation takes, and no two give the same."""
    known = {parameter.expression for operation in vendor.operations.values() for parameter in operation.parameters}
    given: dict[str, str] = {}
    for name, subject in vendor.subjects.items():
        place: Place = ("x-contract", "subjects", name)
        for text in subject.given:
            if text not in known.union(vendor.signing.places):
                yield (*place, "given", text), f"{text} is no parameter: {nearest(text, known)}"
        card = json.dumps(subject.given, sort_keys=True)
        if subject.given and card in given:
            yield (*place, "given"), f"{name} is given as {given[card]} is"
        given.setdefault(card, name)
