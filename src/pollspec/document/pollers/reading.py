"""What stands in an answer. `pollspec generate` copies this file beside the pollers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx

M = TypeVar("M")
OR_ABSENT = "absent-or"


def body_of(response: httpx.Response) -> Any:
    """The body as JSON; None where it is none."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def model_of(read: Callable[[bytes], M], response: httpx.Response) -> M | None:
    """The body as a model; None where it does not fit."""
    try:
        return read(response.content)
    except ValueError:
        return None


def values(expression: str, response: httpx.Response, body: Any) -> list[Any]:
    """What a runtime expression stands for: nothing, one value, or one for each item where it has a `*`."""
    if expression == "$statusCode":
        return [response.status_code]
    if expression.startswith("$response.header."):
        value = response.headers.get(expression.removeprefix("$response.header."))
        return [] if value is None else [value]
    found = [] if body is None else [body]
    for token in expression.removeprefix("$response.body").removeprefix("#").split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        found = [inner for value in found for inner in _step(value, name)]
    return found


def _step(value: Any, name: str) -> list[Any]:
    if isinstance(value, dict):
        return [value[name]] if name in value else []
    if isinstance(value, list) and name == "*":
        return value
    return [value[int(name)]] if isinstance(value, list) and name.isdecimal() and int(name) < len(value) else []


def is_number(value: object) -> bool:
    """Whether a value is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(one: object, other: object) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def holds(expression: str, found: list[Any], schema: Any) -> bool:
    """Whether what an expression stands for is as a condition has it: true means "is there", false "is not there".

    What is not there satisfies a schema under OR_ABSENT as well.
    """
    if isinstance(schema, bool):
        return bool(found) is schema
    if OR_ABSENT in schema:
        return all(fits(value, schema[OR_ABSENT]) for value in found)
    return (bool(found) or "*" in expression) and all(fits(value, schema) for value in found)


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a value satisfies a schema that is made of WORDS."""
    return all(WORDS[word](value, wanted) for word, wanted in schema.items())


TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "integer": lambda value: is_number(value) and value == int(value),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}
WORDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "const": _same,
    "enum": lambda value, several: any(_same(value, one) for one in several),
    "type": lambda value, type_: any(TYPES[one](value) for one in ([type_] if isinstance(type_, str) else type_)),
    "not": lambda value, schema: not fits(value, schema),
    "minimum": lambda value, least: not is_number(value) or value >= least,
    "maximum": lambda value, most: not is_number(value) or value <= most,
    "exclusiveMinimum": lambda value, least: not is_number(value) or value > least,
    "exclusiveMaximum": lambda value, most: not is_number(value) or value < most,
    "minLength": lambda value, least: not isinstance(value, str) or len(value) >= least,
    "pattern": lambda value, pattern: not isinstance(value, str) or re.search(pattern, value) is not None,
}
"""The words of JSON Schema by which a poller can tell a stage."""
