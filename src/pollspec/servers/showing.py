"""What is played so that an answer shows a stage: a state, a status, nothing, or whatever meets a condition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pollspec.document import expressions
from pollspec.document.conditions import may_miss, of_what_is_there

ABSENT: Mapping[str, Any] = {"absent": True}


def showing(where: str, state: Any) -> dict[str, Any]:
    """What is played. `where`: the expression of the state; `state`: what shows the stage, as the document has it."""
    match state:
        case {"status": status}:
            return {"status": status}
        case {"absent": True}:
            return _laid(where, ABSENT)
        case {"where": clauses}:
            return laid_over(*(_laid(text, _meeting(clause)) for text, clause in clauses.items()))
    return _laid(where, state)


def laid_over(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """What is played when one layer lies over another: all headers, and of all else the uppermost."""
    played = {name: value for layer in layers for name, value in layer.items()}
    headers = {name: value for layer in layers for name, value in layer.get("header", {}).items()}
    return {**played, "header": headers} if headers else played


def _laid(text: str, value: Any) -> dict[str, Any]:
    """A value where an expression of the answer has it; nothing where it has none."""
    expression = expressions.parse(text)
    if isinstance(value, _Any) or (value is None and expression.place != "body"):
        return {}
    match expression.side, expression.place:
        case "", "statusCode":
            return {"status": value}
        case "response", "header":
            return {"header": {expression.name: value}}
        case "response", "body":
            return {expression.name: value}
    return {}


class _Any:
    """Whatever the example has meets it."""


def _meeting(clause: Any) -> Any:
    """A value that meets a clause of a condition."""
    inner = of_what_is_there(clause)
    match inner:
        case True:
            return _Any()
        case False:
            return ABSENT
        case [first, *_] | {"enum": [first, *_]}:
            return first
        case {"const": value}:
            return value
        case {}:
            return ABSENT if may_miss(clause) else _Any()
    return inner
