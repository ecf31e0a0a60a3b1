"""`$ref`: the one way to follow it. It leads to a place in the same document; nothing else is ever fetched.

A Reference Object (OpenAPI 3.1, 4.8.23) stands for what it leads to, and may have a `summary` and a `description` of
its own. In a schema, the words beside `$ref` apply as well (JSON Schema 2020-12, 8.2.3.1): see schemas.py.
"""

from __future__ import annotations

import itertools
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

from pollspec.document import pointers
from pollspec.document.source import Document, Place, Problem
from pollspec.document.yaml12 import DEEPEST

OWN = ("summary", "description")
DATA = {"example", "value", "default", "const", "enum", "body"}
"""Words whose values are data: a `$ref` in it means nothing."""
NAMED = {"properties", "patternProperties", "dependentSchemas", "$defs", "paths", "webhooks", "callbacks", "content"}
NAMED |= {"schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links"}
NAMED |= {"pathItems", "encoding", "variables", "subjects", "lifecycles", "stages"}
"""Words whose values map names to things, so that the names are no words."""
DIALECTS = ("https://json-schema.org/draft/2020-12/", "https://spec.openapis.org/oas/3.1/")
HERE = ("allOf", "anyOf", "oneOf")
HERE_ALONE = ("not", "if", "then", "else")
"""Words of a schema whose schemas speak of the same value."""


def place(reference: str) -> Place:
    """The place that a `$ref` names: a JSON pointer (RFC 6901) in a URI's fragment; ValueError for any other."""
    fragment = urllib.parse.unquote(reference.removeprefix("#"), errors="replace")
    if not reference.startswith("#") or not fragment.startswith("/"):
        raise ValueError(f"$ref leads nowhere: {reference}")
    return tuple(pointers.tokens(fragment))


def target(content: Mapping[str, Any], reference: str) -> tuple[Any, Place]:
    """What a `$ref` leads to, and where that stands; ValueError if there is nothing."""
    node: Any = content
    way: Place = ()
    for token in place(reference):
        key = int(token) if isinstance(node, list) and re.fullmatch("0|[1-9][0-9]{0,8}", str(token)) else token
        if not (key in node if isinstance(node, dict) else isinstance(key, int) and key < len(node)):
            raise ValueError(f"$ref leads nowhere: {reference}")
        node, way = node[key], (*way, key)
    return node, way


def resolve(content: Mapping[str, Any], node: Any, where: Place = ()) -> tuple[Any, Place]:
    """What a Reference Object leads to, and where that stands; the node itself if it is none."""
    own: dict[str, Any] = {}
    followed: list[str] = []
    while isinstance(node, Mapping) and isinstance(reference := node.get("$ref"), str):
        if reference in followed:
            raise ValueError(circle([*followed, reference]))
        followed.append(reference)
        own = {**{word: node[word] for word in OWN if word in node}, **own}
        node, where = target(content, reference)
    return ({**node, **own} if own and isinstance(node, Mapping) else node), where


def circle(references: list[str]) -> str:
    """A circle of `$ref`s in words."""
    return f"$ref leads back to itself: {' -> '.join(references[references.index(references[-1]) :])}"


def problems(source: Document) -> Iterator[Problem]:
    """Each `$ref` leads somewhere in the document; none leads back to itself before it has come to anything."""
    broken = False
    found: list[tuple[Place, str]] = []
    for there, node in objects(source.content):
        for word, reference in ((word, node[word]) for word in ADDRESSES if isinstance(node.get(word), str)):
            try:
                ADDRESSES[word](source.content, reference)
            except ValueError as error:
                broken = True
                yield (*there, word), str(error)
        if isinstance(reference := node.get("$ref"), str):
            found.append((there, reference))
    if not broken:
        yield from _circles(source, found)
        yield from _depths(source, found)


