"""JSON pointers (RFC 6901), with one addition: a token `*` stands for each item of a list."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from pollspec.document.messages import MISSING


@functools.lru_cache(maxsize=4096)
def _tokens(pointer: str) -> tuple[str, ...]:
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is no JSON pointer: it starts with '/'")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])


def tokens(pointer: str) -> list[str]:
    """The tokens of a pointer; ValueError if it is none."""
    return list(_tokens(pointer))


def token(name: str) -> str:
    """A name as a token of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def step(value: Any, token: str) -> Any:
    """One member or item, or MISSING."""
    if isinstance(value, dict):
        return value.get(token, MISSING)
    if isinstance(value, list) and token.isdigit() and int(token) < len(value):
        return value[int(token)]
    return MISSING


def get(value: Any, pointer: str) -> Any:
    """The value a pointer leads to, or MISSING."""
    for token in _tokens(pointer):
        value = value.get(token, MISSING) if type(value) is dict else step(value, token)
    return value


def find(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Each place a pointer with `*` leads to, with its value; without `*` exactly one, which may be MISSING."""
    yield from walk(value, tokens(pointer))


def walk(value: Any, rest: list[str], place: str = "") -> Iterator[tuple[str, Any]]:
    """The same for the tokens of a pointer."""
    if not rest:
        yield place, value
    elif rest[0] == "*":
        for index, item in enumerate(value if isinstance(value, list) else []):
            yield from walk(item, rest[1:], f"{place}/{index}")
    else:
        yield from walk(step(value, rest[0]), rest[1:], f"{place}/{rest[0]}")


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Each text, number, boolean and null in a value, with its place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{place}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{place}/{index}")
    else:
        yield place, value


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
