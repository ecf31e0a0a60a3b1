"""What a schema declares inside of its values: properties, items, and where each of them stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

Node = Mapping[str, Any]
ANYTHING: Node = {}
NOTHING: Node = {"not": {}}
REST = ("additionalProperties", "unevaluatedProperties")
"""Words for the properties that have no name of their own."""


def as_node(schema: Any) -> Node:
    """A schema as an object; true allows anything, false nothing."""
    return schema if isinstance(schema, Mapping) else NOTHING if schema is False else ANYTHING


@dataclass(frozen=True)
class Layer:
    """A schema object where it stands. `owner`: the name of what it is of; `above`: what it is a part of.

    `above` begins with the node that the owner's name is of. `certain`: it speaks of every value but null; if not, it
    is one of several branches.
    """

    node: Node
    owner: str
    above: tuple[Node, ...]
    certain: bool = True

    def part(self, node: Any, name: str) -> Layer:
        """A schema that it has for what is inside."""
        return Layer(as_node(node), f"{self.owner}.{name}", (as_node(node), *self.above))


@dataclass(frozen=True)
class Property:
    """One declared property: `owner.name` identifies it in a document.

    `name` is `*` where it is any that has no name of its own, and a pattern where the schema names it by one.
    `required`: a value without it is never valid. `alternative`: it stands in one of several branches. `above`: the
    nodes that it is a part of, innermost first; `declared`: its schema as it is written.
    """

    owner: str
    name: str
    node: Node
    required: bool
    above: tuple[Node, ...] = field(repr=False)
    alternative: bool = False
    declared: Any = field(default=None, repr=False, compare=False)

    @property
    def id(self) -> str:
        """As it stands in a belief's id."""
        return f"{self.owner}.{self.name}"

    @property
    def owner_node(self) -> Node:
        """The schema that its owner's name is of."""
        return self.above[0]

    @property
    def layer(self) -> Layer:
        """Its own schema, where it stands."""
        return Layer(self.node, self.id, (self.node, *self.above))


@dataclass(frozen=True)
class Items:
    """The items of a list that one schema object speaks of: the first ones, each for itself, and the rest."""

    first: tuple[Layer, ...]
    rest: Layer | None

    def at(self, index: int) -> Layer | None:
        """The schema of an item."""
        return self.first[index] if index < len(self.first) else self.rest


class Shape:
    """What the layers of one schema declare. `members`: by name; `patterns`: by a pattern; `others`: all the rest.

    `fixed`: it is the same for every value.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = layers
        self.fixed = all(layer.certain for layer in layers)
        self.lists = tuple(filter(None, map(_items, layers)))
        self.found = found = _properties(layers)
        self.members: dict[str, list[Property]] = {}
        for word, prop in found:
            if word == "properties":
                self.members.setdefault(prop.name, []).append(prop)
        patterns = [prop for word, prop in found if word == "patternProperties"]
        self.patterns = [(_matcher(prop.name), prop) for prop in patterns]
        self.others = [prop for word, prop in found if word in REST]

    def properties(self) -> Iterator[Property]:
        """Each declared property once, in reading order."""
        yield from (prop for _, prop in self.found)

    def named(self) -> Iterator[Property]:
        """Each property that has a name of its own."""
        for several in self.members.values():
            yield from several

    def find(self, name: str) -> list[Property]:
        """The declared properties that a member of that name is."""
        found = [*self.members.get(name, ()), *(prop for matches, prop in self.patterns if matches(name))]
        return found or self.others

    def parts(self) -> Iterator[Layer]:
        """The schemas of items."""
        for items in self.lists:
            yield from (*filter(None, [items.rest]), *items.first)

    def items(self, index: int) -> list[Layer]:
        """The schemas of an item."""
        return [layer for items in self.lists if (layer := items.at(index)) is not None]


def _items(layer: Layer) -> Items | None:
    """What one layer says of the items of a list."""
    first = tuple(layer.part(node, str(index)) for index, node in enumerate(layer.node.get("prefixItems", ())))
    rest = next((layer.node[word] for word in ("items", "unevaluatedItems") if word in layer.node), None)
    return Items(first, None if rest is None else layer.part(rest, "item")) if first or rest is not None else None


def _properties(layers: Sequence[Layer]) -> list[tuple[str, Property]]:
    """The properties of an object, each with the word that declares it; those of one id are one."""
    required = {name for layer in layers if layer.certain for name in layer.node.get("required", ())}
    found: dict[tuple[str, str, str], list[tuple[Layer, Any]]] = {}
    for layer in layers:
        for word, name, node in _declared(layer.node):
            found.setdefault((word, layer.owner, name), []).append((layer, node))
    made = []
    for (word, owner, name), written in found.items():
        nodes = [as_node(node) for _, node in written]
        prop = Property(
            owner,
            name,
            nodes[0] if len(nodes) == 1 else {"allOf": nodes},
            word == "properties" and name in required,
            written[0][0].above,
            not any(layer.certain for layer, _ in written),
            written[0][1],
        )
        made.append((word, prop))
    return made


def _declared(node: Node) -> Iterator[tuple[str, str, Any]]:
    """The properties that a schema object itself declares: word, name, schema."""
    for word in ("properties", "patternProperties"):
        yield from ((word, name, inner) for name, inner in node.get(word, {}).items())
    for word in REST:
        if isinstance(node.get(word), Mapping) and node[word] not in (ANYTHING, NOTHING):
            yield word, "*", node[word]


def _matcher(pattern: str) -> Callable[[str], bool]:
    """A pattern of JSON Schema (ECMA-262), compiled."""
    matches: Callable[[str], bool] = jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid
    return matches
