"""What an operation shows of the stages of its lifecycle, as the tables that a poller reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pollspec.document.conditions import OR_ABSENT, as_schema, may_miss
from pollspec.document.lifecycles import TERMINAL, Lifecycle, Stage, View
from pollspec.document.pollers.reading import WORDS
from pollspec.document.shares import shares
from pollspec.document.vendor import Vendor
from pollspec.errors import UsageError

ORDER = ("failed", "done", "gone")
"""Where several stages show the same: one that is under way comes first, then these, so that nothing ends by guess."""


def tables(vendor: Vendor, lifecycle: Lifecycle, view: View) -> Iterator[tuple[str, Any]]:
    """The entries of a View, by name."""
    stages = [stage for stage in lifecycle.stages.values() if view.operation in stage.states]
    shown = [(stage.states[view.operation], stage) for stage in stages]
    special = [(one, stage) for one, stage in shown if isinstance(one, Mapping)]
    yield "every", lifecycle.every
    yield "at_most", lifecycle.at_most
    yield "state", view.state
    states = _first((state, stage) for one, stage in shown for state in _several(one))
    yield "states", {state: stage.kind for state, stage in states.items()}
    statuses = _first((one["status"], stage) for one, stage in special if "status" in one)
    yield "statuses", {status: (stage.name, stage.kind) for status, stage in statuses.items()}
    absent = _first(("absent", stage) for one, stage in special if "absent" in one)
    yield "absent", next(((stage.name, stage.kind) for stage in absent.values()), ())
    marks = {stage.name: (stage.kind, _mark(stage.name, one["where"])) for one, stage in special if "where" in one}
    yield "marks", marks
    yield "reason", view.reason
    yield "shares", tuple(shares(vendor, view.operation))


def _several(shown: Any) -> list[str]:
    return [shown] if isinstance(shown, str) else shown if isinstance(shown, list) else []


def _first(pairs: Iterable[tuple[Any, Stage]]) -> dict[Any, Stage]:
    """The stage of each key; where there are several, the one that ends nothing by guess."""
    found: dict[Any, Stage] = {}
    for key, stage in pairs:
        found[key] = min(
            found.get(key, stage), stage, key=lambda one: one.kind in TERMINAL and 1 + ORDER.index(one.kind)
        )
    return found


def _mark(stage: str, where: Mapping[str, Any]) -> dict[str, Any]:
    """A condition, as far as a poller can hold it against an answer."""
    found = {text: as_schema(clause) for text, clause in where.items()}
    for text, schema in found.items():
        unknown = [] if isinstance(schema, bool) else [word for word in _words(schema) if word not in WORDS]
        if unknown or not text.startswith(("$response", "$statusCode")):
            hint = f"say it of the answer, with {', '.join(WORDS)}"
            raise UsageError(
                f"no poller can tell the stage {stage} by {text}: {', '.join(unknown) or 'a request'}", hint
            )
    return {text: {OR_ABSENT: schema} if schema and may_miss(where[text]) else schema for text, schema in found.items()}


def _words(schema: Mapping[str, Any]) -> Iterator[str]:
    for word, inner in schema.items():
        yield word
        if word == "not":
            yield from _words(inner)
