"""The house rules of pollspec's own documents: a document that breaks one is judged all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pollspec.document.form import operations
from pollspec.document.lint import schemas
from pollspec.document.references import objects
from pollspec.document.source import Document, Problem

ORDER = ("openapi", "info", "servers", "security", "tags", "paths", "components", "x-contract")


def problems(source: Document) -> Iterator[Problem]:
    """Words in a fixed order at the top, operations with good names, nothing unsaid, nothing unused."""
    order = [word for word in source.content if word in ORDER]
    if order != sorted(order, key=ORDER.index):
        yield (), f"the order of the top-level words is {', '.join(ORDER)}"
    for written in operations(source):
        if not re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)+", written.node["operationId"]):
            yield (*written.place, "operationId"), "an operationId is a verb and a noun, as getJob"
        if "responses" not in written.node:
            yield written.place, "responses is missing"
    yield from schemas.style(source)
    yield from _bodies(source)


def texts(source: Document) -> Iterator[Problem]:
    """Nothing that readers of YAML take for different things."""
    for place, text in source.surprises:
        yield place, f"{text} is read differently by different readers of YAML: quote it"


def _bodies(source: Document) -> Iterator[Problem]:
    """Each body has a schema; each example that has a name is used."""
    for place, node in objects({word: source.content.get(word, {}) for word in ("paths", "components")}):
        if place[-2:-1] == ("content",) and "schema" not in node and "x-contract" not in place:
            yield place, f"{place[-1]} has no schema"
    references = {ref for _, node in objects(source.content) if isinstance(ref := node.get("$ref"), str)}
    for name in source.content.get("components", {}).get("examples", {}):
        if f"#/components/examples/{name}" not in references:
            yield ("components", "examples", name), f"example {name} is not used"
