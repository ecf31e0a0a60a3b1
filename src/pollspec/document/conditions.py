"""Conditions: runtime expression -> JSON Schema.

A scalar stands for `const`, a list for `enum`; `true` means "is there" and `false` "is not there". What is not there
satisfies `false` alone. An expression with `*` holds when each of its values does.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeGuard

import jsonschema_rs

from pollspec.document import expressions
from pollspec.document.messages import MISSING, Answer, Request, read

GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def validator(schema: object, components: Mapping[str, Any], paths: Mapping[str, Any] | None = None) -> Any:
    """A compiled JSON Schema 2020-12 whose `$ref`s lead into a document; formats are asserted, nothing is fetched."""
    whole = {"allOf": [schema], "components": components, "paths": paths or {}}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True, retriever=_nothing)


def _nothing(uri: str) -> Any:
    raise ValueError(f"{uri} is not in the document, and nothing else is fetched")


OR_ABSENT = "absent-or"
"""A clause that what is not there satisfies as well."""


def of_what_is_there(clause: object) -> object:
    """A clause without leave to be absent."""
    return clause[OR_ABSENT] if isinstance(clause, Mapping) and OR_ABSENT in clause else clause


def may_miss(clause: object) -> bool:
    """Whether what is not there satisfies a clause."""
    return clause is False or (isinstance(clause, Mapping) and OR_ABSENT in clause)


def as_schema(value: object) -> Any:
    """A clause as JSON Schema."""
    value = of_what_is_there(value)
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
    if may_miss(clause):
        return f"nothing, or {expected(of_what_is_there(clause))}"
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


Test = Callable[[Any], bool]
"""Whether a value satisfies a clause."""


def tester(clause: object, components: Mapping[str, Any]) -> Test:
    """A clause compiled; what a plain comparison can tell needs no validator."""
    clause = of_what_is_there(clause)
    if isinstance(clause, bool):
        always: bool = clause
        return lambda value: always
    if isinstance(clause, Mapping) and set(clause) == {"const"}:
        clause = clause["const"]
        if isinstance(clause, bool):
            return lambda value: value is clause
        if isinstance(clause, list | Mapping):
            clause = {"const": clause}
    if clause is None:
        return lambda value: value is None
    if isinstance(clause, str):
        return lambda value: type(value) is str and value == clause
    if isinstance(clause, list) and all(isinstance(one, str) for one in clause):
        listed = frozenset(clause)
        return lambda value: type(value) is str and value in listed
    if type(clause) is int:
        return lambda value: bool(is_number(value) and value == clause)
    valid: Test = validator(as_schema(clause), components).is_valid
    return valid


def fits(valid: Test, text: str) -> bool:
    """Whether a text of a header, a path or a query satisfies a schema, read as the schema's type."""
    return valid(text) or (spelt(text) is not MISSING and valid(spelt(text)))


@functools.lru_cache(maxsize=256)
def spelt(text: str) -> Any:
    """What a text spells in JSON; MISSING where it spells nothing."""
    return read(text.encode("utf-8", "surrogatepass")).value


NUMERIC = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
"""Words of JSON Schema that say something of numbers alone."""


def is_plain(clause: object) -> bool:
    """Whether a clause speaks of numbers, true, false or null, which a text only spells."""
    clause = of_what_is_there(clause)
    if isinstance(clause, Mapping):
        kinds = clause.get("type", ())
        named = {kinds} if isinstance(kinds, str) else set(kinds)
        listed = [clause["const"]] if "const" in clause else clause.get("enum", [])
        return bool(named - {"string"} or NUMERIC & set(clause)) or any(map(is_plain, listed))
    return any(map(is_plain, clause)) if isinstance(clause, list) else not isinstance(clause, str)


class Holds(Protocol):
    """Whether something holds of a request and its answer."""

    def __call__(self, request: Request, answer: Answer | None = None) -> bool: ...


