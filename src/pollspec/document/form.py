"""The form that all reading relies on: of OpenAPI, as far as it is read, and of x-contract.

form.schema.json and spec/contract.schema.json say what it is; each error has its place in the document.
"""

from __future__ import annotations

import functools
import itertools
import json
import pathlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pollspec import spec
from pollspec.document import expressions, references
from pollspec.document.operations import METHODS
from pollspec.document.source import Document, Place, Problem, follow, walk
from pollspec.errors import nearest

OPENAPI = pathlib.Path(__file__).with_name("form.schema.json")
CONTRACT = spec.FOLDER / "contract.schema.json"
MANY = 100
"""Errors of a document's form that are told at most."""
LONGEST = 300
"""Characters of an error in somebody else's words."""
PROSE = {"claim", "source", "observed", "implied", "description", "despite", "oddities", "untestable"}
NO_CONTRACT = "x-contract is missing: see spec/README.md"
EXPRESSION = "expected one like $request.query.token or $response.body#/state"


def problems(source: Document) -> Iterator[Problem]:
    """What is wrong with a document's form; where one thing makes the rest unreadable, the rest waits."""
    for look in (_names, references.problems, _openapi, _contract):
        broken = list(look(source))
        yield from broken
        if broken:
            return


def _names(source: Document) -> Iterator[Problem]:
    """Every name is a text."""
    for place, node in walk(source.content):
        for name in node if isinstance(node, dict) else ():
            if not isinstance(name, str):
                yield (*place, str(name)), f"the name {name} is no text: quote it"


def _openapi(source: Document) -> Iterator[Problem]:
    """OpenAPI as far as it is read; no operationId stands twice."""
    broken = list(errors(_validator(OPENAPI), source.content, ()))
    yield from broken
    seen: set[str] = set()
    for written in () if broken else operations(source):
        yield from _led_to(source, written)
        if (name := written.node["operationId"]) in seen:
            yield (*written.place, "operationId"), f"the operationId {name} stands twice"
        seen.add(name)


@dataclass(frozen=True)
class Written:
    """An operation as it is written, with its place; its path, and what stands beside it there."""

    path: str
    item: Mapping[str, Any]
    place: Place

    @property
    def node(self) -> Mapping[str, Any]:
        """The operation."""
        node: Mapping[str, Any] = self.item[str(self.place[-1])]
        return node

    def parameters(self) -> Iterator[tuple[Place, Any]]:
        """Its parameters with their places: those of the path, then its own."""
        for place, node in ((self.place[:-1], self.item), (self.place, self.node)):
            yield from (((*place, "parameters", index), one) for index, one in enumerate(node.get("parameters", [])))


def operations(source: Document) -> Iterator[Written]:
    """Each operation of a document."""
    for path, written in source.content["paths"].items():
        if path.startswith("/"):
            item, place = references.resolve(source.content, written, ("paths", path))
            yield from (Written(path, item, (*place, method)) for method in METHODS if method in item)


def unfilled(source: Document) -> Iterator[Problem]:
    """The names in a path that no parameter fills: it cannot be asked for."""
    for written in operations(source):
        parameters = [references.resolve(source.content, one, place)[0] for place, one in written.parameters()]
        filled = {node["name"] for node in parameters if node["in"] == "path"}
        for name in sorted(set(re.findall(r"\{([^{}]+)\}", written.path)) - filled):
            yield written.place, f"the path's {{{name}}} is no parameter"


def _led_to(source: Document, written: Written) -> Iterator[Problem]:
    """What Reference Objects lead to is what they stand for."""
    named = [("parameter", one) for _, one in written.parameters()]
    named += [("response", one) for one in written.node.get("responses", {}).values()]
    named += [("body", written.node.get("requestBody", {}))]
    for kind, one in named:
        if isinstance(one, dict) and "$ref" in one:
            yield from errors(_validator(OPENAPI, kind), *references.resolve(source.content, one))


def is_status(text: str) -> bool:
    """Whether a text is a status that a response is documented for: a code, a class of codes, or `default`."""
    return re.fullmatch(r"[1-5](?:[0-9]{2}|XX)|default", text) is not None


