"""One way to follow `$ref`: where it leads, where it may not lead, and that nothing outside the document is fetched."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from pollspec.document import references
from pollspec.document.conditions import validator
from pollspec.document.lint import examine
from pollspec.document.source import Document, parse
from tests.composed import document

CONTENT: dict[str, Any] = {
    "components": {
        "schemas": {"A": {"properties": {"b": {"type": "string"}, "~/% x": {"type": "integer"}}}},
        "parameters": {"One": {"$ref": "#/components/parameters/Two", "description": "One."}, "Two": {"name": "two"}},
    },
    "paths": {"/a/{b}": {"get": {"parameters": [{"name": "first"}, {"name": "second"}]}}},
}


@pytest.mark.parametrize(
    ("reference", "found", "place"),
    [
        ("#/components/schemas/A/properties/b", {"type": "string"}, "components schemas A properties b"),
        ("#/components/schemas/A/properties/~0~1%25%20x", {"type": "integer"}, "components schemas A properties ~/%_x"),
        ("#/paths/~1a~1%7Bb%7D/get/parameters/1", {"name": "second"}, "paths /a/{b} get parameters 1"),
        ("#/paths/~1a~1{b}/get/parameters/0/name", "first", "paths /a/{b} get parameters 0 name"),
    ],
)
def test_target(reference: str, found: Any, place: str) -> None:
    """A `$ref` is a JSON pointer (RFC 6901), percent-encoded in a URI's fragment (RFC 3986)."""
    node, there = references.target(CONTENT, reference)
    assert node == found
    assert [str(token).replace(" ", "_") for token in there] == place.split()


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "#",
        "#A",
        "/components/schemas/A",
        "other.yaml#/components/schemas/A",
        "https://pollspec.invalid/openapi.yaml#/A",
        "file:///etc/hostname",
        "#/components/schemas/B",
        "#/components/schemas/A/properties/b/type/0",
        "#/paths/~1a~1{b}/get/parameters/2",
        "#/paths/~1a~1{b}/get/parameters/01",
        "#/paths/~1a~1{b}/get/parameters/-1",
        "#/components/schemas/A/properties/%ff",
    ],
)
def test_nowhere(reference: str) -> None:
    """What leads out of the document, or to nothing in it, leads nowhere."""
    with pytest.raises(ValueError, match=r"^\$ref leads nowhere: "):
        references.target(CONTENT, reference)


def test_a_reference_has_its_own_description() -> None:
    """A Reference Object's `description` takes the place of what it leads to; the place is that of the latter."""
    node, place = references.resolve(CONTENT, {"$ref": "#/components/parameters/One", "x-other": 1})
    assert (node, place) == ({"name": "two", "description": "One."}, ("components", "parameters", "Two"))
    assert references.resolve(CONTENT, {"name": "plain"}, ("here",)) == ({"name": "plain"}, ("here",))


def problems(**schemas: Any) -> list[str]:
    """What is wrong with the references of a document with these schemas, by the line's own text."""
    source = document({"$ref": "#/components/schemas/A"}, **schemas)
    return [text for _, text in references.problems(source)]


A, B = {"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}


@pytest.mark.parametrize(
    ("schemas", "circle"),
    [
        ({"A": A}, "A -> A"),
        ({"A": B, "B": A}, "A -> B -> A"),
        ({"A": {"allOf": [B]}, "B": {"type": "object", "anyOf": [{"type": "null"}, A]}}, "A -> B -> A"),
        ({"A": {"not": A}}, "A -> A"),
        ({"A": {"if": {"required": ["a"]}, "then": A}}, "A -> A"),
        ({"A": {"dependentSchemas": {"a": A}}}, "A -> A"),
    ],
    ids=str,
)
def test_circles(schemas: dict[str, Any], circle: str) -> None:
    """`$ref`s that come back before they have come to anything are an error: no value could ever be judged by them."""
    way = " -> ".join(f"#/components/schemas/{name}" for name in circle.split(" -> "))
    assert problems(**schemas) == [f"$ref leads back to itself: {way}"]


@pytest.mark.parametrize(
    "schemas",
    [
        {"A": {"properties": {"child": A, "$ref": {"type": "string"}}}},
        {"A": {"items": A, "prefixItems": [A], "additionalProperties": A}},
        {"A": {"anyOf": [B, B], "allOf": [B]}, "B": {"properties": {"a": A}}},
        {"A": {"examples": [{"$ref": "#/nowhere"}], "default": {"$ref": "elsewhere"}, "const": {"$ref": "x"}}},
        {"A": {"properties": {"example": {"enum": [{"$ref": "x"}]}, "value": {"type": "string"}}}},
    ],
    ids=str,
)
def test_no_circles(schemas: dict[str, Any]) -> None:
    """A schema may hold itself inside of its values; data may look like a reference, a property may be called one."""
    assert problems(**schemas) == []


def test_a_property_called_value_is_looked_into() -> None:
    """Only a word's value is data: a property of the same name is a schema, whose references are followed."""
    wrong = {"properties": {name: {"$ref": "#/gone"} for name in ("value", "default", "example", "properties")}}
    assert problems(A=wrong) == ["$ref leads nowhere: #/gone"] * 4


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        (
            {"$id": "https://pollspec.invalid/a"},
            "$id is not read: a schema is found by its place in the document, not ",
        ),
        ({"$dynamicRef": "https://pollspec.invalid/a"}, "$dynamicRef leads nowhere: "),
        ({"$schema": "https://pollspec.invalid/a"}, "$schema names another language than OpenAPI 3.1 has: "),
        ({"$ref": "https://pollspec.invalid/a"}, "$ref leads nowhere: "),
    ],
)
def test_other_addresses(schema: dict[str, Any], problem: str) -> None:
    """Other words that would lead out of the document are errors as well."""
    assert [text.replace("not as", "not") for text in problems(A=schema)] == [f"{problem}https://pollspec.invalid/a"]


def test_chains() -> None:
    """Components that lead one to another ever further are an error; how far each schema is from its use counts."""
    near = {f"S{n}": {"properties": {"next": {"$ref": f"#/components/schemas/S{n + 1}"}}} for n in range(90)}
    assert problems(A={"properties": {"first": {"$ref": "#/components/schemas/S0"}}}, **near, S90={}) == []
    far = {f"S{n}": {"$ref": f"#/components/schemas/S{n + 1}"} for n in range(5000)}
    assert problems(A={"$ref": "#/components/schemas/S0"}, **far, S5000={}) == [
        "schemas lead one into another more than 100 deep"
    ]


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """An address that nobody should ask, and what was asked of it."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)

        def listen() -> None:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                heard.append(connection.recv(1000))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ntrue")

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/schema.json", heard
        thread.join()


@pytest.mark.parametrize("word", ["$ref", "$dynamicRef", "$schema"])
def test_nothing_is_fetched(listener: tuple[str, list[bytes]], word: str) -> None:
    """Neither lint nor a validator asks an address that a document names; the validator is told so itself."""
    url, heard = listener
    source = document({word: url})
    assert examine(source)
    try:
        validator({word: url}, {}).is_valid(1)
    except ValueError as error:
        assert url in str(error)
    assert heard == []


def test_the_line() -> None:
    """A problem has the line of the reference."""
    text = json.dumps(document({"$ref": "#/components/schemas/A"}).content, indent=1)
    source: Document = parse(text, "mine", "mine.json")
    ((place, problem),) = references.problems(source)
    assert problem == "$ref leads nowhere: #/components/schemas/A"
    assert '"$ref": "#/components/schemas/A"' in text.splitlines()[source.line(*place) - 1]
