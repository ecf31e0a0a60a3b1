"""A document's schemas walked by hand: which named property a value is, for ids, quotations and derived faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Node = Mapping[str, Any]


@dataclass(frozen=True)
class Property:
    """One property of a named schema: `owner.name` identifies it in a document."""

    owner: str
    name: str
    node: Node
    required: bool
    owner_node: Node

    @property
    def id(self) -> str:
        """As it stands in a belief's id."""
        return f"{self.owner}.{self.name}"


def component(reference: str) -> str:
    """The last token of a `$ref`: the component's name."""
    return reference.rsplit("/", 1)[-1]


class Schemas:
    """The walks over `components/schemas`."""

    def __init__(self, named: Mapping[str, Node]) -> None:
        self.named = named

    def resolve(self, node: Node, owner: str = "") -> tuple[str, Node]:
        """The schema a node means (its `$ref`, its branch that is not null) and the name it has."""
        while True:
            if "$ref" in node:
                owner = component(node["$ref"])
                node = self.named[owner]
            elif branches := node.get("anyOf") or node.get("oneOf"):
                node = next((branch for branch in branches if branch.get("type") != "null"), branches[0])
            else:
                return owner, node

    def properties(self, node: Node, owner: str = "") -> Iterator[Property]:
        """The properties an object schema declares."""
        owner, node = self.resolve(node, owner)
        for name, inner in node.get("properties", {}).items():
            yield Property(owner, name, inner, name in node.get("required", ()), node)

    def reach(self, node: Node, owner: str = "", seen: frozenset[str] = frozenset()) -> Iterator[Property]:
        """Every property that is reached from a schema, in reading order."""
        owner, node = self.resolve(node, owner)
        if owner in seen:
            return
        if "items" in node:
            yield from self.reach(node["items"], f"{owner}.item", seen | {owner})
        for found in self.properties(node, owner):
            yield found
            yield from self.reach(found.node, found.id, seen | {owner})

    def typed(self, node: Node, value: Any, owner: str = "", place: str = "") -> Iterator[tuple[Property, str, Any]]:
        """Every declared property present in a value, with its place and its value."""
        owner, node = self.resolve(node, owner)
        if isinstance(value, list) and "items" in node:
            for index, item in enumerate(value):
                yield from self.typed(node["items"], item, f"{owner}.item", f"{place}/{index}")
        if isinstance(value, dict):
            for found in self.properties(node, owner):
                if found.name in value:
                    inner = f"{place}/{found.name}"
                    yield found, inner, value[found.name]
                    yield from self.typed(found.node, value[found.name], found.id, inner)

    def at(self, node: Node, path: list[str | int]) -> Property | None:
        """The innermost declared property on the way of an instance path."""
        innermost, owner = None, ""
        for token in path:
            owner, node = self.resolve(node, owner)
            if isinstance(token, int):
                if "items" not in node:
                    break
                owner, node = f"{owner}.item", node["items"]
            else:
                found = next((p for p in self.properties(node, owner) if p.name == token), None)
                if found is None:
                    break
                innermost, owner, node = found, found.id, found.node
        return innermost
