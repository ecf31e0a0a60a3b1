"""Which declared property an error of a body belongs to, however its schema is composed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pollspec.document.schemas import Schemas
from pollspec.document.shapes import Node, Property

TELLING = ("const", "enum")
"""Errors of a fixed value: where one is missed, another branch is meant."""


@dataclass(frozen=True)
class Blame:
    """One error of a validator. `owner`: the property it belongs to; None if it is the body's own.

    `path`: the place in the body, up to the property that is missing where one is.
    """

    owner: Property | None
    path: tuple[str | int, ...]
    error: Any


def blames(schemas: Schemas, schema: Node, error: Any) -> Iterator[Blame]:
    """Whom an error of `schemas.validator(schema)` belongs to; that of an `anyOf` or `oneOf` may belong to several."""
    for inner in _innermost(error):
        way = list(inner.evaluation_path)[2:]  # the validator holds the schema in an `allOf`
        path = tuple(inner.instance_path)
        owner = schemas.along(schema, way)
        if inner.kind.name == "required":
            path = (*path, inner.kind.property)
            owner = schemas.along(schema, [*way[:-1], "properties", path[-1]])
            owner = owner if owner is not None and owner.name == path[-1] else schemas.at(schema, path)
        elif inner.kind.name == "unevaluatedProperties":
            any_other = schemas.at(schema, [*path, inner.kind.unexpected[0]])
            owner = any_other if any_other is not None and any_other.name == "*" else owner
        yield Blame(owner, path, inner)


def _innermost(error: Any) -> Iterator[Any]:
    """An error; where no branch is met, those of the branch that is nearest, if they lie deeper."""
    branches = [[inner for one in branch for inner in _innermost(one)] for branch in getattr(error.kind, "context", ())]
    meant = [branch for branch in branches if branch and _lie_deeper(branch, error)]
    yield from min(meant, key=_distance, default=[error])


def _distance(branch: list[Any]) -> tuple[int, int]:
    """How far a value is from satisfying a branch: the fixed values that it misses, and all its errors."""
    return sum(one.kind.name in TELLING for one in branch), len(branch)


def _lie_deeper(branch: list[Any], error: Any) -> bool:
    """Whether all errors of a branch are of something inside, so that it is this branch that is meant."""
    return all(len(one.instance_path) > len(error.instance_path) or one.kind.name == "required" for one in branch)
