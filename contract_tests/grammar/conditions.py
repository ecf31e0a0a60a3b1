"""Conditions: runtime expression -> JSON Schema.

A scalar stands for `const`, a list for `enum`; `true` means "is there" and `false` "is not there". What is not there
satisfies `false` alone. An expression with `*` holds when each of its values does.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard

import jsonschema_rs

from ..messages import MISSING, Answer, Request
from . import expressions

GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def validator(schema: object, components: Mapping[str, Any]) -> Any:
    """A compiled JSON Schema 2020-12 whose `$ref`s lead into a document's components; formats are asserted."""
    return jsonschema_rs.Draft202012Validator({"allOf": [schema], "components": components}, validate_formats=True)


def as_schema(value: object) -> Any:
    """A clause as JSON Schema."""
    if isinstance(value, bool | Mapping):
        return value
    return {"enum": value} if isinstance(value, list) else {"const": value}


def show(value: object) -> str:
    """A value as a finding prints it: JSON, shortened."""
    if value is MISSING:
        return "nothing"
    return short(json.dumps(value, ensure_ascii=False, default=str), 120)


def short(text: str, most: int) -> str:
    """A text of so many characters at most; one that is cut off ends in `...`, by which masks know it."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def expected(clause: object) -> str:
    """A clause in words."""
    if isinstance(clause, bool):
        return "something" if clause else "nothing"
    if isinstance(clause, list):
        return " or ".join(show(value) for value in clause)
    if not isinstance(clause, Mapping):
        return show(clause)
    return show(clause["const"]) if set(clause) == {"const"} else f"what satisfies {show(clause)}"


@dataclass(frozen=True)
class Failure:
    """One clause that does not hold: where, what was expected, what is there."""

    place: str
    expected: str
    actual: str


class Condition:
    """A mapping of clauses, all of which must hold."""

    def __init__(self, clauses: Mapping[str, Any], components: Mapping[str, Any]) -> None:
        self.clauses = dict(clauses)
        self._components = components

    @functools.cached_property
    def _validators(self) -> dict[str, Any]:
        return {text: validator(as_schema(clause), self._components) for text, clause in self.clauses.items()}

    def failures(self, request: Request, answer: Answer | None = None) -> Iterator[Failure]:
        """The clauses that do not hold of an exchange."""
        for text, clause in self.clauses.items():
            for place, value in expressions.find(text, request, answer):
                held = clause is False if value is MISSING else self._validators[text].is_valid(value)
                if not held:
                    yield Failure(place if text.startswith("$response.body") else text, expected(clause), show(value))

    def holds(self, request: Request, answer: Answer | None = None) -> bool:
        """Whether every clause holds; an empty condition always does."""
        return next(self.failures(request, answer), None) is None

    def of_request(self) -> Condition:
        """The clauses about the request alone: what a server can know before it answers."""
        asked = {text: clause for text, clause in self.clauses.items() if expressions.parse(text).side == "request"}
        return Condition(asked, self._components)


def any_holds(conditions: Iterable[Condition], request: Request, answer: Answer | None) -> bool:
    """Whether one of several conditions holds."""
    return any(condition.holds(request, answer) for condition in conditions)


def instant(value: object) -> datetime | None:
    """A date-time (RFC 3339) as an instant, or None."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt ]", value):
        return None
    try:
        moment = datetime.fromisoformat(value.upper())
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def exceeds(one: Any, other: Any) -> bool | None:
    """Whether one number or date-time is more than another; None where they cannot be compared."""
    if is_number(one) and is_number(other):
        return bool(one > other)
    this, that = instant(one), instant(other)
    return None if this is None or that is None else this > that


def same(one: object, other: object) -> bool:
    """Whether two values say the same: GUIDs in either case, instants in any zone, 42 and "42"."""
    if one == other and type(one) is type(other):
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    one, other = (int(v) if isinstance(v, float) and v.is_integer() else v for v in (one, other))
    if isinstance(one, str) and isinstance(other, str):
        if GUID.search(one) and one.casefold() == other.casefold():
            return True
        return (moment := instant(one)) is not None and moment == instant(other)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    if isinstance(one, str | int) and isinstance(other, str | int):
        return re.sub(r"^(-?)0+(?=\d)", r"\1", str(one)) == re.sub(r"^(-?)0+(?=\d)", r"\1", str(other))
    return one == other
