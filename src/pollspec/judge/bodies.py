"""The body of an answer against the schema of its response: validated once, taken apart only where it is invalid."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pollspec.document import pointers
from pollspec.document.blame import Blame, blames
from pollspec.document.conditions import short, show
from pollspec.document.messages import Reading
from pollspec.document.schemas import Schemas
from pollspec.document.shapes import Node

MANY = 1000
"""Errors of a body that are looked at."""


@dataclass(frozen=True)
class Breach:
    """One error of a body. `place`: a JSON pointer; "" is the whole."""

    place: str
    expected: str
    actual: str


class Bodies:
    """The bodies of one schema."""

    def __init__(self, schemas: Schemas, schema: Node) -> None:
        self.schemas, self.schema = schemas, schema
        self._validator = schemas.validator(schema)
        self.present = schemas.presence(schema)

    def breaches(self, reading: Reading, projected: bool) -> dict[str | None, Breach]:
        """The first error of each property (None: the body's own). `projected`: nothing is required of it."""
        if reading.unreadable or self._validator.is_valid(reading.value):
            return {}
        found: dict[str | None, Breach] = {}
        for error in itertools.islice(self._validator.iter_errors(reading.value), MANY):
            for blame in blames(self.schemas, self.schema, error):
                lacks = blame.error.kind.name == "required"
                whose = blame.owner.id if blame.owner else None
                if whose not in found and not (lacks and projected):
                    actual = "nothing" if lacks else show(_inside(reading.value, blame.path))
                    place = "".join(f"/{token}" for token in blame.path)
                    found[whose] = Breach(place, _expected(self.schemas, blame), actual)
        return found


def _expected(schemas: Schemas, blame: Blame) -> str:
    """What an error says was expected; a list of values is shown whole."""
    kind = blame.error.kind
    if kind.name == "required":
        return f"{kind.property} (required)"
    if kind.name == "enum":
        return " or ".join(show(value) for value in kind.options)
    if kind.name in {"anyOf", "oneOf"} and blame.owner is not None:
        layers = schemas.layers(blame.owner.node, blame.owner.id)
        branches: list[Any] = next((layer.node[kind.name] for layer in layers if kind.name in layer.node), [])
        return " or ".join(_in_words(schemas.resolve(branch)[1]) for branch in branches)
    return short(str(blame.error.message), 200)


def _in_words(node: Node) -> str:
    """What satisfies a schema."""
    if "enum" in node:
        return " or ".join(show(value) for value in node["enum"])
    if isinstance(kind := node.get("type"), str):
        return "null" if kind == "null" else f"{'an' if kind[0] in 'aio' else 'a'} {kind}"
    return show(node["const"]) if "const" in node else show(dict(node))


def _inside(value: Any, path: Sequence[str | int]) -> Any:
    for token in path:
        value = pointers.step(value, str(token))
    return value
