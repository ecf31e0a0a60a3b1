"""An instance of a schema, made up where a file has no example: the same at each run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pollspec.document.schemas import Schemas
from pollspec.document.shapes import as_node

FORMATS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "00:00:00Z",
    "duration": "PT1S",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "email": "someone@example.invalid",
    "hostname": "example.invalid",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.invalid/1",
    "uri-reference": "/1",
    "json-pointer": "/a",
    "regex": "a",
}
DEEPEST = 5
"""Objects and lists within one another that are filled; deeper in, only what must be there is."""
MOST = 20
"""Items of a list that are made at most."""


class Samples:
    """Instances of the schemas of a document."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.schemas = Schemas(content)
        self._under: list[int] = []

    def fits(self, schema: Any, value: Any) -> bool:
        """Whether a value satisfies a schema."""
        return bool(self.schemas.validator(as_node(schema)).is_valid(value))

    def of(self, schema: Any) -> Any:
        """A valid instance; ValueError where none is found."""
        for depth in (0, DEEPEST):
            value = self._made(as_node(schema), depth)
            if self.fits(schema, value):
                return value
        raise ValueError("no instance is found")

    def _made(self, schema: Mapping[str, Any], depth: int) -> Any:
        """An instance that is likely to be valid."""
        if depth > 4 * DEEPEST:
            return None
        layers = [layer.node for layer in self.schemas.layers(schema) if layer.certain] or [schema]
        words: dict[str, Any] = {}
        for node in reversed(layers):
            words |= node
        for value in self._given(words):
            if self.fits(schema, value):
                return value
        return self._by_type(schema, words, layers, depth)

    def _given(self, words: Mapping[str, Any]) -> list[Any]:
        """What a schema itself gives as a value."""
        given = [words[word] for word in ("const", "example", "default") if word in words]
        return [*given, *(words.get("examples") or []), *(words.get("enum") or [])]

    def _by_type(self, schema: Mapping[str, Any], words: Mapping[str, Any], layers: list[Any], depth: int) -> Any:
        kinds = words.get("type", [])
        kind = next((kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"), None)
        if kind is None:
            branches = [one for word in ("oneOf", "anyOf") for one in words.get(word, [])]
            for branch in branches:
                value = self._made(as_node(branch), depth + 1)
                if self.fits(schema, value):
                    return None if isinstance(value, dict) and self.fits(schema, None) else value
            kind = "object" if any("properties" in node for node in layers) else "null" if kinds else "string"
        match kind:
            case "object":
                return self._object(layers, depth)
            case "array":
                least = min(words.get("minItems", 0 if depth > DEEPEST else 1), MOST)
                return [self._made(as_node(words.get("items", {})), depth + 1) for _ in range(least)]
            case "integer" | "number":
                return _number(words)
            case "boolean":
                return False
            case "string":
                return _text(words)
        return None

    def _object(self, layers: list[Any], depth: int) -> dict[str, Any]:
        """An object with each property, or with those that are required, further in."""
        properties = {name: node for layer in layers for name, node in layer.get("properties", {}).items()}
        required = {name for layer in layers for name in layer.get("required", [])}
        self._under += (own := [id(node) for node in layers])
        optional = {name for name in properties if depth < DEEPEST and not self._leads_back(properties[name])}
        wanted = [name for name in properties if name in required | optional]
        made = {name: self._made(as_node(properties[name]), depth + 1) for name in wanted}
        del self._under[-len(own) :]
        kept = {name: value for name, value in made.items() if name in required or self.fits(properties[name], value)}
        return kept | dict.fromkeys(sorted(required - set(properties)), "text")

    def _leads_back(self, schema: Any) -> bool:
        """Whether a property is what it is a part of."""
        return any(id(layer.node) in self._under for layer in self.schemas.layers(as_node(schema)))


def _number(words: Mapping[str, Any]) -> int | float:
    step = words.get("multipleOf", 1)
    low = words.get("minimum", words["exclusiveMinimum"] + step if "exclusiveMinimum" in words else 0)
    high = words.get("maximum", words["exclusiveMaximum"] - step if "exclusiveMaximum" in words else None)
    value = low if high is None or low <= high else high
    value = -(-value // step) * step
    return int(value) if words.get("type") == "integer" or value == int(value) else value


def _text(words: Mapping[str, Any]) -> str:
    """A text of a format, a pattern, a length."""
    if (pattern := words.get("pattern")) is not None:
        return _matching(pattern, words)
    text = FORMATS.get(words.get("format", ""), "text")
    return text.ljust(min(words.get("minLength", 0), 1000), "x")[: words.get("maxLength")]


def _matching(pattern: str, words: Mapping[str, Any]) -> str:
    """The simplest text that a pattern takes; "text" where none is found."""
    from hypothesis import HealthCheck, errors, find, settings
    from hypothesis.strategies import from_regex

    low, high = words.get("minLength", 0), words.get("maxLength", 1000)
    calm = settings(
        derandomize=True, database=None, deadline=None, max_examples=200, suppress_health_check=list(HealthCheck)
    )
    try:
        return find(from_regex(pattern), lambda text: low <= len(text) <= high and text.isprintable(), settings=calm)
    except (errors.HypothesisException, re.error, ValueError):
        return "text"
