"""What validators of OpenAPI miss, and the grammar of x-contract: each problem with its line."""

from __future__ import annotations

import json
import pathlib
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from . import document, expressions, spec
from .conditions import validator
from .document import Document, Place
from .errors import DocumentError, nearest
from .reading import view
from .vendor import GRADES, METHODS, Vendor

HTTP_SCHEMES = ("basic", "bearer", "digest")
WORDS = ("openapi", "info", "servers", "security", "tags", "paths", "components", "x-contract")
OPERATION = (
    "operationId",
    "tags",
    "summary",
    "description",
    "parameters",
    "requestBody",
    "responses",
    "security",
    "deprecated",
)
SCHEMA = (
    "$ref type description enum const required properties items additionalProperties anyOf oneOf allOf "
    "not format pattern minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength minItems "
    "maxItems uniqueItems examples default multipleOf minProperties maxProperties title readOnly "
    "writeOnly deprecated"
).split()


def problems(name: str) -> list[str]:
    """The problems of a document, as `path:line: what is wrong`."""
    try:
        source = document.read(name)
    except DocumentError as error:
        return [str(error)]
    found = list(_all(source))
    return [
        f"{source.path}:{source.line(*place)}: {text}"
        for place, text in sorted(found, key=lambda p: source.line(*p[0]))
    ]


def _all(source: Document) -> Iterator[tuple[Place, str]]:
    yield from _references(source.content, (), source)
    broken = list(_grammar(source))
    yield from broken
    if broken:
        return
    try:
        vendor = view(source)
    except DocumentError as error:
        yield (), str(error.args[0])
        return
    yield from _words(source)
    yield from _schemas(source)
    yield from _examples(vendor)
    yield from _security(vendor)
    yield from _names(vendor)
    yield from _stages(vendor)


def _references(node: Any, place: Place, source: Document) -> Iterator[tuple[Place, str]]:
    """Each $ref leads somewhere; each Link names an operation and its parameters."""
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            there: Any = source.content
            for token in reference.removeprefix("#/").split("/"):
                there = there.get(token) if isinstance(there, dict) else None
            if there is None:
                yield place, f"$ref leads nowhere: {reference}"
        for key, value in node.items():
            yield from _references(value, (*place, key), source)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _references(value, (*place, index), source)


def _grammar(source: Document) -> Iterator[tuple[Place, str]]:
    """x-contract as contract.schema.json has it, at the top and at each operation."""
    grammar = json.loads((pathlib.Path(str(spec.__file__)).parent / "contract.schema.json").read_text())
    top = jsonschema_rs.Draft202012Validator(grammar)
    if "x-contract" not in source.content:
        yield (), "x-contract is missing: see spec/README.md"
        return
    for error in top.iter_errors(source.content["x-contract"]):
        yield ("x-contract", *error.instance_path), error.message
    inner = jsonschema_rs.Draft202012Validator({**grammar, "$ref": "#/$defs/operation"})
    for path, item in source.content.get("paths", {}).items():
        for method in METHODS:
            place: Place = ("paths", path, method, "x-contract")
            for error in inner.iter_errors(item.get(method, {}).get("x-contract", {})):
                yield (*place, *error.instance_path), error.message[:300]


def _words(source: Document) -> Iterator[tuple[Place, str]]:
    """No misspelt keyword; keys in a fixed order at the top; an operationId is a verb and a noun."""
    for word in source.content:
        if word not in WORDS:
            yield (word,), f"unknown word {word!r}: {nearest(word, WORDS)}"
    order = [word for word in source.content if word in WORDS]
    if order != sorted(order, key=WORDS.index):
        yield (), f"the order of the top-level words is {', '.join(WORDS)}"
    for path, item in source.content["paths"].items():
        for method in METHODS:
            for word in item.get(method, {}):
                if word not in OPERATION and not word.startswith("x-"):
                    yield ("paths", path, method, word), f"unknown word {word!r}: {nearest(word, OPERATION)}"
            if method in item and not re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)+", item[method]["operationId"]):
                yield ("paths", path, method, "operationId"), "an operationId is a verb and a noun, as getJob"


def _schemas(source: Document) -> Iterator[tuple[Place, str]]:
    for name, schema in source.content.get("components", {}).get("schemas", {}).items():
        place: Place = ("components", "schemas", name)
        if "description" not in schema:
            yield place, f"{name} has no description"
        if not any(f"x-{grade}" in schema for grade in GRADES):
            yield place, f"{name} says not what it rests on: x-source, x-observed or x-implied"
        yield from _schema(schema, place)


