"""How schemas are composed: which schema objects speak of one value, and what they are called.

Several may, a schema's layers: the node itself, what its `$ref` leads to (the words beside it apply as well: JSON
Schema 2020-12, 8.2.3.1), its `allOf`, and the branches of `anyOf`, `oneOf`, `if`, `dependentSchemas`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pollspec.document import references
from pollspec.document.conditions import validator
from pollspec.document.shapes import Layer, Node, Shape, as_node
from pollspec.document.source import Place

Branches = Callable[[Node], Iterable[tuple[Any, bool]]]
"""The branches of a schema object that are followed, and whether each is certain."""

SEVERAL = ("anyOf", "oneOf")
COMPOSES = {"$ref", "allOf", *SEVERAL, "if", "then", "else", "dependentSchemas"}
BEFORE_A_NAME = {"properties", "patternProperties", "prefixItems"}
BEFORE_A_PART = {"allOf", *SEVERAL, "dependentSchemas"}
NAMELESS = {"items": "item", "unevaluatedItems": "item", "additionalProperties": "*", "unevaluatedProperties": "*"}


class Composition:
    """A document's schemas, each with its layers and its shape; all of it is found out once."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self.named: Mapping[str, Node] = content.get("components", {}).get("schemas", {})
        self._roots: dict[int, tuple[Node, str]] = {}
        self._shapes: dict[tuple[int, str], tuple[Node, Shape]] = {}
        self._composed: dict[tuple[object, ...], Shape] = {}
        self._validators: dict[int, tuple[Node, Any]] = {}

    def call(self, node: Node, name: str) -> None:
        """Name a schema that stands inline, where it has no name yet."""
        self._roots.setdefault(id(node), (node, f"{name}.body" if name in self.named else name))

    def validator(self, schema: Any) -> Any:
        """A schema of the document, compiled once."""
        node = as_node(schema)
        if id(node) not in self._validators:
            components, paths = self.content.get("components", {}), self.content.get("paths", {})
            self._validators[id(node)] = node, validator(node, components, paths)
        return self._validators[id(node)][1]

    def root(self, node: Node, owner: str = "") -> Layer:
        """A schema from which a walk begins."""
        return Layer(as_node(node), owner or self._roots.get(id(node), (node, ""))[1], (as_node(node),))

    def layers(self, node: Node, owner: str = "") -> list[Layer]:
        """The schema objects that speak of a value, outermost first."""
        return self._layers(self.root(node, owner), _every)

    def resolve(self, node: Node, owner: str = "") -> tuple[str, Node]:
        """What a node says of every value but null, as one schema object, and the name of that."""
        layers = [layer for layer in self.layers(node, owner) if layer.certain]
        said = {word: value for layer in reversed(layers) for word, value in layer.node.items()}
        plain = next((layer for layer in layers if "$ref" not in layer.node), layers[-1])
        return plain.owner, {word: value for word, value in said.items() if word not in COMPOSES}

    def shape(self, layer: Layer) -> Shape:
        """What a schema declares, in any of its branches."""
        key = id(layer.node), layer.owner
        if key not in self._shapes:
            self._shapes[key] = layer.node, self._made(self._layers(layer, _every))
        return self._shapes[key][1]

    def met(self, shape: Shape, value: Any) -> Shape:
        """What of it is declared of a value: of several branches, those that the value satisfies."""
        if shape.fixed:
            return shape
        return self._made(self._layers(shape.layers[0], lambda node: self._branches_met(node, value)))

    def name_of(self, node: Node, place: Place) -> str:
        """The name of what a `$ref` leads to: its component's, and what of it is meant."""
        if id(node) in self._roots:
            return self._roots[id(node)][1]
        words: list[str] = []
        rest = list(map(str, place[2:] if place[:2] == ("components", "schemas") else place))
        while rest:
            word = rest.pop(0)
            if words and rest and word in BEFORE_A_NAME | BEFORE_A_PART:
                name = rest.pop(0)
                words += [name] if word in BEFORE_A_NAME else []
            else:
                words.append(NAMELESS.get(word, word))
        return ".".join(words)

    def _made(self, layers: Sequence[Layer]) -> Shape:
        key = (layers[0].owner, *(id(layer.node) for layer in layers), *(layer.certain for layer in layers))
        if key not in self._composed:
            self._composed[key] = Shape(layers)
        return self._composed[key]

    def _layers(self, layer: Layer, branches: Branches) -> list[Layer]:
        found: list[Layer] = []
        seen: set[int] = set()
        rest = [layer]
        while rest:
            layer = rest.pop()
            if id(layer.node) not in seen:
                seen.add(id(layer.node))
                found.append(layer)
                rest += reversed(list(self._inner(layer, branches)))
        return found

    def _inner(self, layer: Layer, branches: Branches) -> Iterator[Layer]:
        """The layers that one schema object is directly composed of."""
        node, owner, above, certain = layer.node, layer.owner, layer.above, layer.certain
        if isinstance(reference := node.get("$ref"), str):
            there, place = references.target(self.content, reference)
            yield Layer(as_node(there), self.name_of(there, place), (as_node(there),), certain)
        for part in node.get("allOf", ()):
            yield Layer(as_node(part), owner, above, certain)
        for part, sure in branches(node):
            yield Layer(as_node(part), owner, above, certain and sure)

    def _branches_met(self, node: Node, value: Any) -> Iterator[tuple[Any, bool]]:
        for word in SEVERAL:
            branches = _branches(node, word)
            yield from ((one, True) for one in branches if len(branches) == 1 or self.validator(one).is_valid(value))
        if "if" in node:
            yield node.get("then" if self.validator(node["if"]).is_valid(value) else "else", True), True
        for name, branch in node.get("dependentSchemas", {}).items():
            if isinstance(value, Mapping) and name in value:
                yield branch, True


def _branches(node: Node, word: str) -> list[Any]:
    """The branches of `anyOf` or `oneOf` that are not only null."""
    return [branch for branch in node.get(word, ()) if as_node(branch).get("type") != "null"]


def _every(node: Node) -> Iterator[tuple[Any, bool]]:
    """Every branch of a schema object; one that stands alone, but for null, is certain."""
    for word in SEVERAL:
        branches = _branches(node, word)
        yield from ((branch, len(branches) == 1) for branch in branches)
    if "if" in node:
        yield from ((node[word], False) for word in ("then", "else") if word in node)
    yield from ((branch, False) for branch in node.get("dependentSchemas", {}).values())
