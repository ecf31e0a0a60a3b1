"""`pollspec lint` on schemas: misspelt words; and what reads ill in them, though it can be judged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pollspec.document.keywords import GRADES
from pollspec.document.references import objects
from pollspec.document.schemas import Schemas
from pollspec.document.source import Document, Place, Problem
from pollspec.errors import nearest

ONE = """
items additionalProperties unevaluatedItems unevaluatedProperties contains propertyNames contentSchema not if then else
""".split()
"""Words of JSON Schema 2020-12 whose value is a schema, then a list of schemas, then schemas by name, then the rest."""
SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
BY_NAME = ("properties", "patternProperties", "dependentSchemas", "$defs")
WORDS = f"""
$ref $defs $comment $anchor $dynamicRef $dynamicAnchor $schema {" ".join([*ONE, *SEVERAL, *BY_NAME])}
type enum const required format pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength
minItems maxItems uniqueItems minContains maxContains minProperties maxProperties dependentRequired contentEncoding
contentMediaType title description default examples example readOnly writeOnly deprecated discriminator xml externalDocs
""".split()
PARTS = {"$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"}


def problems(source: Document) -> Iterator[Problem]:
    """No word of a schema is a misspelt one of JSON Schema; any other is a note (JSON Schema 2020-12, 6.5)."""
    for place, word, hint in _unknown(source):
        if hint.startswith("did you mean"):
            yield (*place, word), f"unknown word {word!r}: {hint}"
        elif word == "nullable":
            yield (*place, word), "unknown word 'nullable': OpenAPI 3.1 says type: [string, \"null\"]"


def style(source: Document) -> Iterator[Problem]:
    """A named schema has a description and says what it rests on; all of its words and examples mean something."""
    for name, schema in source.content.get("components", {}).get("schemas", {}).items():
        place: Place = ("components", "schemas", name)
        if isinstance(schema, dict):
            if "description" not in schema:
                yield place, f"{name} has no description"
            if not any(f"x-{grade}" in schema for grade in GRADES):
                yield place, f"{name} says not what it rests on: x-source, x-observed or x-implied"
    yield from (((*place, word), f"unknown word {word!r}: {hint}") for place, word, hint in _unknown(source))
    schemas = Schemas(source.content)
    outer = list(_outer(source))
    for place, schema in outer:
        for there, node in _inner(schema, place):
            yield from _values(schemas, node, there)
    yield from _required(source, schemas, [node for _, node in outer])


def _unknown(source: Document) -> Iterator[tuple[Place, str, str]]:
    """The words in schemas that JSON Schema does not have: where, which, and what may have been meant."""
    for outer, schema in _outer(source):
        for place, node in _inner(schema, outer):
            for word in node:
                if word not in WORDS and not word.startswith("x-"):
                    yield place, word, nearest(word, WORDS)


def _outer(source: Document) -> Iterator[tuple[Place, Any]]:
    """Each schema that is no part of another, with its place."""
    for name, schema in source.content.get("components", {}).get("schemas", {}).items():
        yield ("components", "schemas", name), schema
    for place, node in objects({word: source.content.get(word, {}) for word in ("paths", "components")}):
        if "schemas" not in place[:2] and "x-contract" not in place and isinstance(node.get("schema"), dict):
            yield (*place, "schema"), node["schema"]


def _inner(schema: Any, place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """A schema, and each that it holds."""
    rest = [(place, schema)]
    while rest:
        place, schema = rest.pop()
        if isinstance(schema, Mapping):
            yield place, schema
            rest += [(there, node) for there, node, _ in _parts(schema, place)]


def _parts(schema: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, Any, str]]:
    """The schemas that a schema object itself holds, with the word that holds each."""
    for word in ONE:
        yield from [((*place, word), schema[word], word)] if word in schema else ()
    for word in SEVERAL:
        yield from (((*place, word, index), node, word) for index, node in enumerate(schema.get(word, ())))
    for word in BY_NAME:
        yield from (((*place, word, name), node, word) for name, node in schema.get(word, {}).items())


def _values(schemas: Schemas, schema: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    """Enum entries differ, examples satisfy the schema."""
    written = [json.dumps(value) for value in schema.get("enum", [])]
    for value in sorted({value for value in written if written.count(value) > 1}):
        yield (*place, "enum"), f"enum has {value} twice"
    given: dict[Place, Any] = {("examples", index): value for index, value in enumerate(schema.get("examples", []))}
    given |= {(word,): schema[word] for word in ("default", "example") if word in schema}
    for inner, value in given.items():
        yield from breaches(schemas, schema, value, (*place, *inner))


def _required(source: Document, schemas: Schemas, outer: list[Any]) -> Iterator[Problem]:
    """`required` names what the schema declares, or what it is a part of does."""
    whole = [node for schema in outer for _, node in _inner(schema, ())]
    parts = {id(node) for schema in whole for _, node, word in _parts(schema, ()) if word in PARTS}
    parts |= {id(layer.node) for schema in whole for layer in schemas.layers(schema)[1:] if _composes(schema)}
    for schema in whole:
        if id(schema) not in parts:
            known = {found.name for found in schemas.properties(schema)}
            for layer in schemas.layers(schema):
                for name in layer.node.get("required", ()):
                    if name not in known and not schemas.at(schema, [name]):
                        place = (*source.place(layer.node), "required")
                        yield place, f"required names {name!r}: {nearest(name, known)}"


def _composes(schema: Mapping[str, Any]) -> bool:
    """Whether a schema object says something of its own beside what it refers to."""
    return bool({"allOf", "anyOf", "oneOf", "properties", "patternProperties", "if", "dependentSchemas"} & set(schema))


def breaches(schemas: Schemas, schema: Any, value: Any, place: Place) -> Iterator[Problem]:
    """How an example does not satisfy its schema."""
    for breach in schemas.validator(schema).iter_errors(value):
        where = "".join(f"/{token}" for token in breach.instance_path)
        yield place, f"the example does not satisfy its schema{where and f' at {where}'}: {breach.message[:200]}"
