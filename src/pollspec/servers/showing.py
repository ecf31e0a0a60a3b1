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
            played: dict[str, Any] = {}
            for text, clause in clauses.items():
                played |= _laid(text, _meeting(clause))
            return played
    return _laid(where, state)


def _laid(text: str, value: Any) -> dict[str, Any]:
    """A value where an expression of the answer has it; nothing where it has none."""
    expression = expressions.parse(text)
    if value is None and expression.place != "body":
        return {}
    match expression.place:
        case "statusCode":
            return {"status": value}
        case "body" if expression.side == "response" and not isinstance(value, _Any):
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
