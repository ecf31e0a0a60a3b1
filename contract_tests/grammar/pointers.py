"""JSON pointers (RFC 6901), with one addition: a token `*` stands for each item of a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..messages import MISSING


def tokens(pointer: str) -> list[str]:
    """The tokens of a pointer; ValueError if it is none."""
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is no JSON pointer: it starts with '/'")
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def step(value: Any, token: str) -> Any:
    """One member or item, or MISSING."""
    if isinstance(value, dict):
        return value.get(token, MISSING)
    if isinstance(value, list) and token.isdigit() and int(token) < len(value):
        return value[int(token)]
    return MISSING


def get(value: Any, pointer: str) -> Any:
    """The value a pointer leads to, or MISSING."""
    for token in tokens(pointer):
        value = step(value, token)
    return value


def find(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Each place a pointer with `*` leads to, with its value; without `*` exactly one, which may be MISSING."""
    yield from _find(value, tokens(pointer), "")


def _find(value: Any, rest: list[str], place: str) -> Iterator[tuple[str, Any]]:
    if not rest:
        yield place, value
    elif rest[0] == "*":
        for index, item in enumerate(value if isinstance(value, list) else []):
            yield from _find(item, rest[1:], f"{place}/{index}")
    else:
        yield from _find(step(value, rest[0]), rest[1:], f"{place}/{rest[0]}")


def put(value: Any, pointer: str, new: Any) -> None:
    """Set what a pointer leads to, making objects on the way; MISSING removes it."""
    *way, last = tokens(pointer)
    for token in way:
        inner = step(value, token)
        if inner is MISSING:
            if not isinstance(value, dict):
                return
            inner = value.setdefault(token, {})
        value = inner
    if isinstance(value, list) and last.isdigit() and int(last) < len(value):
        if new is MISSING:
            del value[int(last)]
        else:
            value[int(last)] = new
    elif isinstance(value, dict):
        if new is MISSING:
            value.pop(last, None)
        else:
            value[last] = new
