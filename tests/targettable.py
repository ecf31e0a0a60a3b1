"""The table of docs/target-file.md: every entry of a target file, from the models that read it. Run: prints it."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

from pollspec.trial.wire.entries import Credential, Identifier, TargetEntries
from pollspec.trial.wire.kinds import From, Table
from pollspec.trial.wire.tomlfile import toml

WORDS = {str: "text", bool: "true or false", int: "whole number", float: "number", From: "source"}
FREE = {Credential: ("HEADER", "text or source", "a header's whole value"),
        Identifier: ("PARAMETER", "text, whole number or source", "a parameter of the document's")}  # fmt: skip
"""The entries whose names come from elsewhere."""
NAMES = {"subjects": "SUBJECT", "bodies": "OPERATION"}


def table() -> str:
    """The table in Markdown, a row an entry. What several tables have in common is told at the first."""
    rows = ["| entry | type | default | what it is for |", "|---|---|---|---|"]
    return "\n".join([*rows, *_rows(TargetEntries, "", set())]) + "\n"


def _rows(of: type[Table], prefix: str, seen: set[type[Table]]) -> Iterator[str]:
    bases = [base for base in of.__mro__[1:] if base in seen]
    seen.add(of)
    for base, (name, kind, description) in FREE.items():
        if issubclass(of, base) and not bases:
            yield f"| `{prefix}{name}` | {kind} | none | {description} |"
    for name, field in of.model_fields.items():
        if not any(name in base.model_fields for base in bases):
            yield f"| `{prefix}{name}` | {_kind(field.annotation)} | {_default(field)} | {field.description} |"
            inner, way = _inner(field.annotation, f"{prefix}{name}", NAMES.get(name, "NAME"))
            if inner and inner not in seen:
                yield from _rows(inner, f"{way}.", seen)


def _plain(annotation: Any) -> Any:
    """A type without what pydantic is told beside it."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def _kind(annotation: Any) -> str:
    """A type in words."""
    annotation = _plain(annotation)
    origin, inner = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, TypeAliasType):
        return "any value"
    if origin is Literal:
        return " or ".join(f"`{toml(one)}`" for one in inner)
    if origin in {types.UnionType, typing.Union}:
        return " or ".join(_kind(one) for one in inner if one is not type(None)).replace(" or ", ", ", len(inner) - 2)
    if origin is list:
        return "list of tables" if _kind(inner[0]) == "table" else f"list, each {_kind(inner[0])}"
    if origin is dict:
        return f"table, each {_kind(inner[1])}"
    return WORDS.get(annotation, "table")


def _inner(annotation: Any, way: str, name: str) -> tuple[type[Table] | None, str]:
    """The table that an entry holds, with what to write to get into it."""
    annotation = _plain(annotation)
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is list:
        return _inner(inner[0], f"{way}[]", name)
    if origin is dict:
        return _inner(inner[1], f"{way}.{name}", name)
    if origin in {types.UnionType, typing.Union}:
        return next((found for one in inner if (found := _inner(one, way, name))[0]), (None, way))
    is_table = isinstance(annotation, type) and issubclass(annotation, Table) and annotation is not From
    return (annotation, way) if is_table else (None, way)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    plain = isinstance(field.default, str | bool | int | float) and field.default != ""
    return f"`{toml(field.default)}`" if plain else "none"


if __name__ == "__main__":
    print(table(), end="")
