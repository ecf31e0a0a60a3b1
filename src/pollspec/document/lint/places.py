"""`pollspec lint` on JSON pointers: each leads to something that the schema of its body declares, if that tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.names import place_of
from pollspec.document.operations import Operation
from pollspec.document.schemas import Schemas
from pollspec.document.shapes import Layer, Node, Shape
from pollspec.document.source import Place, Problem, walk
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
            there: Place = (*place, "seen-by", view.operation)
            yield from _wrong(vendor, view.operation, [view.state], (*there, "state"))
            told = [text for text in view.instance if text.startswith("$response.")]
            yield from _wrong(vendor, view.operation, told, (*there, "instance"))
            yield from _played(vendor, view.operation, view.plays, (*there, "plays"))
            for stage in lifecycle.stages.values():
                own: Place = (*place, "stages", stage.name)
                yield from _spoken(
                    vendor, view.operation, stage.states.get(view.operation), (*own, "states", view.operation)
                )
                yield from _played(
                    vendor, view.operation, stage.plays.get(view.operation), (*own, "plays", view.operation)
                )
        if lifecycle.start:
            yield from _played(vendor, lifecycle.start.operation, lifecycle.start.plays, (*place, "starts", "plays"))
            yield from _wrong(vendor, lifecycle.start.operation, lifecycle.start.mints, (*place, "starts", "mints"))
    for belief in vendor.beliefs:
        if belief.says and belief.operation in vendor.operations:
            where = place_of(vendor, belief)
            yield from _spoken(vendor, belief.operation, belief.says, where)
            yield from _played(vendor, belief.operation, belief.says.get("plays"), (*where, "plays"))
            if "shows" in belief.says:
                yield from _spoken(vendor, belief.says["to"], belief.says["shows"], where)
            yield from _inside(vendor, belief, where)


def _spoken(vendor: Vendor, operation: str, node: Any, place: Place) -> Iterator[Problem]:
    """What conditions and beliefs speak of: pointers that lead to nothing, and `true` where it may not be meant."""
    yield from _wrong(vendor, operation, _expressions(node), place)
    asked = vendor.operations[operation]
    for text in dict.fromkeys(_there(node)):
        found = [vendor.schemas.declares(body, text) for body in _bodies(asked, "response")]
        if any(prop and vendor.schemas.resolve(prop.node)[1].get("type") == "boolean" for prop in found):
            yield (
                place,
                f"{text}: true says that it is there; its value is {{const: true}}, either value {{type: boolean}}",
            )


def _there(node: Any) -> Iterator[str]:
    """The expressions of which a condition says no more than that they are there."""
    for place, value in walk(node):
        if value is True and place and str(place[-1]).startswith("$response.body#") and not ASIDE & set(place[:-1]):
            yield str(place[-1])


def _played(vendor: Vendor, operation: str, plays: Any, place: Place) -> Iterator[Problem]:
    """Where something is played beside what may be meant; what no schema has may be played as well."""
    pointers_of = [name for name in plays or {} if name.startswith("/")]
    for there, text in _wrong(vendor, operation, [f"$response.body#{name}" for name in pointers_of], place):
        if "did you mean" in text:
            yield there, text


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
