"""The `fields` parameter: names separated by commas, sub-fields in brackets, as in `status,reasons(code,message)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pollspec.document.schemas import Schemas
from pollspec.document.shapes import Node, Property

Projection = dict[str, "Projection | None"]
NAME = re.compile(r"[\w.-]+")
CLOSING = {"(": ")", "[": "]"}


def parse(text: str) -> Projection:
    """A tree of names; None under a name means all of it. ValueError for a text that is no projection."""
    parts = [part for part in re.split(r"\s*([(),\[\]])\s*", text.strip()) if part]
    tree, rest = _names(parts)
    if rest:
        raise ValueError(f"{text!r} is no projection: nothing expected at {rest[0]!r}")
    return tree


def _names(parts: list[str]) -> tuple[Projection, list[str]]:
    tree: Projection = {}
    while True:
        if not parts or not NAME.fullmatch(parts[0]):
            raise ValueError("no projection: a name is expected " + (f"at {parts[0]!r}" if parts else "at the end"))
        name, parts = parts[0], parts[1:]
        tree[name] = None
        if parts and parts[0] in CLOSING:
            close = CLOSING[parts[0]]
            tree[name], parts = _names(parts[1:])
            if not parts or parts[0] != close:
                raise ValueError(f"no projection: {close!r} is expected after the sub-fields of {name!r}")
            parts = parts[1:]
        if not parts or parts[0] != ",":
            return tree, parts
        parts = parts[1:]


def project(value: Any, tree: Projection) -> Any:
    """What a projection leaves of a value: in an object the named members, in a list that of each item."""
    if isinstance(value, list):
        return [project(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: value[name] if sub is None else project(value[name], sub) for name, sub in tree.items() if name in value
    }


def samples(schemas: Schemas, schema: Node) -> list[str]:
    """Projections of a schema: each name alone, two names in both orders, brackets first and last."""
    own = list(schemas.properties(schema))
    plain = [one.name for one in own if NAME.fullmatch(one.name)]
    found = [*plain, *([f"{plain[0]},{plain[-1]}", f"{plain[-1]},{plain[0]}"] if len(plain) > 1 else [])]
    for one in own:
        names = list(dict.fromkeys(inner.name for inner in _inside(schemas, one) if NAME.fullmatch(inner.name)))
        if names and (others := [name for name in plain if name != one.name]):
            inside = f"{one.name}({','.join(names[:2])})"
            found += [inside, f"{inside},{others[-1]}", f"{others[-1]},{inside}"]
    return found


def _inside(schemas: Schemas, one: Property) -> Iterator[Property]:
    """The properties of an object, or of each item of a list."""
    shape = schemas.shape(one.layer)
    yield from shape.properties()
    for layer in shape.items(0):
        yield from schemas.shape(layer).properties()


def excess(value: Any, tree: Projection, place: str = "") -> list[str]:
    """The places in a value that a projection does not name."""
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in excess(item, tree, f"{place}/{index}")]
    if not isinstance(value, dict):
        return []
    found = []
    for name, inner in value.items():
        if name not in tree:
            found.append(f"{place}/{name}")
        elif (sub := tree[name]) is not None:
            found += excess(inner, sub, f"{place}/{name}")
    return found
