"""`pollspec lint` on schemas and examples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..document import Document, Place
from ..errors import nearest
from ..grammar.conditions import validator
from ..vendor import GRADES

Problem = tuple[Place, str]
SCHEMA = (
    "$ref type description enum const required properties items additionalProperties anyOf oneOf allOf "
    "not format pattern minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength minItems "
    "maxItems uniqueItems examples default multipleOf minProperties maxProperties title readOnly "
    "writeOnly deprecated"
).split()


def walk(node: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every entry of a document, with its place."""
    yield place, node
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield from walk(value, (*place, key))


def problems(source: Document) -> Iterator[Problem]:
    """Each schema, named or not; a named one has a description and says what it rests on."""
    for name, schema in source.content.get("components", {}).get("schemas", {}).items():
        place: Place = ("components", "schemas", name)
        if "description" not in schema:
            yield place, f"{name} has no description"
        if not any(f"x-{grade}" in schema for grade in GRADES):
            yield place, f"{name} says not what it rests on: x-source, x-observed or x-implied"
        yield from _schema(source, schema, place)
    for place, node in walk(source.content):
        if place[-1:] == ("schema",) and "x-contract" not in place:
            yield from _schema(source, node, place)


def _schema(source: Document, schema: Any, place: Place) -> Iterator[Problem]:
    """Words JSON Schema has, `required` that is declared, enum entries that differ, examples that satisfy it."""
    if not isinstance(schema, dict):
        return
    for word in schema:
        if word not in SCHEMA and not word.startswith("x-"):
            yield (*place, word), f"unknown word {word!r}: {nearest(word, SCHEMA)}"
    for name in schema.get("required", []):
        if name not in schema.get("properties", {}):
            yield (*place, "required"), f"required names {name!r}: {nearest(name, schema.get('properties', {}))}"
    written = [json.dumps(value) for value in schema.get("enum", [])]
    for value in sorted({value for value in written if written.count(value) > 1}):
        yield (*place, "enum"), f"enum has {value} twice"
    given: dict[Place, Any] = {("examples", index): value for index, value in enumerate(schema.get("examples", []))}
    given |= {("default",): schema["default"]} if "default" in schema else {}
    for inner, value in given.items():
        yield from breaches(source, {k: v for k, v in schema.items() if k in SCHEMA}, value, (*place, *inner))
    for name, inner_schema in schema.get("properties", {}).items():
        yield from _schema(source, inner_schema, (*place, "properties", name))
    for word in ("items", "additionalProperties", "not"):
        yield from _schema(source, schema.get(word), (*place, word))
    for word in ("anyOf", "oneOf", "allOf"):
        for index, branch in enumerate(schema.get(word, [])):
            yield from _schema(source, branch, (*place, word, index))


def breaches(source: Document, schema: Any, value: Any, place: Place) -> Iterator[Problem]:
    """How an example does not satisfy its schema."""
    try:
        compiled = validator(schema, source.content.get("components", {}))
    except ValueError as error:
        yield place, f"the schema is none: {str(error)[:200]}"
        return
    for breach in compiled.iter_errors(value):
        where = "".join(f"/{token}" for token in breach.instance_path)
        yield place, f"the example does not satisfy its schema{where and f' at {where}'}: {breach.message[:200]}"