def _own_anchor(content: Mapping[str, Any], reference: str) -> None:
    if not reference.startswith("#"):
        raise ValueError(f"$dynamicRef leads nowhere: {reference}")


def _no_address(content: Mapping[str, Any], reference: str) -> None:
    raise ValueError(f"$id is not read: a schema is found by its place in the document, not as {reference}")


def _own_dialect(content: Mapping[str, Any], reference: str) -> None:
    if not reference.startswith(DIALECTS):
        raise ValueError(f"$schema names another language than OpenAPI 3.1 has: {reference}")


ADDRESSES = {"$ref": target, "$dynamicRef": _own_anchor, "$id": _no_address, "$schema": _own_dialect}
"""Words whose values are addresses, and what each of them may be."""


def objects(node: Any, where: Place = (), named: bool = False) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Each object in a document whose keys are words, with its place; no data. `named`: the first one's are names."""
    rest = [(node, where, named)]
    while rest:
        node, where, named = rest.pop()
        if isinstance(node, list):
            rest += [(value, (*where, index), False) for index, value in reversed(list(enumerate(node)))]
        if not isinstance(node, dict):
            continue
        if not named:
            yield where, node
        inner = [(key, value) for key, value in node.items() if named or not _is_data(key, value)]
        rest += [(value, (*where, key), not named and key in NAMED) for key, value in reversed(inner)]


def _is_data(key: Any, value: Any) -> bool:
    is_extension = str(key).startswith("x-") and key != "x-contract"
    return is_extension or key in DATA or (key == "examples" and isinstance(value, list))


def _circles(source: Document, found: list[tuple[Place, str]]) -> Iterator[Problem]:
    """The first place where following `$ref`s, and what speaks of the same value, comes to no end."""
    done: set[int] = set()
    for _, reference in found:
        way: dict[int, tuple[str, Any]] = {}
        rest: list[tuple[Any, str] | None] = [(target(source.content, reference)[0], reference)]
        while rest:
            if (step := rest.pop()) is None:
                done.add(way.popitem()[0])
                continue
            node, by = step
            if id(node) in way:
                names, nodes = zip(*way.values(), strict=True)
                yield (*source.place(nodes[-1]), "$ref"), circle([*filter(None, names), by])
                return
            if id(node) not in done and isinstance(node, dict):
                way[id(node)] = by, node
                rest += [None, *_same_value(source.content, node)]


def _depths(source: Document, found: list[tuple[Place, str]]) -> Iterator[Problem]:
    """The first place where components have led from one to another too often, on the shortest way to there."""
    leads: dict[Place, list[tuple[Place, Place]]] = {}
    for there, reference in found:
        leads.setdefault(_whole(there), []).append((there, _whole(target(source.content, reference)[1])))
    led_to = {to for several in leads.values() for _, to in several}
    level = [whole for whole in leads if whole[:1] != ("components",) or whole not in led_to]
    seen = set(level)
    for depth in itertools.count():
        steps = [step for whole in level for step in leads.get(whole, ()) if step[1] not in seen]
        if not steps:
            return
        if depth >= DEEPEST:
            yield (*steps[0][0], "$ref"), f"schemas lead one into another more than {DEEPEST} deep"
            return
        level = list(dict.fromkeys(to for _, to in steps))
        seen |= set(level)


def _whole(place: Place) -> Place:
    """The component, or the path, that a place is in."""
    return place[:3] if place[:1] == ("components",) else place[:2]


def _same_value(content: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """What speaks of the same value as a schema does: what it refers to, and what it is composed of."""
    if isinstance(reference := node.get("$ref"), str):
        yield target(content, reference)[0], reference
    for word in HERE:
        yield from ((inner, "") for inner in (node[word] if isinstance(node.get(word), list) else ()))
    yield from ((node[word], "") for word in HERE_ALONE if word in node)
    if isinstance(dependent := node.get("dependentSchemas"), Mapping):
        yield from ((inner, "") for inner in dependent.values())
