"""Texts that may be printed anywhere: whatever is printed or written passes through here."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, TypeVar, cast

Data = TypeVar("Data")


def printable(text: str) -> str:
    """A text without control characters, so that nothing a server or a document says reaches a terminal or a file raw.

    They are written as JSON writes them, so that JSON stays JSON.
    """
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else _written(c) for c in text)


def printed(value: Data) -> Data:
    """The same data, of any shape, with every text in it printable; the very same where all are."""
    made: Any = value
    if isinstance(value, str):
        made = printable(value)
    elif isinstance(value, dict):
        made = {printed(name): printed(inner) for name, inner in value.items()}
    elif isinstance(value, list | tuple):
        made = type(value)(printed(inner) for inner in value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        given = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        changed = {name: new for name, inner in given.items() if (new := printed(inner)) is not inner and new != inner}
        made = dataclasses.replace(value, **changed) if changed else value
    return cast(Data, made)


def _written(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else json.dumps(character)[1:-1]
