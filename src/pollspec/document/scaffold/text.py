"""A document as YAML, in blocks, with a comment above whatever has one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from pollspec.document.source import Place
from pollspec.document.yaml12 import OTHERS, Loader

PLAIN = re.compile(r"[A-Za-z_$/][\w$/.{}#-]*(?:(?: |, )[\w$/.{}-]+)*\.?", re.ASCII)
SHORT = 88
"""Characters of a list or an object that stands on one line."""


def written(content: Mapping[str, Any], comments: Mapping[Place, str]) -> str:
    """The text. `comments`: by the place that they stand above."""
    return "\n".join(_lines(content, (), comments)) + "\n"


def _lines(node: Any, place: Place, comments: Mapping[Place, str]) -> Iterator[str]:
    """The lines of an object or a list that is not empty."""
    indent = "  " * sum(isinstance(token, str) for token in place)
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        there = (*place, key)
        if there in comments:
            yield from (f"{indent}# {line}" for line in comments[there].splitlines())
        head = f"{indent}{scalar(key)}:" if isinstance(node, dict) else f"{indent}-"
        commented = any(one[: len(there)] == there and one != there for one in comments)
        short = _flow(value)
        if (
            not isinstance(value, dict | list)
            or not value
            or (len(short) < SHORT and _is_leaf(value) and not commented)
        ):
            yield f"{head} {short}"
        elif isinstance(node, list):
            inner = list(_lines(value, (*there, ""), comments))
            yield f"{indent}- {inner[0].lstrip()}"
            yield from inner[1:]
        else:
            yield head
            yield from _lines(value, there, comments)


def _is_leaf(value: Any) -> bool:
    """Whether nothing in it holds more than one thing."""
    inner = value.values() if isinstance(value, dict) else value
    return all(not isinstance(one, dict | list) or (len(one) < 4 and _is_leaf(one)) for one in inner)


def _flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key, True)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return scalar(value, True)


def scalar(value: Any, in_flow: bool = False) -> str:
    """One value: a text without quotes where every reader takes it for that text."""
    if not isinstance(value, str):
        return json.dumps(value, allow_nan=False)
    special = "{}[]," if in_flow else ","
    plain = PLAIN.fullmatch(value) and not any(mark in value for mark in special) and _is_text(value)
    return value if plain else json.dumps(value, ensure_ascii=not value.isprintable())


def _is_text(value: str) -> bool:
    """Whether a word is a text to readers of YAML 1.1 and 1.2."""
    own: Any = Loader("")
    readers = (OTHERS, own)
    return all(one.resolve(yaml.ScalarNode, value, (True, False)) == "tag:yaml.org,2002:str" for one in readers)
