"""`pollspec lint` on examples: each satisfies its schema, what must be sent has one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pollspec.document.form import operations
from pollspec.document.lint.schemas import breaches
from pollspec.document.references import objects, resolve
from pollspec.document.schemas import Schemas
from pollspec.document.source import Document, Place, Problem


def problems(source: Document) -> Iterator[Problem]:
    """Each example beside a schema satisfies it: of a body, a parameter, a header."""
    schemas = Schemas(source.content)
    for place, node in objects({word: source.content.get(word, {}) for word in ("paths", "components")}):
        if "x-contract" in place:
            continue
        if isinstance(node.get("schema"), dict | bool):
            for where, value in _examples(source, node, place):
                yield from breaches(schemas, node["schema"], value, where)
    for written in operations(source):
        body, place = resolve(source.content, written.node.get("requestBody", {}), (*written.place, "requestBody"))
        for media, inner in body.get("content", {}).items():
            if not {"example", "examples"} & set(inner):
                yield (*place, "content", media), "the request body has no example, so that nothing can be sent"


def _examples(source: Document, node: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, Any]]:
    """The examples that stand beside a schema, with their places."""
    if "example" in node:
        yield (*place, "example"), node["example"]
    for name, written in node.get("examples", {}).items():
        example, where = resolve(source.content, written, (*place, "examples", name))
        if "value" in example:
            yield where, example["value"]
