"""Values that are not as they should be: another one of the same kind, one that a clause does not allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.conditions import as_schema, may_miss
from pollspec.document.messages import MISSING, Answer
from pollspec.document.vendor import Vendor
from pollspec.servers.faults.edits import edited, with_header
from pollspec.servers.faults.fault import Scene

UNLIKELY: list[Any] = [
    None,
    "",
    "pollspec",
    "https://pollspec.invalid/elsewhere",
    "http://[",
    -1,
    2,
    10**6,
    True,
    False,
]
UNLIKELY += [{}, []]
"""Values of every kind, one of which hardly any clause allows."""


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
    candidates += UNLIKELY
    for value in candidates:
        if value is not MISSING and not validator.is_valid(value):
            return value
    if current is not MISSING and not may_miss(clause):
        return MISSING
    raise KeyError(f"{clause} allows everything")


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
