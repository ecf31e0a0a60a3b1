"""A document's schemas walked: which declared property a value is, for ids, quotations and derived faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pollspec.document import expressions, pointers, references
from pollspec.document.composition import BEFORE_A_NAME, BEFORE_A_PART, NAMELESS, Composition
from pollspec.document.presence import Presence
from pollspec.document.shapes import Layer, Node, Property, Shape
from pollspec.document.source import follow


def component(reference: str) -> str:
    """The last token of a `$ref`: the component's name."""
    return reference.rsplit("/", 1)[-1]


class Schemas(Composition):
    """The walks over a document's schemas."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        super().__init__(content)
        self._known: dict[int, tuple[Node, dict[str, Property]]] = {}

    def properties(self, node: Node, owner: str = "") -> Iterator[Property]:
        """The properties that a schema declares of its own values."""
        yield from self.shape(self.root(node, owner)).properties()

    def reach(self, node: Node, owner: str = "") -> Iterator[Property]:
        """Every property that is reached from a schema, once, in reading order."""
        seen: set[object] = set()
        rest: list[Layer | Property] = [self.root(node, owner)]
        while rest:
            found = rest.pop()
            key = found.id if isinstance(found, Property) else (id(found.node), found.owner)
            if key not in seen:
                seen.add(key)
                if isinstance(found, Property):
                    yield found
                shape = self.shape(found.layer if isinstance(found, Property) else found)
                rest += reversed([*shape.parts(), *shape.properties()])

    def reached(self, node: Node) -> dict[str, Property]:
        """The properties that are reached from a schema, by id."""
        if id(node) not in self._known:
            self._known[id(node)] = node, {found.id: found for found in self.reach(node)}
        return self._known[id(node)][1]

    def presence(self, node: Node) -> Callable[[Any], set[str]]:
        """What tells the ids of the declared properties that a value holds: as `typed` has them, and fast."""
        return Presence(self, self.root(node)).of

    def typed(self, node: Node, value: Any, owner: str = "", place: str = "") -> Iterator[tuple[Property, str, Any]]:
        """Every declared property that a value holds, with its place (a JSON pointer) and its value."""
        yield from self._typed(self.shape(self.root(node, owner)), value, place)

    def _typed(self, shape: Shape, value: Any, place: str) -> Iterator[tuple[Property, str, Any]]:
        shape = self.met(shape, value)
        for index, item in enumerate(value if isinstance(value, list) else ()):
            for layer in shape.items(index):
                yield from self._typed(self.shape(layer), item, f"{place}/{index}")
        for name, member in value.items() if isinstance(value, dict) else ():
            there = f"{place}/{name.replace('~', '~0').replace('/', '~1')}"
            for found in shape.find(name):
                yield found, there, member
                yield from self._typed(self.shape(found.layer), member, there)

    def at(self, node: Node, path: Sequence[str | int]) -> Property | None:
        """The innermost declared property on the way of an instance path; None where no property declares it."""
        innermost, shapes = None, [self.shape(self.root(node))]
        for token in path:
            found = [prop for shape in shapes for prop in shape.find(str(token))]
            if found:
                innermost, inner = found[0], [prop.layer for prop in found]
            elif str(token).isdecimal():
                inner = [layer for shape in shapes for layer in shape.items(int(token))]
            else:
                break
            shapes = [self.shape(layer) for layer in inner]
        return innermost

    def declares(self, node: Node, text: str) -> Property | None:
        """The declared property that an expression leads to in a body; None where no property declares just that."""
        expression = expressions.parse(text)
        if (expression.side, expression.place) != ("response", "body"):
            return None
        tokens = ["0" if token == "*" else token for token in pointers.tokens(expression.name)]
        found = self.at(node, tokens)
        return found if found and tokens and found.name == tokens[-1] else None

    def along(self, node: Node, way: Sequence[str | int]) -> Property | None:
        """The innermost declared property on the way that a validator took through a schema to one of its words.

        `way`: keywords, names and numbers, with each `$ref` that was followed (JSON Schema 2020-12, 12.4.2).
        """
        here: Any = node
        owner, innermost, rest = self.root(node).owner, "", list(way)
        while rest and isinstance(here, Mapping) and (word := str(rest.pop(0))) in here:
            here = here[word]
            if word == "$ref":
                here, place = references.target(self.content, here)
                owner = self.name_of(here, place)
            elif word in BEFORE_A_NAME | BEFORE_A_PART and rest:
                here, (name,) = follow(here, [rest.pop(0)])
                owner = f"{owner}.{name}" if word in BEFORE_A_NAME else owner
                innermost = owner if word in BEFORE_A_NAME and word != "prefixItems" else innermost
            elif word in NAMELESS and rest:
                owner = f"{owner}.{NAMELESS[word]}"
                innermost = owner if NAMELESS[word] == "*" else innermost
        return self.reached(node).get(innermost)
