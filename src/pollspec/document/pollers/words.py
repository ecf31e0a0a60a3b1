"""Names and values of a document as Python has them."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterable, Mapping
from typing import Any

WIDTH = 110


def snake(text: str, taken: Iterable[str] = ()) -> str:
    """A name for a parameter that nothing else has: X-Client-Request-ID becomes x_client_request_id."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    name = re.sub(r"[\W_]+", "_", parted).strip("_").lower()
    return _free(name if name.isidentifier() else f"p_{name}", taken, "_")


def camel(text: str, taken: Iterable[str] = ()) -> str:
    """A name for a class that nothing else has."""
    name = "".join(part[:1].upper() + part[1:] for part in re.split(r"[\W_]+", text))
    return _free(name if name.isidentifier() else f"The{name}", taken, "Again")


def _free(name: str, taken: Iterable[str], ending: str) -> str:
    several = set(taken)
    while name in several or keyword.iskeyword(name):
        name += ending
    return name


def plain(text: str) -> str:
    """A document's words within a docstring."""
    return re.sub(r"[^\w .,:/+-]+", " ", text)


def literal(value: Any) -> str:
    """A value in Python's own words."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping | list | tuple):
        return wrapped(*_parts(value), indent=-1)
    return repr(value)


def entry(name: str, value: Any, indent: int) -> str:
    """An argument by its name; a long table has a line for each of its rows."""
    if isinstance(value, Mapping | list | tuple):
        return wrapped(*_parts(value, f"{name}="), indent=indent)
    return f"{name}={literal(value)}"


def wrapped(opens: str, parts: Iterable[str], closes: str, indent: int = 0) -> str:
    """What stands in brackets: on one line if it fits there (always, with an indent of -1), else on one line each."""
    listed = list(parts)
    line = f"{opens}{', '.join(listed)}{closes}"
    if indent < 0 or len(line) + indent <= WIDTH:
        return line
    inner = "".join(f"\n{' ' * (indent + 4)}{part}," for part in listed)
    return f"{opens}{inner}\n{' ' * indent}{closes}"


def _parts(value: Any, name: str = "") -> tuple[str, list[str], str]:
    if isinstance(value, Mapping):
        return f"{name}{{", [f"{literal(key)}: {literal(inner)}" for key, inner in value.items()], "}"
    inner = [literal(one) for one in value]
    if isinstance(value, list):
        return f"{name}[", inner, "]"
    return f"{name}(", inner, ",)" if len(inner) == 1 else ")"