class Condition:
    """A mapping of clauses, all of which must hold."""

    def __init__(self, clauses: Mapping[str, Any], components: Mapping[str, Any]) -> None:
        self.clauses = dict(clauses)
        self._components = components

    @functools.cached_property
    def _tests(self) -> dict[str, Test]:
        return {text: self._test(text, clause) for text, clause in self.clauses.items()}

    def _test(self, text: str, clause: object) -> Test:
        """A clause compiled; a text that is no part of a body is read as the clause's type."""
        test = tester(clause, self._components)
        of_text = expressions.parse(text).place in {"header", "path", "query"}
        if not of_text or isinstance(of_what_is_there(clause), bool) or not is_plain(clause):
            return test
        if isinstance(clause, Mapping):  # a bound on numbers allows every text
            return lambda value: test(value if spelt(value) is MISSING else spelt(value))
        return lambda value: fits(test, value)

    @functools.cached_property
    def holds(self) -> Holds:
        """Whether every clause holds of a request and its answer; an empty condition always does."""
        return _all_of([self._clause(text, may_miss(clause)) for text, clause in self.clauses.items()])

    def _clause(self, text: str, absent: bool) -> Holds:
        """One clause, compiled."""
        test = self._tests[text]
        if "*" in text:
            return lambda request, answer=None: all(
                absent if value is MISSING else test(value) for _, value in expressions.find(text, request, answer)
            )
        get = expressions.getter(text)

        def holds(request: Request, answer: Answer | None = None) -> bool:
            value = get(request, answer)
            return absent if value is MISSING else test(value)

        return holds

    def failures(self, request: Request, answer: Answer | None = None) -> Iterator[Failure]:
        """The clauses that do not hold of an exchange."""
        for text, clause in self.clauses.items():
            for place, value in expressions.find(text, request, answer):
                held = may_miss(clause) if value is MISSING else self._tests[text](value)
                if not held:
                    yield Failure(place if text.startswith("$response.body") else text, expected(clause), show(value))

    def of_request(self) -> Condition:
        """The clauses about the request alone: what a server can know before it answers."""
        asked = {text: clause for text, clause in self.clauses.items() if expressions.parse(text).side == "request"}
        return Condition(asked, self._components)


def _all_of(clauses: list[Holds]) -> Holds:
    if not clauses:
        return lambda request, answer=None: True
    if len(clauses) == 1:
        return clauses[0]
    if len(clauses) == 2:
        one, other = clauses
        return lambda request, answer=None: one(request, answer) and other(request, answer)
    return lambda request, answer=None: all(clause(request, answer) for clause in clauses)


def any_holds(conditions: Sequence[Condition], request: Request, answer: Answer | None) -> bool:
    """Whether one of several conditions holds."""
    return bool(conditions) and any(condition.holds(request, answer) for condition in conditions)


DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:)(\d\d)(.*)", re.DOTALL)
FRACTION = re.compile(r":\d\d[.,](\d+)")
"""Of a date-time, what follows its whole seconds."""


def instant(value: object) -> datetime | None:
    """A date-time (RFC 3339) as an instant, or None. A leap second (:60) is the first one of the next minute."""
    return _instant(value) if isinstance(value, str) else None


def _apart(one: datetime, other: datetime, texts: tuple[object, object]) -> timedelta:
    """How much later one instant is than the other; nothing, where that is less than one of them tells.

    A server may keep more digits of a second in one place than in another, and cut or round them.
    """
    told, more = sorted(len(found[1]) if (found := FRACTION.search(str(text))) else 0 for text in texts)
    coarse = timedelta(seconds=10.0**-told)
    return timedelta() if told < more and abs(one - other) < coarse else one - other


@functools.lru_cache(maxsize=4096)
def _instant(value: str) -> datetime | None:
    if (match := DATE_TIME.fullmatch(value)) is None:
        return None
    minute, second, rest = match.groups()
    leap = second == "60"
    try:
        moment = datetime.fromisoformat(f"{minute}{'59' if leap else second}{rest}".upper())
    except ValueError:
        return None
    return moment + timedelta(seconds=leap) if moment.tzinfo else None


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def exceeds(one: Any, other: Any) -> bool | None:
    """Whether one number or date-time is more than another; None where they cannot be compared."""
    if is_number(one) and is_number(other):
        return bool(one > other)
    this, that = instant(one), instant(other)
    if this is None or that is None:
        return None
    return this > that and bool(_apart(this, that, (one, other)))


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
        this, that = instant(one), instant(other)
        return this is not None and that is not None and not _apart(this, that, (one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    if isinstance(one, str | int) and isinstance(other, str | int):
        return re.sub(r"^(-?)0+(?=\d)", r"\1", str(one)) == re.sub(r"^(-?)0+(?=\d)", r"\1", str(other))
    return one == other