def _contract(source: Document) -> Iterator[Problem]:
    """x-contract as contract.schema.json has it, at the top and at each operation."""
    if "x-contract" in source.content:
        yield from errors(_validator(CONTRACT, "document"), source.content["x-contract"], ("x-contract",))
        yield from _expressions(source.content["x-contract"], ("x-contract",))
    for written in operations(source):
        if "x-contract" in written.node and "x-contract" not in source.content:
            yield (), NO_CONTRACT
            return
        contract, inner = written.node.get("x-contract", {}), (*written.place, "x-contract")
        yield from errors(_validator(CONTRACT, "operation"), contract, inner)
        yield from _versions(contract, inner)
        yield from _expressions(contract, inner)


def _versions(contract: Any, place: Place) -> Iterator[Problem]:
    """Each alternative names the versions that have it, as specifiers of PEP 440."""
    for inner, node in walk(contract, place):
        if inner[-1:] == ("versions",) and inner[-3:-2] == ("or",) and isinstance(node, str) and not _specifies(node):
            yield inner, f"{node!r} names no versions: expected one like >=3,<5"


def _expressions(contract: Any, place: Place) -> Iterator[Problem]:
    """Each expression that stands in a text is one; prose may hold what it likes."""
    for inner, node in walk(contract, place):
        if expressions.is_expression(node) and not PROSE & set(map(str, inner[len(place) :])):
            for part in [node] if node.startswith("$") else re.findall(r"\{(\$[^{}]+)\}", node):
                if not expressions.GRAMMAR.fullmatch(part):
                    yield inner, f"{part!r} is no runtime expression: {EXPRESSION}"


def _specifies(text: str) -> bool:
    try:
        return bool(SpecifierSet(text))
    except InvalidSpecifier:
        return False


@functools.cache
def _validator(path: pathlib.Path, kind: str = "") -> Any:
    """A compiled schema of a file, or one of its `$defs`."""
    whole = _read(path)
    schema = {"$defs": whole["$defs"], "$ref": f"#/$defs/{kind}"} if kind else whole
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def _read(path: pathlib.Path) -> dict[str, Any]:
    read = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def errors(validator: Any, value: Any, place: Place) -> Iterator[Problem]:
    """The errors of a value, each with its place and in words."""
    for error in itertools.islice(validator.iter_errors(value), MANY):
        there, path = follow(value, error.instance_path)
        where = (*place, *path)
        if error.kind.name in {"additionalProperties", "unevaluatedProperties"}:
            known = _vocabulary()
            for word in error.kind.unexpected:
                hint = f"unknown word {word!r}: {nearest(word, known)}"
                yield (*where, word), f"{word!r} has no place here" if word in known else hint
        else:
            yield where, _said(error, there, where)


@functools.cache
def _vocabulary() -> frozenset[str]:
    """Every word that the grammar of x-contract has."""
    nodes = (node for _, node in walk(_read(CONTRACT)) if isinstance(node, dict))
    return frozenset(word for node in nodes for word in node.get("properties", {}))


def _said(error: Any, value: Any, place: Place) -> str:
    """An error in words."""
    kind, schema = error.kind.name, list(map(str, error.schema_path))
    if kind == "required":
        return f"{error.kind.property} is missing"
    if kind.startswith("oneOf") and isinstance(value, dict) and "claim" in value:
        return "a belief rests on exactly one of source, observed and implied"
    if kind == "anyOf" and isinstance(value, dict) and {"name", "in"} <= set(value):
        return f"the parameter {value['name']} has no schema"
    if kind == "pattern" and "claim" in schema:
        return "a claim is a sentence, with a full stop"
    if kind == "pattern" and "expression" in schema:
        return f"{value!r} is no runtime expression: {EXPRESSION}"
    text = str(error.message)
    if kind == "type" and text.endswith('type "string"') and isinstance(value, bool | int | float) and place:
        return f"{place[-1]} is no text: quote it"
    text = f"{place[-1]}: {text}" if place and kind in {"type", "enum", "const", "format", "anyOf"} else text
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 3]} ... {text[-LONGEST // 3 :]}"
