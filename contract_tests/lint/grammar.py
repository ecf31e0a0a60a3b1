"""`pollspec lint` on x-contract: its grammar, and whether whatever it names is there."""

from __future__ import annotations

import functools
import itertools
import json
import pathlib
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from .. import spec
from ..document import Document, Place
from ..errors import nearest
from ..grammar import expressions
from ..grammar.expressions import Expression
from ..vendor import METHODS, Belief, Vendor
from .schemas import Problem


@functools.cache
def _schema() -> dict[str, Any]:
    read = json.loads((pathlib.Path(str(spec.__file__)).parent / "contract.schema.json").read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def _vocabulary(node: Any) -> Iterator[str]:
    """Every word that the grammar has."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from value if key == "properties" else ()
            yield from _vocabulary(value)
    elif isinstance(node, list):
        for value in node:
            yield from _vocabulary(value)


def breaches(source: Document) -> Iterator[Problem]:
    """x-contract as contract.schema.json has it, at the top and at each operation."""
    if "x-contract" not in source.content:
        yield (), "x-contract is missing: see spec/README.md"
        return
    whole = jsonschema_rs.Draft202012Validator(_schema())
    yield from _errors(whole, source.content["x-contract"], ("x-contract",))
    inner = jsonschema_rs.Draft202012Validator({**_schema(), "$ref": "#/$defs/operation"})
    for path, item in source.content["paths"].items():
        for method in METHODS:
            place: Place = ("paths", path, method, "x-contract")
            yield from _errors(inner, item.get(method, {}).get("x-contract", {}), place)
            yield from _versions(item.get(method, {}).get("x-contract", {}), place)


def _versions(node: Any, place: Place) -> Iterator[Problem]:
    """Each alternative names the versions that have it, as specifiers of PEP 440."""
    if not isinstance(node, dict):
        return
    for index, other in enumerate(node["or"] if isinstance(node.get("or"), list) else []):
        text = other.get("versions") if isinstance(other, dict) else None
        if isinstance(text, str) and not _is_specifier(text):
            yield (*place, "or", index, "versions"), f"{text!r} names no versions: expected one like >=3,<5"
    for key, value in node.items():
        yield from _versions(value, (*place, key))


def _is_specifier(text: str) -> bool:
    try:
        return bool(SpecifierSet(text))
    except InvalidSpecifier:
        return False


def _errors(validator: Any, value: Any, place: Place) -> Iterator[Problem]:
    for error in validator.iter_errors(value):
        where = (*place, *error.instance_path)
        if error.kind.name in {"additionalProperties", "unevaluatedProperties"}:
            for word in error.kind.unexpected:
                known = set(_vocabulary(_schema()))
                text = (
                    f"{word!r} has no place here" if word in known else f"unknown word {word!r}: {nearest(word, known)}"
                )
                yield (*where, word), text
        else:
            yield where, _said(error, _at(value, error.instance_path))


def _said(error: Any, value: Any) -> str:
    """An error of the grammar in words."""
    kind, schema = error.kind.name, list(map(str, error.schema_path))
    if kind.startswith("oneOf") and isinstance(value, dict) and "claim" in value:
        return "a belief rests on exactly one of source, observed and implied"
    if kind == "pattern" and "claim" in schema:
        return "a claim is a sentence, with a full stop"
    if kind == "pattern" and "expression" in schema:
        return f"{value!r} is no runtime expression: expected one like $request.query.token or $response.body#/state"
    return str(error.message)[:300]


def _at(value: Any, path: list[str | int]) -> Any:
    for token in path:
        value = value[token]
    return value


def stages(source: Document) -> Iterator[Problem]:
    """Stages follow stages; states and plays are those of operations that see the lifecycle; subjects pass through."""
    found = source.content["x-contract"]["lifecycles"]
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
    for name, subject in source.content["x-contract"]["subjects"].items():
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


def names(vendor: Vendor) -> Iterator[Problem]:
    """Whatever x-contract names is there: operations, lifecycles, stages, subjects, credentials, parameters."""
    unknown = list(_operations(vendor))
    yield from unknown
    for belief in vendor.beliefs:
        if belief.says:
            place: Place = (*vendor.operations[belief.operation].place, "x-contract", belief.keyword, belief.name)
            yield from _named(vendor, belief, place)
            yield from _asked(vendor, belief, place)
            across = belief.keyword in {"never-decreases", "never-changes", "hands-over"}
            if across and not unknown and vendor.lifecycle_of(belief.operation) is None:
                yield place, f"{belief.operation} sees no lifecycle, so that this is never judged"
    yield from _cards(vendor)


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
            else:
                yield from _states(vendor, name, operation)


def _named(vendor: Vendor, belief: Belief, place: Place) -> Iterator[Problem]:
    says = belief.says
    lists: dict[str, tuple[str, Mapping[str, Any]]] = {
        "subject": ("subject", vendor.subjects),
        "credential": ("credential", {**vendor.credentials, "default": {}, "none": {}}),
        "to": ("operation", vendor.operations),
        "with": ("operation", vendor.operations),
        "of": ("lifecycle", vendor.lifecycles),
    }
    for word, (kind, known) in lists.items():
        if word in says and says[word] not in known and not (word == "of" and belief.keyword == "echoes"):
            yield (*place, word), f"unknown {kind} {says[word]!r}: {nearest(says[word], known)}"
    lifecycle = vendor.lifecycle_of(belief.operation)
    for word in ("from", "arrives"):
        for stage in says.get(word, []):
            stages = lifecycle.stages if lifecycle else {}
            if stage not in stages:
                yield (*place, word), f"unknown stage {stage!r}: {nearest(stage, stages)}"


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


def _states(vendor: Vendor, name: str, operation: str) -> Iterator[Problem]:
    """A state that a stage shows is one that the operation's schema has; an example that is played is one it has."""
    lifecycle, asked = vendor.lifecycles[name], vendor.operations[operation]
    success = next((response for response in asked.responses if response.status < "4"), None)
    path: list[str | int] = [*expressions.parse(lifecycle.views[operation].state).name.split("/")[1:]]
    found = vendor.schemas.at(success.schema, path) if success else None
    enum = vendor.schemas.resolve(found.node)[1].get("enum") if found and len(path) else None
    examples = [example for response in asked.responses for example in response.examples]
    for stage in lifecycle.stages.values():
        shown = stage.states.get(operation)
        place: Place = ("x-contract", "lifecycles", name, "stages", stage.name)
        for state in shown if isinstance(shown, list) else [shown]:
            if isinstance(state, str) and enum and state not in enum:
                yield (*place, "states", operation), f"{state!r} is no state of {operation}: {nearest(state, enum)}"
        if (example := stage.plays.get(operation, {}).get("example")) and example not in examples:
            yield (*place, "plays", operation), f"unknown example {example!r}: {nearest(example, examples)}"
    if (example := lifecycle.views[operation].example) and example not in examples:
        place = ("x-contract", "lifecycles", name, "seen-by", operation)
        yield (*place, "example"), f"unknown example {example!r}: {nearest(example, examples)}"


def _cards(vendor: Vendor) -> Iterator[Problem]:
    """A test card gives what some operation takes, and no two give the same."""
    signed = {text for headers in vendor.credentials.values() for text in headers}
    known = {parameter.expression for operation in vendor.operations.values() for parameter in operation.parameters}
    given: dict[str, str] = {}
    for name, subject in vendor.subjects.items():
        place: Place = ("x-contract", "subjects", name)
        for text in subject.given:
            if text not in known | signed:
                yield (*place, "given", text), f"{text} is no parameter: {nearest(text, known)}"
        card = json.dumps(subject.given, sort_keys=True)
        if subject.given and card in given:
            yield (*place, "given"), f"{name} is given as {given[card]} is"
        given.setdefault(card, name)
