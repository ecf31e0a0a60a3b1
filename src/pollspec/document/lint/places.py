"""`pollspec lint` on JSON pointers: each leads to something that the schema of its body declares, if that tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.names import place_of
from pollspec.document.operations import Operation
from pollspec.document.schemas import Schemas
from pollspec.document.shapes import Layer, Node, Shape
from pollspec.document.source import Place, Problem
from pollspec.document.vendor import Belief, Vendor
from pollspec.errors import nearest

OPEN = ("additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames")
"""Words of a schema that has more members than those it names."""
ASIDE = frozenset({"plays", "despite", "or", "shows"})
"""Entries of a belief that speak of no answer that its own operation documents."""


def problems(vendor: Vendor) -> Iterator[Problem]:
    """Where states, identifiers and beliefs look for something that no answer, or no request, has."""
    for lifecycle in vendor.lifecycles.values():
        place: Place = ("x-contract", "lifecycles", lifecycle.name)
        for view in lifecycle.views.values():
            yield from _wrong(vendor, view.operation, [view.state], (*place, "seen-by", view.operation, "state"))
        if lifecycle.start:
            yield from _wrong(vendor, lifecycle.start.operation, lifecycle.start.mints, (*place, "starts", "mints"))
    for belief in vendor.beliefs:
        if belief.says and belief.operation in vendor.operations:
            where = place_of(vendor, belief)
            yield from _wrong(vendor, belief.operation, _expressions(belief.says), where)
            if "shows" in belief.says:
                yield from _wrong(vendor, belief.says["to"], _expressions(belief.says["shows"]), where)
            yield from _inside(vendor, belief, where)


def _expressions(node: Any) -> Iterator[str]:
    """The expressions that a belief speaks of, but for those of what must not be there."""
    if isinstance(node, str) and node.startswith("$") and expressions.GRAMMAR.fullmatch(node):
        yield node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            if key not in ASIDE:
                yield from _expressions(key) if value is not False else ()
                yield from _expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from _expressions(value)


def _inside(vendor: Vendor, belief: Belief, place: Place) -> Iterator[Problem]:
    """Pointers into the items of a list: what identifies them, what is followed, what is counted."""
    each = belief.says.get("each")
    items = each["in"] if each else belief.says.get("items", "")
    into = [each["by"]] if each else [belief.says["by"]] if "by" in belief.says else []
    into += [belief.says["value"]] if each and "value" in belief.says else []
    into += [*(belief.says.get("values", ()) if each else ()), *belief.says.get("where", ())]
    yield from _wrong(vendor, belief.operation, [f"{items}/*{pointer}" for pointer in into if items], place)


def _wrong(vendor: Vendor, operation: str, texts: Iterable[str], place: Place) -> Iterator[Problem]:
    """The pointers that lead to nothing in whatever body may hold it."""
    asked = vendor.operations.get(operation)
    for text in dict.fromkeys(texts) if asked else ():
        expression = expressions.parse(text)
        if asked and expression.place == "body" and expression.name:
            found = [*_lacking(vendor.schemas, _bodies(asked, expression.side), pointers.tokens(expression.name))]
            if found and None not in found:
                name, known = found[0] or ("", [])
                yield place, f"{text}: no schema declares {name!r}: {nearest(name, known)}"


def _bodies(asked: Operation, side: str) -> list[Node]:
    """The schemas of the bodies that an operation takes, or answers."""
    if side == "request":
        return [body["schema"] for body in asked.bodies.values()]
    return [schema for response in asked.responses for schema in response.media.values()]


def _lacking(schemas: Schemas, bodies: Iterable[Node], path: list[str]) -> Iterator[tuple[str, list[str]] | None]:
    """For each schema the token that it does not declare, with those that it does; None where it may be there."""
    for body in bodies:
        shapes = [schemas.shape(schemas.root(body))]
        yield next((lack for lack in _along(schemas, shapes, path)), None)


def _is_open(shape: Shape) -> bool:
    """Whether a schema says of itself that there may be others than those it names."""
    return any(layer.node.get(word, False) is not False for layer in shape.layers for word in OPEN)


def _along(schemas: Schemas, shapes: list[Shape], path: list[str]) -> Iterator[tuple[str, list[str]]]:
    for token in path:
        if not shapes:
            return
        found = [prop for shape in shapes for prop in shape.find(token)]
        inner: list[Layer] = [prop.layer for prop in found]
        if token == "*" or token.isdecimal():
            index = 0 if token == "*" else int(token)
            inner += [layer for shape in shapes for layer in shape.items(index)]
        known = sorted({prop.name for shape in shapes for prop in shape.named()})
        if not inner:
            if known and not any(map(_is_open, shapes)):
                yield token, known
            return
        shapes = [schemas.shape(layer) for layer in inner]