def _schema(schema: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Words JSON Schema has, `required` that is declared, enum entries that differ."""
    if not isinstance(schema, dict):
        return
    for word in schema:
        if word not in SCHEMA and not word.startswith("x-"):
            yield (*place, word), f"unknown word {word!r}: {nearest(word, SCHEMA)}"
    for name in schema.get("required", []):
        if name not in schema.get("properties", {}):
            yield (*place, "required"), f"required names {name!r}: {nearest(name, schema.get('properties', {}))}"
    if len({json.dumps(value) for value in schema.get("enum", [])}) < len(schema.get("enum", [])):
        yield (*place, "enum"), "enum has an entry twice"
    for name, inner in schema.get("properties", {}).items():
        yield from _schema(inner, (*place, "properties", name))
    for word in ("items", "additionalProperties", "not"):
        yield from _schema(schema.get(word), (*place, word))


def _examples(vendor: Vendor) -> Iterator[tuple[Place, str]]:
    """Each example satisfies its schema; no example stands unused."""
    used: set[str] = set()
    for operation in vendor.operations.values():
        for response in operation.responses:
            for name, value in response.examples.items():
                for error in validator(response.schema, vendor.components).iter_errors(value):
                    yield response.place, f"example {name}: {error.message[:200]}"
            if not response.status.isdigit() and response.status not in {"default"} | {f"{n}XX" for n in range(1, 6)}:
                yield response.place, f"{response.status!r} is no status code"
        for media in operation.bodies.values():
            for error in validator(media["schema"], vendor.components).iter_errors(media["example"]):
                yield (*operation.place, "requestBody"), f"example: {error.message[:200]}"
        for parameter in operation.parameters:
            if parameter.example is not None and not validator(parameter.schema, vendor.components).is_valid(
                parameter.example
            ):
                yield (*operation.place, "parameters"), f"the example of {parameter.name} does not satisfy its schema"
            if parameter.place == "path" and f"{{{parameter.name}}}" not in operation.path:
                yield (*operation.place, "parameters"), f"the path has no {{{parameter.name}}}"
    used |= set(re.findall(r"#/components/examples/(\w+)", json.dumps(vendor.document.content)))
    for name in set(vendor.components.get("examples", {})) - used:
        yield ("components", "examples", name), f"example {name} is not used"


def _security(vendor: Vendor) -> Iterator[tuple[Place, str]]:
    known = vendor.components.get("securitySchemes", {})
    for requirement in vendor.document.content.get("security", []):
        for name in requirement:
            if name not in known:
                yield ("security",), f"unknown security scheme {name!r}: {nearest(name, known)}"
    for name, scheme in known.items():
        if scheme.get("type") == "http" and scheme.get("scheme") not in HTTP_SCHEMES:
            yield (
                ("components", "securitySchemes", name),
                f"unknown HTTP scheme: {nearest(str(scheme.get('scheme')), HTTP_SCHEMES)}",
            )


def _names(vendor: Vendor) -> Iterator[tuple[Place, str]]:
    """Whatever a belief names is there: operations, subjects, stages, credentials, expressions."""
    lists = {"subject": vendor.subjects, "to": vendor.operations, "with": vendor.operations, "of": vendor.lifecycles}
    for belief in vendor.beliefs:
        if not belief.says:
            continue
        place = (*vendor.operations[belief.operation].place, "x-contract", belief.keyword, belief.name)
        for word, known in lists.items():
            if (
                word in belief.says
                and not (word == "of" and belief.keyword == "echoes")
                and belief.says[word] not in known
            ):
                yield (*place, word), f"unknown {word} {belief.says[word]!r}: {nearest(belief.says[word], known)}"
        if (credential := belief.says.get("credential", "none")) != "none" and credential not in vendor.credentials:
            yield (
                (*place, "credential"),
                f"unknown credential {credential!r}: {nearest(credential, vendor.credentials)}",
            )
        for index, other in enumerate(belief.says.get("or", [])):
            if not _is_specifier(other["versions"]):
                yield (*place, "or", index, "versions"), f'{other["versions"]!r} names no versions: expected ">=3,<5"'
        for sent in belief.says.get("sends", []):
            for text in sent:
                if expressions.parse(text).side != "request":
                    yield (*place, "sends"), f"{text} cannot be sent: expected $request...."
        lifecycle = vendor.lifecycle_of(belief.operation)
        for stage in [*belief.says.get("from", []), *belief.says.get("arrives", [])]:
            if lifecycle is None or stage not in lifecycle.stages:
                yield place, f"unknown stage {stage!r}: {nearest(stage, lifecycle.stages if lifecycle else [])}"


def _is_specifier(text: str) -> bool:
    """Whether a text is a set of version specifiers (PEP 440)."""
    try:
        return bool(SpecifierSet(text))
    except InvalidSpecifier:
        return False


def _stages(vendor: Vendor) -> Iterator[tuple[Place, str]]:
    """Subjects pass through stages that follow one another; a stage that is not left by all is guarded by a belief."""
    for name, subject in vendor.subjects.items():
        lifecycle = next((lc for lc in vendor.lifecycles.values() if set(subject.path) <= set(lc.stages)), None)
        if lifecycle is None:
            yield ("x-contract", "subjects", name, "path"), "a stage of the path is unknown"
            continue
        for one, other in zip(subject.path, subject.path[1:], strict=False):
            if other not in lifecycle.stages[one].then:
                yield ("x-contract", "subjects", name, "path"), f"{other} does not follow {one}"
    for name, lifecycle in vendor.lifecycles.items():
        for operation in lifecycle.views:
            if operation not in vendor.operations:
                yield (
                    ("x-contract", "lifecycles", name, "seen-by"),
                    f"unknown operation: {nearest(operation, vendor.operations)}",
                )
