"""Which declared properties a value holds, compiled: every answer is asked for it."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pollspec.document.composition import Composition
from pollspec.document.shapes import Layer, Shape

Walk = Callable[[Any, set[str]], None]
"""Notes the ids of the declared properties that a value holds."""


@dataclass
class Inside:
    """The walks into a value's members, with the ids of their properties, and into the items of a list."""

    members: list[tuple[str, str, Walk]] = field(default_factory=list)
    patterns: list[tuple[Callable[[str], bool], str, Walk]] = field(default_factory=list)
    others: list[tuple[str, Walk]] = field(default_factory=list)
    lists: list[tuple[list[Walk], Walk]] = field(default_factory=list)


class Presence:
    """One schema's values; a schema that holds itself is walked by the same function."""

    def __init__(self, composition: Composition, root: Layer) -> None:
        self.composition, self._root = composition, root
        self._walks: dict[Shape, Walk] = {}
        self._pending: list[tuple[Shape, Inside]] = []

    def of(self, value: Any) -> set[str]:
        """The ids of the declared properties that a value holds."""
        found: set[str] = set()
        self._first(value, found)
        return found

    @functools.cached_property
    def _first(self) -> Walk:
        return self._walk(self.composition.shape(self._root))

    def _walk(self, shape: Shape) -> Walk:
        """The walk over values of a shape, with all that it leads to: one after the other, however deep."""
        walk = self._begun(shape)
        while self._pending:
            there, inside = self._pending.pop()
            inside.members += [(prop.name, prop.id, self._into(prop.layer)) for prop in there.named()]
            inside.patterns += [(matches, prop.id, self._into(prop.layer)) for matches, prop in there.patterns]
            inside.others += [(prop.id, self._into(prop.layer)) for prop in there.others]
            for items in there.lists:
                rest = _nothing if items.rest is None else self._into(items.rest)
                inside.lists.append(([self._into(layer) for layer in items.first], rest))
        return walk

    def _into(self, layer: Layer) -> Walk:
        return self._begun(self.composition.shape(layer))

    def _begun(self, shape: Shape) -> Walk:
        if shape not in self._walks:
            self._walks[shape] = self._made(shape)
        return self._walks[shape]

    def _made(self, shape: Shape) -> Walk:
        if not shape.fixed:
            return lambda value, found: self._walk(self.composition.met(shape, value))(value, found)
        strangers = bool(shape.patterns or shape.others)
        if not shape.lists and not shape.members and not strangers:
            return _nothing
        inside, names = Inside(), frozenset(shape.members)
        self._pending.append((shape, inside))

        def walk(value: Any, found: set[str]) -> None:
            if type(value) is dict:
                for name, identifier, inner in inside.members:
                    if name in value:
                        found.add(identifier)
                        inner(value[name], found)
                if strangers:
                    _strangers(value, inside, names, found)
            elif type(value) is list:
                for first, rest in inside.lists:
                    for inner, item in zip(itertools.chain(first, itertools.repeat(rest)), value, strict=False):
                        inner(item, found)

        return walk


def _strangers(value: dict[str, Any], inside: Inside, names: frozenset[str], found: set[str]) -> None:
    """The members that have no name of their own, and those that have one and are named by a pattern as well."""
    for name, member in value.items():
        known = name in names
        for matches, identifier, inner in inside.patterns:
            if matches(name):
                known = True
                found.add(identifier)
                inner(member, found)
        for identifier, inner in () if known else inside.others:
            found.add(identifier)
            inner(member, found)


def _nothing(value: Any, found: set[str]) -> None:
    """There is nothing inside."""
